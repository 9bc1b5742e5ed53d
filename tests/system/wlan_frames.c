/* Writes a capture of an association for tshark to judge.
 *
 *   wlan_frames FILE AKM PMKID TK FRAME...
 *
 * Open system authentication, an association with an RSN element that names the PMKID, each FRAME
 * (an EAPOL-Key PDU: read, and written again) in a data frame, LWA data under the TK with every
 * form of MAC header, a reassociation, and the end. All but FILE and AKM are hex. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/crypto.h"
#include "io/pcapng.h"
#include "wire/ccmp.h"
#include "wire/eapol.h"

enum { OCTETS_MAX = 512 };

#define AP { 2, 0, 0, 0, 0, 1 }
#define STATION { 2, 0, 0, 0, 0, 2 }
static const uint8_t ap[] = AP, station[] = STATION, beyond[] = { 2, 0, 0, 0, 0, 3 };
static const uint8_t rates[] = { 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24 };
static const uint8_t more_rates[] = { 0x30, 0x48, 0x60, 0x6c };

static struct lk_capture *capture;
static uint16_t sequence;
static uint64_t now = UINT64_C(1700000000000000000);

struct octets {
    uint8_t at[OCTETS_MAX];
    size_t len;
};

static void must(enum lk_status status, const char *what)
{
    if (status == LK_OK)
        return;
    fprintf(stderr, "wlan_frames: %s: %s\n", what, lk_status_name(status));
    exit(1);
}

static struct octets octets_of(const char *hex)
{
    struct octets octets;

    must(lk_hex_decode(octets.at, sizeof octets.at, &octets.len, lk_span_text(hex)), hex);
    return octets;
}

/* A frame between station and access point; what the header says besides is the caller's. */
static void frame(struct lk_80211_header header, bool up, struct lk_span body)
{
    uint8_t room[LK_RADIOTAP_LEN + LK_80211_FRAME_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    memcpy(header.a1, up ? ap : station, sizeof ap);
    memcpy(header.a2, up ? station : ap, sizeof ap);
    if (lk_80211_is_management(&header))
        memcpy(header.a3, ap, sizeof ap);
    else
        memcpy(header.a3, beyond, sizeof beyond);
    header.sequence = sequence++;
    lk_radiotap_put(&w);
    must(lk_80211_header_encode(&w, &header), "header");
    lk_put_span(&w, body);
    must(lk_writer_end(&w), "frame");
    now += 1000000;
    must(lk_capture_frame(capture, now, lk_writer_span(&w), NULL), "capture");
}

static void management(enum lk_80211_kind kind, bool up, const struct lk_writer *body)
{
    must(lk_writer_end(body), "body");
    frame((struct lk_80211_header){ .kind = (uint8_t)kind }, up, lk_writer_span(body));
}

static void authenticate(void)
{
    for (uint16_t transaction = 1; transaction <= 2; transaction++) {
        struct lk_80211_authentication m = { .algorithm = LK_80211_OPEN_SYSTEM,
                                             .transaction = transaction };
        uint8_t room[16];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        must(lk_80211_authentication_encode(&w, &m), "authentication");
        management(LK_80211_AUTHENTICATION, transaction == 1, &w);
    }
}

static void associate(bool again, struct lk_span rsne)
{
    struct lk_80211_elements elements = { lk_span_text("lwa"), LK_SPAN(rates), LK_SPAN(more_rates),
                                          rsne };
    struct lk_80211_association_request m = { .again = again, .capabilities = 0x11,
                                              .listen_interval = 10, .current = AP,
                                              .elements = elements };
    struct lk_80211_association_response answer = { .capabilities = 0x11, .aid = 7,
                                                    .elements = elements };
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    must(lk_80211_association_request_encode(&w, &m), "request");
    management(again ? LK_80211_REASSOCIATION_REQUEST : LK_80211_ASSOCIATION_REQUEST, true, &w);
    w = lk_writer_of(room, sizeof room);
    answer.elements.ssid = lk_span_of(NULL, 0);
    if (again) {
        answer.status = LK_80211_INVALID_PMKID;
        answer.aid = 0;
    }
    must(lk_80211_association_response_encode(&w, &answer), "response");
    management(again ? LK_80211_REASSOCIATION_RESPONSE : LK_80211_ASSOCIATION_RESPONSE, false, &w);
}

static void handshake(struct lk_span pdu)
{
    uint8_t key_room[LK_EAPOL_KEY_MAX], room[LK_EAPOL_KEY_MAX + LK_LLC_LEN];
    struct lk_writer key_w = lk_writer_of(key_room, sizeof key_room);
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_80211_payload payload = { .ethertype = LK_EAPOL_ETHERTYPE };
    struct lk_eapol eapol;
    struct lk_eapol_key key;
    bool up;

    must(lk_eapol_decode(&eapol, pdu), "eapol");
    must(lk_eapol_key_decode(&key, &eapol), "key");
    must(lk_eapol_key_encode(&key_w, &key), "key");
    payload.octets = lk_writer_span(&key_w);
    lk_80211_payload_put(&w, &payload);
    up = (key.info & LK_KEY_INFO_ACK) == 0;
    frame((struct lk_80211_header){ .kind = LK_80211_DATA,
                                    .flags = up ? LK_80211_TO_DS : LK_80211_FROM_DS },
          up, lk_writer_span(&w));
}

/* A PDCP PDU of bearer 3 under the TK. */
static void lwa(struct lk_80211_header header, const struct lk_aes128 *tk, uint64_t pn)
{
    static const uint8_t pdu[] = { 0x80, 0x00, 0x01, 'l', 'w', 'a' };
    struct lk_lwaap lwaap = { .drb = 3, .pdu = LK_SPAN(pdu) };
    struct lk_80211_payload payload = { .ethertype = LK_LWA_ETHERTYPE };
    struct lk_ccmp_header ccmp = { .pn = pn };
    struct lk_ccmp_input in;
    uint8_t plain[64], sealed[64 + LK_CCMP_MIC_LEN], room[128];
    struct lk_writer p = lk_writer_of(plain, sizeof plain), w = lk_writer_of(room, sizeof room);
    bool up = (header.flags & LK_80211_TO_DS) != 0;

    lk_80211_payload_put(&p, &payload);
    must(lk_lwaap_encode(&p, &lwaap), "lwaap");
    header.flags |= LK_80211_PROTECTED;
    memcpy(header.a1, up ? ap : station, sizeof ap);
    memcpy(header.a2, up ? station : ap, sizeof ap);
    memcpy(header.a3, beyond, sizeof beyond);
    in = lk_ccmp_input_of(&header, pn);
    lk_ccm128_seal(sealed, tk, in.nonce, LK_CCMP_MIC_LEN, lk_span_of(in.aad, in.aad_len),
                   lk_writer_span(&p));
    must(lk_ccmp_header_encode(&w, &ccmp), "ccmp");
    lk_put_octets(&w, sealed, p.len + LK_CCMP_MIC_LEN);
    must(lk_writer_end(&w), "sealed");
    frame(header, up, lk_writer_span(&w));
}

static void data(struct lk_span tk)
{
    static const struct lk_80211_header forms[] = {
        { .kind = LK_80211_DATA, .flags = LK_80211_TO_DS },
        { .kind = LK_80211_DATA, .flags = LK_80211_FROM_DS | LK_80211_MORE_DATA },
        { .kind = LK_80211_QOS_DATA, .flags = LK_80211_TO_DS, .qos = 5 },
        { .kind = LK_80211_QOS_DATA, .flags = LK_80211_FROM_DS, .qos = 0x0017 },
        { .kind = LK_80211_QOS_DATA, .flags = LK_80211_TO_DS | LK_80211_RETRY | LK_80211_POWER },
        { .kind = LK_80211_QOS_DATA, .flags = LK_80211_TO_DS | LK_80211_ORDER, .qos = 6 },
        { .kind = LK_80211_DATA, .flags = LK_80211_TO_DS | LK_80211_FROM_DS, .a4 = STATION },
        { .kind = LK_80211_QOS_DATA, .flags = LK_80211_TO_DS | LK_80211_FROM_DS, .a4 = STATION,
          .qos = 7 },
    };
    struct lk_aes128 key;

    lk_aes128_set_key(&key, tk.at);
    for (size_t i = 0; i < LK_COUNT_OF(forms); i++)
        lwa(forms[i], &key, i + 1);
    lwa(forms[0], &key, UINT64_C(0x060504030201));
}

static void end(enum lk_80211_kind kind, bool up, enum lk_80211_reason reason)
{
    uint8_t room[2];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_put_le16(&w, (uint16_t)reason);
    management(kind, up, &w);
}

int main(int argc, char **argv)
{
    struct lk_capture_options options = { .link = LK_LINK_RADIOTAP };
    uint8_t room[LK_RSNE_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct octets pmkid, tk;
    struct lk_rsne rsne;

    if (argc < 6) {
        fprintf(stderr, "usage: wlan_frames FILE AKM PMKID TK FRAME...\n");
        return 2;
    }
    pmkid = octets_of(argv[3]);
    tk = octets_of(argv[4]);
    rsne = lk_rsne_of((uint8_t)strtoul(argv[2], NULL, 10), LK_RSN_MFP_CAPABLE,
                      lk_span_of(pmkid.at, pmkid.len));
    must(lk_rsne_encode(&w, &rsne), "rsne");
    must(lk_capture_open(&capture, argv[1], &options), argv[1]);
    authenticate();
    associate(false, lk_writer_span(&w));
    for (int i = 5; i < argc; i++) {
        struct octets pdu = octets_of(argv[i]);

        handshake(lk_span_of(pdu.at, pdu.len));
    }
    data(lk_span_of(tk.at, tk.len));
    associate(true, lk_writer_span(&w));
    end(LK_80211_DISASSOCIATION, true, LK_80211_REASON_LEAVING);
    end(LK_80211_DEAUTHENTICATION, false, LK_80211_REASON_HANDSHAKE_TIMEOUT);
    lk_capture_close(capture);
    return 0;
}
