#include "role/mis_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/config_rows.h"
#include "wire/mis_types.h"

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

static const char *text_of(const struct lk_config *config, const struct lk_config_row *row)
{
    return (const char *)config + row->at;
}

/* Of one kind: numbers of which all of the path but its last word is the same, and labels, which
 * are all texts that there are. */
static bool alike(const struct lk_config_row *a, const struct lk_config_row *b)
{
    size_t len = (size_t)(strrchr(a->path, '.') - a->path) + 1;

    return a->kind == b->kind && (a->kind == LK_KEY_NUMBER || a->kind == LK_KEY_TEXT) &&
           strncmp(a->path, b->path, len) == 0 && strchr(b->path + len, '.') == NULL;
}

/* T07: a key by the label of another would be that other. The problem is told where somebody wrote
 * something. */
static void check_pair(const struct lk_config *config, const struct lk_config_source *source,
                       struct lk_config_report *report, const struct lk_config_row *a,
                       const struct lk_config_row *b)
{
    bool said = lk_config_entry_at(source, b->path) != NULL;
    const char *at = said ? b->path : a->path, *other = said ? a->path : b->path;

    if (!alike(a, b))
        return;
    if (a->kind == LK_KEY_NUMBER && value_of(config, a) == value_of(config, b))
        lk_config_problem_at(report, source, at,
                             "expected another number than that of %s, found %u for both; fix: "
                             "change one of them, at both ends",
                             other, value_of(config, a));
    if (a->kind == LK_KEY_TEXT && strcmp(text_of(config, a), text_of(config, b)) == 0)
        lk_config_problem_at(report, source, at,
                             "expected another label than that of %s, found the same for both; "
                             "fix: change one of them, at both ends",
                             other);
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
            !lk_mis_tlv_is_free((uint8_t)value_of(config, row)))
            lk_config_problem_at(report, source, row->path,
                                 "expected a TLV of 64 to 75 (security) or 101 to 255 "
                                 "(experimental), for those between are others', found %u; fix: "
                                 "write for example %s: %s",
                                 value_of(config, row), row->path + sizeof tlv - 1, row->fallback);
        for (size_t j = 0; j < i; j++)
            check_pair(config, source, report, &table->rows[j], row);
    }
    lk_mis_codes_take(&codes, config);
    LK_ASSERT(report->count > before || lk_mis_codes_check(&codes) == LK_OK);
}
