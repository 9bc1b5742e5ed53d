/* What the worker and the vault say to each other over the socketpair.
 *
 * A batch is up to LK_VAULT_BATCH requests in one SOCK_SEQPACKET message, answered in one message
 * with as many answers in the same order. The structs are for the two programs; between them travel
 * only the octets in use (messages.c), and the vault judges every one of them, because a captured
 * worker writes what it likes.
 *
 * Rule for answers that carry a row (row.len != 0): the row is written to the store first (compare
 * and swap on the row that was sent), and only then may the vector be used. If the swap fails, the
 * vector is thrown away, the row read again and the request repeated. Rows are read from the store
 * right before they are sent. */
#ifndef LK_VAULT_MESSAGES_H
#define LK_VAULT_MESSAGES_H

#include "base/reason.h"
#include "keys/eps.h"

enum { LK_VAULT_BATCH = 64 };

/* What goes into a row when a subscriber is added. Secret. */
struct lk_credentials {
    struct lk_aka_card card;
    uint8_t amf[LK_AMF_LEN];
    uint8_t sqn[LK_SQN_LEN]; /* the last SQN known to have been used; the next is above it */
};

enum lk_vault_kind {
    LK_VAULT_PING = 1, /* nothing in, nothing out: the vault is alive */
    LK_VAULT_VECTOR,   /* row in, vector out (and perhaps a row: see above) */
    LK_VAULT_RESYNC,   /* row, RAND and AUTS in; vector (and perhaps a row) out */
    LK_VAULT_SEAL,     /* credentials in, row out: adding a subscriber; the supervisor only */
    LK_VAULT_NOBODY,   /* as VECTOR or RESYNC, with a row that is not looked at, and nothing comes
                          out: it costs what they cost, and is refused when they would be (A18) */
};

struct lk_vault_request {
    uint32_t id; /* echoed */
    enum lk_vault_kind kind;
    struct lk_imsi imsi;
    struct lk_sealed_row row; /* VECTOR, RESYNC; NOBODY: of any octets */
    enum lk_vector_keys keys; /* VECTOR, RESYNC, NOBODY */
    bool resync;              /* NOBODY: in the place of a RESYNC */
    uint8_t network_name_len;
    char network_name[LK_NETWORK_NAME_MAX]; /* PRIME */
    uint8_t sn_id[LK_SN_ID_LEN];            /* KASME */
    uint8_t rand[LK_RAND_LEN];                /* RESYNC: of the outstanding challenge */
    uint8_t auts[LK_AUTS_LEN];                /* RESYNC */
    const struct lk_credentials *credentials; /* SEAL; else NULL. Travels by value. */
};

struct lk_vault_answer {
    uint32_t id;
    enum lk_vault_kind kind;
    enum lk_reason refused;   /* LK_REASON_NONE when granted */
    struct lk_vector vector;  /* VECTOR, RESYNC when granted. Secret. */
    struct lk_sealed_row row; /* len 0: the row did not change */
};

enum {
    LK_VAULT_MESSAGE_MAX = 32 * 1024, /* the most octets that a batch takes, either way */
    LK_VAULT_ROW_USUAL = 102,         /* octets of a row with Milenage */
};

/* Puts a batch into octets. LK_E_FULL for more than LK_VAULT_BATCH, LK_E_VALUE for a request that
 * says what it may not. A written batch may be secret: the caller wipes it. */
LK_MUST_CHECK enum lk_status lk_vault_requests_encode(struct lk_writer *w,
                                                      const struct lk_vault_request *requests,
                                                      size_t count);
/* Reads what a worker wrote, at most LK_VAULT_BATCH requests. credentials[i] is where the secret of
 * request i goes when it is a SEAL. */
LK_MUST_CHECK enum lk_status lk_vault_requests_decode(struct lk_vault_request *requests,
                                                      struct lk_credentials *credentials,
                                                      size_t *count, struct lk_span message);
LK_MUST_CHECK enum lk_status
lk_vault_answers_encode(struct lk_writer *w, const struct lk_vault_answer *answers, size_t count);
LK_MUST_CHECK enum lk_status lk_vault_answers_decode(struct lk_vault_answer *answers, size_t *count,
                                                     struct lk_span message);

#endif
