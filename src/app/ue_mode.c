#include "app/ue_mode.h"

#include <stdio.h>
#include <string.h>

#include "app/args.h"
#include "base/hex.h"
#include "base/secret.h"
#include "base/station.h"

static bool wrong(const char *option, const char *wanted)
{
    fprintf(stderr, "latchkey ue: %s takes %s\n", option, wanted);
    return false;
}

/* ---- options ---- */

bool lk_ue_arg_mode(struct lk_ue_config *config, const char *argument)
{
    config->peer.want_multi = strcmp(argument, "multi") == 0;
    return config->peer.want_multi || strcmp(argument, "transparent") == 0 ||
           wrong("--mode", "multi or transparent");
}

bool lk_ue_arg_twag_address(struct lk_ue_config *config, const char *argument)
{
    struct lk_twan_access *access = &config->nas.access;
    struct lk_address address;
    bool v4, *has;

    if (lk_address_parse(&address, argument) != LK_OK)
        return wrong("--twag-address", "an IPv4 or an IPv6 address");
    v4 = lk_address_is_v4(&address);
    has = v4 ? &access->twag.has_ipv4 : &access->twag.has_ipv6;
    if (*has)
        return wrong("--twag-address", "one IPv4 and one IPv6 address at most");
    *has = true;
    if (v4)
        memcpy(access->twag.ipv4, address.octets + LK_ADDRESS_LEN - 4, 4);
    else
        memcpy(access->twag.ipv6, address.octets, LK_ADDRESS_LEN);
    access->modes = LK_TWAN_TRANSPARENT | LK_TWAN_MULTI;
    return true;
}

bool lk_ue_arg_mac(struct lk_ue_config *config, const char *argument)
{
    uint8_t mac[LK_STATION_LEN];

    if (strlen(argument) >= sizeof config->calling
        || lk_station_parse(mac, lk_span_text(argument)) != LK_OK)
        return wrong("--mac", "a MAC address: 02-00-00-00-00-01");
    snprintf(config->calling, sizeof config->calling, "%s", argument);
    return true;
}

bool lk_ue_arg_enterprise(struct lk_ue_config *config, const char *argument)
{
    uint64_t number;

    if (lk_arg_number(&number, 1, 16777215, "--enterprise", argument) != LK_OK)
        return false;
    config->nas.enterprise = (uint32_t)number;
    return true;
}

bool lk_ue_arg_wlcp_fc(struct lk_ue_config *config, const char *argument)
{
    if (lk_arg_hex_exact(&config->wlcp_kdf.fc, 1, "--wlcp-fc", argument) != LK_OK)
        return false;
    return config->wlcp_kdf.fc != 0 || wrong("--wlcp-fc", "01 to ff");
}

bool lk_ue_arg_wlcp_param(struct lk_ue_config *config, const char *argument)
{
    struct lk_wlcp_kdf *kdf = &config->wlcp_kdf;

    if (kdf->count == LK_WLCP_KDF_PARAMS)
        return wrong("--wlcp-param", "four parameters at most");
    if (lk_arg_hex(kdf->param[kdf->count].octets, LK_WLCP_PARAM_MAX, &kdf->param[kdf->count].len,
                   "--wlcp-param", argument) != LK_OK)
        return false;
    kdf->count++;
    return true;
}

/* ---- telling ---- */

struct address_text {
    char text[LK_ADDRESS_TEXT];
};

/* The TWAG's addresses, as text; how many there are. */
static size_t addresses_of(struct address_text to[2], const struct lk_twag_address *twag)
{
    struct lk_address address;
    size_t count = 0;

    if (twag->has_ipv4) {
        address = lk_address_v4(twag->ipv4);
        lk_address_text(to[count++].text, &address);
    }
    if (twag->has_ipv6) {
        memcpy(address.octets, twag->ipv6, sizeof address.octets);
        lk_address_text(to[count++].text, &address);
    }
    return count;
}

static void key_text(char text[2 * sizeof(struct lk_wlcp_key) + 1], const struct lk_wlcp_key *key)
{
    enum lk_status status =
        lk_hex_encode(text, 2 * sizeof key->octets + 1, LK_SPAN(key->octets));

    LK_ASSERT(status == LK_OK);
}

static void tell_no_mode(const struct lk_ue_result *result)
{
    if (result->mode_cause == LK_MODE_CAUSE_NONE)
        printf("  mode       transparent: the network announces no multi-connection mode\n");
    else
        printf("  mode       transparent: the network refused multi-connection mode, cause %u\n",
               result->mode_cause);
}

void lk_ue_mode_tell(const struct lk_ue_config *config, const struct lk_ue_result *result,
                     bool show_keys)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1], key[2 * sizeof(struct lk_wlcp_key) + 1];
    struct address_text at[2];
    size_t count = addresses_of(at, &result->twag);

    if (!config->peer.want_multi)
        return;
    if (result->grant.mode != LK_TWAN_MULTI) {
        tell_no_mode(result);
        return;
    }
    lk_wlcp_psk_identity(identity, &result->wlcp_key);
    printf("  mode       multi-connection\n");
    for (size_t i = 0; i < count; i++)
        printf("  TWAG       %s\n", at[i].text);
    printf("  PSK id     %s\n", identity);
    if (result->has_wlcp_key)
        printf("  WLCP key   %s\n", result->wlcp_same ? "is what the server sent to the TWAP"
                                                      : "is not what the server sent: other FC?");
    if (!show_keys)
        return;
    key_text(key, &result->wlcp_key);
    printf("  wlcp_key   %s\n", key);
    lk_wipe(key, sizeof key);
}

void lk_ue_mode_tell_json(json_t *to, const struct lk_ue_config *config,
                          const struct lk_ue_result *result, bool show_keys)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1], key[2 * sizeof(struct lk_wlcp_key) + 1];
    bool multi = result->grant.mode == LK_TWAN_MULTI;
    struct address_text at[2];
    size_t count = addresses_of(at, &result->twag);
    json_t *twag = json_array();

    if (config->peer.want_multi) {
        json_object_set_new(to, "mode", json_string(multi ? "multi" : "transparent"));
        json_object_set_new(to, "mode_cause", json_integer(result->mode_cause));
    }
    for (size_t i = 0; i < count; i++)
        json_array_append_new(twag, json_string(at[i].text));
    if (multi) {
        lk_wlcp_psk_identity(identity, &result->wlcp_key);
        json_object_set(to, "twag", twag);
        json_object_set_new(to, "psk_identity", json_string(identity));
        json_object_set_new(to, "wlcp_key_agrees", result->has_wlcp_key ?
                            json_boolean(result->wlcp_same) : json_null());
    }
    if (multi && show_keys) {
        key_text(key, &result->wlcp_key);
        json_object_set_new(to, "wlcp_key", json_string(key));
        lk_wipe(key, sizeof key);
    }
    json_decref(twag);
}
