/* The configuration of a point of service as its node reads it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/station.h"
#include "role/mis_codes.h"
#include "role/pos.h"

enum { WORD = 32, RADIUS_MAX_M = 1000000, ACCURACY_M = 100 };

/* ---- what a network covers ---- */

/* The next of a text's words, between commas and spaces. False: there is none, or it is too long;
 * text is then at what is left. */
static bool next_word(char word[WORD], const char **text)
{
    size_t len;

    *text += strspn(*text, ", ");
    len = strcspn(*text, ", ");
    if (len == 0 || len >= WORD)
        return false;
    memcpy(word, *text, len);
    word[len] = '\0';
    *text += len;
    return true;
}

bool lk_pos_cover_link_types(struct lk_pos_cover *cover, const char *text)
{
    static const struct {
        const char *word;
        enum lk_mis_link_type type;
    } types[] = {
        { "wlan", LK_MIS_LINK_80211 },       { "umts", LK_MIS_LINK_UMTS },
        { "gsm", LK_MIS_LINK_GSM },          { "gprs", LK_MIS_LINK_GPRS },
        { "edge", LK_MIS_LINK_EDGE },        { "ethernet", LK_MIS_LINK_ETHERNET },
        { "wimax", LK_MIS_LINK_80216 },      { "cdma2000", LK_MIS_LINK_CDMA2000 },
        { "wireless", LK_MIS_LINK_OTHER_WIRELESS },
    };
    char word[WORD];
    size_t i;

    cover->link_types = 0;
    while (cover->link_types < LK_POS_LINK_TYPES && next_word(word, &text)) {
        for (i = 0; i < LK_COUNT_OF(types) && strcmp(types[i].word, word) != 0; i++)
            ;
        if (i == LK_COUNT_OF(types))
            return false;
        cover->link_type[cover->link_types++] = (uint8_t)types[i].type;
    }
    return cover->link_types > 0 && *text == '\0';
}

bool lk_pos_cover_cells(struct lk_pos_cover *cover, const char *text)
{
    char word[WORD];
    size_t len;

    cover->cells = 0;
    while (cover->cells < LK_POS_CELLS && next_word(word, &text)) {
        struct lk_mis_link_addr *cell = &cover->cell[cover->cells];
        uint8_t *octets = cover->cell_octets[cover->cells];

        if (lk_station_parse(octets, lk_span_text(word)) == LK_OK) {
            *cell = (struct lk_mis_link_addr){ LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC,
                                               lk_span_of(octets, LK_STATION_LEN) };
        } else if (strlen(word) == (size_t)2 * LK_MIS_CELL_LEN &&
                   lk_hex_decode(octets, LK_MIS_CELL_LEN, &len, lk_span_text(word)) == LK_OK) {
            *cell = (struct lk_mis_link_addr){ LK_MIS_ADDR_3G_CELL, 0,
                                               lk_span_of(octets, LK_MIS_CELL_LEN) };
        } else {
            return false;
        }
        cover->cells++;
    }
    return *text == '\0';
}

static bool number_of(double *value, const char **text, double least, double most)
{
    char *end;

    *value = strtod(*text, &end);
    if (end == *text || !(*value >= least && *value <= most))
        return false;
    *text = end;
    return true;
}

static int32_t udeg_of(double degrees)
{
    return (int32_t)(degrees * 1000000 + (degrees < 0 ? -0.5 : 0.5));
}

static bool place_of(struct lk_mis_position *at, const char **text)
{
    double latitude, longitude;

    if (!number_of(&latitude, text, -90, 90))
        return false;
    *text += strspn(*text, ", ");
    if (!number_of(&longitude, text, -180, 180))
        return false;
    *text += strspn(*text, ", ");
    at->latitude_udeg = udeg_of(latitude);
    at->longitude_udeg = udeg_of(longitude);
    return true;
}

bool lk_pos_place(struct lk_mis_place *place, const char *text)
{
    double accuracy = ACCURACY_M;

    if (!place_of(&place->at, &text) ||
        (*text != '\0' && !number_of(&accuracy, &text, 0, RADIUS_MAX_M)))
        return false;
    place->accuracy_m = (uint32_t)accuracy;
    return *text == '\0';
}

bool lk_pos_cover_circle(struct lk_pos_cover *cover, const char *text)
{
    double radius;

    cover->has_circle = false;
    if (text[0] == '\0')
        return true;
    if (!place_of(&cover->centre, &text) ||
        !number_of(&radius, &text, 0, RADIUS_MAX_M) || *text != '\0')
        return false;
    cover->has_circle = true;
    cover->radius_m = (uint32_t)radius;
    return true;
}

/* ---- the whole ---- */

static void take_homes(struct lk_pos_setting *to)
{
    const struct lk_config_point *from = &to->from;
    size_t len;

    for (size_t i = 0; i < from->home_count; i++) {
        struct lk_home_key *key = &to->home[i].key;
        bool is_key = lk_hex_decode(key->octets, sizeof key->octets, &len,
                                    lk_span_text(from->homes[i].mark_key)) == LK_OK;

        LK_ASSERT(is_key && len == sizeof key->octets); /* its row has seen to it */
        to->home[i].realm = lk_span_text(from->homes[i].realm);
    }
    to->node.home = to->home;
    to->node.homes = from->home_count;
}

static void take_neighbours(struct lk_pos_setting *to)
{
    for (size_t i = 0; i < to->from.neighbour_count; i++) {
        const struct lk_config_pos_neighbour *from = &to->from.neighbours[i];
        struct lk_mis_neighbour *n = &to->neighbour[i];
        struct lk_pos_cover *cover = &to->cover[i];
        bool is_sound = lk_pos_cover_link_types(cover, from->link_types) &&
                        lk_pos_cover_cells(cover, from->cells) &&
                        lk_pos_cover_circle(cover, from->circle) &&
                        lk_address_parse(&n->pos.address, from->address) == LK_OK;

        LK_ASSERT(is_sound); /* lk_config_check has looked at it */
        n->network = lk_span_text(from->network);
        n->pos.id = lk_span_text(from->pos);
        n->pos.port = (uint16_t)from->port;
        n->link_types = lk_span_of(cover->link_type, cover->link_types);
        n->cell = cover->cell;
        n->cells = cover->cells;
        n->has_circle = cover->has_circle;
        n->centre = cover->centre;
        n->radius_m = cover->radius_m;
    }
    to->node.neighbour = to->neighbour;
    to->node.neighbours = to->from.neighbour_count;
}

static void take_offers(struct lk_mis_offers *offers, const struct lk_config_point *from,
                        const struct lk_mis_codes *codes)
{
    offers->suites = (uint8_t)from->suite_count;
    for (size_t i = 0; i < from->suite_count; i++)
        offers->suite[i] = codes->suite[from->suites[i]];
    offers->prfs = (uint8_t)from->prfs;
}

/* spec: RFC 6614 2.3 - over TLS the secret is this one, where nobody has agreed on another. */
const char *lk_pos_radius_secret(const struct lk_config_point *point)
{
    return point->aaa.secret[0] != '\0' ? point->aaa.secret : "radsec";
}

static void take_radius(struct lk_pos_setting *to, const struct lk_config *config)
{
    struct lk_radius_nas_config *radius = &to->node.radius;
    const struct lk_config_point *from = &to->from;
    bool is_sound =
        lk_radius_secret_set(&radius->secret, lk_span_text(lk_pos_radius_secret(from))) == LK_OK &&
        lk_address_parse(&radius->address, from->listen) == LK_OK;

    _Static_assert((int)LK_CONFIG_MISF_ID <= (int)LK_RADIUS_MIS_POS_MAX + 1, "it fits");

    LK_ASSERT(is_sound);
    (void)snprintf(radius->identifier, sizeof radius->identifier, "%.*s",
                   (int)sizeof radius->identifier - 1, from->id);
    (void)snprintf(radius->pos, sizeof radius->pos, "%s", from->id);
    radius->enterprise = config->radius.enterprise;
    (void)snprintf(to->node.aaa, sizeof to->node.aaa, "an answer of %.45s:%u", from->aaa.server,
                   (unsigned)(from->aaa.certificate[0] != '\0' ? from->aaa.tls_port
                                                              : from->aaa.port));
}

static void take_sizes(struct lk_pos_config *to, const struct lk_config_pos *from)
{
    to->mns = to->talks = from->mns;
    to->auths = from->authentications;
    to->per_source = (uint8_t)from->authentications_a_source;
    to->half_opens = from->mns / 4 + 1;
    to->nonces = 4 * from->mns;
    to->links = LK_CONFIG_PARTNERS;
    to->places = LK_CONFIG_NEIGHBOURS;
}

void lk_pos_setting_take(struct lk_pos_setting *to, const struct lk_config *config, size_t point)
{
    struct lk_pos_config *node = &to->node;
    const struct lk_config_point *from = &to->from;

    to->from = config->pos.points[point];
    lk_pos_defaults(node);
    lk_mis_codes_take(&node->codes, config);
    LK_ASSERT(lk_mis_name_set(&node->self, lk_span_text(from->id)));
    take_sizes(node, &config->pos);
    take_radius(to, config);
    take_offers(&node->auth.offers, from, &node->codes);
    take_offers(&node->tpos.offers, from, &node->codes);
    node->auth.lifetime_s = node->spos.lifetime_s = node->tpos.lifetime_s = from->lifetime_s;
    node->spos.max = node->tpos.max = (uint8_t)from->chain_max;
    node->tpos.mixes = from->mix != LK_CONFIG_MIX_OFF;
    node->tpos.must_mix = from->mix == LK_CONFIG_MIX_REQUIRED;
    node->tpos.unmarked = from->unmarked;
    node->tpos.demanded = lk_mis_demanded(from->demand);
    for (size_t i = 0; i < from->partner_count; i++)
        to->realm[i] = lk_mis_realm(lk_span_text(from->partners[i].id));
    node->tpos.partners = (struct lk_mis_partners){ to->realm, from->partner_count };
    take_homes(to);
    take_neighbours(to);
}
