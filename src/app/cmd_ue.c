/* latchkey ue attach: a device with a USIM, at an access point, against an AAA server. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/card_args.h"
#include "app/commands.h"
#include "app/ue_mode.h"
#include "base/hex.h"
#include "base/secret.h"
#include "role/ue.h"
#include "trace/explain.h"
#include "trace/json.h"

enum use { USE_BEST, USE_PERMANENT, USE_PSEUDONYM, USE_REAUTH };

enum { DEFAULT_PORT = 1812, REPEAT_MAX = 10000 };

struct call {
    struct lk_ue ue;
    struct lk_ue_config config;
    struct lk_card_args card;
    const char *server, *realm, *state, *pcap;
    struct lk_arg_text secret;
    uint8_t sqn[LK_SQN_LEN];
    bool has_imsi, has_sqn, has_secret, json, show_keys;
    unsigned mnc_len, repeat;
    enum use use;
    json_t *attaches;
};

enum {
    OPTION_ACCESS = 256, OPTION_METHOD, OPTION_SERVER, OPTION_SECRET, OPTION_IMSI,
    OPTION_REPEAT, OPTION_STATE, OPTION_SQN, OPTION_REALM, OPTION_MNC_LEN, OPTION_NAME,
    OPTION_PCAP, OPTION_SHOW, OPTION_JSON, OPTION_TIMEOUT, OPTION_USE, OPTION_IDENTITY,
    OPTION_MODE, OPTION_TWAG, OPTION_ENTERPRISE, OPTION_WLCP_FC, OPTION_WLCP_PARAM, OPTION_MAC,
    OPTION_HELP,
};

static const struct option long_options[] = {
    { "access", required_argument, NULL, OPTION_ACCESS },
    { "method", required_argument, NULL, OPTION_METHOD },
    { "server", required_argument, NULL, OPTION_SERVER },
    { "secret", required_argument, NULL, OPTION_SECRET },
    { "imsi", required_argument, NULL, OPTION_IMSI },
    { "k", required_argument, NULL, LK_CARD_OPTION_K },
    { "opc", required_argument, NULL, LK_CARD_OPTION_OPC },
    { "op", required_argument, NULL, LK_CARD_OPTION_OP },
    { "algorithm", required_argument, NULL, LK_CARD_OPTION_ALGORITHM },
    { "repeat", required_argument, NULL, OPTION_REPEAT },
    { "state", required_argument, NULL, OPTION_STATE },
    { "sqn", required_argument, NULL, OPTION_SQN },
    { "realm", required_argument, NULL, OPTION_REALM },
    { "mnc-len", required_argument, NULL, OPTION_MNC_LEN },
    { "network-name", required_argument, NULL, OPTION_NAME },
    { "pcap", required_argument, NULL, OPTION_PCAP },
    { "show-keys", no_argument, NULL, OPTION_SHOW },
    { "json", no_argument, NULL, OPTION_JSON },
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },
    { "use", required_argument, NULL, OPTION_USE },
    { "identity", required_argument, NULL, OPTION_IDENTITY },
    { "mode", required_argument, NULL, OPTION_MODE },
    { "twag-address", required_argument, NULL, OPTION_TWAG },
    { "enterprise", required_argument, NULL, OPTION_ENTERPRISE },
    { "wlcp-fc", required_argument, NULL, OPTION_WLCP_FC },
    { "wlcp-param", required_argument, NULL, OPTION_WLCP_PARAM },
    { "mac", required_argument, NULL, OPTION_MAC },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static void usage(FILE *to)
{
    fputs("usage: latchkey ue attach --imsi IMSI --k HEX --opc HEX [OPTIONS]\n"
          "       latchkey ue bootstrap --imsi IMSI --k HEX --opc HEX [OPTIONS]\n"
          "       latchkey ue e2e --app NAME --server-key HEX [OPTIONS]\n"
          "       latchkey ue connect|disconnect|list|ping|reattach|reauthenticate|detach|state\n"
          "       latchkey ue namespace\n"
          "       latchkey ue lte-attach|lte-status|lwa-ping|lte-detach\n"
          "       latchkey ue mis-attach|mis-handover|mis-status|mis-ping|mis-tls|mis-detach\n"
          "       latchkey ue mip-register|mip-move|mip-renew|mip-release|mip-status|mip-ping\n"
          "       latchkey ue naf-key|gba-bootstrap|gba-status|akma-key|akma-status\n"
          "                   (of a running device: latchkey ue list --help)\n"
          "       latchkey ue run [OPTIONS] -- PROGRAM    with no network but the device's\n\n"
          "Attaches a device with a USIM through an access point of its own making.\n\n"
          "  --access wlan         the access (the only one so far)\n"
          "  --method NAME         aka-prime, aka, or any (default)\n"
          "  --server HOST[:PORT]  of the AAA server (127.0.0.1:1812)\n"
          "  --secret TEXT         RADIUS secret, or @FILE, or - (testing123)\n"
          "  --imsi IMSI           of the card\n"
          "  --k HEX --opc HEX     of the card, or @FILE, or -; --op HEX to derive OPc\n"
          "  --algorithm NAME      milenage (default) or tuak\n"
          "  --sqn HEX             the SQN the card accepted last (6 octets; a fresh card: 0)\n"
          "  --mnc-len 2|3         digits of the MNC in the IMSI (2)\n"
          "  --realm TEXT          (wlan.mncMMM.mccCCC.3gppnetwork.org of the IMSI)\n"
          "  --identity TEXT       EAP identity to begin with, whatever it is\n"
          "  --network-name TEXT   where the device believes to be (WLAN)\n"
          "  --mac MAC             of the device (02-00-00-00-00-01)\n"
          "  --repeat N            N attaches more: with the pseudonym, then fast ones\n"
          "  --use WHAT            begin as permanent, pseudonym or reauth (the best there is)\n"
          "  --state FILE          keep SQN, pseudonym and re-authentication from call to call\n"
          "  --mode NAME           ask for multi-connection mode: multi (transparent)\n"
          "  --twag-address A      be the TWAP, too: offer that mode, with this TWAG (IPv4, IPv6)\n"
          "  --enterprise N        of the attributes of a TWAP (32473)\n"
          "  --wlcp-fc HEX, --wlcp-param HEX  what enters the WLCP key (21, none)\n"
          "  --pcap FILE           capture every datagram\n"
          "  --timeout SECONDS     for each attach (15)\n"
          "  --show-keys           print MSK, EMSK and WLCP key\n"
          "  --json\n\n"
          "Exit: 0 accepted, 1 refused (with the reason and its likely causes), 2 usage,\n"
          "3 no socket, no such host, no such file.\n",
          to);
}

static bool wrong(const char *option, const char *wanted)
{
    fprintf(stderr, "latchkey ue: %s takes %s\n", option, wanted);
    return false;
}

static bool take_method(struct lk_eap_peer_config *peer, const char *name)
{
    bool any = strcmp(name, "any") == 0;

    peer->allow_aka = any || strcmp(name, "aka") == 0;
    peer->allow_aka_prime = any || strcmp(name, "aka-prime") == 0;
    return peer->allow_aka || peer->allow_aka_prime
           || wrong("--method", "aka-prime, aka or any");
}

static bool take_use(struct call *call, const char *what)
{
    static const char *const names[] = { "best", "permanent", "pseudonym", "reauth" };

    for (size_t i = 0; i < LK_COUNT_OF(names); i++)
        if (strcmp(what, names[i]) == 0) {
            call->use = (enum use)i;
            return true;
        }
    return wrong("--use", "best, permanent, pseudonym or reauth");
}

static bool take_secret(struct call *call, char *argument)
{
    call->has_secret = lk_arg_text(&call->secret, "--secret", argument) == LK_OK;
    lk_arg_hide(argument);
    return call->has_secret;
}

static bool take_text(char *to, uint8_t *len, size_t cap, const char *option, const char *text)
{
    if (strlen(text) > cap)
        return wrong(option, "a shorter text");
    *len = (uint8_t)strlen(text);
    memcpy(to, text, *len);
    return true;
}

/* The options of the card. */
static bool take_card(struct call *call, int option, char *argument)
{
    switch (option) {
    case OPTION_IMSI:
        call->has_imsi = lk_imsi_parse(&call->config.peer.imsi, lk_span_text(argument)) == LK_OK;
        return call->has_imsi || wrong("--imsi", "6 to 15 decimal digits");
    case OPTION_SQN:
        call->has_sqn = true;
        return lk_arg_hex_exact(call->sqn, sizeof call->sqn, "--sqn", argument) == LK_OK;
    default:
        return lk_card_arg(&call->card, option, argument) == LK_OK;
    }
}

/* The options of the connection mode, and of the device behind it. */
static bool take_mode(struct call *call, int option, const char *argument)
{
    switch (option) {
    case OPTION_MODE:
        return lk_ue_arg_mode(&call->config, argument);
    case OPTION_TWAG:
        return lk_ue_arg_twag_address(&call->config, argument);
    case OPTION_ENTERPRISE:
        return lk_ue_arg_enterprise(&call->config, argument);
    case OPTION_WLCP_FC:
        return lk_ue_arg_wlcp_fc(&call->config, argument);
    case OPTION_WLCP_PARAM:
        return lk_ue_arg_wlcp_param(&call->config, argument);
    case OPTION_MAC:
        return lk_ue_arg_mac(&call->config, argument);
    default:
        return false;
    }
}

static bool take_option(struct call *call, int option, char *argument)
{
    struct lk_eap_peer_config *peer = &call->config.peer;
    unsigned seconds;

    switch (option) {
    case OPTION_ACCESS:
        return strcmp(argument, "wlan") == 0 || wrong("--access", "wlan");
    case OPTION_METHOD:
        return take_method(peer, argument);
    case OPTION_SERVER:
        call->server = argument;
        return true;
    case OPTION_SECRET:
        return take_secret(call, argument);
    case OPTION_REPEAT:
        return lk_arg_unsigned(&call->repeat, 0, REPEAT_MAX, "--repeat", argument) == LK_OK;
    case OPTION_STATE:
        call->state = argument;
        return true;
    case OPTION_REALM:
        call->realm = argument;
        return true;
    case OPTION_MNC_LEN:
        return lk_arg_unsigned(&call->mnc_len, 2, 3, "--mnc-len", argument) == LK_OK;
    case OPTION_NAME:
        return take_text(peer->network_name, &peer->network_name_len, LK_NETWORK_NAME_MAX,
                         "--network-name", argument);
    case OPTION_IDENTITY:
        return take_text(peer->outer, &peer->outer_len, LK_EAP_IDENTITY_MAX, "--identity",
                         argument);
    case OPTION_PCAP:
        call->pcap = argument;
        return true;
    case OPTION_SHOW:
        return call->show_keys = true;
    case OPTION_JSON:
        return call->json = true;
    case OPTION_USE:
        return take_use(call, argument);
    case OPTION_TIMEOUT:
        if (lk_arg_unsigned(&seconds, 1, 3600, "--timeout", argument) != LK_OK)
            return false;
        call->config.timeout_ms = seconds * 1000;
        return true;
    case OPTION_MODE:
    case OPTION_TWAG:
    case OPTION_ENTERPRISE:
    case OPTION_WLCP_FC:
    case OPTION_WLCP_PARAM:
    case OPTION_MAC:
        return take_mode(call, option, argument);
    default:
        return take_card(call, option, argument);
    }
}

/* ---- telling ---- */

static void put_key(const char *name, const uint8_t *octets, size_t len)
{
    char text[129];

    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK);
    printf("  %-10s %s\n", name, text);
    lk_wipe(text, sizeof text);
}

static void tell_accepted(const struct call *call, const struct lk_ue_result *r)
{
    const struct lk_eap_kept *kept = &call->ue.peer.kept;

    printf("accepted: EAP-AKA%s, %s%s, %u requests%s, %.1f ms\n",
           r->grant.eap_type == LK_EAP_AKA_PRIME ? "'" : "",
           r->grant.fast ? "fast re-authentication" : "full authentication",
           r->resynced ? " after resynchronisation" : "", r->requests,
           r->repeats > 0 ? " (some of them again)" : "", r->ms);
    printf("  identity   %s\n  MSK        %s\n", r->identity,
           r->has_msk ? "is what the server sent in the MS-MPPE keys" : "the server sent no keys");
    if (r->grant.fast)
        printf("  counter    %u\n", r->grant.counter);
    if (r->session_timeout_s != 0)
        printf("  timeout    %u s\n", r->session_timeout_s);
    printf("  next time  %s\n", kept->has_reauth ? "fast re-authentication" :
           kept->pseudonym_type != 0 ? "pseudonym" : "permanent identity");
    lk_ue_mode_tell(&call->config, r, call->show_keys);
    if (!call->show_keys)
        return;
    put_key("MSK", r->grant.msk.octets, sizeof r->grant.msk.octets);
    put_key("EMSK", r->grant.emsk.octets, sizeof r->grant.emsk.octets);
    put_key("Session-Id", r->grant.session_id.octets, sizeof r->grant.session_id.octets);
}

static void tell_refused(const struct lk_ue_result *r, const struct lk_explanation *explanation,
                         const struct lk_trace *trace)
{
    const struct lk_reason_row *row = lk_reason_row(r->refusal.reason);

    printf("refused: %s [%s]\n  what       %s\n", row->code, row->clause, row->what);
    if (r->refusal.expected[0] != '\0')
        printf("  expected   %s\n", r->refusal.expected);
    if (r->refusal.came[0] != '\0')
        printf("  came       %s\n", r->refusal.came);
    printf("  fix        %s\n", row->fix);
    if (explanation != NULL)
        lk_explain_print(stdout, explanation, trace);
}

static json_t *json_hex(const uint8_t *octets, size_t len)
{
    char text[129];
    json_t *made;

    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK);
    made = json_string(text);
    lk_wipe(text, sizeof text);
    return made;
}

static json_t *json_result(const struct call *call, const struct lk_ue_result *r,
                           const struct lk_explanation *explanation, const struct lk_trace *trace)
{
    const struct lk_reason_row *row = lk_reason_row(r->refusal.reason);
    json_t *made = json_pack("{s:b, s:s, s:b, s:i, s:i, s:f}", "accepted", (int)r->accepted,
                             "identity", r->identity, "resynchronised", (int)r->resynced,
                             "requests", (int)r->requests, "repeats", (int)r->repeats, "ms", r->ms);

    if (r->accepted) {
        json_object_set_new(made, "method", json_string(r->grant.eap_type == LK_EAP_AKA_PRIME ?
                                                        "aka-prime" : "aka"));
        json_object_set_new(made, "fast", json_boolean(r->grant.fast));
        json_object_set_new(made, "counter", json_integer(r->grant.counter));
        json_object_set_new(made, "msk_agrees", r->has_msk ? json_boolean(r->msk_same) :
                                                             json_null());
        json_object_set_new(made, "key_name_agrees", r->has_key_name ?
                            json_boolean(r->key_name_same) : json_null());
        json_object_set_new(made, "session_timeout_s", json_integer(r->session_timeout_s));
        lk_ue_mode_tell_json(made, &call->config, r, call->show_keys);
    } else {
        json_object_set_new(made, "refusal", json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "code",
            row->code, "clause", row->clause, "what", row->what, "expected", r->refusal.expected,
            "came", r->refusal.came, "fix", row->fix));
    }
    if (explanation != NULL)
        json_object_set_new(made, "explanation", lk_json_explanation(explanation, trace));
    if (r->accepted && call->show_keys) {
        json_object_set_new(made, "msk", json_hex(r->grant.msk.octets, 64));
        json_object_set_new(made, "emsk", json_hex(r->grant.emsk.octets, 64));
        json_object_set_new(made, "session_id", json_hex(r->grant.session_id.octets, 33));
    }
    return made;
}

static void tell(struct call *call, const struct lk_ue_result *result, struct lk_trace *trace)
{
    struct lk_explain_facts facts = {
        .card = &call->card.card,
        .network_name = lk_span_of(call->config.peer.network_name,
                                   call->config.peer.network_name_len),
        .secret = lk_span_of(call->secret.text, call->secret.len),
        .refusal = &result->refusal,
    };
    struct lk_explanation explanation, *explained = NULL;

    if (!result->accepted && lk_trace_finish(trace) == LK_OK && trace->run_count > 0) {
        lk_explain(&explanation, trace, trace->run_count - 1, &facts);
        explained = &explanation;
    }
    if (call->json)
        json_array_append_new(call->attaches, json_result(call, result, explained, trace));
    else if (result->accepted)
        tell_accepted(call, result);
    else
        tell_refused(result, explained, trace);
}

/* ---- doing ---- */

/* Which identity the next attach begins with. */
static void choose_identity(struct call *call, unsigned index)
{
    struct lk_eap_kept *kept = &call->ue.peer.kept;
    enum use use = call->use;

    if (use == USE_BEST && index == 1)
        use = USE_PSEUDONYM;
    if (use == USE_PERMANENT || use == USE_PSEUDONYM)
        kept->has_reauth = false;
    if (use == USE_PERMANENT)
        kept->pseudonym_type = 0;
}

static int attach_once(struct call *call, unsigned index)
{
    struct lk_ue_result result;
    struct lk_trace trace;
    char comment[64];
    int exit = LK_EXIT_SYSTEM;

    lk_trace_init(&trace);
    snprintf(comment, sizeof comment, "attach %u", index + 1);
    call->config.trace = &trace;
    call->config.comment = comment;
    choose_identity(call, index);
    if (lk_ue_attach(&call->ue, &call->config, &result) == LK_OK) {
        tell(call, &result, &trace);
        exit = result.accepted ? LK_EXIT_OK : LK_EXIT_REFUSED;
    } else {
        fprintf(stderr, "latchkey ue: no socket: %s\n", strerror(errno));
    }
    lk_wipe(&result, sizeof result);
    lk_trace_free(&trace);
    return exit;
}

static int attach_all(struct call *call)
{
    int exit = LK_EXIT_OK;

    call->attaches = json_array();
    for (unsigned i = 0; i <= call->repeat && exit == LK_EXIT_OK; i++)
        exit = attach_once(call, i);
    if (call->state != NULL
        && lk_ue_save(&call->ue, &call->config.peer.imsi, call->state) != LK_OK) {
        fprintf(stderr, "latchkey ue: %s: %s\n", call->state, strerror(errno));
        exit = LK_EXIT_SYSTEM;
    }
    if (call->json) {
        json_t *all = json_pack("{s:b, s:O}", "accepted", exit == LK_EXIT_OK, "attaches",
                                call->attaches);

        json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(all);
    }
    json_decref(call->attaches);
    return exit;
}

static bool load_state(struct call *call)
{
    enum lk_status status;

    if (call->state == NULL)
        return true;
    status = lk_ue_load(&call->ue, &call->config.peer.imsi, call->state);
    if (status == LK_OK || status == LK_E_NOT_FOUND)
        return true;
    fprintf(stderr, "latchkey ue: %s: %s\n", call->state,
            status == LK_E_SYSTEM ? strerror(errno) : status == LK_E_DENIED ?
            "is of another IMSI, or others may read it (chmod 600)" : "is no state of a device");
    return false;
}

/* Everything that the options leave open. */
static int complete(struct call *call)
{
    struct lk_eap_peer_config *peer = &call->config.peer;
    struct lk_writer w = lk_writer_of(peer->realm, sizeof peer->realm);
    char error[128];
    enum lk_status status;

    if (!call->has_imsi) {
        fprintf(stderr, "latchkey ue: --imsi is missing\n");
        return LK_EXIT_USAGE;
    }
    if (lk_card_args_end(&call->card, "ue") != LK_OK)
        return LK_EXIT_USAGE;
    if (call->realm != NULL)
        lk_put_span(&w, lk_span_text(call->realm));
    else
        lk_realm_put(&w, "wlan", &peer->imsi, call->mnc_len);
    peer->realm_len = (uint8_t)w.len;
    if (lk_writer_end(&w) != LK_OK) {
        fprintf(stderr, "latchkey ue: --realm is longer than %d characters\n", LK_REALM_MAX);
        return LK_EXIT_USAGE;
    }
    if (!call->has_secret)
        call->secret.len = (size_t)snprintf(call->secret.text, 16, "testing123");
    if (lk_radius_secret_set(&call->config.nas.secret,
                             lk_span_of(call->secret.text, call->secret.len)) != LK_OK) {
        fprintf(stderr, "latchkey ue: --secret is empty or too long\n");
        return LK_EXIT_USAGE;
    }
    status = lk_ue_server(&call->config.server, call->server, DEFAULT_PORT, error);
    if (status != LK_OK) {
        fprintf(stderr, "latchkey ue: --server %s\n", error);
        return lk_arg_exit(status == LK_E_NOT_FOUND ? LK_E_SYSTEM : status);
    }
    return LK_EXIT_OK;
}

/* Every entry of the card's array has come as far as that. */
static void set_sqn(struct call *call)
{
    uint8_t sqn[LK_SQN_LEN];

    memcpy(sqn, call->sqn, sizeof sqn);
    for (unsigned ind = 0; ind < LK_USIM_ARRAY; ind++) {
        sqn[5] = (uint8_t)((call->sqn[5] & ~(LK_USIM_ARRAY - 1u)) | ind);
        lk_usim_set_sqn(&call->ue.usim, sqn);
    }
}

static int attach(struct call *call)
{
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .interface = "latchkey ue" };
    int exit = complete(call);

    if (exit != LK_EXIT_OK)
        return exit;
    lk_eap_peer_init(&call->ue.peer);
    lk_usim_init(&call->ue.usim, &call->card.card.card);
    if (!load_state(call))
        return LK_EXIT_SYSTEM;
    if (call->has_sqn)
        set_sqn(call);
    if (call->pcap != NULL
        && lk_capture_open(&call->config.capture, call->pcap, &options) != LK_OK) {
        fprintf(stderr, "latchkey ue: %s: %s\n", call->pcap, strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    exit = attach_all(call);
    lk_capture_close(call->config.capture);
    return exit;
}

int lk_cmd_ue(int argc, char **argv)
{
    struct call *call;
    int option, exit = LK_EXIT_USAGE;

    if (argc > 1 && strcmp(argv[1], "bootstrap") == 0)
        return lk_cmd_ue_bootstrap(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "e2e") == 0)
        return lk_cmd_ue_e2e(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        return lk_cmd_run(argc - 1, argv + 1, true);
    if (argc > 1 && lk_cmd_ue_asks(argv[1]))
        return lk_cmd_ue_ask(argc, argv);
    if (argc > 1 && argv[1][0] != '-' && strcmp(argv[1], "attach") != 0) {
        fprintf(stderr, "latchkey ue: no op '%s'; latchkey ue --help lists them\n", argv[1]);
        return LK_EXIT_USAGE;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL)
        return LK_EXIT_SYSTEM;
    lk_eap_peer_defaults(&call->config.peer);
    call->server = "127.0.0.1";
    call->mnc_len = 2;
    call->config.nas.ask_key_name = true;
    call->config.nas.enterprise = LK_RADIUS_ENTERPRISE;
    snprintf(call->config.nas.identifier, sizeof call->config.nas.identifier, "latchkey-ue");
    snprintf(call->config.nas.called, sizeof call->config.nas.called, "02-00-00-00-00-02:latchkey");
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP || option == 'h') {
            usage(stdout);
            exit = LK_EXIT_OK;
            goto done;
        }
        if (option == '?' || !take_option(call, option, optarg))
            goto done;
    }
    if (argc - optind == 1 && strcmp(argv[optind], "attach") == 0)
        exit = attach(call);
    else
        usage(stderr);
done:
    lk_wipe(call, sizeof *call);
    free(call);
    return exit;
}
