/* A journey: one subscriber and more move through the accesses, step by step, over real sockets,
 * and every step is checked.
 *
 * The file is YAML: subscribers, then steps; a step attaches a device (or restarts the daemon) and
 * has lines of what to expect. The runner starts a daemon of its own with a state directory of its
 * own on a network of its own, so that a journey disturbs nobody. */
#ifndef LK_ROLE_JOURNEY_H
#define LK_ROLE_JOURNEY_H

#include <stdio.h>

#include "base/imsi.h"
#include "base/reason.h"
#include "base/status.h"

enum {
    LK_JOURNEY_STEPS = 128,
    LK_JOURNEY_SUBSCRIBERS = 16,
    LK_JOURNEY_EXPECTS = 16,
    LK_JOURNEY_SETS = 64,
    LK_JOURNEY_ARGUMENTS = 8,
    LK_JOURNEY_TEXT = 160,
    LK_JOURNEY_SETTING = 512,
    LK_JOURNEY_KEY_HEX = 64,
    LK_JOURNEY_ERROR = 512,
    LK_JOURNEY_ADDRESS = 20,
    LK_JOURNEY_LAB_ROWS = 24,
};

enum lk_journey_use { LK_USE_BEST, LK_USE_PERMANENT, LK_USE_PSEUDONYM, LK_USE_REAUTH };
enum lk_journey_kind {
    LK_JOURNEY_ATTACH, LK_JOURNEY_RESTART, LK_JOURNEY_CALL, LK_JOURNEY_NETWORK, LK_JOURNEY_SPOOF,
    LK_JOURNEY_LAB, LK_JOURNEY_APP, LK_JOURNEY_DOWNLOAD,
    LK_JOURNEY_KINDS
};

struct lk_journey_subscriber {
    int line;
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    char k[LK_JOURNEY_KEY_HEX + 1], opc[LK_JOURNEY_KEY_HEX + 1]; /* hex; secret */
    char amf[5], sqn[13];                                      /* "" when not given */
};

struct lk_journey_expect {
    int line;
    char name[32], value[LK_JOURNEY_TEXT];
};

struct lk_journey_argument {
    char name[32], value[LK_JOURNEY_TEXT];
};

/* A device stands at an access point and proves its USIM. */
struct lk_journey_attach {
    char device[32]; /* devices keep their state from step to step */
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    bool aka, aka_prime;
    enum lk_journey_use use;
    char k[LK_JOURNEY_KEY_HEX + 1], opc[LK_JOURNEY_KEY_HEX + 1]; /* other than the subscriber's */
    char sqn[13];        /* every entry of the card's array is set to this first */
    char network_name[65], realm[129], identity[129];
    bool kill_before_answer; /* of the challenge: kill -9 the daemon and start it again */
};

/* A question to the connection manager of the device, as an application asks it, or to the daemon
 * of the network, as its operator does. A value "$NAME" stands for what an earlier step kept. */
struct lk_journey_call {
    size_t count, keep_count;
    struct lk_journey_argument argument[LK_JOURNEY_ARGUMENTS]; /* "op" among them */
    struct lk_journey_argument keep[LK_JOURNEY_ARGUMENTS];     /* field of the reply, NAME */
};

/* Of the call's arguments the one with that name. */
const char *lk_journey_argument_of(const struct lk_journey_call *call, const char *name,
                                   const char *otherwise);

struct lk_journey_step {
    int line;
    char name[96];  /* also the comment of its packets: unlike any other step's */
    char what[LK_JOURNEY_TEXT];
    enum lk_journey_kind kind;
    bool has_kind;
    union {
        struct lk_journey_attach attach;
        struct lk_journey_call call; /* lab: its words are the arguments; restart: settings */
    };
    size_t expect_count;
    struct lk_journey_expect expect[LK_JOURNEY_EXPECTS];
};

/* Secret: it holds K and OPc. */
struct lk_journey {
    char file[512];
    char name[LK_JOURNEY_TEXT];
    char config[512]; /* as written; relative to the file's directory */
    char device[512]; /* the same, of the daemon with role ue; "": there is none */
    char realm[129], secret[129];
    char captured[129]; /* a PoS whose capture the page shows the effect of; "": none */
    size_t set_count, subscriber_count, step_count;
    /* path=value for the daemons; "{net}" in it stands for the first three octets of the journey's
     * network, "{out}" for the directory of --out, "{uid}" for who runs it. */
    char set[LK_JOURNEY_SETS][LK_JOURNEY_SETTING];
    size_t device_set_count;
    char device_set[LK_JOURNEY_SETS][LK_JOURNEY_SETTING];
    struct lk_journey_subscriber subscriber[LK_JOURNEY_SUBSCRIBERS];
    struct lk_journey_step step[LK_JOURNEY_STEPS];
};

/* LK_E_CONFIG: error says file:line, what and why. LK_E_SYSTEM: the file was not to be had. */
LK_MUST_CHECK enum lk_status lk_journey_read(struct lk_journey *journey, const char *file,
                                             char error[LK_JOURNEY_ERROR]);

/* What a laboratory measured: rows for expect, and a part of the page, of malloc. */
struct lk_journey_lab {
    size_t count;
    struct lk_journey_argument row[LK_JOURNEY_LAB_ROWS];
    char result[LK_JOURNEY_TEXT];
    char failure[LK_JOURNEY_ERROR]; /* why it could not begin; "": it did */
    char *figure;
};

/* One more row. */
void lk_journey_lab_put(struct lk_journey_lab *answer, const char *name, const char *value);

/* Where an application's server is, and the daemons' directories. */
struct lk_journey_place {
    const char *address;
    unsigned port;
    const char *state_dir, *device_dir;
};

struct lk_journey_options {
    const char *out;      /* directory: journey.pcapng, journey.html, journey.log */
    const char *daemon;   /* latchkeyd */
    /* NULL: steps of kind lab fail. */
    void (*lab)(struct lk_journey_lab *answer, const struct lk_journey_call *words);
    /* NULL: steps of kind application fail. */
    void (*application)(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                        const struct lk_journey_place *place);
    bool show_keys;
    FILE *progress;       /* a line a step, as it ends; NULL: none */
};

struct lk_journey_result {
    bool ran, passed;
    bool skipped; /* this machine does not allow it: neither passed nor failed; result says why */
    double ms;
    char result[LK_JOURNEY_TEXT];                       /* what came, in a few words */
    char failure[LK_JOURNEY_ERROR];                     /* the expectation that failed: file:line */
    char explained[LK_JOURNEY_ERROR];                   /* causes of a refusal, the first */
};

struct lk_journey_report {
    size_t passed, failed, skipped;
    double ms;
    struct lk_journey_result step[LK_JOURNEY_STEPS];
};

/* LK_OK when every step was run, passed or not. Otherwise error says what stopped it; the steps
 * that were not run count as failed. */
LK_MUST_CHECK enum lk_status lk_journey_run(const struct lk_journey *journey,
                                            const struct lk_journey_options *options,
                                            struct lk_journey_report *report,
                                            char error[LK_JOURNEY_ERROR]);

#endif
