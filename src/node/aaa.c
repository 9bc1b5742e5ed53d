/* The AAA node. See aaa.h for the shape; here is one request:
 *
 *     datagram -> verified request -> State opened -> EAP machine stepped -> what it put out
 *       GRANT    Access-Accept:    EAP-Success, the keys, Class, EAP-Key-Name, Session-Timeout;
 *                                  in multi-connection mode the WLCP key too
 *       FAILED   Access-Reject:    EAP-Failure, the same whatever the reason (A18)
 *       SEND     Access-Challenge: the EAP request, and the machine itself in State
 *       ASK_*    nothing yet: the job waits
 *       nothing  silence
 *
 * RFC 2865, 2866, 2869, 3579, 5997, 7268; RFC 2548 for the keys; TS 33.402 7.2.3.2 for the WLCP
 * key, which is derived here: only here is it known whether its way is closed to others. */
#include "node/aaa.h"

#include <string.h>

#include "base/secret.h"
#include "node/aaa_parts.h"
#include "node/accounting.h"

_Static_assert((int)LK_EAP_SNAPSHOT_MAX <= (int)LK_RADIUS_SNAPSHOT_MAX,
               "the EAP machine fits into State");

enum {
    DEFAULT_STATE_LIFETIME_S = 60,
    DEFAULT_SESSION_S = 3600,
    TERMINATION_RADIUS_REQUEST = 1,
    MPPE_SALTS = 2,
    CLASS_SALT_AT = MPPE_SALTS * LK_RADIUS_SALT_LEN, /* in salts */
    HIDDEN_SALTS_AT = CLASS_SALT_AT + LK_RADIUS_CLASS_SALT_LEN,
};

_Static_assert(HIDDEN_SALTS_AT + sizeof(struct lk_aaa_salts) <=
                   LK_AAA_ENTROPY_LEN - LK_ENTROPY_LEN,
               "salts suffice");

/* ---- configuration ---- */

void lk_aaa_config_defaults(struct lk_aaa_config *config)
{
    memset(config, 0, sizeof *config);
    lk_eap_server_defaults(&config->eap);
    config->state_lifetime_s = DEFAULT_STATE_LIFETIME_S;
    config->session_timeout_s = DEFAULT_SESSION_S;
    config->reauthenticate = true;
    config->enterprise = LK_AAA_ENTERPRISE;
    lk_wlcp_kdf_defaults(&config->wlcp_kdf);
    lk_mip_keygen_defaults(&config->mip);
    lk_aaa_mis_defaults(&config->mis);
}

static void pseudonym_key_set(struct lk_pseudonym_key *key, const struct lk_node_key *node_key,
                              uint32_t day)
{
    struct lk_node_day_key derived;

    lk_node_day_key_derive(&derived, node_key, "latchkey pseudonym", day);
    lk_siv_set_key(&key->key, derived.octets);
    key->id = (uint8_t)day;
    key->set = true;
    lk_wipe(&derived, sizeof derived);
}

void lk_aaa_config_roll(struct lk_aaa_config *config, const struct lk_node_key *node_key,
                        uint64_t now_ms)
{
    uint32_t day = lk_node_day_of(now_ms);

    if (config->rolled && config->state_keys.day == day)
        return;
    lk_radius_state_keys_derive(&config->state_keys, node_key, day);
    lk_radius_class_key_derive(&config->class_key, node_key);
    pseudonym_key_set(&config->eap.pseudonym_keys[0], node_key, day);
    pseudonym_key_set(&config->eap.pseudonym_keys[1], node_key, day - 1);
    pseudonym_key_set(&config->eap.pseudonym_keys[2], node_key, day + 1);
    lk_node_day_key_derive(&config->mis.subscriber_key, node_key, "latchkey mis subscriber", day);
    config->rolled = true;
}

void lk_aaa_config_wipe(struct lk_aaa_config *config)
{
    lk_wipe(config, sizeof *config);
}

/* ---- answers ---- */

struct lk_radius_answer lk_aaa_head(const struct lk_aaa_job *job, enum lk_radius_code code)
{
    return (struct lk_radius_answer){
        .code = code,
        .request_code = job->code,
        .identifier = job->identifier,
        .authenticator = job->authenticator,
        .secret = &job->client->secret,
        .proxy_states = lk_span_of(job->proxy_states, job->proxy_states_len),
    };
}

enum lk_aaa_verdict lk_aaa_drop(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                enum lk_reason reason)
{
    job->state = LK_AAA_JOB_IDLE;
    out->reason = reason;
    return LK_AAA_DROP;
}

enum lk_aaa_verdict lk_aaa_seal_answer(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       struct lk_writer *w, const struct lk_radius_answer *head)
{
    enum lk_status status = lk_radius_answer_end(w, head);

    /* What we build fits: EAP packets of at most 1,500 octets and bounded attributes. */
    LK_ASSERT(status == LK_OK);
    out->answer_len = w->len;
    job->state = LK_AAA_JOB_IDLE;
    return LK_AAA_ANSWER;
}

/* An answer without attributes of its own: Status-Server, accounting. How Message-Authenticator of
 * an Accounting-Response is computed no document says: radclient and radsecproxy verify it in two
 * ways. Where TLS protects it, it goes without. */
static enum lk_aaa_verdict answer_bare(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       enum lk_radius_code code)
{
    struct lk_radius_answer head = lk_aaa_head(job, code);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);

    head.without_mac = job->client->by_name && job->code == LK_RADIUS_ACCOUNTING_REQUEST;
    lk_radius_answer_begin(&w, &head);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

void lk_aaa_salts(struct lk_aaa_salts *salts, const struct lk_aaa_job *job)
{
    const uint8_t *taken = job->salts;
    uint8_t *salt = (uint8_t *)salts, *end = salt + sizeof *salts;

    memcpy(salt, job->salts + HIDDEN_SALTS_AT, sizeof *salts);
    /* The second octets differ, MPPE's with its last bit turned too: so do the salts. */
    for (uint8_t octet = salt[1]; salt < end; octet++)
        if ((octet | 1) != (taken[1] | 1) && (octet | 1) != (taken[3] | 1)) {
            salt[0] |= 0x80;
            salt[1] = octet;
            salt += LK_RADIUS_SALT_LEN;
        }
}

/* To a TWAP that keeps sessions: who it is that was rejected, when the refusal is ours and about
 * him. T02: on his device's MAC address and under his name anybody may fail, and that is nothing to
 * his session. */
static void put_rejected(struct lk_writer *w, const struct lk_aaa_job *job,
                         const struct lk_aaa_config *config, enum lk_reason reason)
{
    struct lk_aaa_salts salts;

    if (reason != LK_REASON_SUBSCRIBER_UNKNOWN || !job->leg_is_closed ||
        (job->eap.access.modes & LK_TWAN_MULTI) == 0 || job->eap.imsi.digits[0] == '\0')
        return;
    lk_aaa_salts(&salts, job);
    lk_radius_put_imsi(w, config->enterprise, &job->eap.imsi, &job->client->secret,
                       job->authenticator, salts.wlcp[1]);
}

/* spec: RFC 3579 2.6.3 - Reject carries EAP-Failure and nothing that tells more; A18: it is made
 * here, so that an access point gets the same octets whoever refused and why. */
static enum lk_aaa_verdict reject(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  const struct lk_aaa_config *config, bool with_eap)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_REJECT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    uint8_t octets[LK_EAP_HEADER_LEN];
    struct lk_writer failure = lk_writer_of(octets, sizeof octets);

    lk_radius_answer_begin(&w, &head);
    if (with_eap) {
        lk_eap_put_result(&failure, LK_EAP_FAILURE, job->eap_id);
        lk_radius_put_eap(&w, lk_writer_span(&failure));
    }
    put_rejected(&w, job, config, out->reason);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* Refused by this node, not by the EAP machine: told to the role in the same form. */
static enum lk_aaa_verdict refuse(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  const struct lk_aaa_config *config, enum lk_reason reason,
                                  bool with_eap)
{
    struct lk_output *failed;

    lk_outbox_wipe(&out->eap);
    failed = lk_outbox_add(&out->eap, LK_OUT_FAILED);
    failed->failed = lk_refusal_of(reason, NULL, NULL);
    out->reason = reason;
    return reject(job, out, config, with_eap);
}

/* T31: whom, when, and behind which gateway. */
void lk_aaa_put_class(struct lk_writer *w, const struct lk_aaa_job *job,
                      const struct lk_aaa_config *config, const struct lk_imsi *imsi)
{
    struct lk_radius_class content = { .imsi = *imsi, .attached_ms = job->now_ms };
    uint8_t value[LK_RADIUS_CLASS_MAX];
    size_t len;

    memcpy(content.mag, job->client->mag, sizeof content.mag);
    len = lk_radius_class_seal(value, &config->class_key, &content, job->salts + CLASS_SALT_AT);
    lk_radius_put(w, LK_RADIUS_CLASS, lk_span_of(value, len));
}

/* T04, T23: the WLCP key goes out only where nobody else reads, and the EMSK ends here.
 * spec: TS 33.402 7.2.3.2.1 - in multi-connection mode the AAA server derives the WLCP key and
 * sends it to the TWAP with EAP-Success and MSK, and says the mode that it authorised. */
static void put_wlcp(struct lk_writer *w, const struct lk_aaa_job *job,
                     const struct lk_aaa_config *config, struct lk_grant *grant)
{
    const struct lk_twan_access authorised = { .modes = LK_TWAN_MULTI };
    struct lk_aaa_salts salts;
    struct lk_wlcp_key key;

    lk_wlcp_key_derive(&key, &grant->emsk, &config->wlcp_kdf);
    lk_wipe(&grant->emsk, sizeof grant->emsk);
    lk_aaa_salts(&salts, job);
    lk_radius_put_access(w, config->enterprise, &authorised);
    lk_radius_put_wlcp(w, config->enterprise, &key, &grant->imsi, &job->client->secret,
                       job->authenticator,
                       (const uint8_t(*)[LK_RADIUS_SALT_LEN])salts.wlcp);
    lk_wipe(&key, sizeof key);
}

void lk_aaa_put_session(struct lk_writer *w, const struct lk_aaa_config *config, uint32_t most_s)
{
    uint32_t session_s = config->session_timeout_s;

    if (session_s == 0 && most_s == UINT32_MAX)
        return;
    if (session_s == 0 || session_s > most_s)
        session_s = most_s;
    lk_radius_put_u32(w, LK_RADIUS_SESSION_TIMEOUT, session_s);
    /* spec: RFC 2865 5.29 - at the timeout a new Access-Request, not the end of service. */
    if (config->reauthenticate)
        lk_radius_put_u32(w, LK_RADIUS_TERMINATION_ACTION, TERMINATION_RADIUS_REQUEST);
}

static enum lk_aaa_verdict accept(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  const struct lk_aaa_config *config, struct lk_span eap,
                                  struct lk_grant *grant)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_ACCEPT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);

    lk_radius_answer_begin(&w, &head);
    lk_radius_put_eap(&w, eap);
    lk_aaa_put_msk(&w, job, config, grant);
    lk_aaa_akma_begin(job, out, config, grant);
    lk_aaa_put_class(&w, job, config, &grant->imsi);
    out->withheld = job->withheld;
    if (job->is_pos)
        lk_aaa_give_mis(&w, job, out, config, grant);
    if (grant->mode == LK_TWAN_MULTI && job->leg_is_closed) {
        put_wlcp(&w, job, config, grant);
    } else if (grant->mode == LK_TWAN_MULTI) { /* agreed on another leg, where it was closed */
        grant->mode = LK_TWAN_TRANSPARENT;
        out->withheld = LK_REASON_WLCP_LEG_OPEN;
    }
    /* spec: RFC 7268 2.2 - the EAP Session-Id, to whom asked for it. */
    if (job->wants_key_name || config->always_key_name)
        lk_radius_put(&w, LK_RADIUS_EAP_KEY_NAME, LK_SPAN(grant->session_id.octets));
    lk_aaa_put_session(&w, config, UINT32_MAX);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* What State is bound to: who goes by name may call from elsewhere next time. */
static const struct lk_address *bound_to(const struct lk_aaa_job *job)
{
    return job->client->by_name ? &job->client->prefix.address : &job->source;
}

static enum lk_aaa_verdict challenge(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                     const struct lk_aaa_config *config, struct lk_span eap)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_CHALLENGE);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    uint64_t expires_ms = job->now_ms + (uint64_t)config->state_lifetime_s * 1000;
    uint8_t snapshot[LK_EAP_SNAPSHOT_MAX], state[LK_RADIUS_VALUE_MAX];
    struct lk_writer packed = lk_writer_of(snapshot, sizeof snapshot);
    size_t state_len = 0;
    enum lk_status status = lk_eap_server_pack(&job->eap, &packed);

    if (status == LK_OK)
        status = lk_radius_state_seal(state, &state_len, &config->state_keys, bound_to(job),
                                      expires_ms, lk_writer_span(&packed));
    lk_wipe(snapshot, sizeof snapshot);
    if (status != LK_OK)
        return refuse(job, out, config, LK_REASON_IDENTITY_TOO_LONG, true);
    lk_radius_answer_begin(&w, &head);
    lk_radius_put_eap(&w, eap);
    lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(state, state_len));
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* ---- the EAP machine ---- */

/* What the PoS is given is signed first, where we sign. */
static enum lk_aaa_verdict begin_mis(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                     const struct lk_aaa_config *config, struct lk_span eap,
                                     struct lk_grant *grant)
{
    lk_mis_pseudonym_derive(&out->mis_mn, &grant->emsk, lk_span_text(config->mis.mn_usage));
    lk_aaa_mis_begin(job, out, config, &grant->imsi, &out->mis_mn, config->mis.lifetime_s);
    if (!config->mis.signs)
        return accept(job, out, config, eap, grant);
    job->state = LK_AAA_JOB_AWAIT_SIGNED;
    return LK_AAA_SIGN;
}

/* Turns what the machine put out into what the role has to do. */
static enum lk_aaa_verdict conclude(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                    const struct lk_aaa_config *config)
{
    const struct lk_output *send = NULL, *failed = NULL;
    struct lk_output *grant = NULL;
    bool asks = false;

    for (size_t i = 0; i < out->eap.count; i++) {
        struct lk_output *item = &out->eap.item[i];

        if (item->kind == LK_OUT_SEND)
            send = item;
        else if (item->kind == LK_OUT_GRANT)
            grant = item;
        else if (item->kind == LK_OUT_FAILED)
            failed = item;
        else if (item->kind == LK_OUT_ASK_VECTOR || item->kind == LK_OUT_ASK_REAUTH)
            asks = true;
    }
    if (failed != NULL) {
        out->reason = failed->failed.reason;
        return reject(job, out, config, true);
    }
    if (asks) {
        job->state = LK_AAA_JOB_AWAIT_TOLD;
        return LK_AAA_ASK;
    }
    if (send == NULL)
        return lk_aaa_drop(job, out, LK_REASON_EAP_UNEXPECTED);
    if (grant != NULL && job->is_pos)
        return begin_mis(job, out, config, send->send, &grant->grant);
    if (grant != NULL)
        return accept(job, out, config, send->send, &grant->grant);
    return challenge(job, out, config, send->send);
}

static enum lk_aaa_verdict step(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                const struct lk_aaa_config *config, const struct lk_event *event)
{
    enum lk_status status = lk_eap_server_step(&job->eap, &config->eap, event, &out->eap);

    /* spec: RFC 3748 4.1 - what is no valid answer is silently discarded; the peer may still send
     * the right one, with the same State. */
    if (status == LK_E_UNEXPECTED)
        return lk_aaa_drop(job, out, LK_REASON_EAP_UNEXPECTED);
    if (status != LK_OK)
        return lk_aaa_drop(job, out, LK_REASON_EAP_MALFORMED);
    return conclude(job, out, config);
}

/* spec: RFC 3579 2.1 - EAP-Start is answered with EAP-Request/Identity. It needs no State. */
static enum lk_aaa_verdict ask_identity(struct lk_aaa_job *job, struct lk_aaa_out *out)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_CHALLENGE);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    uint8_t octets[LK_EAP_HEADER_LEN + 1];
    struct lk_writer identity = lk_writer_of(octets, sizeof octets);

    lk_eap_put_identity(&identity, LK_EAP_REQUEST, job->salts[0], lk_span_of(NULL, 0));
    lk_radius_answer_begin(&w, &head);
    lk_radius_put_eap(&w, lk_writer_span(&identity));
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* Takes the machine out of State; without one it is the new one that it is. */
static enum lk_reason restore(struct lk_aaa_job *job, const struct lk_aaa_config *config,
                              const struct lk_radius_request *request)
{
    uint8_t room[LK_RADIUS_VALUE_MAX];
    struct lk_span snapshot;
    struct lk_reader r;
    enum lk_status status;

    if (!request->has_state)
        return LK_REASON_NONE;
    status = lk_radius_state_open(room, &snapshot, &config->state_keys, bound_to(job), job->now_ms,
                                  request->state);
    if (status == LK_OK) {
        r = lk_reader_of(snapshot);
        status = lk_eap_server_unpack(&job->eap, &r);
        lk_wipe(room, sizeof room);
    }
    if (status == LK_OK)
        return LK_REASON_NONE;
    return status == LK_E_EXPIRED ? LK_REASON_STATE_EXPIRED : LK_REASON_STATE_WRONG;
}

/* What the trusted WLAN says with this request. T04: where others could read the WLCP key there is
 * no multi-connection mode, and the authentication goes on without it. */
static void take_access(struct lk_aaa_job *job, const struct lk_aaa_config *config,
                        const struct lk_radius_request *request)
{
    struct lk_twan_access *access = &job->eap.access;

    if (!request->has_vendor)
        return;
    if (lk_radius_take_access(access, &request->packet, config->enterprise) != LK_OK)
        job->withheld = LK_REASON_TWAN_ATTRIBUTES;
    if ((access->modes & config->eap.modes & LK_TWAN_MULTI) != 0 && !job->leg_is_closed) {
        access->modes &= (uint8_t)~LK_TWAN_MULTI;
        job->withheld = LK_REASON_WLCP_LEG_OPEN;
    }
    lk_aaa_take_pos(job, config, &request->packet);
}

static enum lk_aaa_verdict receive_access(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                          const struct lk_aaa_config *config,
                                          const struct lk_aaa_datagram *datagram,
                                          const struct lk_radius_request *request)
{
    struct lk_event event;
    uint8_t room[LK_EAP_PACKET_MAX];
    enum lk_status status = lk_radius_join_eap(&event.received, &request->packet, room,
                                               sizeof room);
    enum lk_reason reason;

    lk_eap_server_init(&job->eap);
    if (lk_radius_is_mip_ask(&request->packet, config->enterprise))
        return lk_aaa_mip_receive(job, out, config, &request->packet);
    if (status == LK_E_MISSING)
        return refuse(job, out, config, LK_REASON_RADIUS_NO_EAP, false);
    if (status != LK_OK)
        return lk_aaa_drop(job, out, LK_REASON_EAP_MALFORMED);
    if (event.received.len == 0)
        return ask_identity(job, out);
    if (event.received.len < LK_EAP_HEADER_LEN)
        return lk_aaa_drop(job, out, LK_REASON_EAP_MALFORMED);
    job->eap_id = event.received.at[1];
    if (event.received.at[0] == LK_ERP_INITIATE) {
        lk_aaa_take_pos(job, config, &request->packet);
        return lk_aaa_erp_receive(job, out, config, event.received);
    }
    reason = restore(job, config, request);
    if (reason != LK_REASON_NONE)
        return refuse(job, out, config, reason, true);
    take_access(job, config, request);
    event.kind = LK_EV_RECEIVED;
    event.now_ms = datagram->now_ms;
    memcpy(event.entropy, datagram->entropy, sizeof event.entropy);
    return step(job, out, config, &event);
}

/* ---- the job ---- */

/* Copies what has to outlive the datagram. */
static void remember(struct lk_aaa_job *job, const struct lk_aaa_datagram *datagram,
                     const struct lk_radius_request *request)
{
    size_t calling_len = request->calling_station.len;

    job->source = datagram->source;
    job->now_ms = datagram->now_ms;
    job->code = request->packet.code;
    job->identifier = request->packet.identifier;
    memcpy(job->authenticator, request->packet.authenticator.at, sizeof job->authenticator);
    job->wants_key_name = request->wants_key_name;
    job->leg_is_closed = datagram->is_protected || lk_address_is_loopback(&datagram->source);
    job->is_pos = false;
    job->withheld = LK_REASON_NONE;
    memcpy(job->salts, datagram->entropy + LK_ENTROPY_LEN, sizeof job->salts);
    if (calling_len > sizeof job->calling)
        calling_len = sizeof job->calling;
    job->calling_len = (uint8_t)calling_len;
    if (calling_len > 0)
        memcpy(job->calling, request->calling_station.at, calling_len);
    job->proxy_states_len = (uint16_t)request->proxy_states_len;
    lk_radius_proxy_states(job->proxy_states, request);
}

static enum lk_aaa_verdict receive_accounting(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                              const struct lk_aaa_config *config,
                                              const struct lk_radius_request *request)
{
    if (lk_accounting_read(&out->record, request, job->client, &job->source, &config->class_key,
                           job->now_ms) != LK_OK)
        return lk_aaa_drop(job, out, LK_REASON_RADIUS_MALFORMED);
    job->state = LK_AAA_JOB_AWAIT_STORED;
    return LK_AAA_STORE;
}

void lk_aaa_out_begin(struct lk_aaa_out *out)
{
    out->reason = out->withheld = LK_REASON_NONE;
    out->answer_len = 0;
    out->keeps_erp = false;
    out->mip = LK_AAA_MIP_NONE;
    out->erp.count = out->erp.used = 0;
    lk_outbox_empty(&out->eap);
}

enum lk_aaa_verdict lk_aaa_job_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config,
                                       const struct lk_aaa_datagram *datagram)
{
    struct lk_radius_request request;
    enum lk_reason reason;

    LK_ASSERT(config->rolled);
    job->state = LK_AAA_JOB_IDLE;
    lk_aaa_out_begin(out);
    job->client = datagram->client;
    if (datagram->client == NULL)
        return lk_aaa_drop(job, out, LK_REASON_RADIUS_CLIENT_UNKNOWN);
    if (lk_radius_request_open(&request, &reason, datagram->client, datagram->port,
                               datagram->octets) != LK_OK)
        return lk_aaa_drop(job, out, reason);
    remember(job, datagram, &request);
    switch (request.packet.code) {
    case LK_RADIUS_ACCESS_REQUEST:
        return receive_access(job, out, config, datagram, &request);
    case LK_RADIUS_ACCOUNTING_REQUEST:
        return receive_accounting(job, out, config, &request);
    default: /* Status-Server: what is served was checked */
        /* spec: RFC 5997 3 - Access-Accept from the authentication port, Accounting-Response from
         * the other. */
        return answer_bare(job, out, datagram->port == LK_RADIUS_AUTH_PORT
                                         ? LK_RADIUS_ACCESS_ACCEPT
                                         : LK_RADIUS_ACCOUNTING_RESPONSE);
    }
}

enum lk_aaa_verdict lk_aaa_job_told(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                    const struct lk_aaa_config *config,
                                    const struct lk_event *event)
{
    LK_ASSERT(job->state == LK_AAA_JOB_AWAIT_TOLD);
    lk_aaa_out_begin(out);
    job->now_ms = event->now_ms;
    return step(job, out, config, event);
}

enum lk_aaa_verdict lk_aaa_job_stored(struct lk_aaa_job *job, struct lk_aaa_out *out, bool ok)
{
    LK_ASSERT(job->state == LK_AAA_JOB_AWAIT_STORED);
    lk_aaa_out_begin(out);
    /* spec: RFC 2866 4.2 - no answer unless it has been recorded. */
    if (!ok)
        return lk_aaa_drop(job, out, LK_REASON_STORE_UNAVAILABLE);
    return answer_bare(job, out, LK_RADIUS_ACCOUNTING_RESPONSE);
}

enum lk_aaa_verdict lk_aaa_job_signed(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                      const struct lk_aaa_config *config, struct lk_span mark)
{
    const struct lk_output *send = lk_outbox_find(&out->eap, LK_OUT_SEND);

    LK_ASSERT(job->state == LK_AAA_JOB_AWAIT_SIGNED && mark.len <= sizeof out->mis.mark);
    if (mark.len > 0)
        memcpy(out->mis.mark, mark.at, mark.len);
    out->mis.mark_len = (uint8_t)mark.len;
    if (out->erp.count > 0)
        return lk_aaa_erp_accept(job, out, config);
    for (size_t i = 0; i < out->eap.count; i++)
        if (out->eap.item[i].kind == LK_OUT_GRANT)
            return accept(job, out, config, send->send, &out->eap.item[i].grant);
    LK_ASSERT(false);
    return LK_AAA_DROP;
}

void lk_aaa_job_wipe(struct lk_aaa_job *job)
{
    lk_eap_server_wipe(&job->eap);
    lk_wipe(job->salts, sizeof job->salts);
    job->state = LK_AAA_JOB_IDLE;
}

void lk_aaa_out_wipe(struct lk_aaa_out *out)
{
    lk_outbox_wipe(&out->eap);
    if (out->erp.count > 0) /* it is large, and hardly ever used */
        lk_erp_outbox_wipe(&out->erp);
    lk_wipe(&out->erp_context, sizeof out->erp_context);
    lk_wipe(&out->mis, sizeof out->mis);
    lk_wipe(&out->akma, sizeof out->akma);
    lk_wipe(out->answer, out->answer_len);
    out->answer_len = 0;
}
