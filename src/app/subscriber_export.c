/* latchkey subscriber export: all subscribers, with their keys, in the formats of others. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/subscriber.h"
#include "base/hex.h"
#include "base/secret.h"

void lk_subscriber_sqn(uint8_t sqn[LK_SQN_LEN], const struct lk_sqn_record *record, uint64_t tick)
{
    int64_t by_clock = (int64_t)tick + record->offset + LK_SQN_AHEAD_MAX;
    uint64_t seq = record->floor > 0 ? record->floor - 1 : 0;
    uint64_t value;

    if (record->mode == LK_SQN_TIME && by_clock > 0 && (uint64_t)by_clock > seq)
        seq = (uint64_t)by_clock;
    value = seq << LK_SQN_IND_BITS | ((1U << LK_SQN_IND_BITS) - 1);
    for (int i = LK_SQN_LEN - 1; i >= 0; i--, value >>= 8)
        sqn[i] = (uint8_t)value;
}

/* A row in words. Secret. */
struct words {
    char k[2 * LK_K_MAX + 1], topc[2 * LK_TOPC_MAX + 1], amf[2 * LK_AMF_LEN + 1];
    char sqn[2 * LK_SQN_LEN + 1];
    unsigned long long sqn_number;
};

static void words_of(struct words *words, const struct lk_auc_row *row)
{
    uint8_t sqn[LK_SQN_LEN];
    size_t topc_len = row->card.algorithm == LK_AKA_TUAK ? 32 : 16;
    enum lk_status status;

    lk_subscriber_sqn(sqn, &row->sqn, lk_subscriber_tick());
    words->sqn_number = 0;
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        words->sqn_number = words->sqn_number << 8 | sqn[i];
    status = lk_hex_encode(words->k, sizeof words->k, lk_span_of(row->card.k, row->card.k_len));
    LK_ASSERT(status == LK_OK);
    status = lk_hex_encode(words->topc, sizeof words->topc, lk_span_of(row->card.topc, topc_len));
    LK_ASSERT(status == LK_OK);
    status = lk_hex_encode(words->amf, sizeof words->amf, LK_SPAN(row->amf));
    LK_ASSERT(status == LK_OK);
    status = lk_hex_encode(words->sqn, sizeof words->sqn, LK_SPAN(sqn));
    LK_ASSERT(status == LK_OK);
}

void lk_subscriber_write_head(FILE *to, enum lk_subscriber_format format)
{
    if (format == LK_FORMAT_HOSTAPD)
        fputs("# IMSI Ki OPc AMF SQN\n", to);
    else if (format == LK_FORMAT_SRSRAN)
        fputs("# Name,Auth,IMSI,Key,OP_Type,OP/OPc,AMF,SQN,QCI,IP_alloc\n", to);
}

enum lk_status lk_subscriber_write(FILE *to, enum lk_subscriber_format format,
                                   const struct lk_imsi *imsi, const struct lk_auc_row *row,
                                   const struct lk_sealed_row *sealed)
{
    bool tuak = row->card.algorithm == LK_AKA_TUAK;
    const char *i = imsi->digits;
    char ways[LK_WAYS_TEXT];
    struct words w;

    if (tuak && format != LK_FORMAT_LATCHKEY)
        return LK_E_UNSUPPORTED;
    words_of(&w, row);
    switch (format) {
    case LK_FORMAT_HOSTAPD:
        fprintf(to, "%s %s %s %s %s\n", i, w.k, w.topc, w.amf, w.sqn);
        break;
    case LK_FORMAT_SRSRAN:
        fprintf(to, "ue%s,mil,%s,%s,opc,%s,%s,%s,9,dynamic\n", i, i, w.k, w.topc, w.amf, w.sqn);
        break;
    case LK_FORMAT_OPEN5GS:
        fprintf(to,
                "{\"imsi\": \"%s\", \"security\": {\"k\": \"%s\", \"opc\": \"%s\", \"op\": null,"
                " \"amf\": \"%s\", \"sqn\": {\"$numberLong\": \"%llu\"}}, \"schema_version\": 1}\n",
                i, w.k, w.topc, w.amf, w.sqn_number);
        break;
    case LK_FORMAT_UERANSIM:
        fprintf(to, "---\nsupi: 'imsi-%s'\nkey: '%s'\nop: '%s'\nopType: 'OPC'\namf: '%s'\n", i, w.k,
                w.topc, w.amf);
        break;
    case LK_FORMAT_LATCHKEY:
        fprintf(to,
                "{\"imsi\": \"%s\", \"algorithm\": \"%s\", \"k\": \"%s\", \"%s\": \"%s\","
                " \"amf\": \"%s\", \"sqn\": \"%s\", \"res_len\": %zu, \"iterations\": %u,"
                " \"akma\": %s, \"mip\": \"%s\"}\n",
                i, tuak ? "tuak" : "milenage", w.k, tuak ? "topc" : "opc", w.topc, w.amf, w.sqn,
                row->card.res_len, row->card.keccak_iterations,
                sealed->akma == LK_AKMA_REFUSED ? "false" : "true",
                lk_subscriber_ways_text(ways, sealed->mip_refused));
        break;
    }
    lk_wipe(&w, sizeof w);
    return LK_OK;
}

struct export
{
    const struct lk_subscriber_call *call;
    const struct lk_subscriber_place *place;
    enum lk_subscriber_format format;
    FILE *to;
    uint64_t count, skipped;
    int code;
};

static bool export_one(void *context, const struct lk_imsi *imsi,
                       const struct lk_sealed_row *sealed)
{
    struct export *x = context;
    struct lk_auc_row row;
    const char *why = NULL;

    if (lk_auc_open(&row, &x->place->key, imsi, sealed) != LK_OK)
        why = lk_reason_row(LK_REASON_SUBSCRIBER_ROW_BAD)->what;
    else if (lk_subscriber_write(x->to, x->format, imsi, &row, sealed) != LK_OK)
        why = "TUAK has no place in this format; --format latchkey holds it";
    lk_wipe(&row, sizeof row);
    if (why == NULL) {
        x->count++;
        return ferror(x->to) == 0;
    }
    x->skipped++;
    fprintf(stderr, "latchkey: subscriber export: %s: %s\n", imsi->digits, why);
    if (!x->call->skip_bad)
        x->code = LK_EXIT_REFUSED;
    return x->call->skip_bad;
}

static int export_all(struct export *x, struct lk_store *store)
{
    lk_subscriber_write_head(x->to, x->format);
    if (lk_store_list(store, NULL, export_one, x) != LK_OK)
        return lk_subscriber_fail(x->call, LK_EXIT_SYSTEM, "%s", lk_store_error(store));
    if (x->code == LK_EXIT_OK && (fflush(x->to) != 0 || ferror(x->to) != 0))
        return lk_subscriber_fail(x->call, LK_EXIT_SYSTEM, "cannot write: %s", strerror(errno));
    return x->code;
}

/* A file of keys is its owner's alone, and takes nobody's place. */
static int export_to(struct export *x, struct lk_store *store, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int code;

    x->to = fd < 0 ? NULL : fdopen(fd, "w");
    if (x->to == NULL) {
        code = lk_subscriber_fail(x->call, LK_EXIT_SYSTEM, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return code;
    }
    code = export_all(x, store);
    if (fclose(x->to) != 0 && code == LK_EXIT_OK)
        code = lk_subscriber_fail(x->call, LK_EXIT_SYSTEM, "%s: %s", path, strerror(errno));
    if (code != LK_EXIT_OK)
        unlink(path);
    return code;
}

int lk_subscriber_export(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    struct export x = { .call = call, .place = &place, .to = stdout, .code = LK_EXIT_OK };
    const char *path = call->word_count == 1 ? call->words[0] : "-";
    int code;

    x.format =
        call->format == NULL ? (enum lk_subscriber_format)0 : lk_subscriber_format_of(call->format);
    if (x.format == (enum lk_subscriber_format)0)
        return lk_subscriber_fail(call, LK_EXIT_USAGE,
                                  "--format: hostapd, srsran, open5gs, ueransim or latchkey");
    code = lk_subscriber_open(&place, call, false);
    if (code == LK_EXIT_OK)
        code = lk_subscriber_need_key(&place);
    if (code == LK_EXIT_OK)
        code =
            strcmp(path, "-") == 0 ? export_all(&x, place.store) : export_to(&x, place.store, path);
    lk_subscriber_close(&place);
    if (code == LK_EXIT_OK && strcmp(path, "-") != 0) {
        if (call->json)
            printf("{\"exported\": %llu, \"skipped\": %llu}\n", (unsigned long long)x.count,
                   (unsigned long long)x.skipped);
        else
            printf("%llu exported to %s, %llu skipped\n", (unsigned long long)x.count, path,
                   (unsigned long long)x.skipped);
    }
    return code;
}
