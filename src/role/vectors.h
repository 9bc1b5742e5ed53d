/* Authentication vectors for a process that needs them: rows from the store, questions to the vault
 * in batches, changed rows made durable before the vector is used (vault/messages.h).
 *
 * A question lies in its holder's own job, and goes by its id, which no other job has until all
 * answers are in: what comes for one that is over finds nobody. */
#ifndef LK_ROLE_VECTORS_H
#define LK_ROLE_VECTORS_H

#include "role/durable.h"
#include "role/process.h"
#include "role/store_view.h"

enum {
    LK_VECTORS_TRIES = 8,  /* row changed under our hands: read and ask again */
    LK_VECTORS_FLIGHT = 8, /* batches at the vault at a time */
    LK_VECTORS_PATIENCE_US = 3000000,
    LK_VECTORS_GONE = 4, /* the exit code of a process whose vault is gone */
};

enum lk_question_place {
    LK_QUESTION_NONE,
    LK_QUESTION_QUEUED, /* waits to be put to the vault */
    LK_QUESTION_AT_VAULT,
    LK_QUESTION_AT_WRITER,
};

struct lk_question {
    enum lk_question_place place;
    uint32_t id;
    uint64_t began_us;
    struct lk_imsi imsi;
    enum lk_vector_keys keys;
    bool is_probe; /* may name the reserved subscriber */
    bool resync;   /* with these */
    uint8_t rand[LK_RAND_LEN];
    uint8_t auts[LK_AUTS_LEN];
    /* of vectors.c: */
    bool unknown;
    unsigned tries;
    struct lk_sealed_row row; /* as it was sent */
};

struct lk_vectors_calls {
    void *context;
    /* The question of that id, or NULL. */
    struct lk_question *(*find)(void *context, uint32_t id);
    /* The ends of a question; place is NONE again. given_up: what is needed did not work, and
     * somebody else may have more luck. */
    void (*vector)(void *context, struct lk_question *question, const struct lk_vector *vector);
    void (*no_vector)(void *context, struct lk_question *question, enum lk_reason reason);
    void (*given_up)(void *context, struct lk_question *question, enum lk_reason reason);
};

/* The questions of a message to the vault. */
struct lk_vectors_batch {
    uint32_t id[LK_VAULT_BATCH];
    bool given_up[LK_VAULT_BATCH]; /* its id may be that of a later question */
    size_t count;
};

struct lk_vectors {
    struct lk_process *process;
    struct lk_vectors_calls calls;
    struct lk_durable *durable;
    struct lk_span network_name;  /* for keys of AKA', */
    uint8_t sn_id[LK_SN_ID_LEN];  /* and for KASME */
    size_t queue_max;             /* a power of two: as many questions as there can be */
    /* of vectors.c: */
    struct lk_question **queue;
    size_t queue_head, queue_len;
    unsigned in_flight;
    struct lk_vectors_batch flight[LK_VECTORS_FLIGHT]; /* in a ring: the vault answers in order */
    size_t flight_head;
    bool vault_gone;
    struct lk_store_view store;
};

/* Members above queue are set; the vault owes nothing to a forerunner in this slot any more. False:
 * no memory, or it does not answer: then error says so, and the process ends with
 * LK_VECTORS_GONE. */
LK_MUST_CHECK bool lk_vectors_begin(struct lk_vectors *vectors, char error[LK_KIND_ERROR_TEXT]);
void lk_vectors_end(struct lk_vectors *vectors);

/* The question, filled in, takes a place in the queue. */
void lk_vectors_ask(struct lk_vectors *vectors, struct lk_question *question);
/* Puts what is queued to the vault. */
void lk_vectors_flush(struct lk_vectors *vectors);
/* Takes the answers that are there. vault_gone may be true after it. */
void lk_vectors_receive(struct lk_vectors *vectors);
/* Of lk_durable, a row. */
void lk_vectors_written(struct lk_vectors *vectors, const struct lk_write *write);
/* Gives up those that have waited too long, for their turn or for the vault. */
void lk_vectors_expire(struct lk_vectors *vectors);
/* Now and then: a file that was removed or replaced is let go. */
void lk_vectors_check_store(struct lk_vectors *vectors);
/* The handle for reading, opened anew where that is due; NULL: the store is not there. */
struct lk_store *lk_vectors_store(struct lk_vectors *vectors);
/* What was read failed. */
void lk_vectors_store_failed(struct lk_vectors *vectors);

#endif
