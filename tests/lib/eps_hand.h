/* One end of an attach over LTE made by hand: what it says, right or wrong, under keys or not. */
#ifndef LK_TEST_EPS_HAND_H
#define LK_TEST_EPS_HAND_H

#include "eps_rig.h"
#include "proto/srb.h"
#include "wire/nas.h"
#include "wire/rrc_attach.h"

/* Messages without keys: of RRC, and of NAS in one that is up or down. */
struct lk_eps_pdu eps_pdu_of(const struct lk_rrc_attach *rrc);
struct lk_eps_pdu eps_nas_of(enum lk_rrc_attach_type carrier, const struct lk_nas *nas);
/* NAS under K_NASint of that KASME, with that count. */
struct lk_eps_pdu eps_nas_under(enum lk_rrc_attach_type carrier, const struct lk_kasme *kasme,
                                enum lk_nas_security security, uint8_t count,
                                struct lk_span plain);
/* RRC under K_RRCint of that KeNB; sends: what has gone that way before. */
struct lk_eps_pdu eps_rrc_under(const struct lk_kenb *kenb, bool downlink, uint32_t sends,
                                const struct lk_rrc_attach *rrc);
/* The message of NAS that an end said last. It lives until the next one. */
struct lk_nas eps_heard(const struct eps_end *end, bool downlink);

#endif
