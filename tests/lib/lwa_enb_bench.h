/* A bench for the eNB's machine of one UE: a UE that speaks RRC in PDCP and a WT that speaks XwAP,
 * both made by hand of the wire's codecs, and what came of each step. */
#ifndef LK_TESTS_LWA_ENB_BENCH_H
#define LK_TESTS_LWA_ENB_BENCH_H

#include "proto/lwa/enb.h"

enum { ENB_UE_ID = 0x010203, WT_UE_ID = 0x0a0b0c, OTHER_WT_UE_ID = 0x0d0e0f };

extern struct lk_lwa_enb enb;
extern struct lk_lwa_enb_config config;
extern struct lk_lwa_enb_outbox out;
extern uint64_t now_ms;

/* The UE: what it has of the AS, under the KeNB in use and the one before. */
extern struct lk_lwa_as ue;
/* What the last step said to it, in order; to the WT; and the keys in that. */
enum { SAID_MAX = 4 };
extern struct lk_rrc_reconfiguration told[SAID_MAX];
extern unsigned told_count;
extern struct lk_xwap xw_said[SAID_MAX];
extern unsigned xw_count;
extern uint8_t xw_key[32];
/* All that was ever saved, and every S-KWT that was made. */
extern struct lk_lwa_saved saved_last;

/* A step: what is refused changes nothing. */
enum lk_status step(const struct lk_lwa_enb_event *event);
enum lk_status happens(enum lk_lwa_enb_event_kind kind);
const struct lk_lwa_enb_output *has(enum lk_lwa_enb_output_kind kind);
/* RELEASED or a NOTICE for that reason. */
void assert_released(enum lk_reason reason, bool again);
void assert_notice(enum lk_reason reason);

struct lk_kenb kenb_of(uint8_t octet);
struct lk_lwa_enb_event context_of(uint8_t octet);
enum lk_status context_comes(uint8_t octet);
enum lk_status is_saved(bool done);
/* The UE's word, under its key; the transaction is the one that it was told last. */
enum lk_status ue_completes(void);
enum lk_status ue_completes_as(uint8_t transaction);
enum lk_status ue_reports(enum lk_rrc_wlan_status status);
enum lk_status ue_sends(struct lk_span rrc);
/* Does as the command says: KeNB* of that cell, SRB1 anew. */
void ue_moves(const struct lk_eps_cell *cell, const struct lk_nh *nh);
/* The WT's word. */
struct lk_xwap wt_message(enum lk_xwap_type type);
enum lk_status wt_says(enum lk_xwap_type type);
enum lk_status hears(const struct lk_xwap *message);
enum lk_status hand_over_to(uint16_t pci);
enum lk_status incoming(bool kept);
/* With the WT kept, and a deadline of the source. */
enum lk_status incoming_within(uint32_t deadline_ms);
/* And the UE has a key that the WT is to have by then. */
enum lk_status incoming_behind(uint32_t deadline_ms);
enum lk_status expires(void);
/* Octets of a target's command. */
struct lk_span command_of(uint16_t pci);
/* A fresh bench with the way to the WT up; and the machine in that state. */
void open_bench(void);
void bring_to(enum lk_lwa_enb_state to);
/* From ACTIVE with that counter next, one re-key up to that state. */
void rekey_to(enum lk_lwa_enb_state to);

#endif
