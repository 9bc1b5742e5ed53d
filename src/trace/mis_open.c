/* PDUs of MIS opened with the keys of the capture. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/sa.h"
#include "trace/mis.h"

static bool is_of(const struct lk_mis_key_log *entry, const struct lk_mis_said *said)
{
    return said->id.len > 0 && entry->said_len == 1 + said->id.len &&
           entry->said[0] == said->type &&
           lk_span_equal(lk_span_of(entry->said + 1, entry->said_len - 1), said->id);
}

const struct lk_mis_key_log *lk_mis_key_of(const struct lk_trace *trace,
                                           enum lk_mis_key_log_kind kind,
                                           const struct lk_mis_said *said)
{
    for (size_t i = trace->mis_key_count; i > 0; i--)
        if (trace->mis_keys[i - 1].kind == kind && is_of(&trace->mis_keys[i - 1], said))
            return &trace->mis_keys[i - 1];
    return NULL;
}

const struct lk_mis_key_log *lk_mis_key_next(size_t *at, const struct lk_trace *trace,
                                             enum lk_mis_key_log_kind kind,
                                             const struct lk_mis_said *said)
{
    while (*at < trace->mis_key_count) {
        const struct lk_mis_key_log *entry = &trace->mis_keys[(*at)++];

        if (entry->kind == kind && is_of(entry, said))
            return entry;
    }
    return NULL;
}

static bool agreed_of(struct lk_mis_agreed *agreed, uint8_t c, uint8_t prf_code)
{
    *agreed = (struct lk_mis_agreed){ .suite = lk_mis_suite_of(lk_mis_seen_codes, c), .c = c,
                                      .prf_code = prf_code };
    while (agreed->prf < LK_MIS_PRF_COUNT && lk_mis_seen_codes->prf[agreed->prf] != prf_code)
        agreed->prf++;
    return agreed->suite != LK_MIS_SUITE_COUNT && agreed->prf != LK_MIS_PRF_COUNT;
}

bool lk_mis_seen_agreed(struct lk_mis_agreed *agreed, const struct lk_trace_establishment *of)
{
    enum lk_mis_prf prf = 0;

    while (prf < LK_MIS_PRF_COUNT && of->prfs != 1u << prf)
        prf++;
    return of->suite.len == 1 && prf < LK_MIS_PRF_COUNT &&
           agreed_of(agreed, of->suite.at[0], lk_mis_seen_codes->prf[prf]);
}

/* As the one that the PDU goes to: whose role the counter does not name. */
static bool sa_of(struct lk_mis_sa *sa, const struct lk_trace_mis *mis,
                  const struct lk_mis_key_log *misk)
{
    struct lk_mis_keys keys;
    struct lk_mis_sa_start start = { .self = mis->destination, .peer = mis->source,
                                     .said = mis->said, .keys = &keys,
                                     .role = mis->role == LK_MIS_BEGAN ? LK_MIS_ANSWERED
                                                                       : LK_MIS_BEGAN,
                                     .expires_ms = UINT64_MAX };
    bool made = agreed_of(&start.agreed, (uint8_t)(misk->number >> 8), (uint8_t)misk->number) &&
                lk_mis_key_log_keys(&keys, misk, &start.agreed) &&
                lk_mis_sa_init(sa, &start) == LK_OK;

    lk_wipe(&keys, sizeof keys);
    return made;
}

static void open_with(struct lk_trace_message *m, const struct lk_mis_key_log *misk)
{
    struct lk_mis_opened opened;
    struct lk_mis_pdu pdu;
    struct lk_mis_sa sa;

    if (lk_mis_decode(&pdu, m->octets, lk_mis_seen_codes) != LK_OK || !sa_of(&sa, &m->mis, misk))
        return;
    if (lk_mis_unprotect(&sa, &opened, &pdu, 0, lk_mis_seen_codes) == LK_OK) {
        LK_ASSERT(opened.len <= m->octets.len);
        if (opened.len > 0)
            memcpy(m->mis.room, opened.octets, opened.len);
        m->mis.tlvs = lk_span_of(m->mis.room, opened.len);
        m->mis.opened = true;
        lk_mis_seen_list(m);
    }
    lk_wipe(&opened, sizeof opened);
    lk_mis_sa_wipe(&sa);
}

void lk_mis_seen_open(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    const struct lk_mis_key_log *misk;

    if (m->protocol != LK_TRACE_MIS || m->status != LK_OK || !m->mis.sealed || m->mis.tls ||
        m->mis.opened)
        return;
    misk = lk_mis_key_of(trace, LK_MIS_KEY_LOG_MISK, &m->mis.said);
    if (misk != NULL)
        open_with(m, misk);
}

bool lk_mis_seen_derive(struct lk_mis_keys *keys, struct lk_mis_agreed *agreed,
                        const struct lk_trace_establishment *of, struct lk_span k)
{
    struct lk_mis_k made;
    bool can = !(of->dh_mn && of->dh_pos) && of->nonce_t.len == LK_MIS_NONCE_LEN &&
               of->nonce_n.len == LK_MIS_NONCE_LEN && lk_mis_seen_agreed(agreed, of) &&
               lk_mis_k_set(&made, k) == LK_OK;

    if (can)
        lk_mis_keys_derive(keys, agreed, &made, of->nonce_t.at, of->nonce_n.at);
    lk_wipe(&made, sizeof made);
    return can;
}
