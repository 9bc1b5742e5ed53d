/* Between the files of the eNB's machine only: enb.c (rules and step), enb_act.c, enb_answer.c,
 * enb_time.c (handlers), enb_next.c (how procedures begin and end), enb_send.c (what is said). */
#ifndef LK_PROTO_LWA_ENB_PARTS_H
#define LK_PROTO_LWA_ENB_PARTS_H

#include "proto/lwa/enb.h"

/* One step under way: e is the draft. */
struct lk_lwa_enb_work {
    struct lk_lwa_enb *e;
    const struct lk_lwa_enb_config *config;
    const struct lk_lwa_enb_event *event;
    struct lk_rrc_uplink uplink; /* when the event is RRC: */
    bool readable;               /* whether that could be read */
    struct lk_lwa_enb_outbox *out;
};

/* The handlers, in the order of the rules. */
enum lk_status lk_lwa_enb_take_context(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_receive_ue(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_want(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_want_later(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_give_up(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_want_no_more(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_rekey(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_rekey_later(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_hand_over(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_hand_over_later(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_command(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_forget(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_stay_here(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_take_nh(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_leave(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_use_counter(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_take_setup(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_tell_wt(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_take_refresh(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_take_arrival(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_take_release(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_hear_report(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_hear(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_tell_ue(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_renumber(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_disown(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_let_come(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_setup_rejected(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_come_alone(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_lock(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_count_answer(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_rekey_rejected(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_confirm(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_refuse(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_wt_leaves(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_wt_left(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_note_association(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_finish(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_begin_rekey(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_note_up(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_go_on(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_ask_wt(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_note_down(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_wait_for_wt(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_try_again(struct lk_lwa_enb_work *w);

/* What several of them use. */
/* enb_next.c: a state in which nothing is asked; EXPIRED after that time. */
void lk_lwa_enb_rest(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state, uint64_t after_ms);
/* A state with a first try, of several; a question of its own to the UE; until the next try. */
void lk_lwa_enb_enter(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state, uint32_t first_ms);
void lk_lwa_enb_enter_rrc(struct lk_lwa_enb_work *w, enum lk_lwa_enb_state state);
void lk_lwa_enb_wait(struct lk_lwa_enb_work *w, uint32_t first_ms);
/* From now on the WT has until a deadline to say that the association lives. */
void lk_lwa_enb_await_word(struct lk_lwa_enb_work *w);
/* And to take the key that the UE is told; and it has said that the association lives. */
void lk_lwa_enb_await_key(struct lk_lwa_enb_work *w);
void lk_lwa_enb_take_word(struct lk_lwa_enb_work *w);
/* The S-KWT in use is of a KeNB that is in use no more: a re-key is due, by a deadline. */
void lk_lwa_enb_owe_key(struct lk_lwa_enb_work *w);
/* Whether a deadline ends what is done in this state, whatever tries are left. */
bool lk_lwa_enb_has_deadline(const struct lk_lwa_enb *e);
void lk_lwa_enb_ask_to_save(struct lk_lwa_enb_work *w);
void lk_lwa_enb_begin_handover(struct lk_lwa_enb_work *w);
void lk_lwa_enb_drop_wt(struct lk_lwa_enb_work *w, uint8_t radio_cause);
/* A procedure is over: what waited for it begins now. LK_OK. */
enum lk_status lk_lwa_enb_settle(struct lk_lwa_enb_work *w);
/* LWA is there, with the newest key; or ends, again: to be set up anew. LK_OK. */
enum lk_status lk_lwa_enb_activate(struct lk_lwa_enb_work *w, bool rekey);
enum lk_status lk_lwa_enb_end(struct lk_lwa_enb_work *w, enum lk_reason why, bool again);
/* The same; so many failures in a row, and it is not set up anew any more. */
enum lk_status lk_lwa_enb_end_within(struct lk_lwa_enb_work *w, enum lk_reason why,
                                     uint8_t attempts);
void lk_lwa_enb_tell_released(struct lk_lwa_enb_work *w);
/* Nothing is left but what is known of the way to the WT. */
void lk_lwa_enb_empty(struct lk_lwa_enb_work *w);
bool lk_lwa_enb_hands_over(const struct lk_lwa_enb *e);
bool lk_lwa_enb_wt_was_first(const struct lk_lwa_enb_work *w);
/* enb_act.c */
void lk_lwa_enb_give_key(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_not_kept(struct lk_lwa_enb_work *w);
enum lk_status lk_lwa_enb_call_off(struct lk_lwa_enb_work *w);

/* enb_send.c */
struct lk_lwa_enb_output *lk_lwa_enb_add(struct lk_lwa_enb_work *w,
                                         enum lk_lwa_enb_output_kind kind);
void lk_lwa_enb_notice(struct lk_lwa_enb_work *w, enum lk_reason reason, const char *expected,
                       const char *came);
/* EXPIRED in after_ms, or LK_LWA_NEVER. */
void lk_lwa_enb_timer(struct lk_lwa_enb_work *w, uint64_t after_ms);
/* An AS context under that KeNB: its RRC key, and SRB1 anew. */
void lk_lwa_as_begin(struct lk_lwa_as *as, const struct lk_kenb *kenb, uint8_t ncc,
                     uint8_t algorithm);
/* To the UE: what the transaction under way says, under the KeNB in use. */
void lk_lwa_enb_say_setup(struct lk_lwa_enb_work *w);
void lk_lwa_enb_say_counter(struct lk_lwa_enb_work *w);
void lk_lwa_enb_say_release(struct lk_lwa_enb_work *w);
/* Nothing but the question whether it is there, under as. */
void lk_lwa_enb_say_nothing(struct lk_lwa_enb_work *w, struct lk_lwa_as *as);
/* The handover command that the machine has. */
void lk_lwa_enb_say_command(struct lk_lwa_enb_work *w);
/* Writes the handover command to a cell into the machine. */
void lk_lwa_enb_make_command(struct lk_lwa_enb_work *w, const struct lk_eps_cell *cell,
                             uint8_t ncc, bool kept);
/* To the WT; kept: the UE goes on in another cell. */
void lk_lwa_enb_ask_addition(struct lk_lwa_enb_work *w, bool known);
void lk_lwa_enb_ask_modification(struct lk_lwa_enb_work *w);
void lk_lwa_enb_say_wt_release(struct lk_lwa_enb_work *w, uint8_t radio_cause, bool kept);
/* The answer of that type to what the WT requires. */
void lk_lwa_enb_answer_wt(struct lk_lwa_enb_work *w, enum lk_xwap_type type);

#endif
