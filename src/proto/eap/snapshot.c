/* The EAP server in octets: one codec for each state that awaits the peer.
 *
 * RADIUS leaves 253 octets for State; sealing takes its share, LK_EAP_SNAPSHOT_MAX is the rest. So
 * keys are derived again rather than carried, and what a state does not need it does not carry. */
#include <assert.h>
#include <string.h>

#include "base/secret.h"
#include "proto/eap/server_parts.h"

enum {
    HEAD_LEN = 1 + 1 + 1 + 2, /* state, method, identifier, flags */
    CHALLENGE_LEN = HEAD_LEN + LK_IMSI_BCD_LEN + 32 + LK_RAND_LEN + LK_AUTN_LEN +
                    (1 + LK_RES_MAX) + (1 + LK_AKA_CHECKCODE_MAX) + 1,
    REAUTH_LEN = HEAD_LEN + LK_IMSI_BCD_LEN + 16 + 32 + 32 + 2 + LK_AKA_NONCE_LEN +
                 LK_AKA_MAC_LEN + (1 + LK_AKA_CHECKCODE_MAX) + 1,
    REFUSED_LEN = HEAD_LEN + (1 + LK_IMSI_MAX_DIGITS) + 2 + 2 * LK_REFUSAL_TEXT,
    IDENTITY_LEN = HEAD_LEN + LK_RUNNING_HASH_MAX,
};

static_assert(CHALLENGE_LEN + LK_EAP_SERVER_IDENTITY_MAX <= LK_EAP_SNAPSHOT_MAX,
              "AWAIT_CHALLENGE does not fit into State");
static_assert(REAUTH_LEN + LK_EAP_SERVER_REAUTH_IDENTITY_MAX <= LK_EAP_SNAPSHOT_MAX,
              "AWAIT_REAUTH does not fit into State");
static_assert((int)REFUSED_LEN <= (int)LK_EAP_SNAPSHOT_MAX, "a refusal does not fit into State");
static_assert((int)IDENTITY_LEN <= (int)LK_EAP_SNAPSHOT_MAX, "a hash does not fit into State");

enum {
    FLAG_SETTLED = 1 << 0,
    FLAG_SWITCHED = 1 << 1,
    FLAG_RESYNCED = 1 << 2,
    FLAG_UNKNOWN = 1 << 3,
    FLAG_KDF_CHOSEN = 1 << 4,
    FLAG_RESULT_IND = 1 << 5,
    FLAG_OFFERED_REAUTH = 1 << 6,
    FLAG_FAST = 1 << 7,
    FLAG_REFUSED = 1 << 8,
    ASKED_SHIFT = 9, /* two bits */
    FLAG_MODE_OFFERED = 1 << 11,
    FLAG_MULTI = 1 << 12,
    FLAGS_KNOWN = (1 << 13) - 1,
};

static uint16_t flags_of(const struct lk_eap_server *server)
{
    return (uint16_t)((server->settled ? FLAG_SETTLED : 0) |
                      (server->switched ? FLAG_SWITCHED : 0) |
                      (server->resynced ? FLAG_RESYNCED : 0) |
                      (server->unknown ? FLAG_UNKNOWN : 0) |
                      (server->kdf_chosen ? FLAG_KDF_CHOSEN : 0) |
                      (server->result_ind ? FLAG_RESULT_IND : 0) |
                      (server->offered_reauth ? FLAG_OFFERED_REAUTH : 0) |
                      (server->fast ? FLAG_FAST : 0) |
                      (server->refusal.reason != LK_REASON_NONE ? FLAG_REFUSED : 0) |
                      (server->mode_offered ? FLAG_MODE_OFFERED : 0) |
                      (server->multi ? FLAG_MULTI : 0) |
                      server->asked << ASKED_SHIFT);
}

static void set_flags(struct lk_eap_server *server, uint16_t flags)
{
    server->settled = (flags & FLAG_SETTLED) != 0;
    server->switched = (flags & FLAG_SWITCHED) != 0;
    server->resynced = (flags & FLAG_RESYNCED) != 0;
    server->unknown = (flags & FLAG_UNKNOWN) != 0;
    server->kdf_chosen = (flags & FLAG_KDF_CHOSEN) != 0;
    server->result_ind = (flags & FLAG_RESULT_IND) != 0;
    server->offered_reauth = (flags & FLAG_OFFERED_REAUTH) != 0;
    server->fast = (flags & FLAG_FAST) != 0;
    server->mode_offered = (flags & FLAG_MODE_OFFERED) != 0;
    server->multi = (flags & FLAG_MULTI) != 0;
    server->asked = (enum lk_identity_ask)(flags >> ASKED_SHIFT & 3);
}

/* ---- parts that states share ---- */

/* A short run of octets with its length, at most cap. */
static void get_short(struct lk_reader *r, uint8_t *to, uint8_t *len, size_t cap)
{
    struct lk_span octets = lk_get_lv8(r);

    if (octets.len > cap) {
        lk_reader_fail(r, LK_E_LENGTH);
        return;
    }
    *len = (uint8_t)octets.len;
    if (octets.len > 0)
        memcpy(to, octets.at, octets.len);
}

static void put_full_keys(struct lk_writer *w, const struct lk_eap_server *server)
{
    if (server->type == LK_EAP_AKA_PRIME) {
        lk_put_octets(w, server->ck_prime.octets, sizeof server->ck_prime.octets);
        lk_put_octets(w, server->ik_prime.octets, sizeof server->ik_prime.octets);
    } else {
        lk_put_octets(w, server->mk.octets, sizeof server->mk.octets);
    }
    lk_put_octets(w, server->rand, sizeof server->rand);
    lk_put_octets(w, server->autn, sizeof server->autn);
}

static void get_full_keys(struct lk_reader *r, struct lk_eap_server *server)
{
    if (server->type == LK_EAP_AKA_PRIME) {
        lk_get_copy(r, server->ck_prime.octets, sizeof server->ck_prime.octets);
        lk_get_copy(r, server->ik_prime.octets, sizeof server->ik_prime.octets);
    } else {
        lk_get_copy(r, server->mk.octets, sizeof server->mk.octets);
    }
    lk_get_copy(r, server->rand, sizeof server->rand);
    lk_get_copy(r, server->autn, sizeof server->autn);
}

static void put_fast_keys(struct lk_writer *w, const struct lk_eap_server *server)
{
    bool prime = server->type == LK_EAP_AKA_PRIME;

    lk_put_octets(w, server->k_encr.octets, sizeof server->k_encr.octets);
    lk_put_octets(w, server->k_aut.octets, prime ? 32 : 16);
    if (prime)
        lk_put_octets(w, server->k_re.octets, sizeof server->k_re.octets);
    else
        lk_put_octets(w, server->mk.octets, sizeof server->mk.octets);
    lk_put_be16(w, server->counter);
    lk_put_octets(w, server->nonce_s, sizeof server->nonce_s);
    lk_put_octets(w, server->mac, sizeof server->mac);
}

static void get_fast_keys(struct lk_reader *r, struct lk_eap_server *server)
{
    bool prime = server->type == LK_EAP_AKA_PRIME;

    lk_get_copy(r, server->k_encr.octets, sizeof server->k_encr.octets);
    server->k_aut.len = prime ? 32 : 16;
    lk_get_copy(r, server->k_aut.octets, server->k_aut.len);
    if (prime)
        lk_get_copy(r, server->k_re.octets, sizeof server->k_re.octets);
    else
        lk_get_copy(r, server->mk.octets, sizeof server->mk.octets);
    server->counter = lk_get_be16(r);
    lk_get_copy(r, server->nonce_s, sizeof server->nonce_s);
    lk_get_copy(r, server->mac, sizeof server->mac);
}

static void put_run(struct lk_writer *w, const struct lk_eap_server *server)
{
    lk_imsi_put(w, &server->imsi);
    if (server->fast)
        put_fast_keys(w, server);
    else
        put_full_keys(w, server);
    lk_put_lv8(w, lk_span_of(server->identity, server->identity_len));
}

static void get_run(struct lk_reader *r, struct lk_eap_server *server)
{
    lk_imsi_get(r, &server->imsi);
    if (server->fast)
        get_fast_keys(r, server);
    else
        get_full_keys(r, server);
    get_short(r, server->identity, &server->identity_len, sizeof server->identity);
}

/* Whom it is about, when that was said, and why. */
static void put_refusal(struct lk_writer *w, const struct lk_imsi *imsi,
                        const struct lk_refusal *refusal)
{
    lk_put_lv8(w, lk_span_text(imsi->digits));
    lk_put_be16(w, (uint16_t)refusal->reason);
    lk_put_lv8(w, lk_span_text(refusal->expected));
    lk_put_lv8(w, lk_span_text(refusal->came));
}

static void get_refusal(struct lk_reader *r, struct lk_imsi *imsi, struct lk_refusal *refusal)
{
    struct lk_span digits = lk_get_lv8(r);
    uint16_t reason = lk_get_be16(r);
    char text[2][LK_REFUSAL_TEXT] = { { 0 } };

    if (digits.len > 0 && lk_imsi_parse(imsi, digits) != LK_OK)
        lk_reader_fail(r, LK_E_VALUE);
    for (size_t i = 0; i < 2; i++) {
        uint8_t len = 0;

        get_short(r, (uint8_t *)text[i], &len, LK_REFUSAL_TEXT - 1);
        if (strlen(text[i]) != len)
            lk_reader_fail(r, LK_E_VALUE);
    }
    if (reason == LK_REASON_NONE || reason >= LK_REASON_COUNT)
        lk_reader_fail(r, LK_E_VALUE);
    else
        *refusal = lk_refusal_of((enum lk_reason)reason, text[0], text[1]);
}

/* ---- the states ---- */

enum lk_status lk_eap_server_pack(const struct lk_eap_server *server, struct lk_writer *w)
{
    size_t start = w->len;

    if (!lk_eap_server_awaits_peer(server))
        return LK_E_UNEXPECTED;
    lk_put_u8(w, (uint8_t)server->state);
    lk_put_u8(w, server->type);
    lk_put_u8(w, server->id);
    lk_put_be16(w, flags_of(server));
    if (server->state == LK_EAP_SERVER_AWAIT_IDENTITY) {
        lk_hash_save(&server->rounds, w);
    } else if (server->refusal.reason != LK_REASON_NONE) {
        put_refusal(w, &server->imsi, &server->refusal);
    } else {
        put_run(w, server);
        if (server->state == LK_EAP_SERVER_AWAIT_CHALLENGE)
            lk_put_lv8(w, lk_span_of(server->xres, server->xres_len));
        if (server->state != LK_EAP_SERVER_AWAIT_NOTIFIED)
            lk_put_lv8(w, lk_span_of(server->checkcode, server->checkcode_len));
    }
    if (lk_writer_end(w) == LK_OK && w->len - start > LK_EAP_SNAPSHOT_MAX)
        return LK_E_FULL;
    return lk_writer_end(w);
}

/* A mode is offered in EAP-AKA' with AT_RESULT_IND, and multi-connection mode is a result that was
 * notified. */
static bool mode_is_sound(const struct lk_eap_server *server, bool refused)
{
    if (server->mode_offered && (server->type != LK_EAP_AKA_PRIME || !server->result_ind))
        return false;
    return !server->multi || (server->mode_offered && !refused &&
                              server->state == LK_EAP_SERVER_AWAIT_NOTIFIED);
}

/* What the flags say must agree with the state they come with. */
static bool head_is_sound(const struct lk_eap_server *server, uint16_t flags)
{
    bool refused = (flags & FLAG_REFUSED) != 0;

    if ((flags & ~FLAGS_KNOWN) != 0 ||
        (server->type != LK_EAP_AKA && server->type != LK_EAP_AKA_PRIME) ||
        !lk_eap_server_awaits_peer(server) || !mode_is_sound(server, refused))
        return false;
    switch (server->state) {
    case LK_EAP_SERVER_AWAIT_IDENTITY:
        return !refused && server->asked != LK_ASK_NOTHING && !server->fast;
    case LK_EAP_SERVER_AWAIT_CHALLENGE:
        return !refused && !server->fast;
    case LK_EAP_SERVER_AWAIT_REAUTH:
        return !refused && server->fast;
    case LK_EAP_SERVER_AWAIT_NOTIFIED:
        return true;
    case LK_EAP_SERVER_START:
    case LK_EAP_SERVER_AWAIT_CONTEXT:
    case LK_EAP_SERVER_AWAIT_VECTOR:
    case LK_EAP_SERVER_DONE:
    case LK_EAP_SERVER_FAILED:
    case LK_EAP_SERVER_STATE_COUNT:
        break;
    }
    return false;
}

static enum lk_status get_hash(struct lk_reader *r, struct lk_eap_server *server)
{
    enum lk_status status = lk_hash_load(&server->rounds, r);

    if (status == LK_OK && server->rounds.kind != lk_aka_checkcode_hash(server->type))
        status = LK_E_VALUE;
    return status;
}

static enum lk_status read_state(struct lk_reader *r, struct lk_eap_server *server, bool refused)
{
    enum lk_status status = LK_OK;

    if (server->state == LK_EAP_SERVER_AWAIT_IDENTITY) {
        status = get_hash(r, server);
    } else if (refused) {
        get_refusal(r, &server->imsi, &server->refusal);
    } else {
        get_run(r, server);
        if (server->state == LK_EAP_SERVER_AWAIT_CHALLENGE)
            get_short(r, server->xres, &server->xres_len, sizeof server->xres);
        if (server->state != LK_EAP_SERVER_AWAIT_NOTIFIED)
            get_short(r, server->checkcode, &server->checkcode_len, sizeof server->checkcode);
        if (server->state == LK_EAP_SERVER_AWAIT_CHALLENGE && server->xres_len < LK_RES_MIN)
            lk_reader_fail(r, LK_E_LENGTH);
    }
    return status == LK_OK ? lk_reader_end(r) : status;
}

enum lk_status lk_eap_server_unpack(struct lk_eap_server *server, struct lk_reader *r)
{
    enum lk_status status;
    uint16_t flags;

    lk_eap_server_init(server);
    if (r->left > LK_EAP_SNAPSHOT_MAX)
        return LK_E_LENGTH;
    server->state = (enum lk_eap_server_state)lk_get_u8(r);
    server->type = lk_get_u8(r);
    server->id = lk_get_u8(r);
    flags = lk_get_be16(r);
    set_flags(server, flags);
    if (r->status != LK_OK)
        status = r->status;
    else if (server->state >= LK_EAP_SERVER_STATE_COUNT || !head_is_sound(server, flags))
        status = LK_E_VALUE;
    else
        status = read_state(r, server, (flags & FLAG_REFUSED) != 0);
    if (status != LK_OK)
        lk_eap_server_wipe(server);
    return status;
}
