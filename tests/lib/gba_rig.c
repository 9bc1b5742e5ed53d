#include "gba_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct gba gba;

static const struct lk_credentials credentials = {
    .card = { .algorithm = LK_AKA_MILENAGE,
              .k = { 0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f, 0xaa, 0x5f, 0x0a, 0x2e, 0xe2,
                     0x38, 0xa6, 0xbc },
              .k_len = 16,
              .topc = { 0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e, 0x48, 0xa5, 0x99, 0x4e,
                        0x37, 0xa0, 0x2b, 0xaf },
              .res_len = 8,
              .keccak_iterations = 1 },
};

static uint64_t tick(void)
{
    return gba.now_ms / LK_SQN_TICK_MS;
}

static void entropy(void *to, size_t len)
{
    uint32_t count = ++gba.entropy;
    uint8_t *at = to;

    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)((count * 2654435761u >> (i % 4 * 8)) ^ (i * 37));
}

static void home_open(void)
{
    static const struct lk_master_key master = { .octets = { 7 } };
    struct lk_auc_row row;
    struct lk_imsi imsi;

    gba.memory = calloc(1, lk_sqn_recent_size());
    assert_non_null(gba.memory);
    lk_row_key_derive(&gba.auc.key, &master);
    assert_int_equal(lk_sqn_init(&gba.auc.sqn, LK_SQN_TIME, 0, 0, gba.memory), LK_OK);
    gba.auc.sqn.ceiling = tick() + 1000000;
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(GBA_IMSI)), LK_OK);
    assert_int_equal(lk_auc_row_of(&row, &credentials, LK_SQN_TIME, tick()), LK_OK);
    lk_auc_seal(&gba.row, &gba.auc.key, &imsi, &row, (const uint8_t *)"nonce of 12.");
    lk_usim_init(&gba.usim, &credentials.card);
}

int gba_open(void **state)
{
    const struct lk_node_key node = { { 9 } };

    memset(&gba, 0, sizeof gba);
    gba.now_ms = UINT64_C(1795296600000);
    gba.known = true;
    home_open();
    lk_seal_keys_derive(&gba.keys, &node, LK_GBA_OPAQUE_LABEL, lk_node_day_of(gba.now_ms));
    lk_gba_bsf_defaults(&gba.bsf_config);
    gba.bsf_config.fqdn = lk_span_text(GBA_BSF);
    gba.bsf_config.impi_realm = lk_span_text(GBA_REALM);
    gba.bsf_config.keys = &gba.keys;
    gba.ue_config.fqdn = lk_span_text(GBA_BSF);
    gba.ue_config.algorithms = 1u << LK_GBA_AKAV1_MD5 | 1u << LK_GBA_AKAV2_MD5;
    lk_gba_bsf_init(&gba.bsf);
    lk_gba_ue_init(&gba.ue);
    return 0;
}

int gba_close(void **state)
{
    free(gba.memory);
    memset(&gba, 0, sizeof gba);
    return 0;
}

struct lk_span gba_span(const struct gba_octets *octets)
{
    return lk_span_of(octets->at, octets->len);
}

void gba_set(struct gba_octets *octets, struct lk_span from)
{
    assert_true(from.len <= sizeof octets->at);
    if (from.len > 0)
        memcpy(octets->at, from.at, from.len);
    octets->len = from.len;
}

/* ---- the BSF ---- */

static void vector(struct lk_gba_bsf_event *event, const struct lk_gba_bsf_output *ask)
{
    struct lk_vault_request request = { .kind = ask->ask_vector.resync ? LK_VAULT_RESYNC
                                                                       : LK_VAULT_VECTOR,
                                        .imsi = ask->ask_vector.imsi,
                                        .row = gba.row,
                                        .keys = LK_VECTOR_CK_IK };
    struct lk_auc_entropy random;
    struct lk_vault_answer answer;

    gba.vectors++;
    gba.resyncs += ask->ask_vector.resync;
    gba.nobodies += ask->ask_vector.nobody;
    event->kind = LK_GBA_BSF_EV_NO_VECTOR;
    event->no_vector = gba.refuses;
    if (gba.refuses != LK_REASON_NONE)
        return;
    event->no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    if (!gba.known || strcmp(ask->ask_vector.imsi.digits, GBA_IMSI) != 0)
        return;
    memcpy(request.rand, ask->ask_vector.rand, sizeof request.rand);
    memcpy(request.auts, ask->ask_vector.auts, sizeof request.auts);
    entropy(&random, sizeof random);
    lk_auc_answer(&answer, &gba.auc, &request, false, tick(), &random);
    event->no_vector = answer.refused;
    if (answer.refused != LK_REASON_NONE)
        return;
    if (answer.row.len > 0)
        gba.row = answer.row;
    event->kind = LK_GBA_BSF_EV_VECTOR;
    event->vector = answer.vector;
}

static void name(struct lk_gba_bsf_event *event, struct lk_span tmpi)
{
    gba.names++;
    event->kind = LK_GBA_BSF_EV_NO_NAME;
    if (tmpi.len > 0 && lk_span_equal(tmpi, lk_span_text(gba.tmpi))) {
        event->kind = LK_GBA_BSF_EV_NAME;
        assert_int_equal(lk_imsi_parse(&event->name, lk_span_text(GBA_IMSI)), LK_OK);
    }
}

/* What the outbox says, and what is asked next; false: nothing. */
static bool read_bsf(struct lk_gba_bsf_event *event)
{
    bool asked = false;

    memset(event, 0, sizeof *event);
    event->now_ms = gba.now_ms;
    for (size_t i = 0; i < gba.bsf_out.count; i++) {
        const struct lk_gba_bsf_output *item = &gba.bsf_out.item[i];

        switch (item->kind) {
        case LK_GBA_BSF_OUT_ASK_NAME: name(event, item->ask_name); asked = true; break;
        case LK_GBA_BSF_OUT_ASK_VECTOR: vector(event, item); asked = true; break;
        case LK_GBA_BSF_OUT_KEEP: gba.kept = true; gba.keep = item->keep; break;
        case LK_GBA_BSF_OUT_FAILED: gba.bsf_failed = item->failed.reason; break;
        case LK_GBA_BSF_OUT_ANSWER:
            gba.answer.status = item->answer.status;
            gba_set(&gba.answer.challenge, item->answer.challenge);
            gba_set(&gba.answer.info, item->answer.info);
            gba_set(&gba.answer.body, item->answer.body);
            gba.answer.expires_s = item->answer.expires_s;
            break;
        }
    }
    entropy(event->entropy, sizeof event->entropy);
    return asked;
}

void gba_ask(struct lk_span authorization)
{
    struct lk_gba_bsf_event event = { .kind = LK_GBA_BSF_EV_REQUEST, .now_ms = gba.now_ms };

    gba.kept = false;
    gba.bsf_failed = LK_REASON_NONE;
    gba.answer.status = 0;
    entropy(event.entropy, sizeof event.entropy);
    event.request.method = lk_span_text("GET");
    event.request.uri = lk_span_text("/");
    event.request.authorization = authorization;
    do
        assert_int_equal(lk_gba_bsf_step(&gba.bsf, &gba.bsf_config, &event, &gba.bsf_out), LK_OK);
    while (read_bsf(&event));
    assert_int_equal(gba.bsf.state, LK_GBA_BSF_IDLE);
    assert_int_not_equal(gba.answer.status, 0);
}

/* ---- the UE ---- */

/* What stands between <name> and </name>. */
static struct lk_span element(const char *begin, const char *end, struct lk_span body)
{
    static char text[LK_GBA_XML_MAX + 1];
    const char *at, *to;

    memcpy(text, body.at, body.len);
    text[body.len] = '\0';
    at = strstr(text, begin);
    to = strstr(text, end);
    if (at == NULL || to == NULL)
        return lk_span_of(NULL, 0);
    at += strlen(begin);
    return lk_span_of(at, (size_t)(to - at));
}

static void read_body(struct lk_gba_ue_event *event, struct lk_span body)
{
    struct lk_span lifetime = element("<lifetime>", "</lifetime>", body);
    char text[LK_XML_TIME_LEN];

    assert_int_equal(lk_xml_time(text, gba.answer.expires_s), LK_OK);
    assert_true(lk_span_equal(lifetime, LK_SPAN(text)));
    event->kind = LK_GBA_UE_EV_INFO;
    event->info.expires_s = gba.answer.expires_s;
    event->info.home_agent = element("\"uri:latchkey-gba\">", "</homeagent>", body);
    event->info.home_agent_address =
        element("<homeagentaddress xmlns=\"uri:latchkey-gba\">", "</homeagentaddress>", body);
    event->info.b_tid = element("<btid>", "</btid>", body);
}

/* What the outbox says, and what is answered at once; 0: nothing. */
static bool read_ue(struct lk_gba_ue_event *event)
{
    const struct lk_gba_ue_output *item;

    memset(event, 0, sizeof *event);
    event->now_ms = gba.now_ms;
    entropy(event->entropy, sizeof event->entropy);
    if ((item = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_SEND)) != NULL)
        gba_set(&gba.sent, item->send);
    if ((item = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_FAILED)) != NULL)
        gba.ue_failed = item->failed.reason;
    if ((item = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_GRANT)) != NULL) {
        gba.granted = true;
        gba.grant = item->grant;
    }
    if ((item = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_ASK_CARD)) != NULL) {
        event->kind = LK_GBA_UE_EV_CARD;
        lk_usim_answer(&gba.usim, &event->card, item->ask_card.rand, item->ask_card.autn);
    } else if ((item = lk_gba_ue_outbox_find(&gba.ue_out, LK_GBA_UE_OUT_READ)) != NULL) {
        read_body(event, item->read);
    }
    return event->kind != 0;
}

static bool step_ue(struct lk_gba_ue_event *event)
{
    gba.sent.len = 0;
    do
        assert_int_equal(lk_gba_ue_step(&gba.ue, &gba.ue_config, event, &gba.ue_out), LK_OK);
    while (read_ue(event));
    return gba.sent.len > 0;
}

void gba_start(const char *tmpi)
{
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_START, .now_ms = gba.now_ms };

    gba.granted = false;
    gba.ue_failed = LK_REASON_NONE;
    lk_gba_ue_init(&gba.ue);
    event.start.impi = lk_span_text(GBA_IMPI);
    event.start.tmpi = lk_span_text(tmpi);
    assert_true(step_ue(&event));
}

bool gba_tell(void)
{
    struct lk_gba_ue_event event = { .kind = LK_GBA_UE_EV_ANSWER, .now_ms = gba.now_ms };

    entropy(event.entropy, sizeof event.entropy);
    event.answer.status = gba.answer.status;
    event.answer.challenge = gba_span(&gba.answer.challenge);
    event.answer.info = gba_span(&gba.answer.info);
    event.answer.body = gba_span(&gba.answer.body);
    return step_ue(&event);
}

unsigned gba_run(const char *tmpi)
{
    unsigned requests = 0;

    gba_start(tmpi);
    do {
        gba_ask(gba_span(&gba.sent));
        assert_true(++requests < 10);
    } while (gba_tell());
    assert_int_equal(gba.ue.state, LK_GBA_UE_IDLE);
    assert_true(gba.granted || gba.ue_failed != LK_REASON_NONE);
    return requests;
}

void gba_card_ahead(uint8_t by)
{
    for (uint8_t ind = 0; ind < LK_USIM_ARRAY; ind++)
        lk_usim_set_sqn(&gba.usim, (const uint8_t[LK_SQN_LEN]){ 0, by, 0, 0, 0, ind });
}

void gba_respond(void)
{
    gba_start("");
    gba_ask(gba_span(&gba.sent));
    assert_true(gba_tell());
}
