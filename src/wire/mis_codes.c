#include "wire/mis_codes.h"

#include <string.h>

enum {
    PRF_BITS = 8,
    ACTION_MAX = 0x3ff,
    ACTION_ASSIGNED_MAX = 12,
    TID_BITS = 0x0fff,
    SECURITY_TLV_MIN = 64, /* 64 to 75 are of 802.21a, in an order that is not known */
    SECURITY_TLV_MAX = 75,
    VENDOR_TLV = 100,      /* behind it: experimental */
};

/* The index of code in list, count when it is not there. */
static size_t index_of(const uint8_t *list, size_t count, uint8_t code)
{
    size_t i = 0;

    while (i < count && list[i] != code)
        i++;
    return i;
}

static bool distinct(const uint8_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (index_of(list, count, list[i]) != i)
            return false;
    return true;
}

static bool single_bit(uint16_t bits)
{
    return bits != 0 && (bits & (bits - 1)) == 0 && (bits & TID_BITS) == 0;
}

bool lk_mis_tlv_is_free(uint8_t type)
{
    return (type >= SECURITY_TLV_MIN && type <= SECURITY_TLV_MAX) || type > VENDOR_TLV;
}

static bool action_is_free(uint16_t action)
{
    return action > ACTION_ASSIGNED_MAX && action <= ACTION_MAX;
}

enum lk_status lk_mis_codes_check(const struct lk_mis_codes *codes)
{
    bool good = distinct(codes->tlv, LK_MIS_OWN_COUNT) &&
                distinct(codes->suite, LK_MIS_SUITE_COUNT) &&
                index_of(codes->suite, LK_MIS_SUITE_COUNT, 0) == LK_MIS_SUITE_COUNT &&
                distinct(codes->prf, LK_MIS_PRF_COUNT) &&
                distinct(codes->reason, LK_MIS_REASON_COUNT) &&
                distinct(codes->origin, LK_MIS_ORIGIN_COUNT) &&
                codes->prereg_xfer != codes->n2n_prereg_xfer &&
                action_is_free(codes->prereg_xfer) && action_is_free(codes->n2n_prereg_xfer) &&
                single_bit(codes->secured) && single_bit(codes->proactive) &&
                codes->secured != codes->proactive;

    for (size_t i = 0; i < LK_MIS_OWN_COUNT; i++)
        good = good && lk_mis_tlv_is_free(codes->tlv[i]);
    for (size_t i = 0; i < LK_MIS_PRF_COUNT; i++)
        good = good && codes->prf[i] < PRF_BITS;
    good = good && codes->psk_usage[0] != '\0' && codes->mn_usage[0] != '\0' &&
           codes->k_usage[0] != '\0' && strcmp(codes->psk_usage, codes->mn_usage) != 0 &&
           strcmp(codes->k_usage, codes->psk_usage) != 0 &&
           strcmp(codes->k_usage, codes->mn_usage) != 0;
    return good ? LK_OK : LK_E_CONFIG;
}

enum lk_mis_suite lk_mis_suite_of(const struct lk_mis_codes *codes, uint8_t c)
{
    return (enum lk_mis_suite)index_of(codes->suite, LK_MIS_SUITE_COUNT, c);
}

enum lk_mis_reason lk_mis_reason_of(const struct lk_mis_codes *codes, uint8_t code)
{
    return (enum lk_mis_reason)index_of(codes->reason, LK_MIS_REASON_COUNT, code);
}

enum lk_mis_origin lk_mis_origin_of(const struct lk_mis_codes *codes, uint8_t code)
{
    return (enum lk_mis_origin)index_of(codes->origin, LK_MIS_ORIGIN_COUNT, code);
}

/* ---- words ---- */

const char *lk_mis_status_text(uint8_t status)
{
    static const char *const texts[] = { "success", "failure", "rejected", "not authorised",
                                         "network error", "authentication failure" };

    return status < LK_COUNT_OF(texts) ? texts[status] : "unknown status";
}

const char *lk_mis_reason_text(enum lk_mis_reason reason)
{
    static const char *const texts[LK_MIS_REASON_COUNT] = {
        "no reason", "chain limit", "no trust with the target", "unknown MN", "no common suite",
        "key expired", "full authentication wanted", "unreachable",
        "authentication failed", "replay", "no target fits",
    };

    return (unsigned)reason < LK_MIS_REASON_COUNT ? texts[reason] : "unknown reason";
}
