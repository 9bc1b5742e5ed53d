/* Octets as the life of a PoS with two rows: strangers that knock, a partner that hands MNs over
 * and answers, an MN under SAs of true keys whose words come as they are, altered or cut, RADIUS,
 * links, channels, time. K goes over links that are up alone, rows and places stay within their
 * number, and what is told of rows is true. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

enum { MNS = 2, AUTHS = 4, LINKS = 2, HALF_OPENS = 1 };

#define CODES (&lk_mis_codes_default)

static _Alignas(max_align_t) uint8_t memory[640 * 1024];
static struct lk_pos_config config;
static struct lk_pos *pos;
static struct lk_pos_outbox out;
static struct lk_mis_sa sa; /* the MN's side of what was offered last */
static bool has_sa, up[LINKS];
static uint64_t now_ms;
static uint16_t tid, asked_tid, auth_tid, push_tid;
static struct lk_span realms[2];
static struct lk_mis_neighbour neighbour;
static uint8_t said[LK_MIS_LIST_MAX], asked[2048]; /* RADIUS */
static size_t said_len, asked_len;
static uint32_t asked_socket;

static const char *const names[LINKS] = { "pos1@d1.example", "pos2@d2.example" };

static void take(const struct lk_pos_output *item)
{
    struct lk_mis_pdu pdu;

    if (item->kind == LK_POS_OUT_SEND) {
        if (lk_mis_decode(&pdu, item->send.octets, CODES) == LK_OK && !pdu.header.secured &&
            lk_mis_opcode_of(pdu.header.id) == LK_MIS_REQUEST)
            auth_tid = pdu.header.tid;
        if (lk_mis_decode(&pdu, item->send.octets, CODES) == LK_OK &&
            lk_mis_action_of(pdu.header.id, CODES) == LK_MIS_PUSH_KEY) {
            LK_ASSERT(pdu.header.secured);
            push_tid = pdu.header.tid;
        }
    } else if (item->kind == LK_POS_OUT_N2N) {
        LK_ASSERT(item->n2n.link < LINKS && up[item->n2n.link]); /* T46 */
        if (lk_mis_decode(&pdu, item->n2n.octets, CODES) == LK_OK)
            asked_tid = pdu.header.tid;
    } else if (item->kind == LK_POS_OUT_KEYS) {
        sa = item->keys;
        sa.role = LK_MIS_BEGAN;
        sa.self = item->keys.peer;
        sa.peer = item->keys.self;
        has_sa = true;
    } else if (item->kind == LK_POS_OUT_RADIUS) {
        LK_ASSERT(item->radius.socket < config.sockets &&
                  item->radius.octets.len <= sizeof asked);
        asked_len = item->radius.octets.len;
        asked_socket = item->radius.socket;
        memcpy(asked, item->radius.octets.at, asked_len);
    }
}

static void check(void)
{
    uint32_t rows = 0, half_opens[LINKS] = { 0 };

    for (uint32_t i = 0; i < pos->mn_touched; i++) {
        const struct lk_pos_mn *mn = &pos->mn[i];

        if (!mn->used)
            continue;
        rows++;
        LK_ASSERT(mn->has_sa || mn->has_next || mn->has_psk);
        LK_ASSERT(lk_pos_mn_of(pos, lk_mis_name_of(&mn->name)) == mn);
        if (mn->has_next)
            half_opens[mn->link]++;
    }
    LK_ASSERT(rows == lk_pos_mn_count(pos) && rows <= MNS);
    LK_ASSERT(lk_pos_auth_count(pos) <= AUTHS && pos->unproven <= (AUTHS + 3) / 4);
    for (unsigned i = 0; i < LINKS; i++)
        LK_ASSERT(half_opens[i] == pos->link[i].half_opens && half_opens[i] <= HALF_OPENS);
}

static void step(struct lk_pos_event event)
{
    struct lk_pos_told told = { .mark_is_signed = (now_ms & 1) != 0, .has_dh = (now_ms & 2) != 0,
                                .dh = { 9 }, .z = { 7 } };

    event.now_ms = now_ms;
    (void)(lk_pos_step(pos, &event, &out) == LK_OK);
    if (lk_pos_outbox_find(&out, LK_POS_OUT_ASK) != NULL) {
        LK_ASSERT(event.kind == LK_POS_EV_N2N && event.link.told == NULL);
        event.link.told = &told;
        (void)(lk_pos_step(pos, &event, &out) == LK_OK);
        LK_ASSERT(lk_pos_outbox_find(&out, LK_POS_OUT_ASK) == NULL);
    }
    for (size_t i = 0; i < out.count; i++)
        take(&out.item[i]);
    check();
}

static struct lk_pos_peer peer_of(uint8_t what)
{
    struct lk_pos_peer peer = { .way = (enum lk_pos_way)(1 + what % 3), .handle = what >> 6,
                                .port = what };

    peer.address.octets[0] = what >> 4;
    return peer;
}

static void heard(uint8_t what, struct lk_span octets)
{
    step((struct lk_pos_event){ .kind = LK_POS_EV_HEARD, .heard = { peer_of(what), octets } });
}

static void n2n(unsigned link, struct lk_span octets)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_N2N };

    event.link.link = link;
    event.link.octets = octets;
    step(event);
}

/* ---- well made messages ---- */

static struct lk_mis_message message_of(struct lk_reader *r, enum lk_mis_action action,
                                        struct lk_mis_offers *offers, uint8_t bits)
{
    static const uint8_t k[LK_MIS_K_MAX] = { 5 }, auth[LK_MIS_AUTH_LEN] = { 6 };
    struct lk_mis_message m = { .status = (bits & 1) != 0 ? LK_MIS_REJECTED : LK_MIS_SUCCESS,
                                .reason = LK_MIS_REASON_NO_TRUST, .lifetime_s = 60,
                                .chain = { 1, 3 } };

    lk_mis_offers_default(offers, CODES);
    m.nonce_t = m.nonce_n = lk_get_span(r, LK_MIS_NONCE_LEN);
    if (m.nonce_t.len != LK_MIS_NONCE_LEN)
        m.nonce_t = m.nonce_n = lk_span_of(k, LK_MIS_NONCE_LEN);
    lk_mis_offers_say(&m, offers);
    m.mn = lk_span_text((bits & 2) != 0 ? "mn1@home.example" : "mn2@home.example");
    m.pos = neighbour.pos;
    m.dh = lk_span_of(k, LK_MIS_DH_LEN);
    m.auth = LK_SPAN(auth);
    m.auth_info = LK_SPAN("\x02\x01\x00\x08\x01" "abc");
    m.auth_info.len = 8;
    m.said = (struct lk_mis_said){ LK_MIS_SA_SPOS, lk_span_of(k, LK_MIS_NONCE_LEN) };
    m.envelope = (struct lk_mis_key_envelope){ .key = LK_SPAN(k), .lifetime_s = 60,
                                               .used = (uint8_t)(1 + (bits >> 6)), .max = 3 };
    for (unsigned tlv = LK_MIS_TLV_SAID; tlv <= LK_MIS_TLV_DH; tlv++)
        if (tlv != LK_MIS_TLV_SUITES && tlv != LK_MIS_TLV_PRFS &&
            tlv != LK_MIS_TLV_LINK_FRAMES && tlv != LK_MIS_TLV_CAPABILITY &&
            (tlv != LK_MIS_TLV_DH || (bits & 4) != 0) &&
            (tlv != LK_MIS_TLV_AUTH_VALUE || (bits & 8) != 0) &&
            (tlv != LK_MIS_TLV_KEY_ENVELOPE || action == LK_MIS_N2N_PREREG_XFER))
            lk_mis_mark(&m, (enum lk_mis_tlv)tlv);
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    return m;
}

static struct lk_span make(struct lk_reader *r, const char *from, enum lk_mis_action action,
                           enum lk_mis_opcode opcode, uint8_t bits)
{
    struct lk_mis_pdu pdu = { .source = lk_span_text(from),
                              .destination = lk_mis_name_of(&config.self) };
    struct lk_mis_offers offers;
    struct lk_mis_message m = message_of(r, action, &offers, bits);
    static uint8_t list[1024];
    struct lk_writer l = lk_writer_of(list, sizeof list), w = lk_writer_of(said, sizeof said);

    LK_ASSERT(lk_mis_message_put(&l, &m, CODES) == LK_OK);
    pdu.header.id = lk_mis_message_id(action, opcode, CODES);
    pdu.header.tid = ++tid & LK_MIS_TID_MAX;
    if (opcode == LK_MIS_RESPONSE)
        pdu.header.tid = action == LK_MIS_AUTH ? auth_tid : asked_tid;
    pdu.header.ack_request = (bits & 16) != 0;
    pdu.body = lk_writer_span(&l);
    LK_ASSERT(lk_mis_encode(&w, &pdu, CODES) == LK_OK);
    said_len = w.len;
    return lk_writer_span(&w);
}

static void mn_says(struct lk_reader *r, uint8_t what)
{
    static const enum lk_mis_action actions[] = { LK_MIS_CAPABILITY_DISCOVER, LK_MIS_PREREG_XFER,
                                                  LK_MIS_PREREG_XFER, LK_MIS_TERMINATION_AUTH,
                                                  LK_MIS_LINK_DOWN, LK_MIS_REGISTER,
                                                  LK_MIS_PUSH_KEY };
    enum lk_mis_action action = actions[(what >> 2) % LK_COUNT_OF(actions)];
    enum lk_mis_opcode opcode = action == LK_MIS_LINK_DOWN  ? LK_MIS_INDICATION
                                : action == LK_MIS_PUSH_KEY ? LK_MIS_RESPONSE
                                                            : LK_MIS_REQUEST;
    struct lk_mis_header header = {
        .id = lk_mis_message_id(action, opcode, CODES),
        .tid = opcode == LK_MIS_RESPONSE ? push_tid : ++tid & LK_MIS_TID_MAX,
        .ack_request = (what & 1) != 0,
        .secured = true,
    };
    static const uint8_t iv[LK_MIS_IV_LEN] = { 1 };
    static uint8_t list[1024];
    struct lk_writer l = lk_writer_of(list, sizeof list), w = lk_writer_of(said, sizeof said);
    struct lk_mis_offers offers;
    struct lk_mis_message m = message_of(r, action, &offers, what);

    if (!has_sa || lk_mis_message_put(&l, &m, CODES) != LK_OK ||
        lk_mis_protect(&sa, &w, &header, lk_writer_span(&l), iv, now_ms, CODES) != LK_OK)
        return;
    said_len = w.len;
    heard(what, lk_writer_span(&w));
}

/* What was said last, again, altered or cut. */
static void again(struct lk_reader *r, uint8_t what)
{
    static uint8_t altered[sizeof said];
    size_t len = said_len;

    memcpy(altered, said, len);
    if ((what & 0x40) != 0 && len > 0)
        altered[lk_get_be16(r) % len] ^= lk_get_u8(r);
    if ((what & 0x80) != 0 && len > 0)
        len = lk_get_be16(r) % len;
    if ((what & 0x10) != 0)
        n2n((what & 0x20) != 0, lk_span_of(altered, len));
    else
        heard(what, lk_span_of(altered, len));
}

/* ---- the home ---- */

/* What an Accept has for a PoS; of the one MN, or the other. */
static void put_given(struct lk_writer *w, uint8_t what)
{
    static const uint8_t salts[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN] = { { 0x80, 1 },
                                                                            { 0x80, 2 },
                                                                            { 0x80, 3 } };
    static const uint8_t mppe[2 * LK_RADIUS_SALT_LEN] = { 0x80, 4, 0x80, 5 };
    struct lk_radius_mis mis = { .has_psk = true, .lifetime_s = 60, .mn_len = 16 };
    const uint8_t *authenticator = asked + LK_RADIUS_AUTHENTICATOR_AT;
    struct lk_msk msk = { .octets = { 1 } };

    memcpy(mis.mn, (what & 0x20) != 0 ? "mn1@home.example" : "mn2@home.example", mis.mn_len);
    mis.psk.octets[0] = what;
    lk_radius_put_mppe(w, &msk, &config.radius.secret, authenticator, mppe);
    lk_radius_put_mis(w, LK_RADIUS_ENTERPRISE, &mis, &config.radius.secret, authenticator, salts);
}

static void home_says(uint8_t what, struct lk_span eap)
{
    static const uint8_t codes[] = { LK_RADIUS_ACCESS_CHALLENGE, LK_RADIUS_ACCESS_REJECT,
                                     LK_RADIUS_ACCESS_ACCEPT };
    struct lk_pos_event event = { .kind = LK_POS_EV_RADIUS };
    uint8_t room[1024], mac[LK_RADIUS_MAC_LEN];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    size_t at;

    if (asked_len < LK_RADIUS_HEADER_LEN)
        return;
    lk_radius_begin(&w, codes[what % 3], asked[1]);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, asked + LK_RADIUS_AUTHENTICATOR_AT,
                    LK_RADIUS_AUTHENTICATOR_LEN);
    at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put_eap(&w, eap);
    if ((what & 0x10) != 0)
        put_given(&w, what);
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_radius_mac(mac, lk_writer_span(&w), at, &config.radius.secret,
                  asked + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(&w, at, mac, sizeof mac);
    lk_radius_authenticator(mac, lk_writer_span(&w), &config.radius.secret,
                            asked + LK_RADIUS_AUTHENTICATOR_AT);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, mac, sizeof mac);
    event.radius.socket = asked_socket;
    event.radius.octets = lk_writer_span(&w);
    step(event);
}

/* ---- all else ---- */

static void link_goes(unsigned link, bool is_up)
{
    struct lk_pos_event event = { .kind = is_up ? LK_POS_EV_LINK_UP : LK_POS_EV_LINK_DOWN };

    event.link.link = link;
    event.link.name = lk_span_text(names[link]);
    up[link] = is_up;
    step(event);
}

static void other(struct lk_reader *r, uint8_t what)
{
    struct lk_pos_event event = { .kind = LK_POS_EV_RELEASE };

    switch ((what >> 4) % 8) {
    case 0:
        event.release = lk_span_text("mn1@home.example");
        if ((what & 1) != 0)
            break;
        event.kind = LK_POS_EV_PUSH;
        event.push.mn = lk_span_text((what & 2) != 0 ? "mn1@home.example" : "mn2@home.example");
        lk_get_copy(r, &event.push.link, sizeof event.push.link);
        break;
    case 1:
        event.kind = LK_POS_EV_GONE;
        event.gone = peer_of(lk_get_u8(r));
        break;
    case 2:
        event.kind = LK_POS_EV_CHANNEL_UP;
        event.channel.peer = peer_of(lk_get_u8(r));
        event.channel.identity = lk_get_lv8(r);
        break;
    case 3:
        config.tpos.unmarked = !config.tpos.unmarked;
        lk_pos_configure(pos, &config);
        return;
    case 4: n2n(what >> 7, lk_get_lv16(r)); return;
    case 5:
        event.kind = LK_POS_EV_RADIUS;
        event.radius.socket = what & 1;
        event.radius.octets = lk_get_lv16(r);
        break;
    default: link_goes((what & 0x80) != 0, (what & 0x10) != 0); return;
    }
    step(event);
}

static void begin(uint8_t how)
{
    static const uint8_t seed[LK_POS_SEED_LEN] = { 1 };

    lk_pos_defaults(&config);
    LK_ASSERT(lk_mis_name_set(&config.self, lk_span_text("pos@d0.example")));
    LK_ASSERT(lk_radius_secret_set(&config.radius.secret, lk_span_text("secret")) == LK_OK);
    config.radius.enterprise = LK_RADIUS_ENTERPRISE;
    memcpy(config.radius.pos, "pos@d0.example", sizeof "pos@d0.example");
    realms[0] = lk_span_text("d1.example");
    realms[1] = lk_span_text("home.example");
    neighbour = (struct lk_mis_neighbour){ .pos = { .id = lk_span_text(names[0]), .port = 1 } };
    config.tpos.partners = (struct lk_mis_partners){ realms, 1 };
    config.tpos.unmarked = (how & 1) == 0;
    config.auth.erp = (how & 2) != 0;
    config.per_source = 2;
    config.neighbour = &neighbour;
    config.neighbours = config.places = 1;
    config.mns = MNS;
    config.talks = 1 + (how >> 7);
    config.auths = AUTHS;
    config.links = LINKS;
    config.half_opens = HALF_OPENS;
    config.nonces = 4;
    config.offer_keys = true;
    LK_ASSERT(lk_pos_size(&config) <= sizeof memory);
    pos = lk_pos_init(memory, &config, seed);
    has_sa = false;
    now_ms = UINT64_C(1791936000000);
    said_len = asked_len = 0;
    tid = asked_tid = auth_tid = push_tid = 0;
    link_goes(0, true);
    link_goes(1, (how & 4) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin(lk_get_u8(&r));
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        uint8_t what = lk_get_u8(&r), bits = lk_get_u8(&r);

        switch (what % 11) {
        case 0:
        case 1: heard(bits, make(&r, (bits & 2) != 0 ? "mn1@home.example" : "mn2@home.example",
                                 LK_MIS_AUTH, what % 11 == 0 ? LK_MIS_INDICATION
                                                             : LK_MIS_RESPONSE, bits)); break;
        case 2: n2n(bits >> 7, make(&r, names[bits >> 7], LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST,
                                    bits)); break;
        case 3: n2n(bits >> 7, make(&r, names[bits >> 7], LK_MIS_N2N_PREREG_XFER,
                                    LK_MIS_RESPONSE, bits)); break;
        case 4:
        case 5: mn_says(&r, bits); break;
        case 6: again(&r, bits); break;
        case 7: home_says(bits, lk_get_lv8(&r)); break;
        case 8:
            now_ms += (uint64_t)bits << (what >> 4);
            step((struct lk_pos_event){ .kind = LK_POS_EV_EXPIRED });
            break;
        case 9: other(&r, bits); break;
        default: heard(bits, lk_get_lv16(&r)); break;
        }
    }
    lk_pos_wipe(pos);
    return 0;
}
