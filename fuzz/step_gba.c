/* Octets as what goes between UE and BSF at Ub: altered, cut, again, late, and made up. Whatever
 * comes, a Ks at the UE is one that the BSF keeps; nobody gets one for a decoy; what is created
 * first stays the first; and a machine that refuses has changed nothing. */
#include "fuzz.h"

#include <string.h>

#include "proto/gba/bsf.h"
#include "proto/gba/ue.h"

enum { KEPT = 8, TEXT = LK_HTTP_DIGEST_MAX };
#define BSF "bsf.example"
#define REALM "ims.example"

static struct {
    struct lk_gba_bsf bsf;
    struct lk_gba_bsf_config bsf_config;
    struct lk_gba_bsf_outbox bsf_out;
    struct lk_seal_keys keys;
    struct lk_gba_ue ue;
    struct lk_gba_ue_config ue_config;
    struct lk_gba_ue_outbox ue_out;
    uint64_t now_ms;
    uint8_t count;
    struct {
        size_t len;
        uint8_t at[TEXT];
    } up, challenge, info, body; /* what was said last */
    unsigned status;
    struct lk_ks kept[KEPT];
    size_t kept_count;
} f;

static void begin(void)
{
    static const struct lk_node_key node = { { 3 } };

    memset(&f, 0, sizeof f);
    f.now_ms = UINT64_C(1795296600000);
    lk_seal_keys_derive(&f.keys, &node, LK_GBA_OPAQUE_LABEL, lk_node_day_of(f.now_ms));
    lk_gba_bsf_defaults(&f.bsf_config);
    f.bsf_config.fqdn = f.ue_config.fqdn = lk_span_text(BSF);
    f.bsf_config.impi_realm = lk_span_text(REALM);
    f.bsf_config.keys = &f.keys;
    f.ue_config.algorithms = 1u << LK_GBA_AKAV1_MD5 | 1u << LK_GBA_AKAV2_MD5;
    lk_gba_bsf_init(&f.bsf);
    lk_gba_ue_init(&f.ue);
}

/* One secret for each RAND, the same at both ends. */
static void fill(uint8_t *octets, size_t len, uint8_t rand, uint8_t which)
{
    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)(rand * 29 + which * 7 + i);
}

static bool answer_bsf(struct lk_gba_bsf_event *event)
{
    bool asked = false;

    *event = (struct lk_gba_bsf_event){ .now_ms = f.now_ms };
    for (size_t i = 0; i < f.bsf_out.count; i++) {
        const struct lk_gba_bsf_output *item = &f.bsf_out.item[i];

        if (item->kind == LK_GBA_BSF_OUT_ASK_NAME) {
            event->kind = LK_GBA_BSF_EV_NO_NAME;
            asked = true;
        } else if (item->kind == LK_GBA_BSF_OUT_ASK_VECTOR) {
            asked = true;
            event->kind = LK_GBA_BSF_EV_NO_VECTOR;
            event->no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
            if (item->ask_vector.nobody || item->ask_vector.imsi.digits[14] != '1')
                continue;
            event->kind = LK_GBA_BSF_EV_VECTOR;
            event->vector = (struct lk_vector){ .keys = LK_VECTOR_CK_IK, .xres_len = 8 };
            event->vector.rand[0] = ++f.count;
            fill(event->vector.xres, 8, f.count, 1);
            fill(event->vector.ck.octets, 16, f.count, 2);
            fill(event->vector.ik.octets, 16, f.count, 3);
        } else if (item->kind == LK_GBA_BSF_OUT_KEEP) {
            LK_ASSERT(item->keep.created_s * 1000 <= f.now_ms && item->keep.rand[0] <= f.count);
            LK_ASSERT(item->keep.expires_s == item->keep.created_s + f.bsf_config.lifetime_s);
            f.kept[f.kept_count++ % KEPT] = item->keep.ks;
        } else if (item->kind == LK_GBA_BSF_OUT_ANSWER) {
            f.status = item->answer.status;
            f.challenge.len = item->answer.challenge.len;
            f.info.len = item->answer.info.len;
            f.body.len = item->answer.body.len;
            LK_ASSERT((f.status == 200) == (f.body.len > 0));
            LK_ASSERT((f.status == 401) == (f.challenge.len > 0));
            if (f.challenge.len > 0)
                memcpy(f.challenge.at, item->answer.challenge.at, f.challenge.len);
            if (f.info.len > 0)
                memcpy(f.info.at, item->answer.info.at, f.info.len);
            if (f.body.len > 0)
                memcpy(f.body.at, item->answer.body.at, f.body.len);
        }
    }
    return asked;
}

static void at_bsf(struct lk_span authorization)
{
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_REQUEST, .now_ms = f.now_ms };

    event.request.method = lk_span_text("GET");
    event.request.uri = lk_span_text("/");
    event.request.authorization = authorization;
    do
        LK_ASSERT(lk_gba_bsf_step(&f.bsf, &f.bsf_config, &event, &f.bsf_out) == LK_OK);
    while (answer_bsf(&event));
    LK_ASSERT(f.bsf.state == LK_GBA_BSF_IDLE);
}

static bool is_kept(const struct lk_ks *ks)
{
    for (size_t i = 0; i < KEPT && i < f.kept_count; i++)
        if (memcmp(&f.kept[i], ks, sizeof *ks) == 0)
            return true;
    return f.kept_count > KEPT;
}

static void at_ue(struct lk_gba_ue_event *event, uint8_t verdict)
{
    for (;;) {
        const struct lk_gba_ue_output *item;
        struct lk_gba_ue before = f.ue;
        struct lk_gba_ue_event next = { .now_ms = f.now_ms };
        enum lk_status status = lk_gba_ue_step(&f.ue, &f.ue_config, event, &f.ue_out);

        LK_ASSERT(status == LK_OK ||
                  (f.ue_out.count == 0 && memcmp(&before, &f.ue, sizeof before) == 0));
        if ((item = lk_gba_ue_outbox_find(&f.ue_out, LK_GBA_UE_OUT_SEND)) != NULL) {
            f.up.len = item->send.len;
            memcpy(f.up.at, item->send.at, item->send.len);
        }
        if ((item = lk_gba_ue_outbox_find(&f.ue_out, LK_GBA_UE_OUT_GRANT)) != NULL)
            LK_ASSERT(is_kept(&item->grant.ks));
        if ((item = lk_gba_ue_outbox_find(&f.ue_out, LK_GBA_UE_OUT_ASK_CARD)) != NULL) {
            next.kind = LK_GBA_UE_EV_CARD;
            next.card.verdict = (enum lk_card_verdict)(verdict % 3);
            next.card.output.res_len = 8;
            fill(next.card.output.res, 8, item->ask_card.rand[0], 1);
            fill(next.card.output.ck, 16, item->ask_card.rand[0], 2);
            fill(next.card.output.ik, 16, item->ask_card.rand[0], 3);
        } else if ((item = lk_gba_ue_outbox_find(&f.ue_out, LK_GBA_UE_OUT_READ)) != NULL) {
            next.kind = LK_GBA_UE_EV_INFO;
            next.info.b_tid = lk_span_text("a@b");
            next.info.expires_s = f.now_ms / 1000 + (verdict < 200);
        } else {
            return;
        }
        *event = next;
    }
}

/* What was said last, altered at a place, or cut there, or as it is. */
static struct lk_span altered(uint8_t room[TEXT], const uint8_t *at, size_t len, uint8_t where,
                              uint8_t how)
{
    size_t place = len > 0 ? (size_t)where * 3 % len : 0;

    memcpy(room, at, len);
    if (len > 0 && how < 32)
        room[place] ^= (uint8_t)(1 + how);
    return lk_span_of(room, len > 0 && how >= 32 && how < 48 ? place : len);
}

static void tell(uint8_t where, uint8_t how, uint8_t verdict)
{
    static uint8_t challenge[TEXT], info[TEXT], body[TEXT];
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_ANSWER, .now_ms = f.now_ms };

    event.answer.status = f.status;
    event.answer.challenge = altered(challenge, f.challenge.at, f.challenge.len, where, how);
    event.answer.info = altered(info, f.info.at, f.info.len, where, how);
    event.answer.body = altered(body, f.body.at, f.body.len, where, how);
    at_ue(&event, verdict);
}

static void one(uint8_t what, struct lk_reader *r)
{
    static uint8_t room[TEXT];
    struct lk_gba_ue_event event = { .now_ms = f.now_ms };
    uint8_t where = lk_get_u8(r), how = lk_get_u8(r);

    switch (what % 8) {
    case 0:
        event.kind = LK_GBA_UE_EV_START;
        event.start.impi = lk_span_text("001010000000001@" REALM);
        event.start.tmpi = lk_span_text((how & 1) != 0 ? "x@" LK_TMPI_REALM : "");
        at_ue(&event, 0);
        break;
    case 1:
    case 2: at_bsf(altered(room, f.up.at, f.up.len, where, how)); break;
    case 3:
    case 4: tell(where, how, (uint8_t)(what >> 3)); break;
    case 5: f.now_ms += (uint64_t)where << 8; break;
    case 6: at_bsf(lk_get_lv8(r)); break;
    default:
        event.kind = (enum lk_gba_ue_event_kind)(LK_GBA_UE_EV_ANSWER + where % 5);
        if (event.kind == LK_GBA_UE_EV_ANSWER) {
            event.answer.status = (how & 1) != 0 ? 200 : 401;
            event.answer.challenge = event.answer.info = lk_get_lv8(r);
        } else if (event.kind == LK_GBA_UE_EV_INFO || event.kind == LK_GBA_UE_EV_CARD) {
            break; /* these come of the machine's own question alone */
        }
        at_ue(&event, how);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin();
    for (unsigned i = 0; i < 48 && r.left > 0; i++)
        one(lk_get_u8(&r), &r);
    return 0;
}
