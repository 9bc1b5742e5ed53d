#include "role/mis_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/config_rows.h"
#include "wire/mis_types.h"

enum { SECURITY_TLV_MAX = 75, VENDOR_TLV_MAX = 100 }; /* of 802.21a; known and vendors' */

static void take(uint8_t *to, const unsigned *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)from[i];
}

void lk_mis_codes_take(struct lk_mis_codes *codes, const struct lk_config *config)
{
    const struct lk_config_mis_codes *from = &config->mis.codes;

    memset(codes, 0, sizeof *codes);
    take(codes->tlv, from->tlv, LK_MIS_OWN_COUNT);
    take(codes->suite, from->suite, LK_MIS_SUITE_COUNT);
    take(codes->prf, from->prf, LK_MIS_PRF_COUNT);
    take(codes->reason, from->reason, LK_MIS_REASON_COUNT);
    take(codes->origin, from->origin, LK_MIS_ORIGIN_COUNT);
    codes->prereg_xfer = (uint16_t)from->prereg_xfer;
    codes->n2n_prereg_xfer = (uint16_t)from->n2n_prereg_xfer;
    codes->secured = (uint16_t)(1u << from->secured);
    codes->proactive = (uint16_t)(1u << from->proactive);
    codes->least_bit_first = from->least_bit_first;
    (void)snprintf(codes->psk_usage, sizeof codes->psk_usage, "%s", from->psk_usage);
    (void)snprintf(codes->mn_usage, sizeof codes->mn_usage, "%s", from->mn_usage);
    (void)snprintf(codes->k_usage, sizeof codes->k_usage, "%s", from->k_usage);
}

unsigned lk_mis_demanded(unsigned demand)
{
    static const enum lk_mis_id_type type[] = { LK_MIS_SA_TLS, LK_MIS_SA_EAP, LK_MIS_SA_SPOS };
    unsigned demanded = 0;

    for (size_t i = 0; i < LK_COUNT_OF(type); i++)
        if ((demand & 1u << i) != 0)
            demanded |= 1u << type[i];
    return demanded;
}

enum lk_status lk_mis_codes_load(struct lk_mis_codes *codes, struct lk_config_report *report,
                                 const char *file)
{
    struct lk_config *config = malloc(sizeof *config);
    enum lk_status status = LK_E_SYSTEM;

    report->count = 0;
    if (config == NULL)
        return status;
    status = lk_config_load_codes(config, report, file);
    if (status == LK_OK)
        lk_mis_codes_take(codes, config);
    free(config);
    return status;
}

/* ---- what they say about each other ---- */

static unsigned value_of(const struct lk_config *config, const struct lk_config_row *row)
{
    return *(const unsigned *)(const void *)((const char *)config + row->at);
}

/* Numbers of one kind: all of the path but its last word is the same. */
static bool alike(const struct lk_config_row *a, const struct lk_config_row *b)
{
    size_t len = (size_t)(strrchr(a->path, '.') - a->path) + 1;

    return a->kind == LK_KEY_NUMBER && b->kind == LK_KEY_NUMBER &&
           strncmp(a->path, b->path, len) == 0 && strchr(b->path + len, '.') == NULL;
}

/* The problem is told where somebody wrote something. */
static void check_pair(const struct lk_config *config, const struct lk_config_source *source,
                       struct lk_config_report *report, const struct lk_config_row *a,
                       const struct lk_config_row *b)
{
    bool said = lk_config_entry_at(source, b->path) != NULL;

    if (alike(a, b) && value_of(config, a) == value_of(config, b))
        lk_config_problem_at(report, source, said ? b->path : a->path,
                             "expected another number than that of %s, found %u for both; fix: "
                             "change one of them, at both ends",
                             said ? a->path : b->path, value_of(config, a));
}

/* T07: a key by the label of another would be that other. */
static void check_labels(const struct lk_config_source *source, struct lk_config_report *report)
{
    static const char psk[] = "mis.codes.psk_usage", mn[] = "mis.codes.mn_usage";
    bool said = lk_config_entry_at(source, mn) != NULL;

    lk_config_problem_at(report, source, said ? mn : psk,
                         "expected another label than that of %s, found the same for both; fix: "
                         "change one of them, at both ends",
                         said ? psk : mn);
}

void lk_config_check_codes(const struct lk_config *config, const struct lk_config_source *source,
                           struct lk_config_report *report)
{
    static const char tlv[] = "mis.codes.tlv.";
    const struct lk_config_table *table = &lk_config_table_mis;
    size_t before = report->count;
    struct lk_mis_codes codes;

    for (size_t i = 0; i < table->count; i++) {
        const struct lk_config_row *row = &table->rows[i];

        if (strncmp(row->path, tlv, sizeof tlv - 1) == 0 &&
            value_of(config, row) > SECURITY_TLV_MAX && value_of(config, row) <= VENDOR_TLV_MAX)
            lk_config_problem_at(report, source, row->path,
                                 "expected a TLV of 64 to 75 (security) or 101 to 255 "
                                 "(experimental), for those between are others', found %u; fix: "
                                 "write for example %s: %s",
                                 value_of(config, row), row->path + sizeof tlv - 1, row->fallback);
        for (size_t j = 0; j < i; j++)
            check_pair(config, source, report, &table->rows[j], row);
    }
    lk_mis_codes_take(&codes, config);
    if (report->count == before && lk_mis_codes_check(&codes) != LK_OK)
        check_labels(source, report);
}
