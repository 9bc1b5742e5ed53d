/* latchkey ue bootstrap: a device with a USIM bootstraps a Ks at a BSF, once. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/card_args.h"
#include "app/commands.h"
#include "base/hex.h"
#include "base/host.h"
#include "base/secret.h"
#include "proto/eap/identity.h"
#include "proto/eap/usim.h"
#include "role/ue_bootstrap.h"
#include "wire/gba_xml.h"

enum { TIMEOUT_S = 10 };

struct call {
    struct lk_card_args card;
    struct lk_imsi imsi;
    struct lk_usim usim;
    struct lk_ue_bootstrap bootstrap;
    uint8_t sqn[LK_SQN_LEN];
    bool has_imsi, has_sqn, has_ua, json, show_keys;
    unsigned mnc_len, timeout_s;
    const char *url, *given_fqdn, *given_impi, *naf;
    struct lk_ua_id ua;
    char fqdn[LK_FQDN_MAX + 1], own_url[LK_UE_URL], impi[LK_IMPI_MAX + 1];
    int exit_code;
};

enum {
    OPTION_BSF = 256, OPTION_NAME, OPTION_IMSI, OPTION_SQN, OPTION_MNC_LEN, OPTION_IMPI,
    OPTION_NAF, OPTION_UA, OPTION_TIMEOUT, OPTION_SHOW, OPTION_JSON, OPTION_HELP,
};

static const struct option long_options[] = {
    { "bsf", required_argument, NULL, OPTION_BSF },
    { "bsf-name", required_argument, NULL, OPTION_NAME },
    { "imsi", required_argument, NULL, OPTION_IMSI },
    { "k", required_argument, NULL, LK_CARD_OPTION_K },
    { "opc", required_argument, NULL, LK_CARD_OPTION_OPC },
    { "op", required_argument, NULL, LK_CARD_OPTION_OP },
    { "algorithm", required_argument, NULL, LK_CARD_OPTION_ALGORITHM },
    { "sqn", required_argument, NULL, OPTION_SQN },
    { "mnc-len", required_argument, NULL, OPTION_MNC_LEN },
    { "impi", required_argument, NULL, OPTION_IMPI },
    { "naf", required_argument, NULL, OPTION_NAF },
    { "ua", required_argument, NULL, OPTION_UA },
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },
    { "show-keys", no_argument, NULL, OPTION_SHOW },
    { "json", no_argument, NULL, OPTION_JSON },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static void usage(FILE *to)
{
    fputs("usage: latchkey ue bootstrap --imsi IMSI --k HEX --opc HEX [OPTIONS]\n\n"
          "Bootstraps a key of the USIM (GBA, TS 33.220) and says what it is called.\n\n"
          "  --bsf URL             where the BSF is (http://NAME/)\n"
          "  --bsf-name NAME       its own name (bsf.mncMMM.mccCCC.pub.3gppnetwork.org)\n"
          "  --imsi IMSI           of the card\n"
          "  --k HEX --opc HEX     of the card, or @FILE, or -; --op HEX to derive OPc\n"
          "  --algorithm NAME      milenage (default) or tuak\n"
          "  --sqn HEX             the SQN the card accepted last (6 octets; a fresh card: 0)\n"
          "  --mnc-len 2|3         digits of the MNC in the IMSI (2)\n"
          "  --impi NAME           (IMSI@ims.mncMMM.mccCCC.3gppnetwork.org)\n"
          "  --naf NAME            derive the key for this application server, too\n"
          "  --ua HEX              and this protocol (0100000002, HTTP Digest)\n"
          "  --timeout SECONDS     of each request (10)\n"
          "  --show-keys           print Ks, and the key of --naf\n"
          "  --json\n\n"
          "Exit: 0 done, 1 refused (with the reason and its likely causes), 2 usage,\n"
          "3 no such file.\n",
          to);
}

static bool take(struct call *call, int option, char *argument)
{
    switch (option) {
    case OPTION_BSF: call->url = argument; return true;
    case OPTION_NAME: call->given_fqdn = argument; return true;
    case OPTION_IMPI: call->given_impi = argument; return true;
    case OPTION_NAF: call->naf = argument; return true;
    case OPTION_JSON: call->json = true; return true;
    case OPTION_SHOW: call->show_keys = true; return true;
    case OPTION_IMSI:
        call->has_imsi = lk_imsi_parse(&call->imsi, lk_span_text(argument)) == LK_OK;
        if (!call->has_imsi)
            fprintf(stderr, "latchkey ue: --imsi takes 6 to 15 decimal digits\n");
        return call->has_imsi;
    case OPTION_SQN:
        call->has_sqn = true;
        return lk_arg_hex_exact(call->sqn, sizeof call->sqn, "--sqn", argument) == LK_OK;
    case OPTION_UA:
        call->has_ua = true;
        return lk_arg_hex_exact(call->ua.octets, sizeof call->ua.octets, "--ua", argument) ==
               LK_OK;
    case OPTION_MNC_LEN:
        return lk_arg_unsigned(&call->mnc_len, 2, 3, "--mnc-len", argument) == LK_OK;
    case OPTION_TIMEOUT:
        return lk_arg_unsigned(&call->timeout_s, 1, 600, "--timeout", argument) == LK_OK;
    default:
        return lk_card_arg(&call->card, option, argument) == LK_OK;
    }
}

static bool put_name(char *to, size_t cap, const char *given, const char *before,
                     const char *prefix, const char *behind, const struct call *call)
{
    struct lk_writer w = lk_writer_of(to, cap);

    if (given != NULL) {
        lk_put_span(&w, lk_span_text(given));
    } else {
        char realm[LK_REALM_MAX];
        struct lk_writer r = lk_writer_of(realm, sizeof realm);

        lk_realm_put(&r, prefix, &call->imsi, call->mnc_len);
        if (lk_writer_end(&r) != LK_OK)
            return false;
        lk_put_span(&w, lk_span_text(before));
        /* "bsf.mnc001.mcc001.3gppnetwork.org" is no name: pub stands before the last two labels */
        lk_put_span(&w, lk_span_of(realm, r.len - strlen("3gppnetwork.org")));
        lk_put_span(&w, lk_span_text(behind));
        lk_put_span(&w, lk_span_text("3gppnetwork.org"));
    }
    lk_put_u8(&w, '\0');
    return lk_writer_end(&w) == LK_OK;
}

/* Everything that the options leave open. */
static int complete(struct call *call)
{
    char before[LK_IMSI_MAX_DIGITS + 2];

    if (!call->has_imsi) {
        fprintf(stderr, "latchkey ue: --imsi is missing; latchkey ue bootstrap --help\n");
        return LK_EXIT_USAGE;
    }
    if (lk_card_args_end(&call->card, "ue") != LK_OK)
        return LK_EXIT_USAGE;
    (void)snprintf(before, sizeof before, "%s@", call->imsi.digits);
    if (!put_name(call->fqdn, sizeof call->fqdn, call->given_fqdn, "", "bsf", "pub.", call) ||
        !put_name(call->impi, sizeof call->impi, call->given_impi, before, "ims", "", call) ||
        (call->naf != NULL && (call->naf[0] == '\0' || strlen(call->naf) > LK_FQDN_MAX))) {
        fprintf(stderr, "latchkey ue: a name is empty or too long\n");
        return LK_EXIT_USAGE;
    }
    (void)snprintf(call->own_url, sizeof call->own_url, "http://%s/", call->fqdn);
    if (call->url == NULL)
        call->url = call->own_url;
    if (!call->has_ua)
        call->ua = lk_ua_id_http_digest;
    lk_usim_init(&call->usim, &call->card.card.card);
    if (call->has_sqn)
        lk_usim_set_sqn(&call->usim, call->sqn);
    return LK_EXIT_OK;
}

/* ---- telling ---- */

static void put_key(json_t *answer, const char *name, struct lk_span key)
{
    char text[2 * sizeof(struct lk_ks) + 1];
    enum lk_status status = lk_hex_encode(text, sizeof text, key);

    LK_ASSERT(status == LK_OK);
    (void)json_object_set_new(answer, name, json_string(text));
    lk_wipe(text, sizeof text);
}

static json_t *granted(const struct call *call, const struct lk_gba_session *session)
{
    char until[LK_XML_TIME_LEN + 1] = "?";
    char fqdn[LK_FQDN_MAX + 1];
    struct lk_naf_id naf;
    struct lk_ks_naf key;
    json_t *answer;

    if (lk_xml_time(until, session->expires_s) == LK_OK)
        until[LK_XML_TIME_LEN] = '\0';
    answer = json_pack("{s:b, s:s, s:s, s:s, s:s}", "ok", 1, "impi", session->impi, "b_tid",
                       session->b_tid, "expires", until, "tmpi", session->tmpi);
    if (session->home_agent[0] != '\0')
        (void)json_object_set_new(answer, "home_agent", json_string(session->home_agent));
    if (call->show_keys)
        put_key(answer, "ks", LK_SPAN(session->ks.octets));
    if (call->naf != NULL && call->show_keys) {
        (void)snprintf(fqdn, sizeof fqdn, "%s", call->naf);
        lk_host_lower(fqdn);
        lk_naf_id_of(&naf, lk_span_text(fqdn), &call->ua);
        lk_ks_naf_derive(&key, &session->ks, session->rand, lk_span_text(session->impi), &naf);
        put_key(answer, "ks_naf", LK_SPAN(key.octets));
        lk_wipe(&key, sizeof key);
    }
    return answer;
}

static void print_lines(const json_t *answer)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)answer, key, value)
        if (json_is_string(value))
            printf("%-10s  %s\n", key, json_string_value(value));
}

static void print_refusal(const struct lk_refusal *refusal, const char *detail)
{
    const struct lk_reason_row *row = lk_reason_row(refusal->reason);

    fprintf(stderr, "latchkey ue: refused: %s (%s)\n  %s\n", row->code, row->clause, row->what);
    if (refusal->expected[0] != '\0')
        fprintf(stderr, "  expected %s, came %s\n", refusal->expected, refusal->came);
    if (detail != NULL)
        fprintf(stderr, "  %s\n", detail);
    fprintf(stderr, "  fix: %s\n", row->fix);
}

static void on_done(void *context, const struct lk_gba_session *session,
                    const struct lk_refusal *refusal, const char *detail)
{
    struct call *call = context;
    json_t *answer;

    if (session != NULL) {
        answer = granted(call, session);
    } else {
        const struct lk_reason_row *row = lk_reason_row(refusal->reason);

        call->exit_code = LK_EXIT_REFUSED;
        answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "reason", row->code, "error",
                           row->what, "fix", row->fix);
    }
    if (call->json)
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
    if (call->json)
        printf("\n");
    else if (session != NULL)
        print_lines(answer);
    else
        print_refusal(refusal, detail);
    json_decref(answer);
}

/* ---- doing ---- */

static bool on_card(void *context, struct lk_card_answer *answer, const uint8_t rand[LK_RAND_LEN],
                    const uint8_t autn[LK_AUTN_LEN])
{
    struct call *call = context;

    lk_usim_answer(&call->usim, answer, rand, autn);
    return true;
}

static void run(struct call *call)
{
    uv_loop_t loop;
    const struct lk_ue_bootstrap_setup setup = {
        .loop = &loop, .url = call->url, .fqdn = call->fqdn, .timeout_ms = call->timeout_s * 1000,
        .context = call, .card = on_card, .done = on_done,
    };

    if (uv_loop_init(&loop) != 0 || !lk_ue_bootstrap_begin(&call->bootstrap, &setup)) {
        fprintf(stderr, "latchkey ue: no memory\n");
        call->exit_code = LK_EXIT_SYSTEM;
        return;
    }
    if (lk_ue_bootstrap_start(&call->bootstrap, call->impi, "") == LK_OK) {
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    } else {
        fprintf(stderr, "latchkey ue: nothing can be sent to %s\n", call->url);
        call->exit_code = LK_EXIT_USAGE;
    }
    lk_ue_bootstrap_end(&call->bootstrap);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
}

int lk_cmd_ue_bootstrap(int argc, char **argv)
{
    static struct call call = { .mnc_len = 2, .timeout_s = TIMEOUT_S };
    int option, exit_code = LK_EXIT_OK;

    while (exit_code == LK_EXIT_OK &&
           (option = lk_arg_option(argc, argv, long_options, "ue bootstrap")) != -1) {
        if (option == OPTION_HELP) {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (!take(&call, option, optarg))
            exit_code = LK_EXIT_USAGE;
    }
    if (exit_code == LK_EXIT_OK)
        exit_code = complete(&call);
    if (exit_code == LK_EXIT_OK) {
        run(&call);
        exit_code = call.exit_code;
    }
    lk_wipe(&call, sizeof call);
    return exit_code;
}
