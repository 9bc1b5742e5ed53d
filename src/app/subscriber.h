/* latchkey subscriber: what its files share.
 *
 * The command works on the store itself, with the master key file, whether the daemon runs or not:
 * rows are sealed and opened in this process, which is why K can be shown here and never over the
 * wire. Without the right to read the master key, add asks the running daemon to seal. */
#ifndef LK_APP_SUBSCRIBER_H
#define LK_APP_SUBSCRIBER_H

#include <stdio.h>

#include "role/config.h"
#include "store/store.h"
#include "vault/auc.h"

/* The call's words. Secret: key and topc. */
struct lk_subscriber_call {
    const char *verb;
    const char *config_file, *store_url, *master_key, *format, *after;
    const char *sets[16];
    size_t set_count;
    bool json, replace, skip_bad, dry_run, secrets;
    uint64_t limit; /* list; 0: all */
    bool has_key, has_topc, has_top;
    enum lk_akma_said akma;            /* add */
    struct lk_credentials credentials; /* add */
    uint8_t top[LK_TOPC_MAX];
    size_t topc_len, top_len;
    const char *imsi; /* --imsi */
    char **words;     /* what is left: IMSIs, or a path */
    size_t word_count;
};

/* What the call works on. */
struct lk_subscriber_place {
    struct lk_config config; /* wiped at the end */
    char store_url[LK_CONFIG_PATH];
    char master_key_path[LK_CONFIG_PATH];
    struct lk_store *store;
    struct lk_row_key key;
    bool has_key;
    char key_error[LK_STORE_ERROR_TEXT]; /* why not */
    enum lk_sqn_mode mode;
};

/* Opens the store and, where it can, the master key. Says on standard error what fails, and returns
 * an exit code. create: an empty store may be given a new master key. */
LK_MUST_CHECK int lk_subscriber_open(struct lk_subscriber_place *place,
                                     const struct lk_subscriber_call *call, bool create);
void lk_subscriber_close(struct lk_subscriber_place *place);
/* LK_EXIT_OK, or says that the key is missing and why. */
LK_MUST_CHECK int lk_subscriber_need_key(const struct lk_subscriber_place *place);
/* The row of credentials, with a fresh nonce, as of now. */
LK_MUST_CHECK enum lk_status lk_subscriber_seal(const struct lk_subscriber_place *place,
                                                struct lk_sealed_row *sealed,
                                                const struct lk_imsi *imsi,
                                                const struct lk_credentials *credentials,
                                                enum lk_akma_said akma);
/* "latchkey: subscriber VERB: ...", and code. */
int lk_subscriber_fail(const struct lk_subscriber_call *call, int code, const char *format, ...)
    LK_PRINTF(3, 4);

/* The verbs. */
int lk_subscriber_add(const struct lk_subscriber_call *call);
int lk_subscriber_list(const struct lk_subscriber_call *call);
int lk_subscriber_show(const struct lk_subscriber_call *call);
int lk_subscriber_delete(const struct lk_subscriber_call *call);
int lk_subscriber_akma(const struct lk_subscriber_call *call);
int lk_subscriber_mip(const struct lk_subscriber_call *call);
/* Of "on" or "off"; else says so. */
LK_MUST_CHECK enum lk_status lk_subscriber_akma_of(enum lk_akma_said *akma, const char *text);
int lk_subscriber_import(const struct lk_subscriber_call *call);
int lk_subscriber_export(const struct lk_subscriber_call *call);

/* ---- the formats of others ---- */

enum lk_subscriber_format {
    LK_FORMAT_HOSTAPD = 1, /* hlr_auc_gw: IMSI Ki OPc AMF SQN */
    LK_FORMAT_SRSRAN,      /* user_db.csv */
    LK_FORMAT_OPEN5GS,     /* documents of mongoexport, a line each or in an array */
    LK_FORMAT_UERANSIM,    /* YAML of a UE; several behind each other */
    LK_FORMAT_LATCHKEY,    /* ours, JSON lines: the only one that holds TUAK */
};

/* 0 when there is none of that name. */
enum lk_subscriber_format lk_subscriber_format_of(const char *name);

struct lk_subscriber_entry {
    struct lk_imsi imsi;
    struct lk_credentials credentials; /* secret */
    enum lk_akma_said akma;
    bool says_mip;
    uint8_t mip_refused; /* ways that it may not use (LK_MIP_WAY_*), where that is said */
    unsigned line; /* where it begins */
};

enum { LK_READER_ERROR_TEXT = 160 };

/* Reads one subscriber after the other out of a text. */
struct lk_subscriber_reader {
    enum lk_subscriber_format format;
    struct lk_span text;
    size_t at;
    unsigned line; /* of at */
    void *yaml;
    unsigned error_line;
    char error[LK_READER_ERROR_TEXT];
};

LK_MUST_CHECK enum lk_status lk_subscriber_reader_open(struct lk_subscriber_reader *reader,
                                                       enum lk_subscriber_format format,
                                                       struct lk_span text);
void lk_subscriber_reader_close(struct lk_subscriber_reader *reader);
/* LK_OK with entry; LK_E_VALUE: this one is bad (error, error_line), the next may be good;
 * LK_E_SHORT: nothing more can be read (error, error_line); LK_E_NOT_FOUND: the end. */
LK_MUST_CHECK enum lk_status lk_subscriber_read(struct lk_subscriber_reader *reader,
                                                struct lk_subscriber_entry *entry);

/* For the readers: the fields of one subscriber as texts, judged together. NULL: not there. */
struct lk_subscriber_fields {
    const char *imsi, *algorithm, *k, *topc, *top, *amf, *sqn;
    bool sqn_decimal;
    enum lk_akma_said akma;
    const char *mip; /* as lk_subscriber_ways_of reads it; NULL: it is not said */
    unsigned res_len, iterations; /* 0: the default */
};
LK_MUST_CHECK enum lk_status lk_subscriber_judge(struct lk_subscriber_entry *entry,
                                                 char error[LK_READER_ERROR_TEXT],
                                                 const struct lk_subscriber_fields *fields);
LK_MUST_CHECK enum lk_status lk_subscriber_read_json(struct lk_subscriber_reader *reader,
                                                     struct lk_subscriber_entry *entry);
LK_MUST_CHECK enum lk_status lk_subscriber_read_yaml(struct lk_subscriber_reader *reader,
                                                     struct lk_subscriber_entry *entry);

/* The SQN that continues an opened row elsewhere: none above it was used up to tick. */
void lk_subscriber_sqn(uint8_t sqn[LK_SQN_LEN], const struct lk_sqn_record *record, uint64_t tick);
uint64_t lk_subscriber_tick(void);
/* any, none, or those that are not refused. */
enum { LK_WAYS_TEXT = 64 };
const char *lk_subscriber_ways_text(char text[LK_WAYS_TEXT], uint8_t refused);
/* The other way round. LK_E_VALUE: some word is none. */
LK_MUST_CHECK enum lk_status lk_subscriber_ways_of(uint8_t *refused, const char *words);
/* Writes one subscriber; only our format says something of AKMA, and of Mobile IP. sealed: for what
 * is not in row. LK_E_UNSUPPORTED: the format has no place for what it is. */
LK_MUST_CHECK enum lk_status lk_subscriber_write(FILE *to, enum lk_subscriber_format format,
                                                 const struct lk_imsi *imsi,
                                                 const struct lk_auc_row *row,
                                                 const struct lk_sealed_row *sealed);
/* What goes before the first one, if anything. */
void lk_subscriber_write_head(FILE *to, enum lk_subscriber_format format);

#endif
