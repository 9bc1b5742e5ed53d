/* What the worker and the vault say to each other over the socketpair.
 *
 * Both ends are the same build on the same machine, so the messages are plain structs of fixed size;
 * still the vault checks every field, because a captured worker writes what it likes. A batch is up
 * to LK_VAULT_BATCH requests in one SOCK_SEQPACKET message, answered in one message.
 *
 * Rule for answers that carry a row: the row is written to the store first (compare and swap on the
 * row that was sent), and only then may the vector be used. If the swap fails, the vector is thrown
 * away, the row read again and the request repeated. */
#ifndef LK_VAULT_MESSAGES_H
#define LK_VAULT_MESSAGES_H

#include "keys/types.h"

enum { LK_VAULT_BATCH = 64 };

/* What goes into a row when a subscriber is added. Secret. */
struct lk_credentials {
    struct lk_aka_card card;
    uint8_t amf[LK_AMF_LEN];
    uint8_t sqn[LK_SQN_LEN]; /* the last SQN known to have been used; the next is above it */
};

enum lk_vault_kind {
    LK_VAULT_PING = 1,
    LK_VAULT_VECTOR, /* row in, vector out */
    LK_VAULT_RESYNC, /* row, RAND and AUTS in; vector and row out */
    LK_VAULT_SEAL,   /* credentials in, row out: adding a subscriber */
};

struct lk_vault_request {
    uint32_t id; /* echoed */
    enum lk_vault_kind kind;
    struct lk_imsi imsi;
    struct lk_sealed_row row;
    bool prime;
    uint8_t network_name_len;
    char network_name[LK_NETWORK_NAME_MAX];
    uint8_t rand[LK_RAND_LEN];
    uint8_t auts[LK_AUTS_LEN];
    struct lk_credentials credentials; /* SEAL only */
};

struct lk_vault_answer {
    uint32_t id;
    enum lk_vault_kind kind;
    enum lk_reason refused; /* LK_REASON_NONE when granted */
    struct lk_vector vector;
    struct lk_sealed_row row; /* len 0: the row did not change */
};

#endif
