/* Who may have which key for a server: of GBA (ue_gba.h) and of AKMA (ue_akma.h). T01: an
 * application, by its user, has the keys that its row lists, and no other. */
#ifndef LK_ROLE_UE_KEYS_H
#define LK_ROLE_UE_KEYS_H

#include <jansson.h>

#include "io/control.h"
#include "keys/gba.h"
#include "role/config_gba.h"

struct lk_ue_manager;

struct lk_ue_key_wish {
    uint8_t application;
    char fqdn[LK_FQDN_MAX + 1];
    struct lk_ua_id ua;
};

enum lk_ue_key_kind { LK_UE_KEYS_GBA, LK_UE_KEYS_AKMA };

/* "as", "naf" or "af", and "ua" of request. False: it was refused, counted and written down. */
bool lk_ue_key_wished(struct lk_ue_key_wish *wish, struct lk_ue_manager *ue,
                      struct lk_control_call *call, const json_t *request,
                      enum lk_ue_key_kind kind);
/* Answers call with what it takes over and the key under that name. */
void lk_ue_key_give(struct lk_ue_manager *ue, struct lk_control_call *call, uint8_t application,
                    enum lk_ue_key_kind kind, json_t *answer, struct lk_span key);

#endif
