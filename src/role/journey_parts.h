/* Inside the journey: what its files share. journey_yaml.c takes values out of the file,
 * journey_file.c the file as a whole, journey_expect.c judges, journey.c runs; each kind of step is
 * one row here and one file of its own (journey_attach.c, journey_call.c, ...). */
#ifndef LK_ROLE_JOURNEY_PARTS_H
#define LK_ROLE_JOURNEY_PARTS_H

#include <jansson.h>
#include <yaml.h>

#include "role/download.h"
#include "role/journey.h"
#include "role/journey_daemon.h"
#include "role/seen.h"
#include "role/ue.h"
#include "trace/html.h"

/* ---- reading ---- */

struct lk_journey_reading {
    struct lk_journey *journey;
    yaml_document_t document;
    char *error; /* LK_JOURNEY_ERROR; the first mistake stays */
};

enum lk_journey_form { LK_TAKE_TEXT, LK_TAKE_HEX, LK_TAKE_DIGITS };

int lk_journey_line(const yaml_node_t *node);
/* Always false, for the caller to return. */
bool lk_journey_mistake(struct lk_journey_reading *r, int line, const char *format, ...)
    LK_PRINTF(3, 4);
/* NULL when the node is no scalar. */
const char *lk_journey_text(const yaml_node_t *node);
bool lk_journey_take(struct lk_journey_reading *r, char *to, size_t cap, const yaml_node_t *node,
                     const char *key, enum lk_journey_form form);
/* One of words, which end with NULL. */
bool lk_journey_word(struct lk_journey_reading *r, int *to, const yaml_node_t *node,
                     const char *key, const char *const *words);

/* False without a mistake: there is no such key. */
typedef bool lk_journey_key_handler(struct lk_journey_reading *r, void *to, const char *key,
                                    const yaml_node_t *value);
typedef bool lk_journey_item_handler(struct lk_journey_reading *r, const yaml_node_t *item);

bool lk_journey_each_key(struct lk_journey_reading *r, const yaml_node_t *node, const char *what,
                         lk_journey_key_handler *handler, void *to);
bool lk_journey_each_item(struct lk_journey_reading *r, const yaml_node_t *node, const char *what,
                          lk_journey_item_handler *handler);
/* One more word and what it is: key: value. */
bool lk_journey_pair(struct lk_journey_reading *r, struct lk_journey_argument *to, size_t *count,
                     const char *key, const yaml_node_t *value);
/* A handler: any key is an argument of the struct lk_journey_call at to. */
bool lk_journey_argument_key(struct lk_journey_reading *r, void *to, const char *key,
                             const yaml_node_t *value);

/* ---- what a step gave, as names and values ---- */

enum { LK_OUTCOME_ROWS = 48 };

struct lk_journey_outcome {
    size_t count;
    struct {
        char name[32], value[LK_JOURNEY_TEXT];
    } row[LK_OUTCOME_ROWS];
};

void lk_outcome_put(struct lk_journey_outcome *outcome, const char *name, const char *format, ...)
    LK_PRINTF(3, 4);
/* NULL: no such row. */
const char *lk_outcome_get(const struct lk_journey_outcome *outcome, const char *name);

/* ---- running ---- */

enum { LK_JOURNEY_DEVICES = 16, LK_JOURNEY_KEPT = 16 };

struct lk_journey_device {
    char name[32];
    struct lk_ue ue;
};

struct lk_journey_runner {
    const struct lk_journey *journey;
    const struct lk_journey_options *options;
    struct lk_journey_report *report;
    struct lk_journey_net net;
    struct lk_journey_daemon daemon; /* of the network */
    struct lk_journey_daemon device_daemon; /* pid 0: the journey has none */
    struct lk_capture *capture;
    size_t device_count;
    struct lk_journey_device device[LK_JOURNEY_DEVICES];
    struct lk_recompute_card card[LK_JOURNEY_STEPS]; /* of each step, for the page */
    struct lk_explain_facts facts[LK_JOURNEY_STEPS];
    size_t kept_count; /* values that a step kept for later steps */
    struct lk_journey_argument kept[LK_JOURNEY_KEPT];
    char *figure[LK_JOURNEY_STEPS]; /* for the page; of malloc */
    bool killed; /* in this step */
    struct lk_download *download; /* under way; NULL: none */
    char no_download[LK_JOURNEY_TEXT]; /* why there can be none here; "": there can */
    char *error;
};
/* All that a laboratory or an application answers, as what the step gave. */
void lk_journey_lab_tell(struct lk_journey_runner *r, size_t index,
                         struct lk_journey_outcome *outcome, const struct lk_journey_lab *answer);

/* The value itself, or what an earlier step kept under "$NAME". */
const char *lk_journey_resolved(const struct lk_journey_runner *r, const char *value);
/* K and OPc of an attach: its own, or those of the subscriber with its IMSI. */
void lk_journey_card(struct lk_recompute_card *card, const struct lk_journey *journey,
                     const struct lk_journey_attach *step);
/* True when every line under expect holds; else failure has the first that does not, with its
 * place. */
bool lk_journey_judge(char failure[LK_JOURNEY_ERROR], const struct lk_journey_runner *r,
                      const struct lk_journey_step *step,
                      const struct lk_journey_outcome *outcome);

/* ---- what steps that spoof share ---- */

struct lk_address lk_journey_host(const struct lk_journey_runner *r, unsigned number);
/* Of the gateway's or the anchor's tables, as the daemon says it; NULL when it does not. but: an
 * IMSI whose rows are left out; NULL: none. */
json_t *lk_journey_digest(const struct lk_journey_runner *r, const char *op, const char *but);
/* Those of Mobile IP: journey_mip.c. */
bool lk_journey_mip_check(struct lk_journey_reading *r, struct lk_journey_step *step);
void lk_journey_mip_run(struct lk_journey_runner *r, size_t index,
                        struct lk_journey_outcome *outcome);

/* ---- kinds of steps ---- */

/* Words allowed, with bars between; "": a code; "#": a number. */
struct lk_journey_expectation {
    const char *name, *words;
};

struct lk_journey_kind_row {
    const char *name; /* its key in a step */
    /* Of that key's value. */
    bool (*read)(struct lk_journey_reading *r, struct lk_journey_step *step,
                 const yaml_node_t *value);
    /* When the step is read: its parts fit together. */
    bool (*check)(struct lk_journey_reading *r, struct lk_journey_step *step);
    /* Outcome rows, and report->step[index].result in a few words; failure there when the step
     * could not even begin. */
    void (*run)(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome);
    bool any_name; /* besides expects: a reply has fields of its own */
    bool must_expect;
    const struct lk_journey_expectation *expects; /* ends with a NULL name */
};

/* NULL when name and value are fine, else what they should be. */
const char *lk_journey_expect_check(const struct lk_journey_kind_row *kind, const char *name,
                                    const char *value);

const struct lk_journey_kind_row *lk_journey_kind_row(enum lk_journey_kind kind);

extern const struct lk_journey_kind_row lk_journey_attach_kind;
extern const struct lk_journey_kind_row lk_journey_restart_kind;
extern const struct lk_journey_kind_row lk_journey_call_kind;
extern const struct lk_journey_kind_row lk_journey_network_kind;
extern const struct lk_journey_kind_row lk_journey_spoof_kind;
extern const struct lk_journey_kind_row lk_journey_lab_kind;
extern const struct lk_journey_kind_row lk_journey_app_kind;
extern const struct lk_journey_kind_row lk_journey_download_kind;

#endif
