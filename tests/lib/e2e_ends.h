/* Both ends of liblatchkey-e2e, by its public header, and a clock that tests put on. */
#ifndef LK_TEST_E2E_ENDS_H
#define LK_TEST_E2E_ENDS_H

#include "latchkey/e2e.h"

enum { ENDS_BEGIN_S = 1800000000 };

/* What the next ends are made of. */
extern struct e2e_ends {
    uint8_t server_secret[32], server_key[32], client_secret[32], client_key[32], app_key[32];
    uint8_t operator_key[32], ticket_key[32];
    struct lk_e2e_client_setup client;
    struct lk_e2e_server_setup server;
    enum lk_e2e_answer answer;
    struct lk_e2e_secrets secrets;
    unsigned asked;
    bool resumed;
    uint64_t now_s; /* of every clock: it stands still */
} ends;

/* All anew; of cmocka. */
int ends_open(void **state);
/* Carries what there is both ways, in pieces, until there is no more. */
void ends_run(struct lk_e2e_end *a, struct lk_e2e_end *b, size_t piece);
/* One says a text, and the other reads it. */
void ends_talk(struct lk_e2e_end *from, struct lk_e2e_end *to, const char *text, size_t piece);
/* A session with that in it; none, and why. */
void ends_expect_open(unsigned with);
void ends_expect_refused(const char *client_why, const char *server_why);
/* What a client saves of a session; 0: it had no ticket. */
size_t ends_save(uint8_t saved[LK_E2E_SAVED_MAX]);

#endif
