/* latchkey subscriber add, list, show, delete, akma, mip. */
#include <jansson.h>
#include <string.h>

#include "app/commands.h"
#include "app/subscriber.h"
#include "base/hex.h"
#include "base/mip_way.h"
#include "base/secret.h"
#include "io/control.h"

enum { CONTROL_TIMEOUT_MS = 10000 };

static int parse_imsi(struct lk_imsi *imsi, const struct lk_subscriber_call *call, const char *text)
{
    if (lk_imsi_parse(imsi, lk_span_text(text)) == LK_OK)
        return LK_EXIT_OK;
    return lk_subscriber_fail(call, LK_EXIT_USAGE, "'%.32s' is no IMSI: %d to %d digits", text,
                              LK_IMSI_MIN_DIGITS, LK_IMSI_MAX_DIGITS);
}

static int told(const struct lk_subscriber_call *call, const struct lk_imsi *imsi, const char *what)
{
    if (call->json)
        printf("{\"imsi\": \"%s\", \"%s\": true}\n", imsi->digits, what);
    else
        printf("%s %s\n", imsi->digits, what);
    return LK_EXIT_OK;
}

/* ---- add ---- */

/* Judges the options together, and makes OPc of OP. */
static int complete(struct lk_credentials *c, const struct lk_subscriber_call *call)
{
    size_t wanted = call->credentials.card.algorithm == LK_AKA_TUAK ? 32 : 16;
    enum lk_status status;

    *c = call->credentials;
    if (!call->has_key || call->has_topc == call->has_top)
        return lk_subscriber_fail(call, LK_EXIT_USAGE, "wants --k, and one of --opc and --op");
    if (call->has_topc ? call->topc_len != wanted : call->top_len != wanted)
        return lk_subscriber_fail(call, LK_EXIT_USAGE, "--%s: wants %zu hex digits",
                                  call->has_topc ? "opc" : "op", 2 * wanted);
    status = lk_aka_card_check(&c->card);
    if (status != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_USAGE, "%s",
                                  lk_reason_row(LK_REASON_CREDENTIALS_UNUSABLE)->fix);
    if (call->has_top)
        lk_aka_topc_derive(&c->card, call->top);
    return LK_EXIT_OK;
}

static void put_hex(json_t *object, const char *name, const uint8_t *octets, size_t len)
{
    char text[2 * LK_TOPC_MAX + 1];

    if (lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK)
        json_object_set_new(object, name, json_string(text));
    lk_wipe(text, sizeof text);
}

/* Without the right to read the master key: the running daemon's vault seals. */
static int add_by_daemon(const struct lk_subscriber_place *place,
                         const struct lk_subscriber_call *call, const struct lk_imsi *imsi,
                         const struct lk_credentials *c)
{
    char error[LK_CONTROL_ERROR_TEXT];
    json_t *request, *answer = NULL;
    const char *why, *fix;
    bool tuak = c->card.algorithm == LK_AKA_TUAK;
    int code = LK_EXIT_OK;

    if (place->config.control[0] == '\0')
        return lk_subscriber_need_key(place);
    request =
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:b}", "op", "subscriber-add", "imsi", imsi->digits,
                  "algorithm", tuak ? "tuak" : "milenage", "res_len", (int)c->card.res_len,
                  "keccak_iterations", (int)c->card.keccak_iterations, "replace", call->replace);
    put_hex(request, "k", c->card.k, c->card.k_len);
    put_hex(request, tuak ? "topc" : "opc", c->card.topc, tuak ? 32 : 16);
    put_hex(request, "amf", c->amf, sizeof c->amf);
    put_hex(request, "sqn", c->sqn, sizeof c->sqn);
    if (call->akma != LK_AKMA_UNSAID)
        (void)json_object_set_new(request, "akma", json_boolean(call->akma == LK_AKMA_ALLOWED));
    if (lk_control_ask(&answer, place->config.control, request, CONTROL_TIMEOUT_MS, error) !=
        LK_OK) {
        code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s; and %s", place->key_error, error);
    } else if (!json_is_true(json_object_get(answer, "ok"))) {
        why = json_string_value(json_object_get(answer, "error"));
        fix = json_string_value(json_object_get(answer, "fix"));
        code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "%s; %s", why != NULL ? why : "refused",
                                  fix != NULL ? fix : "");
    }
    json_decref(answer);
    json_decref(request);
    return code;
}

static int add_here(const struct lk_subscriber_place *place, const struct lk_subscriber_call *call,
                    const struct lk_imsi *imsi, const struct lk_credentials *c)
{
    struct lk_sealed_row sealed;
    enum lk_status status = lk_subscriber_seal(place, &sealed, imsi, c, call->akma);

    if (status != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_USAGE, "--sqn: no number is left above it");
    status = lk_store_add(place->store, imsi, &sealed, call->replace);
    if (status == LK_E_EXISTS)
        return lk_subscriber_fail(call, LK_EXIT_REFUSED, "%s is there already; see --replace",
                                  imsi->digits);
    if (status != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place->store));
    return LK_EXIT_OK;
}

int lk_subscriber_add(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    struct lk_credentials credentials;
    struct lk_imsi imsi;
    int code = parse_imsi(&imsi, call, call->words[0]);

    if (code == LK_EXIT_OK)
        code = complete(&credentials, call);
    if (code == LK_EXIT_OK) {
        code = lk_subscriber_open(&place, call, true);
        if (code == LK_EXIT_OK)
            code = place.has_key ? add_here(&place, call, &imsi, &credentials)
                                 : add_by_daemon(&place, call, &imsi, &credentials);
        lk_subscriber_close(&place);
    }
    if (code == LK_EXIT_OK)
        code = told(call, &imsi, "added");
    lk_wipe(&credentials, sizeof credentials);
    return code;
}

/* ---- list ---- */

struct listing {
    const struct lk_subscriber_call *call;
    uint64_t count;
};

static bool list_one(void *context, const struct lk_imsi *imsi, const struct lk_sealed_row *row)
{
    struct listing *listing = context;

    (void)row;
    if (listing->call->json)
        printf("{\"imsi\": \"%s\"}\n", imsi->digits);
    else
        printf("%s\n", imsi->digits);
    listing->count++;
    return (listing->call->limit == 0 || listing->count < listing->call->limit) &&
           ferror(stdout) == 0;
}

int lk_subscriber_list(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    struct listing listing = { call, 0 };
    struct lk_imsi after;
    int code = LK_EXIT_OK;

    if (call->after != NULL)
        code = parse_imsi(&after, call, call->after);
    if (code != LK_EXIT_OK)
        return code;
    code = lk_subscriber_open(&place, call, false);
    if (code == LK_EXIT_OK && lk_store_list(place.store, call->after != NULL ? &after : NULL,
                                            list_one, &listing) != LK_OK)
        code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place.store));
    if (code == LK_EXIT_OK && !call->json) {
        fflush(stdout);
        if (listing.count == 0)
            fprintf(stderr, "no subscribers; add one: latchkey subscriber add IMSI --k @FILE "
                            "--opc @FILE\n");
        else
            fprintf(stderr, "%llu subscribers\n", (unsigned long long)listing.count);
    }
    lk_subscriber_close(&place);
    return code;
}

/* ---- show ---- */

static json_t *describe(const struct lk_subscriber_call *call, const struct lk_imsi *imsi,
                        const struct lk_auc_row *row, const struct lk_sealed_row *sealed)
{
    bool tuak = row->card.algorithm == LK_AKA_TUAK;
    json_t *out =
        json_pack("{s:s, s:s}", "imsi", imsi->digits, "algorithm", tuak ? "tuak" : "milenage");
    uint8_t sqn[LK_SQN_LEN];
    char ways[LK_WAYS_TEXT];

    lk_subscriber_sqn(sqn, &row->sqn, lk_subscriber_tick());
    if (call->secrets) {
        put_hex(out, "k", row->card.k, row->card.k_len);
        put_hex(out, tuak ? "topc" : "opc", row->card.topc, tuak ? 32 : 16);
    } else {
        json_object_set_new(out, "k", json_string("(stored; --secrets shows it)"));
        json_object_set_new(out, tuak ? "topc" : "opc",
                            json_string("(stored; --secrets shows it)"));
    }
    put_hex(out, "amf", row->amf, LK_AMF_LEN);
    put_hex(out, "sqn", sqn, LK_SQN_LEN);
    if (tuak) {
        json_object_set_new(out, "res_len", json_integer((json_int_t)row->card.res_len));
        json_object_set_new(out, "iterations",
                            json_integer((json_int_t)row->card.keccak_iterations));
    }
    json_object_set_new(out, "akma", json_boolean(sealed->akma != LK_AKMA_REFUSED));
    json_object_set_new(out, "mip",
                        json_string(lk_subscriber_ways_text(ways, sealed->mip_refused)));
    json_object_set_new(out, "sqn_mode",
                        json_string(row->sqn.mode == LK_SQN_COUNTER ? "counter" : "time"));
    json_object_set_new(out, "sqn_falls", json_integer(row->sqn.epoch));
    return out;
}

static void print_members(const json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (json_is_string(value))
            printf("%-12s%s\n", name, json_string_value(value));
        else if (json_is_boolean(value))
            printf("%-12s%s\n", name, json_is_true(value) ? "on" : "off");
        else
            printf("%-12s%lld\n", name, (long long)json_integer_value(value));
    }
}

int lk_subscriber_show(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    struct lk_sealed_row sealed;
    struct lk_auc_row row;
    struct lk_imsi imsi;
    json_t *out;
    bool found = false;
    int code = parse_imsi(&imsi, call, call->words[0]);

    if (code != LK_EXIT_OK)
        return code;
    code = lk_subscriber_open(&place, call, false);
    if (code == LK_EXIT_OK && lk_store_rows(place.store, &imsi, 1, &sealed, &found) != LK_OK)
        code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place.store));
    else if (code == LK_EXIT_OK && !found)
        code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "no subscriber %s", imsi.digits);
    else if (code == LK_EXIT_OK)
        code = lk_subscriber_need_key(&place);
    if (code == LK_EXIT_OK && lk_auc_open(&row, &place.key, &imsi, &sealed) != LK_OK)
        code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "%s",
                                  lk_reason_row(LK_REASON_SUBSCRIBER_ROW_BAD)->what);
    if (code == LK_EXIT_OK) {
        out = describe(call, &imsi, &row, &sealed);
        if (call->json) {
            json_dumpf(out, stdout, JSON_COMPACT);
            putchar('\n');
        } else {
            print_members(out);
        }
        json_decref(out);
    }
    lk_wipe(&row, sizeof row);
    lk_subscriber_close(&place);
    return code;
}

/* ---- delete ---- */

int lk_subscriber_delete(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    struct lk_imsi imsi;
    int code = LK_EXIT_OK;

    for (size_t i = 0; code == LK_EXIT_OK && i < call->word_count; i++)
        code = parse_imsi(&imsi, call, call->words[i]);
    if (code != LK_EXIT_OK)
        return code;
    code = lk_subscriber_open(&place, call, false);
    for (size_t i = 0; place.store != NULL && i < call->word_count; i++) {
        enum lk_status status;

        if (parse_imsi(&imsi, call, call->words[i]) != LK_EXIT_OK)
            break;
        status = lk_store_delete(place.store, &imsi);
        if (status == LK_OK)
            (void)told(call, &imsi, "deleted");
        else if (status == LK_E_NOT_FOUND)
            code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "no subscriber %s", imsi.digits);
        else
            code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place.store));
    }
    lk_subscriber_close(&place);
    return code;
}

/* ---- akma ---- */

enum lk_status lk_subscriber_akma_of(enum lk_akma_said *akma, const char *text)
{
    bool on = strcmp(text, "on") == 0;

    if (!on && strcmp(text, "off") != 0) {
        fprintf(stderr, "latchkey: AKMA is on or off, not '%.32s'\n", text);
        return LK_E_VALUE;
    }
    *akma = on ? LK_AKMA_ALLOWED : LK_AKMA_REFUSED;
    return LK_OK;
}

int lk_subscriber_akma(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    enum lk_akma_said akma;
    enum lk_status status;
    struct lk_imsi imsi;
    int code = parse_imsi(&imsi, call, call->words[0]);

    if (code != LK_EXIT_OK)
        return code;
    if (lk_subscriber_akma_of(&akma, call->words[1]) != LK_OK)
        return LK_EXIT_USAGE;
    code = lk_subscriber_open(&place, call, false);
    if (code == LK_EXIT_OK) {
        status = lk_store_set_akma(place.store, &imsi, akma == LK_AKMA_ALLOWED);
        if (status == LK_OK)
            code = told(call, &imsi, akma == LK_AKMA_ALLOWED ? "allowed" : "refused");
        else if (status == LK_E_NOT_FOUND)
            code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "no subscriber %s", imsi.digits);
        else
            code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place.store));
    }
    lk_subscriber_close(&place);
    return code;
}

/* ---- mip ---- */

/* As one text, which is judged together. */
static enum lk_status refused_of(uint8_t *refused, const struct lk_subscriber_call *call)
{
    char words[LK_WAYS_TEXT] = "", ways[LK_MIP_WAYS_TEXT];
    size_t len = 0;

    for (size_t i = 1; i < call->word_count && len < sizeof words; i++)
        len += (size_t)snprintf(words + len, sizeof words - len, "%s%s", i == 1 ? "" : " ",
                                call->words[i]);
    if (len < sizeof words && lk_subscriber_ways_of(refused, words) == LK_OK)
        return LK_OK;
    fprintf(stderr, "latchkey: a way is %s, or alone any or none, not '%.40s'\n",
            lk_mip_ways_text(ways), words);
    return LK_E_VALUE;
}

int lk_subscriber_mip(const struct lk_subscriber_call *call)
{
    static struct lk_subscriber_place place;
    enum lk_status status;
    struct lk_imsi imsi;
    uint8_t refused;
    char text[LK_WAYS_TEXT];
    int code = parse_imsi(&imsi, call, call->words[0]);

    if (code != LK_EXIT_OK)
        return code;
    if (refused_of(&refused, call) != LK_OK)
        return LK_EXIT_USAGE;
    code = lk_subscriber_open(&place, call, false);
    if (code == LK_EXIT_OK) {
        status = lk_store_set_mip(place.store, &imsi, refused);
        if (status == LK_OK)
            code = told(call, &imsi, lk_subscriber_ways_text(text, refused));
        else if (status == LK_E_NOT_FOUND)
            code = lk_subscriber_fail(call, LK_EXIT_REFUSED, "no subscriber %s", imsi.digits);
        else
            code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s", lk_store_error(place.store));
    }
    lk_subscriber_close(&place);
    return code;
}
