/* Why LTE or its WLAN is not what somebody asks for: refusals, with which cell or WT was asked
 * where, and whether anything listens there. A port at which nothing does is heard of by ICMP, as
 * quickly as an answer would be; that ends an attach at once, and of the WT it is told with what
 * fails next. */
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "role/ue_manager.h"

static const char unreachable[] = "port unreachable: nothing listens there";

enum { PLACE_TEXT = 2 * LK_REFUSAL_TEXT };

static void place_text(char text[PLACE_TEXT], const char *what,
                       const struct lk_datagram_peer *peer)
{
    struct lk_address address = lk_datagram_address(peer);
    char at[LK_ADDRESS_TEXT];

    lk_address_text(at, &address);
    (void)snprintf(text, PLACE_TEXT, "%.63s at %s:%u", what, at, lk_datagram_port(peer));
}

/* The machines know no places. */
static struct lk_refusal with_place(const struct lk_ue_lte *lte, const struct lk_refusal *why)
{
    struct lk_refusal made = *why;
    char text[PLACE_TEXT];

    if (why->reason == LK_REASON_EPS_NO_ANSWER) {
        place_text(text, why->expected, &lte->cell[lte->cell_wanted]);
        made = lk_refusal_of(why->reason, text, why->came);
    } else if (why->reason == LK_REASON_RSN_NO_ACCESS_POINT) {
        /* "an answer of 02:00:00:00:36:62" without "an " has room for the place. */
        place_text(text, strchr(why->expected, ' ') == NULL ? "" : strchr(why->expected, ' ') + 1,
                   &lte->wt);
        made = lk_refusal_of(why->reason, text, lte->wt_unreachable ? unreachable : why->came);
    }
    return made;
}

void lk_ue_lte_refused(struct lk_ue_manager *ue, const struct lk_refusal *why)
{
    struct lk_ue_lte *lte = &ue->lte;

    if (why->reason == LK_REASON_NONE)
        return;
    lte->refused = with_place(lte, why);
    lte->refused_ms = lk_mono_ms();
    lk_process_refused(&ue->process, why->reason);
    lk_log_refusal(&lte->refused, lte->refused_ms, NULL, 0);
}

void lk_ue_lte_hear_unreachable(void *context, const struct lk_udp_port *port,
                                const struct lk_datagram_peer *peer)
{
    struct lk_ue_manager *ue = context;
    struct lk_ue_lte *lte = &ue->lte;

    if (port == &lte->air && lk_ue_lte_is_from(peer, &lte->wt))
        lte->wt_unreachable = true;
    else if (port == &lte->uu && lk_ue_lte_is_from(peer, &lte->cell[lte->cell_wanted]))
        lk_ue_lte_cell_is_unreachable(ue);
}

void lk_ue_lte_tell_refusal(const struct lk_ue_manager *ue, json_t *answer, uint64_t since_ms,
                            const char *before)
{
    const struct lk_refusal *why = &ue->lte.refused;
    const struct lk_reason_row *row = lk_reason_row(why->reason);
    bool known = why->reason != LK_REASON_NONE && ue->lte.refused_ms >= since_ms;
    bool pair = known && why->expected[0] != '\0' && why->came[0] != '\0';
    char error[512];

    (void)snprintf(error, sizeof error, "%s%s%s%s%s%s%s", before,
                   known && before[0] != '\0' ? ". " : "", known ? row->what : "",
                   pair ? " Expected " : "", pair ? why->expected : "", pair ? ", came " : "",
                   pair ? why->came : "");
    (void)json_object_set_new(answer, "error", json_string(error));
    if (known)
        (void)json_object_update_new(
            answer, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "reason", row->code, "what",
                              row->what, "expected", why->expected, "came", why->came, "fix",
                              row->fix, "refused-ms-ago",
                              (json_int_t)(lk_mono_ms() - ue->lte.refused_ms)));
}
