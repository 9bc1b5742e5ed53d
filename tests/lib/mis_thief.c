#include "mis_thief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CODES (&lk_mis_codes_default)

void thief_hears(struct mis_thief *thief, bool up, struct lk_span octets)
{
    assert_true(thief->packets < THIEF_PACKETS && octets.len <= THIEF_OCTETS);
    thief->packet[thief->packets].up = up;
    thief->packet[thief->packets].len = octets.len;
    memcpy(thief->packet[thief->packets++].octets, octets.at, octets.len);
}

/* An SA as the end has it that hears. */
static struct lk_mis_sa end_of(const struct lk_mis_sa *at_pos, bool up)
{
    struct lk_mis_sa sa = *at_pos;

    sa.received = sa.window = 0;
    if (!up) {
        sa.self = at_pos->peer;
        sa.peer = at_pos->self;
        sa.role = LK_MIS_BEGAN;
    }
    return sa;
}

/* What the MN asked with, and the K that it got: the keys of its next SA. */
static void follow(struct mis_thief *thief, const struct lk_mis_sa *sa, const uint8_t *nonce_t,
                   const struct lk_mis_message *m)
{
    struct lk_mis_offers all = { .suite = { 1, 2 }, .suites = 2, .prfs = 7 };
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;
    struct lk_mis_k k;
    struct lk_mis_sa_start start = { .self = m->pos.id, .peer = lk_mis_name_of(&sa->peer),
                                     .said = m->said, .role = LK_MIS_ANSWERED, .keys = &keys,
                                     .expires_ms = UINT64_MAX };

    if (!lk_mis_chosen(&agreed, m, &all, CODES) || lk_mis_k_set(&k, m->envelope.key) != LK_OK ||
        thief->sas == THIEF_SAS)
        return;
    lk_mis_keys_derive(&keys, &agreed, &k, nonce_t, m->nonce_n.at);
    start.agreed = agreed;
    if (lk_mis_sa_init(&thief->sa[thief->sas], &start) == LK_OK)
        thief->opened[thief->sas++] = 0;
}

static void read_under(struct mis_thief *thief, size_t which)
{
    struct lk_mis_sa sa = thief->sa[which];
    uint8_t nonce_t[LK_MIS_NONCE_LEN] = { 0 };

    for (size_t i = 0; i < thief->packets; i++) {
        struct lk_mis_sa end = end_of(&sa, thief->packet[i].up);
        struct lk_mis_opened opened;
        struct lk_mis_message m;
        struct lk_mis_pdu pdu;

        if (lk_mis_decode(&pdu, lk_span_of(thief->packet[i].octets, thief->packet[i].len),
                          CODES) != LK_OK || !pdu.header.secured ||
            lk_mis_unprotect(&end, &opened, &pdu, 0, CODES) != LK_OK)
            continue;
        thief->opened[which]++;
        if (lk_mis_message_get(&m, &pdu.header, lk_span_of(opened.octets, opened.len), CODES) !=
            LK_OK || lk_mis_action_of(pdu.header.id, CODES) != LK_MIS_PREREG_XFER)
            continue;
        if (thief->packet[i].up && lk_mis_has(&m, LK_MIS_TLV_NONCE_T))
            memcpy(nonce_t, m.nonce_t.at, sizeof nonce_t);
        else if (!thief->packet[i].up && lk_mis_has(&m, LK_MIS_TLV_KEY_ENVELOPE))
            follow(thief, &sa, nonce_t, &m);
    }
}

unsigned thief_reads(struct mis_thief *thief, const struct lk_mis_sa *captured)
{
    unsigned reads = 0;

    thief->sas = 1;
    thief->sa[0] = *captured;
    thief->opened[0] = 0;
    for (size_t i = 0; i < thief->sas; i++)
        read_under(thief, i);
    for (size_t i = 0; i < thief->sas; i++)
        reads += thief->opened[i] > 0;
    return reads;
}
