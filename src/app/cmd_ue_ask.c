/* latchkey ue connect|disconnect|list|ping|...: asks the connection manager of a running device. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"
#include "app/ue_naf_key.h"
#include "io/control.h"

enum { TIMEOUT_MS = 60000 };

static const char *const ops[] = { "connect",    "disconnect", "list",  "ping",
                                   "reauthenticate", "reattach", "detach", "state", "namespace",
                                   "lte-attach", "lte-status", "lwa-ping", "lte-detach",
                                   "mis-attach", "mis-handover", "mis-status", "mis-ping",
                                   "mis-detach", "mis-tls", "mip-register", "mip-move",
                                   "mip-renew", "mip-release", "mip-status", "mip-ping",
                                   "naf-key", "gba-bootstrap",
                                   "gba-status", "akma-key", "akma-status" };

static const char help[] =
    "usage: latchkey ue OP [KEY=VALUE ...] [-c FILE | --socket PATH] [--json]\n\n"
    "Asks the connection manager of a device (latchkeyd with role ue).\n\n"
    "as an application of ue.applications, which the caller's user must be:\n"
    "  connect as=NAME [apn=APN] [type=ipv4|ipv6|ipv4v6]   a PDN connection\n"
    "  disconnect as=NAME pdn=NUMBER\n"
    "  list as=NAME                                        its own connections\n"
    "  ping as=NAME pdn=NUMBER to=ADDRESS [count=N]\n"
    "  naf-key as=NAME naf=HOST ua=HEX [not=B-TID]         a key of GBA for a server; another one\n"
    "                                                      than that, once a minute\n"
    "  akma-key as=NAME af=HOST ua=HEX                     a key of AKMA for a server\n"
    "as the owner of the device, who is the user of its daemon, or root:\n"
    "  reattach         full authentication\n"
    "  reauthenticate   fast, where the network has given a name for it: a new WLCP key\n"
    "  detach\n"
    "  state\n"
    "  namespace        where latchkey ue run -- PROGRAM runs programs, where ue.tun is set\n"
    "  lte-attach [cell=NAME]                   over LTE, where ue.lte has cells\n"
    "  lte-status [wait=STATE] [rekeys=N] [handovers=N] [associations=N] [ms=N]\n"
    "                   at once, or when it is so; off, joining, active, stopped\n"
    "  lwa-ping [count=N] [octets=N] [drb=N]    data over the WLAN and back\n"
    "  lte-detach\n"
    "  mis-attach [pos=ID] [by=eap|erp]         an SA of MIS, where ue.mis has points;\n"
    "                                           by ERP where that can be\n"
    "  mis-handover [pos=ID [from=home] | network=NAME | cell=CELL | position=LAT,LON[,M]]\n"
    "               [link=TYPES]\n"
    "                   an SA with the next PoS before it serves; without pos the PoS selects;\n"
    "                   from=home: by a key of the home, which does not count, where it gives one\n"
    "  mis-status       also for which links a PoS has given keys (latchkey pos push)\n"
    "  mis-ping         a question to the PoS and its answer, under the SA\n"
    "  mis-tls [pos=ID] an SA by DTLS: messages, and no handover without full authentication\n"
    "  mis-detach\n"
    "  mip-register [at=PLACE] [way=ha-naf|aaa|pushed|bsf] [version=4|6] [ms=N]\n"
    "                   with the home agent, where ue.mip has places; by a key of the USIM;\n"
    "                   version=6 is MIPv6, by ha-naf\n"
    "  mip-move at=PLACE [ms=N]                 the same home address from another place\n"
    "  mip-renew [ms=N] another bootstrapping, and its key in use\n"
    "  mip-release [ms=N]\n"
    "  mip-status [wait=STATE] [keys=N] [renewals=N] [ms=N]\n"
    "                   at once, or when it is so; registered, released, failed, moving, ...\n"
    "  mip-ping to=ADDRESS [count=N]            through the tunnel and back\n"
    "  gba-bootstrap    a key of the USIM for application servers, where ue.gba has a BSF\n"
    "  gba-status\n"
    "  akma-status      whether there is a key of AKMA, and its A-KID, where ue.akma.on says so\n\n"
    "  -c FILE          of the device's daemon: there stands where it is asked\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --socket PATH    of ue.socket (var/ue.sock, or in $LATCHKEY_STATE_DIR)\n"
    "  --format FORMAT  of a key of GBA: curl (a file for its -K), openssl (words for s_client)\n"
    "                   or json\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no device answers.\n";

bool lk_cmd_ue_asks(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(word, ops[i]) == 0)
            return true;
    return false;
}

static json_t *request_of(const char *op, int count, char **words)
{
    json_t *request = json_pack("{s:s}", "op", strcmp(op, "reattach") == 0 ? "attach" : op);

    for (int i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        char key[32];

        if (equals == NULL || (size_t)(equals - words[i]) >= sizeof key) {
            fprintf(stderr, "latchkey ue: '%s' is not KEY=VALUE\n", words[i]);
            json_decref(request);
            return NULL;
        }
        snprintf(key, sizeof key, "%.*s", (int)(equals - words[i]), words[i]);
        json_object_set_new(request, key, lk_control_word(equals + 1));
    }
    return request;
}

static void tell_list(const json_t *answer)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(answer, "connections"), i, item)
        printf("%-4lld %-24s %-12s %s\n", (long long)json_integer_value(json_object_get(item,
               "pdn")), json_string_value(json_object_get(item, "apn")),
               json_string_value(json_object_get(item, "state")),
               json_string_value(json_object_get(item, "address")));
}

static const char *text_of(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));

    return text != NULL ? text : "";
}

static void tell_last(const json_t *refusal)
{
    if (refusal == NULL)
        return;
    printf("last refusal, %.1f s ago: %s",
           (double)json_integer_value(json_object_get(refusal, "refused-ms-ago")) / 1000,
           text_of(refusal, "reason"));
    if (text_of(refusal, "expected")[0] != '\0')
        printf(", expected %s, came %s", text_of(refusal, "expected"),
               text_of(refusal, "came")[0] != '\0' ? text_of(refusal, "came") : "nothing");
    printf("\n");
}

static void tell_lte(const json_t *answer)
{
    const char *cell = text_of(answer, "cell"), *ap = text_of(answer, "access-point");
    const char *name;
    json_t *number;

    printf("lte: %s%s%s\nlwa: %s%s%s\n", text_of(answer, "lte"), cell[0] != '\0' ? " at " : "",
           cell, text_of(answer, "lwa"), ap[0] != '\0' ? ", associated with " : "", ap);
    tell_last(json_object_get(answer, "last-refusal"));
    json_object_foreach(json_object_get(answer, "counts"), name, number)
        if (json_integer_value(number) != 0)
            printf("  %-20s %lld\n", name, (long long)json_integer_value(number));
}

static void tell_mis(const json_t *answer)
{
    const char *pos = text_of(answer, "pos"), *told = text_of(answer, "told");
    const char *mn = text_of(answer, "mn"), *name;
    json_t *number, *key;
    size_t i;

    if (told[0] != '\0')
        printf("%s, %.1f ms\n", told, json_number_value(json_object_get(answer, "ms")));
    printf("mis: %s%s%s%s%s, chain %lld of %lld\n", text_of(answer, "sa"),
           pos[0] != '\0' ? " SA with " : "", pos, mn[0] != '\0' ? " as " : "", mn,
           (long long)json_integer_value(json_object_get(answer, "chain-used")),
           (long long)json_integer_value(json_object_get(answer, "chain-max")));
    json_array_foreach(json_object_get(answer, "link-keys"), i, key)
        printf("  a link key of %s, for %s at %s, %lld s\n", text_of(key, "pos"),
               text_of(key, "link"), text_of(key, "poa"),
               (long long)json_integer_value(json_object_get(key, "expires-s")));
    tell_last(json_object_get(answer, "last-refusal"));
    json_object_foreach(json_object_get(answer, "counts"), name, number)
        if (json_integer_value(number) != 0)
            printf("  %-20s %lld\n", name, (long long)json_integer_value(number));
}

static void tell_mip(const json_t *answer)
{
    const char *told = text_of(answer, "told"), *other = text_of(answer, "or"), *name;
    json_t *number;

    if (told[0] != '\0')
        printf("%s, %.1f ms\n", told, json_number_value(json_object_get(answer, "ms")));
    printf("%s: %s at %s, by %s%s%s%s\n",
           json_integer_value(json_object_get(answer, "version")) == 6 ? "mip6" : "mip",
           text_of(answer, "mip"), text_of(answer, "at"), text_of(answer, "way"),
           other[0] != '\0' ? " (or " : "", other, other[0] != '\0' ? ")" : "");
    if (text_of(answer, "so-far")[0] != '\0')
        printf("  so far: %s\n", text_of(answer, "so-far"));
    if (json_object_get(answer, "home-address") != NULL)
        printf("  home address %s, care-of address %s\n"
               "  home agent %s, tunnel: %s, confirmed %lld s ago, %lld s left\n",
               text_of(answer, "home-address"), text_of(answer, "care-of"),
               text_of(answer, "home-agent"), text_of(answer, "tunnel"),
               (long long)json_integer_value(json_object_get(answer, "confirmed-s-ago")),
               (long long)json_integer_value(json_object_get(answer, "left-s")));
    if (json_object_get(answer, "spi") != NULL)
        printf("  SPI %lld, %s\n", (long long)json_integer_value(json_object_get(answer, "spi")),
               text_of(answer, "key-is"));
    if (json_object_get(answer, "home-address-ipv4") != NULL)
        printf("  IPv4 home address %s\n", text_of(answer, "home-address-ipv4"));
    if (json_object_get(answer, "tries-again-ms") != NULL)
        printf("  tries again in %lld ms\n",
               (long long)json_integer_value(json_object_get(answer, "tries-again-ms")));
    tell_last(json_object_get(answer, "last-refusal"));
    json_object_foreach(json_object_get(answer, "counts"), name, number)
        if (json_integer_value(number) != 0)
            printf("  %-20s %lld\n", name, (long long)json_integer_value(number));
}

static void tell(enum lk_ue_naf_key_form form, const json_t *answer)
{
    const char *told = json_string_value(json_object_get(answer, "told"));

    if (json_object_get(answer, "lwa") != NULL) {
        tell_lte(answer);
    } else if (json_object_get(answer, "chain-max") != NULL) {
        tell_mis(answer);
    } else if (json_object_get(answer, "mip") != NULL) {
        tell_mip(answer);
    } else if (told != NULL) {
        puts(told);
    } else if (json_is_array(json_object_get(answer, "connections"))) {
        tell_list(answer);
    } else {
        lk_ue_naf_key_tell(form, answer);
    }
}

int lk_cmd_ue_ask(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "ue", .help = help, .takes_words = true,
                                          .of_device = true, .timeout_ms = TIMEOUT_MS };
    enum lk_ue_naf_key_form form;
    json_t *request, *answer = NULL;
    int exit_code;

    if (!lk_ue_naf_key_form(&form, &argc, argv))
        return LK_EXIT_USAGE;
    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    request = request_of(argv[call.words_at], argc - call.words_at - 1, argv + call.words_at + 1);
    if (request == NULL)
        exit_code = LK_EXIT_USAGE;
    else
        answer = lk_daemon_call_ask(&call, request, &exit_code);
    if (answer != NULL && !call.json)
        tell(form, answer);
    json_decref(answer);
    json_decref(request);
    lk_config_wipe(&call.config);
    return exit_code;
}
