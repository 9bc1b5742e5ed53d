/* MobilityControlInfo and SecurityConfigHO: of a handover what derives the KeNB of the target cell
 * and says what becomes of the WT.                                       TS 36.331 6.2.2, 6.3.4
 *
 * The radio parameters that a handover cannot be without are our own choice, the least that the
 * notation allows, and mean nothing: there is no radio here. */
#include "wire/rrc_parts.h"

enum {
    EARFCN_SHORT_MAX = 65535, /* beyond: this, and the value in an addition */
    RNTI_BITS = 16,
    T304_VALUES = 8,
    T304 = 5,                 /* one second */
    COMMON_OPTIONS = 9,       /* of RadioResourceConfigCommon */
    ADDITION_EARFCN = 1 << 0,
    ADDITION_WT = 1 << 2,
    ADDITIONS = 3,
    WT_OPTIONS_BEHIND = 3,    /* members of the WT's group behind it */
    HANDOVER_INTRA_LTE = 0,
};

/* ---- radio parameters that mean nothing ---- */

static void get_radio(struct lk_per_reader *r)
{
    lk_rrc_none(r, 1 + COMMON_OPTIONS);
    lk_rrc_none(r, 1); /* prach-ConfigInfo */
    (void)lk_per_get_whole(r, 0, 837);
    (void)lk_per_get_whole(r, 1, 4); /* pusch-ConfigBasic */
    (void)lk_per_get_bool(r);
    (void)lk_per_get_whole(r, 0, 98);
    (void)lk_per_get_bool(r);
    (void)lk_per_get_bool(r); /* ul-ReferenceSignalsPUSCH */
    (void)lk_per_get_whole(r, 0, 29);
    (void)lk_per_get_bool(r);
    (void)lk_per_get_whole(r, 0, 7);
    (void)lk_per_get_bool(r); /* ul-CyclicPrefixLength */
}

static void put_radio(struct lk_per_writer *w)
{
    lk_per_put_bits(w, 0, 1 + COMMON_OPTIONS);
    lk_per_put_bits(w, 0, 1);
    lk_per_put_whole(w, 0, 0, 837);
    lk_per_put_whole(w, 1, 1, 4);
    lk_per_put_bool(w, false);
    lk_per_put_whole(w, 0, 0, 98);
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, false);
    lk_per_put_whole(w, 0, 0, 29);
    lk_per_put_bool(w, false);
    lk_per_put_whole(w, 0, 0, 7);
    lk_per_put_bool(w, false);
}

/* ---- additions: a frequency beyond 65535, and what becomes of the WT ---- */

static void get_earfcn_addition(struct lk_rrc_handover *h, struct lk_per_reader *r)
{
    if (!lk_per_get_bool(r))
        return;
    lk_rrc_none(r, 1); /* of the uplink */
    if (!h->has_earfcn || h->earfcn_dl != EARFCN_SHORT_MAX)
        lk_per_fail(r, LK_E_VALUE);
    h->earfcn_dl = (uint32_t)lk_per_get_whole(r, 0, LK_RRC_EARFCN_MAX);
    if (h->earfcn_dl <= EARFCN_SHORT_MAX)
        lk_per_fail(r, LK_E_VALUE);
}

/* spec: TS 36.331 6.3.4 - with the WT kept the UE does not release LWA at the handover. */
static void get_wt_addition(struct lk_rrc_handover *h, struct lk_per_reader *r)
{
    bool said;

    lk_rrc_none(r, 1);
    said = lk_per_get_bool(r);
    lk_rrc_none(r, WT_OPTIONS_BEHIND);
    if (said)
        h->wt = lk_per_get_bool(r) ? LK_RRC_WT_KEPT_END_MARKER : LK_RRC_WT_KEPT;
}

static void get_additions(struct lk_rrc_handover *h, struct lk_per_reader *r)
{
    unsigned count;
    uint64_t present = lk_per_get_additions(r, &count);
    struct lk_per_reader group;

    for (uint64_t one = 1; present != 0; one <<= 1) {
        if ((present & one) == 0)
            continue;
        present -= one;
        group = lk_per_get_open(r);
        if (one == ADDITION_EARFCN)
            get_earfcn_addition(h, &group);
        else if (one == ADDITION_WT)
            get_wt_addition(h, &group);
        else
            lk_per_fail(r, LK_E_UNSUPPORTED);
        if (lk_per_status(r) == LK_OK && lk_per_end(&group) != LK_OK)
            lk_per_fail(r, lk_per_end(&group));
        if (lk_per_status(r) != LK_OK)
            return;
    }
}

static void put_additions(struct lk_per_writer *w, const struct lk_rrc_handover *h, uint64_t which)
{
    uint8_t room[8];
    struct lk_per_writer group = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);

    lk_per_put_additions(w, which, ADDITIONS);
    if (which & ADDITION_EARFCN) {
        lk_per_put_bits(&group, 2, 2);
        lk_per_put_whole(&group, h->earfcn_dl, 0, LK_RRC_EARFCN_MAX);
        lk_per_put_open(w, &group);
    }
    if (which & ADDITION_WT) {
        group = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);
        lk_per_put_bits(&group, 1u << WT_OPTIONS_BEHIND, 2 + WT_OPTIONS_BEHIND);
        lk_per_put_bool(&group, h->wt == LK_RRC_WT_KEPT_END_MARKER);
        lk_per_put_open(w, &group);
    }
}

/* ---- MobilityControlInfo ---- */

/* spec: TS 36.331 6.3.4 - the target cell; its frequency, when it is another. */
void lk_rrc_get_mobility(struct lk_rrc_handover *h, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r);
    uint8_t rnti[RNTI_BITS / 8] = { 0 };
    struct lk_reader octets = lk_reader_of(LK_SPAN(rnti));

    h->has_earfcn = lk_per_get_bool(r);
    lk_rrc_none(r, 3); /* bandwidth, emission, dedicated random access */
    h->pci = (uint16_t)lk_per_get_whole(r, 0, LK_RRC_PCI_MAX);
    if (h->has_earfcn) {
        lk_rrc_none(r, 1); /* of the uplink */
        h->earfcn_dl = (uint32_t)lk_per_get_whole(r, 0, EARFCN_SHORT_MAX);
    }
    (void)lk_per_get_index(r, T304_VALUES, false);
    lk_per_get_bit_string(r, rnti, RNTI_BITS);
    h->c_rnti = lk_get_be16(&octets);
    get_radio(r);
    if (additions)
        get_additions(h, r);
}

void lk_rrc_put_mobility(struct lk_per_writer *w, const struct lk_rrc_handover *h)
{
    bool far = h->has_earfcn && h->earfcn_dl > EARFCN_SHORT_MAX;
    uint64_t which = (far ? ADDITION_EARFCN : 0u) |
                     (h->wt != LK_RRC_WT_RELEASED ? ADDITION_WT : 0u);
    uint8_t rnti[RNTI_BITS / 8] = { (uint8_t)(h->c_rnti >> 8), (uint8_t)h->c_rnti };

    lk_per_put_bool(w, which != 0);
    lk_per_put_bool(w, h->has_earfcn);
    lk_per_put_bits(w, 0, 3);
    lk_per_put_whole(w, h->pci, 0, LK_RRC_PCI_MAX);
    if (h->has_earfcn) {
        lk_per_put_bool(w, false);
        lk_per_put_whole(w, far ? EARFCN_SHORT_MAX : h->earfcn_dl, 0, EARFCN_SHORT_MAX);
    }
    lk_per_put_index(w, T304, T304_VALUES, false);
    lk_per_put_bit_string(w, rnti, RNTI_BITS);
    put_radio(w);
    if (which != 0)
        put_additions(w, h, which);
}

/* ---- SecurityConfigHO ---- */

/* spec: TS 36.331 6.2.2 - whether the KeNB is of a new KASME, and the count of the NH chain; the
 * algorithms stay. */
void lk_rrc_get_security(struct lk_rrc_handover *h, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r);

    if (lk_per_get_index(r, 2, false) != HANDOVER_INTRA_LTE)
        lk_per_fail(r, LK_E_UNSUPPORTED);
    lk_rrc_none(r, 1); /* other algorithms */
    h->key_change = lk_per_get_bool(r);
    h->ncc = (uint8_t)lk_per_get_whole(r, 0, LK_RRC_NCC_MAX);
    if (additions)
        lk_per_skip_additions(r);
}

void lk_rrc_put_security(struct lk_per_writer *w, const struct lk_rrc_handover *h)
{
    lk_per_put_bool(w, false);
    lk_per_put_index(w, HANDOVER_INTRA_LTE, 2, false);
    lk_per_put_bool(w, false);
    lk_per_put_bool(w, h->key_change);
    lk_per_put_whole(w, h->ncc, 0, LK_RRC_NCC_MAX);
}
