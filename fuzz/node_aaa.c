/* Octets become datagrams for an AAA node: raw, or signed with the client's secret, on both ports,
 * with the State of the last answer or one of their own; and the answers of vault and stores.
 *
 * Promises: nothing that is not signed is answered; every answer is a RADIUS packet with
 * Message-Authenticator first, both authenticators right, Proxy-State echoed; Accept with keys goes
 * with a grant, Reject with a refusal, no WLCP key and nothing of MIS on an open leg, and a job
 * always ends. */
#include "fuzz.h"

#include <string.h>

#include "node/aaa.h"

struct run {
    struct lk_aaa_config config;
    struct lk_radius_client client;
    struct lk_aaa_job job;
    struct lk_aaa_out out;
    struct lk_reader r;
    uint8_t entropy[LK_AAA_ENTROPY_LEN];
    uint8_t count;
    bool is_protected;
    bool says_pos;
    uint64_t now_ms;
    uint8_t request[LK_RADIUS_PACKET_MAX];
    size_t state_len;
    uint8_t state[LK_RADIUS_VALUE_MAX]; /* of the last Challenge */
};

static void fresh_entropy(struct run *f)
{
    memset(f->entropy, f->count++, sizeof f->entropy);
}

static void look_at_answer(struct run *f)
{
    const uint8_t *authenticator = f->request + LK_RADIUS_AUTHENTICATOR_AT;
    struct lk_radius_packet packet;
    struct lk_span value;
    bool granted = lk_outbox_find(&f->out.eap, LK_OUT_GRANT) != NULL ||
                   lk_erp_outbox_find(&f->out.erp, LK_ERP_OUT_GRANT) != NULL;
    bool mip_key = f->out.mip == LK_AAA_MIP_GRANTED && f->job.mip.agent == LK_RADIUS_MIP_FOREIGN;
    bool failed = lk_outbox_find(&f->out.eap, LK_OUT_FAILED) != NULL ||
                  lk_erp_outbox_find(&f->out.erp, LK_ERP_OUT_FAILED) != NULL ||
                  f->out.mip == LK_AAA_MIP_REFUSED;

    LK_ASSERT(lk_radius_decode(&packet, lk_span_of(f->out.answer, f->out.answer_len)) == LK_OK);
    LK_ASSERT(packet.identifier == f->request[1]);
    LK_ASSERT(packet.attributes.at[0] == LK_RADIUS_MESSAGE_AUTHENTICATOR);
    LK_ASSERT(lk_radius_mac_verify(&packet, &f->client.secret,
                                   lk_radius_mac_header(f->request[0], authenticator)) == LK_OK);
    LK_ASSERT(lk_radius_authenticator_verify(&packet, &f->client.secret, authenticator) == LK_OK);
    LK_ASSERT(failed == (packet.code == LK_RADIUS_ACCESS_REJECT));
    LK_ASSERT(mip_key || granted == lk_radius_find_vendor(&packet, LK_RADIUS_MICROSOFT,
                                                          LK_RADIUS_MS_MPPE_RECV_KEY, &value));
    LK_ASSERT((f->out.mip == LK_AAA_MIP_GRANTED && f->is_protected) ||
              !lk_radius_find_vendor(&packet, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, &value));
    LK_ASSERT(!granted || packet.code == LK_RADIUS_ACCESS_ACCEPT);
    LK_ASSERT((granted && f->is_protected) ||
              !lk_radius_find_vendor(&packet, f->config.enterprise, LK_RADIUS_WLCP_KEY, &value));
    for (uint8_t type = LK_RADIUS_MIS_PSK; type <= LK_RADIUS_MIS_LIFETIME; type++)
        LK_ASSERT((granted && f->is_protected && f->client.pos != NULL) ||
                  !lk_radius_find_vendor(&packet, f->config.enterprise, type, &value));
    if (packet.code != LK_RADIUS_ACCESS_CHALLENGE)
        return;
    (void)lk_radius_find(&packet, LK_RADIUS_STATE, &value);
    f->state_len = value.len;
    if (value.len > 0)
        memcpy(f->state, value.at, value.len);
}

static enum lk_aaa_verdict tell(struct run *f)
{
    const struct lk_output *reauth = lk_outbox_find(&f->out.eap, LK_OUT_ASK_REAUTH);
    const struct lk_output *vector = lk_outbox_find(&f->out.eap, LK_OUT_ASK_VECTOR);
    struct lk_event event = { .now_ms = f->now_ms };
    bool yes = lk_get_u8(&f->r) % 4 != 0;

    fresh_entropy(f);
    memcpy(event.entropy, f->entropy, sizeof event.entropy);
    if (reauth != NULL && yes) {
        event.kind = LK_EV_REAUTH;
        memcpy(event.reauth.name, reauth->ask_reauth, LK_REAUTH_NAME_LEN);
        event.reauth.eap_type = f->job.eap.type;
        event.reauth.k_aut.len = f->job.eap.type == LK_EAP_AKA_PRIME ? 32 : 16;
        memcpy(event.reauth.imsi.digits, "001010000000001", 16);
    } else if (reauth != NULL) {
        event.kind = LK_EV_NO_REAUTH;
    } else if (yes) {
        LK_ASSERT(vector != NULL);
        event.kind = LK_EV_VECTOR;
        memset(&event.vector, 0x5a, sizeof event.vector);
        event.vector.xres_len = 8;
        event.vector.keys = vector->ask_vector.prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;
    } else {
        event.kind = LK_EV_NO_VECTOR;
        event.no_vector = LK_REASON_SUBSCRIBER_UNKNOWN;
    }
    return lk_aaa_job_told(&f->job, &f->out, &f->config, &event);
}

static enum lk_aaa_verdict tell_erp(struct run *f)
{
    const struct lk_erp_output *ask = lk_erp_outbox_find(&f->out.erp, LK_ERP_OUT_ASK);
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_NO_CONTEXT,
                                         .now_ms = f->now_ms };

    LK_ASSERT(ask != NULL && f->is_protected && f->client.pos != NULL);
    if (lk_get_u8(&f->r) % 4 != 0) {
        event.kind = LK_ERP_SERVER_EV_CONTEXT;
        memcpy(event.context.name, ask->ask, sizeof event.context.name);
        memcpy(event.context.imsi.digits, "001010000000001", 16);
        event.context.expires_ms = f->now_ms + 1;
    }
    return lk_aaa_job_told_erp(&f->job, &f->out, &f->config, &event);
}

/* T23: nobody is asked for on an open leg. */
static enum lk_aaa_verdict tell_mip(struct run *f)
{
    struct lk_mip_msa msa = { .there = { .spi = f->job.mip.spi, .algorithm = LK_MIP_HMAC_MD5,
                                         .secret = { .len = 16 } },
                              .spi_back = f->job.mip.spi, .replay = LK_MIP_TIMESTAMPS,
                              .ends_ms = UINT64_MAX };
    struct lk_mip_keygen keygen;
    struct lk_aaa_mip_told told = { .now_ms = f->now_ms, .reason = LK_REASON_MIP_B_TID,
                                    .keygen = &keygen };

    LK_ASSERT(f->is_protected && f->client.agent != NULL && f->job.mip.imsi.digits[0] != '\0');
    lk_mip_keygen_init(&keygen);
    for (size_t i = 0; i < sizeof told.entropy; i++)
        told.entropy[i] = (uint8_t)(f->count + i);
    if (lk_get_u8(&f->r) % 4 != 0)
        told.with = &msa;
    return lk_aaa_job_told_mip(&f->job, &f->out, &f->config, &told);
}

static void serve(struct run *f, enum lk_radius_port port, struct lk_span datagram, bool is_signed)
{
    struct lk_aaa_datagram in = { .octets = datagram, .port = port, .source = { { 1 } },
                                  .client = &f->client, .now_ms = f->now_ms,
                                  .entropy = f->entropy, .is_protected = f->is_protected };
    enum lk_aaa_verdict verdict;
    unsigned asked = 0;

    fresh_entropy(f);
    verdict = lk_aaa_job_receive(&f->job, &f->out, &f->config, &in);
    for (; verdict == LK_AAA_ASK; asked++) {
        LK_ASSERT(asked < 4);
        verdict = tell(f);
    }
    if (verdict == LK_AAA_ASK_ERP)
        verdict = tell_erp(f);
    if (verdict == LK_AAA_ASK_MIP)
        verdict = tell_mip(f);
    if (verdict == LK_AAA_SIGN) {
        LK_ASSERT(f->config.mis.signs && f->out.mark.mn_id.len > 0);
        verdict = lk_aaa_job_signed(&f->job, &f->out, &f->config,
                                    lk_span_of(f->request, lk_get_u8(&f->r) % 200));
    }
    if (verdict == LK_AAA_STORE)
        verdict = lk_aaa_job_stored(&f->job, &f->out, lk_get_u8(&f->r) % 2 == 0);
    LK_ASSERT(f->job.state == LK_AAA_JOB_IDLE);
    LK_ASSERT(verdict == LK_AAA_ANSWER || verdict == LK_AAA_DROP);
    LK_ASSERT((verdict == LK_AAA_DROP) == (f->out.answer_len == 0));
    LK_ASSERT(verdict == LK_AAA_ANSWER || f->out.reason != LK_REASON_NONE);
    if (verdict == LK_AAA_ANSWER && is_signed)
        look_at_answer(f);
    lk_aaa_out_wipe(&f->out);
    lk_aaa_job_wipe(&f->job);
}

/* Code and attributes of the input, signed. */
static void serve_signed(struct run *f, bool with_state)
{
    static const uint8_t zeroes[16];
    struct lk_writer w = lk_writer_of(f->request, sizeof f->request);
    uint8_t code = lk_get_u8(&f->r), value[16];
    bool accounting = code == LK_RADIUS_ACCOUNTING_REQUEST;
    size_t at;

    lk_radius_begin(&w, (enum lk_radius_code)code, f->count);
    at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    if (with_state)
        lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(f->state, f->state_len));
    lk_put_span(&w, lk_get_lv16(&f->r));
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_radius_mac(value, lk_writer_span(&w), at, &f->client.secret, zeroes);
    lk_patch_octets(&w, at, value, sizeof value);
    if (accounting) {
        lk_radius_authenticator(value, lk_writer_span(&w), &f->client.secret, zeroes);
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    }
    serve(f, accounting ? LK_RADIUS_ACCT_PORT : LK_RADIUS_AUTH_PORT, lk_writer_span(&w), true);
}

/* An EAP packet of the input in a request that is otherwise right. */
static void serve_eap(struct run *f, uint8_t modes)
{
    static const uint8_t zeroes[16];
    struct lk_writer w = lk_writer_of(f->request, sizeof f->request);
    uint8_t value[16];
    size_t at;

    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, f->count);
    at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put_eap(&w, lk_get_lv16(&f->r));
    if (modes != 0)
        lk_radius_put_access(&w, f->config.enterprise, &(struct lk_twan_access){ .modes = modes });
    if (f->says_pos)
        lk_radius_put_pos(&w, f->config.enterprise, lk_span_text("pos@a.example"));
    if (f->state_len > 0)
        lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(f->state, f->state_len));
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_radius_mac(value, lk_writer_span(&w), at, &f->client.secret, zeroes);
    lk_patch_octets(&w, at, value, sizeof value);
    serve(f, LK_RADIUS_AUTH_PORT, lk_writer_span(&w), true);
}

static void begin(struct run *f, uint8_t bits)
{
    static const struct lk_node_key node_key = { { 7 } };
    static struct lk_aaa_config config;

    if (!config.rolled) {
        lk_aaa_config_defaults(&config);
        lk_aaa_config_roll(&config, &node_key, 0);
    }
    memset(f, 0, sizeof *f);
    f->config = config;
    f->config.eap.protect_success = (bits & 1) != 0;
    f->config.eap.hide_unknown = (bits & 2) == 0;
    f->config.eap.ask_identity = (bits & 4) != 0;
    f->is_protected = (bits & 8) != 0;
    f->says_pos = (bits & 16) != 0;
    f->client.pos = (bits & 32) != 0 ? "pos@a.example" : NULL;
    f->client.agent = (bits & 128) != 0 ? "*.example" : "ha.example";
    f->client.is_home_agent = (bits & 128) == 0;
    f->config.mis.signs = (bits & 64) != 0;
    f->config.mis.erp = (bits & 128) == 0;
    memcpy(f->config.mis.realm, "home.example", sizeof "home.example");
    LK_ASSERT(lk_radius_secret_set(&f->client.secret, lk_span_text("testing123")) == LK_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin(&f, lk_get_u8(&r));
    f.r = r;
    while (f.r.left > 0) {
        uint8_t what = lk_get_u8(&f.r);

        switch (what % 6) {
        case 0: serve(&f, LK_RADIUS_AUTH_PORT, lk_get_lv16(&f.r), false); break;
        case 1: serve(&f, LK_RADIUS_ACCT_PORT, lk_get_lv16(&f.r), false); break;
        case 2: serve_signed(&f, false); break;
        case 3: serve_signed(&f, true); break;
        case 4: serve_eap(&f, what / 6 & LK_TWAN_MODES); break;
        default: f.now_ms += (uint64_t)(what / 6) * 1000; break;
        }
    }
    return 0;
}
