/* An application of the device: one end-to-end session with its server, by liblatchkey-e2e, over
 * TCP. It is a process of its own: what it agrees with its server, no other process has. */
#ifndef LK_APP_UE_E2E_H
#define LK_APP_UE_E2E_H

#include <jansson.h>

#include "base/reason.h"
#include "latchkey/e2e.h"

enum { LK_UE_E2E_SAYS = 16, LK_UE_E2E_KEY_ID = 321, LK_UE_E2E_ERROR_TEXT = 256 };

/* Where N is from. */
enum lk_ue_e2e_n { LK_UE_E2E_NO_N, LK_UE_E2E_GIVEN, LK_UE_E2E_GBA, LK_UE_E2E_AKMA };

struct lk_ue_e2e {
    const char *host, *port;
    struct lk_e2e_client_setup setup; /* secrets are in here, or pointed to */
    uint8_t ua[LK_E2E_UA_LEN];
    enum lk_ue_e2e_n n;
    const char *socket, *as; /* of a running device, which N is asked of */
    const char *dead;        /* B-TID of a key that is over; NULL: none */
    const char *ticket;      /* file; NULL: none */
    const char *say[LK_UE_E2E_SAYS];
    size_t say_count;
    unsigned timeout_s, hold_s;
    bool show_keys;
    /* what it has; secret */
    char key_id[LK_UE_E2E_KEY_ID];
    uint8_t operator_key[LK_E2E_KEY_LEN];
    uint8_t saved[LK_E2E_SAVED_MAX];
    uint8_t application_key[LK_E2E_KEY_LEN];
    /* why it failed */
    enum lk_reason reason; /* NONE: error says all */
    char error[LK_UE_E2E_ERROR_TEXT];
};

/* N of the running device, into setup; nothing where none is wanted. An exit code. */
int lk_ue_e2e_take_n(struct lk_ue_e2e *e2e);
/* The whole session; what there is to tell, or NULL. An exit code. It never does without what the
 * setup names: where N, P or the client key is not to be had there is no session. */
int lk_ue_e2e_run(struct lk_ue_e2e *e2e, json_t **told);

#endif
