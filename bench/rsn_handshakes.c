/* 4-way handshakes of both machines on one core, against the floor of their cryptography.
 *
 *     rsn_handshakes AKM SECONDS [machines|floor]
 *
 * A handshake is a re-key of a live association, as at a handover: a new PMK at both ends, messages
 * 1 to 4 encoded, carried over and decoded, a GTK in message 3, both ends open. The floor is what
 * these octets need of HMAC, CMAC and AES, each once for who makes it and once for who checks it:
 *
 *     2 PMKIDs, 2 PTKs, the MICs of messages 2 to 4 made and checked, one key wrap and its unwrap
 *
 * and nothing else: no machine, no codec. The two take turns of SLICE_MS; what counts is the time
 * of this process on its core, so that what else runs there does not show. With the third word
 * there is one of them only, for a profiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/kdf.h"
#include "proto/rsn/authenticator.h"
#include "proto/rsn/supplicant.h"
#include "wire/rsne.h"

enum { SLICE_MS = 20, BATCH = 64, MESSAGES = 4, PTK_LEN = 48 };

static struct {
    struct lk_rsn_config config;
    struct lk_rsn_authenticator wt;
    struct lk_rsn_supplicant ue;
    struct lk_rsn_outbox wt_out, ue_out;
    uint64_t drawn, now_ms;
} live;

/* What the floor is made of, out of one handshake. */
static struct {
    struct lk_pmk pmk;
    struct lk_ptk ptk;
    uint8_t station[LK_STATION_LEN];
    uint8_t input[2 * LK_STATION_LEN + 2 * LK_RSN_NONCE_LEN];
    struct {
        uint8_t octets[LK_EAPOL_KEY_MAX];
        size_t len;
    } message[MESSAGES];
    uint8_t elements[LK_KEY_DATA_MAX];
    size_t elements_len;
    uint8_t out[LK_KEY_DATA_WRAPPED_MAX]; /* whatever comes out */
} floor_of;

/* ---- handshakes ---- */

static void draw(struct lk_rsn_event *event)
{
    struct lk_writer w = lk_writer_of(event->entropy, sizeof event->entropy);

    event->now_ms = live.now_ms;
    lk_put_be64(&w, ++live.drawn);
    lk_put_be64(&w, live.drawn);
    lk_put_zeroes(&w, sizeof event->entropy - w.len);
}

static void to_wt(struct lk_rsn_event *event)
{
    enum lk_status status;

    draw(event);
    status = lk_rsn_authenticator_step(&live.wt, &live.config, event, &live.wt_out);
    LK_ASSERT(status == LK_OK);
}

static void to_ue(struct lk_rsn_event *event)
{
    enum lk_status status;

    draw(event);
    status = lk_rsn_supplicant_step(&live.ue, &live.config, event, &live.ue_out);
    LK_ASSERT(status == LK_OK);
}

/* What an end sent, as the other hears it; message: kept there, too, unless 0. */
static struct lk_rsn_event heard(const struct lk_rsn_outbox *out, unsigned message)
{
    const struct lk_rsn_output *sent = lk_rsn_outbox_find(out, LK_RSN_OUT_SEND);
    struct lk_rsn_event event = { .kind = LK_RSN_EV_RECEIVED };

    LK_ASSERT(sent != NULL);
    event.received = sent->send;
    if (message > 0) {
        floor_of.message[message - 1].len = sent->send.len;
        memcpy(floor_of.message[message - 1].octets, sent->send.at, sent->send.len);
    }
    return event;
}

/* Messages 1 to 4, when message 1 is out. Outboxes are wiped when they have been read. */
static void messages(bool kept)
{
    struct lk_rsn_event event = heard(&live.wt_out, kept ? 1 : 0);

    to_ue(&event);
    event = heard(&live.ue_out, kept ? 2 : 0);
    to_wt(&event);
    event = heard(&live.wt_out, kept ? 3 : 0);
    to_ue(&event);
    lk_rsn_outbox_wipe(&live.wt_out);
    LK_ASSERT(lk_rsn_outbox_find(&live.ue_out, LK_RSN_OUT_INSTALL) != NULL);
    event = heard(&live.ue_out, kept ? 4 : 0);
    to_wt(&event);
    lk_rsn_outbox_wipe(&live.ue_out);
    LK_ASSERT(lk_rsn_outbox_find(&live.wt_out, LK_RSN_OUT_INSTALL) != NULL);
    lk_rsn_outbox_wipe(&live.wt_out);
}

static void new_pmk(void)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };
    struct lk_writer w = lk_writer_of(event.pmk.octets, sizeof event.pmk.octets);

    lk_put_be64(&w, live.drawn + 1);
    to_ue(&event);
    to_wt(&event);
    lk_wipe(&event, sizeof event);
}

static void handshake(bool kept)
{
    live.now_ms += 10;
    new_pmk();
    messages(kept);
}

static void associate(enum lk_akm akm)
{
    static const uint8_t aa[] = { 2, 0, 0, 0, 0, 1 }, spa[] = { 2, 0, 0, 0, 0, 2 };
    struct lk_rsne rsne = lk_rsne_of((uint8_t)akm, 0, lk_span_of(NULL, 0));
    struct lk_rsn_event event = { .kind = LK_RSN_EV_GROUP, .group = { .key_id = 1 } };
    uint8_t octets[LK_RSN_ELEMENT_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    enum lk_status status = lk_rsne_encode(&w, &rsne);

    LK_ASSERT(status == LK_OK);
    lk_rsn_defaults(&live.config);
    live.config.akm = akm;
    lk_rsn_authenticator_init(&live.wt);
    lk_rsn_supplicant_init(&live.ue);
    memset(event.group.gtk.octets, 0x61, sizeof event.group.gtk.octets);
    to_wt(&event);
    new_pmk();
    event = (struct lk_rsn_event){ .kind = LK_RSN_EV_ASSOCIATED };
    memcpy(event.associated.aa, aa, sizeof aa);
    memcpy(event.associated.spa, spa, sizeof spa);
    event.associated.ap_rsne = event.associated.sta_rsne = lk_writer_span(&w);
    to_ue(&event);
    to_wt(&event);
    messages(false);
}

/* ---- the floor ---- */

static struct lk_span message(unsigned number)
{
    return lk_span_of(floor_of.message[number - 1].octets, floor_of.message[number - 1].len);
}

/* A handshake that is kept, and what was in its message 3. */
static void take_floor(void)
{
    struct lk_span wrapped;
    enum lk_status status;

    handshake(true);
    floor_of.pmk = live.wt.pmk;
    floor_of.ptk = live.wt.ptk;
    wrapped = lk_span_of(message(3).at + LK_EAPOL_KEY_LEAST, message(3).len - LK_EAPOL_KEY_LEAST);
    floor_of.elements_len = wrapped.len - 8;
    status = lk_aes128_unwrap(floor_of.elements, floor_of.ptk.kek.octets, wrapped);
    LK_ASSERT(status == LK_OK);
}

static void pmkid(bool sha256)
{
    const struct lk_span parts[] = { lk_span_text("PMK Name"), LK_SPAN(floor_of.station),
                                     LK_SPAN(floor_of.station) };

    if (sha256)
        lk_hmac_sha256(floor_of.out, LK_SPAN(floor_of.pmk.octets), parts, LK_COUNT_OF(parts));
    else
        lk_hmac_sha1(floor_of.out, LK_SPAN(floor_of.pmk.octets), parts, LK_COUNT_OF(parts));
}

static void ptk(bool sha256)
{
    static const char label[] = "Pairwise key expansion";

    if (sha256)
        lk_kdf_80211(floor_of.out, PTK_LEN, LK_SPAN(floor_of.pmk.octets), label,
                     LK_SPAN(floor_of.input));
    else
        lk_prf_80211(floor_of.out, PTK_LEN, LK_SPAN(floor_of.pmk.octets), label,
                     LK_SPAN(floor_of.input));
}

static void mic(bool sha256, struct lk_span octets)
{
    if (sha256)
        lk_cmac_aes128(floor_of.out, floor_of.ptk.kck.octets, &octets, 1);
    else
        lk_hmac_sha1(floor_of.out, LK_SPAN(floor_of.ptk.kck.octets), &octets, 1);
}

static void cryptography(enum lk_akm akm)
{
    bool sha256 = akm == LK_AKM_PSK_SHA256;
    const uint8_t *kek = floor_of.ptk.kek.octets;
    uint8_t back[LK_KEY_DATA_MAX];
    enum lk_status status;

    for (int end = 0; end < 2; end++) {
        pmkid(sha256);
        ptk(sha256);
        for (unsigned number = 2; number <= MESSAGES; number++)
            mic(sha256, message(number));
    }
    status = lk_aes128_wrap(floor_of.out, kek,
                            lk_span_of(floor_of.elements, floor_of.elements_len));
    LK_ASSERT(status == LK_OK);
    status = lk_aes128_unwrap(back, kek, lk_span_of(floor_of.out, floor_of.elements_len + 8));
    LK_ASSERT(status == LK_OK);
}

/* ---- turns ---- */

struct side {
    uint64_t ns, count;
};

static uint64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void turn(struct side *side, enum lk_akm akm, bool machines)
{
    uint64_t began = cpu_ns(), spent = 0;

    while (spent < (uint64_t)SLICE_MS * 1000000) {
        for (int i = 0; i < BATCH; i++) {
            if (machines)
                handshake(false);
            else
                cryptography(akm);
        }
        side->count += BATCH;
        spent = cpu_ns() - began;
    }
    side->ns += spent;
}

static double rate(const struct side *side)
{
    return side->ns == 0 ? 0 : (double)side->count * 1e9 / (double)side->ns;
}

int main(int count, char **word)
{
    struct side machines = { 0, 0 }, crypto = { 0, 0 };
    enum lk_akm akm = count > 1 && strtoul(word[1], NULL, 10) == LK_AKM_PSK ? LK_AKM_PSK
                                                                           : LK_AKM_PSK_SHA256;
    unsigned long seconds = count > 2 ? strtoul(word[2], NULL, 10) : 1;
    const char *only = count > 3 ? word[3] : "";

    associate(akm);
    take_floor();
    for (unsigned long i = 0; i < seconds * 1000 / (2 * SLICE_MS); i++) {
        if (strcmp(only, "floor") != 0)
            turn(&machines, akm, true);
        if (strcmp(only, "machines") != 0)
            turn(&crypto, akm, false);
    }
    printf("{\"machines\": %.0f, \"floor\": %.0f, \"octets\": %zu}\n", rate(&machines),
           rate(&crypto), message(1).len + message(2).len + message(3).len + message(4).len);
    return 0;
}
