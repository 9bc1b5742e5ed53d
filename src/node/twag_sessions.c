/* Sessions of the AAA and their channels at the TWAG: how they begin, get a new key, and end. */
#include <string.h>

#include "base/secret.h"
#include "node/twag_parts.h"

#define NONE LK_WLCP_NO_ROW

static uint32_t number_of(const struct lk_twag *twag, const struct lk_twag_session *s)
{
    return (uint32_t)(s - twag->session);
}

static void leave(struct lk_twag *twag, struct lk_twag_session *s, enum lk_twag_node by)
{
    lk_twag_index_remove(twag, lk_twag_session_node(twag, s, by));
}

static void enter(struct lk_twag *twag, struct lk_twag_session *s, enum lk_twag_node by)
{
    lk_twag_index_add(twag, lk_twag_session_node(twag, s, by));
}

static bool has_key(const struct lk_twag_key *key)
{
    return key->identity[0] != 0;
}

static void wake(struct lk_twag *twag, const struct lk_twag_session *s)
{
    uint64_t at_ms = s->until_ms;

    if (s->alone_ms != 0 && s->alone_ms < at_ms)
        at_ms = s->alone_ms;
    if (has_key(&s->key[1]) && s->key[1].until_ms < at_ms)
        at_ms = s->key[1].until_ms;
    lk_twag_schedule(twag, number_of(twag, s), at_ms);
}

static void forget_key(struct lk_twag *twag, struct lk_twag_session *s, size_t which)
{
    leave(twag, s, which == 0 ? LK_TWAG_BY_KEY : LK_TWAG_BY_OLD_KEY);
    lk_wipe(&s->key[which], sizeof s->key[which]);
}

/* The channel ends from our side. */
static void close_channel(struct lk_twag *twag, struct lk_twag_session *s,
                          struct lk_twag_outbox *out)
{
    if (s->handle == 0)
        return;
    lk_twag_out(out, LK_TWAG_OUT_CHANNEL_CLOSE, s)->channel.handle = s->handle;
    leave(twag, s, LK_TWAG_BY_HANDLE);
    s->handle = 0;
}

/* Every connection gets that event; what has no place for it in its state stays as it is. */
static void tell_all(struct lk_twag *twag, struct lk_twag_session *s,
                     enum lk_wlcp_event_kind kind, uint8_t cause, struct lk_twag_outbox *out)
{
    uint32_t row[LK_WLCP_TWAG_CONNECTIONS];
    size_t count = s->wlcp.count;
    struct lk_wlcp_event event = { .kind = kind, .now_ms = twag->now_ms, .cause = cause };

    memcpy(row, s->wlcp.row, sizeof row);
    for (size_t i = 0; i < count; i++) {
        event.which = row[i];
        (void)lk_twag_feed(twag, s, &event, out);
    }
}

static void end(struct lk_twag *twag, struct lk_twag_session *s, struct lk_twag_outbox *out)
{
    s->wlcp.denied = false; /* or the last connection would end it once more */
    tell_all(twag, s, LK_WLCP_EV_LOST, LK_WLCP_CAUSE_NONE, out);
    LK_ASSERT(s->wlcp.count == 0);
    close_channel(twag, s, out);
    forget_key(twag, s, 0);
    forget_key(twag, s, 1);
    leave(twag, s, LK_TWAG_BY_IMSI);
    leave(twag, s, LK_TWAG_BY_MAC);
    lk_twag_schedule(twag, number_of(twag, s), 0);
    /* IMSI and token are in outputs until the next step. */
    s->used = false;
    s->next = twag->over;
    twag->over = number_of(twag, s);
    twag->sessions--;
    twag->counters.sessions_ended++;
}

void lk_twag_bury(struct lk_twag *twag)
{
    while (twag->over != NONE) {
        uint32_t number = twag->over;
        struct lk_twag_session *s = &twag->session[number];

        twag->over = s->next;
        lk_wipe(s, sizeof *s);
        s->next = twag->free;
        twag->free = number;
    }
}

/* ---- from the TWAP ---- */

/* What each authentication brings beside the key. */
static void renew(const struct lk_twag *twag, struct lk_twag_session *s,
                  const struct lk_wlan_session *from)
{
    s->until_ms = twag->now_ms + UINT64_C(1000) * from->lifetime_s;
    s->teller = from->teller;
    s->class_len = from->class_len;
    memcpy(s->class_value, from->class_value, sizeof s->class_value);
}

static void set_key(struct lk_twag *twag, struct lk_twag_session *s,
                    const struct lk_wlan_session *from)
{
    s->key[0].key = from->key;
    s->key[0].generation = from->generation;
    lk_wlcp_psk_identity(s->key[0].identity, &from->key);
    enter(twag, s, LK_TWAG_BY_KEY);
}

static enum lk_status begin(struct lk_twag *twag, const struct lk_wlan_session *from,
                            struct lk_twag_session **begun, struct lk_twag_outbox *out)
{
    struct lk_twag_session *s;

    if (twag->sessions >= twag->config.sessions ||
        (twag->free == NONE && twag->touched == twag->slots)) {
        twag->counters.sessions_refused++;
        lk_twag_refuse(out, NULL, LK_REASON_WLCP_SESSIONS_FULL, NULL, NULL);
        return LK_E_FULL;
    }
    s = &twag->session[twag->free == NONE ? twag->touched++ : twag->free];
    if (number_of(twag, s) == twag->free)
        twag->free = s->next;
    memset(s, 0, sizeof *s);
    s->used = true;
    s->imsi = from->imsi;
    memcpy(s->mac, from->ue_mac, sizeof s->mac);
    lk_wlcp_twag_init(&s->wlcp, number_of(twag, s));
    renew(twag, s, from);
    set_key(twag, s, from);
    enter(twag, s, LK_TWAG_BY_IMSI);
    enter(twag, s, LK_TWAG_BY_MAC);
    twag->sessions++;
    twag->counters.sessions++;
    *begun = s;
    return LK_OK;
}

/* The anchor gets the new token for what it has. */
static void renew_bindings(const struct lk_twag *twag, const struct lk_twag_session *s,
                           struct lk_twag_outbox *out)
{
    for (size_t i = 0; i < s->wlcp.count; i++) {
        const struct lk_wlcp_twag_pdn *c = &twag->pool.row[s->wlcp.row[i]];
        struct lk_twag_output *item;

        if (!twag->link[s->wlcp.row[i]].registered)
            continue;
        item = lk_twag_out(out, LK_TWAG_OUT_MAG_REGISTER, s);
        item->pdn.ref = (struct lk_twag_ref){ .row = s->wlcp.row[i], .epoch = c->epoch };
        item->pdn.address = &c->address;
        item->pdn.token = lk_span_of(s->class_value, s->class_len);
        item->pdn.apn = &c->apn;
        item->pdn.pdn_id = c->id;
        item->pdn.pdn_type = c->asked;
        item->pdn.handover = c->handover;
    }
}

/* spec: TS 33.402 7.2.3.2.2 - a re-authentication brings a new key. The one before opens channels
 * for a while (T06); the channel that it opened lives until there is a new one, or not for long;
 * connections do not notice. */
static enum lk_status roll(struct lk_twag *twag, struct lk_twag_session *s,
                           const struct lk_wlan_session *from, struct lk_twag_outbox *out)
{
    bool same = lk_same_secret(&s->key[0].key, &from->key, sizeof from->key);

    if (from->generation < s->key[0].generation ||
        (from->generation == s->key[0].generation && !same)) {
        twag->counters.sessions_refused++;
        lk_twag_refuse(out, s, LK_REASON_WLCP_KEY_RETIRED, "a newer generation", NULL);
        return LK_E_CONFLICT;
    }
    s->wlcp.denied = false;
    renew(twag, s, from);
    if (!same) {
        forget_key(twag, s, 1);
        if (has_key(&s->key[0])) {
            leave(twag, s, LK_TWAG_BY_KEY);
            s->key[1] = s->key[0];
            s->key[1].until_ms = twag->now_ms + twag->config.overlap_ms;
            enter(twag, s, LK_TWAG_BY_OLD_KEY);
        }
        set_key(twag, s, from);
        if (s->handle != 0)
            s->alone_ms = twag->now_ms + twag->config.old_channel_ms;
    }
    s->key[0].generation = from->generation;
    renew_bindings(twag, s, out);
    return LK_OK;
}

enum lk_status lk_twag_on_session(struct lk_twag *twag, const struct lk_wlan_session *from,
                                  struct lk_twag_outbox *out)
{
    struct lk_twag_session *s, *other;
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    enum lk_status status = LK_OK;

    if (from->imsi.digits[0] == 0 || from->lifetime_s == 0)
        return LK_E_VALUE;
    /* The same key for two subscribers: no session of either may be touched by it. */
    lk_wlcp_psk_identity(identity, &from->key);
    other = lk_twag_find(twag, LK_TWAG_BY_KEY, lk_span_text(identity));
    if (other != NULL && !lk_imsi_equal(&other->imsi, &from->imsi)) {
        twag->counters.sessions_refused++;
        lk_twag_refuse(out, other, LK_REASON_WLCP_KEY_RETIRED, "a key of its own", NULL);
        return LK_E_CONFLICT;
    }
    other = lk_twag_find(twag, LK_TWAG_BY_MAC, LK_SPAN(from->ue_mac));
    s = lk_twag_find(twag, LK_TWAG_BY_IMSI, lk_span_text(from->imsi.digits));
    /* One subscriber, one device, one session: who comes later is right. */
    if (other != NULL && other != s)
        end(twag, other, out);
    if (s != NULL && s != other) {
        end(twag, s, out);
        s = NULL;
    }
    if (s != NULL)
        status = roll(twag, s, from, out);
    else
        status = begin(twag, from, &s, out);
    if (status != LK_OK)
        return status;
    lk_twag_out(out, LK_TWAG_OUT_KEY, s)->identity = lk_span_text(s->key[0].identity);
    wake(twag, s);
    return LK_OK;
}

/* spec: TS 24.244 5.1.5 - when the AAA rejects the device, the TWAG disconnects what it has. No
 * channel is opened any more; the one there is serves the farewell.
 * T06: nor does a key come back that the AAA gave before: its generation is remembered. */
static void dismiss(struct lk_twag *twag, struct lk_twag_session *s, uint64_t generation,
                    struct lk_twag_outbox *out)
{
    forget_key(twag, s, 0);
    forget_key(twag, s, 1);
    s->key[0].generation = generation;
    tell_all(twag, s, LK_WLCP_EV_RELEASE, LK_WLCP_CAUSE_AUTHENTICATION, out);
    s->wlcp.denied = true;
    if (s->handle == 0)
        end(twag, s, out);
    else
        wake(twag, s);
}

/* T02: what ends is the session that is meant: of this subscriber, on this device, of no later key.
 * Where he was before, another one may be by now. */
enum lk_status lk_twag_on_session_end(struct lk_twag *twag, const struct lk_twag_event *event,
                                      struct lk_twag_outbox *out)
{
    struct lk_twag_session *s =
        lk_twag_find(twag, LK_TWAG_BY_IMSI, lk_span_text(event->end.imsi.digits));

    if (s == NULL || !lk_span_equal(LK_SPAN(s->mac), LK_SPAN(event->end.ue_mac)) ||
        event->end.generation < s->key[0].generation)
        return LK_E_NOT_FOUND;
    if (event->kind == LK_TWAG_EV_SESSION_END) {
        end(twag, s, out);
        return LK_OK;
    }
    dismiss(twag, s, event->end.generation, out);
    if (s->used)
        lk_twag_session_settle(twag, s, out);
    return LK_OK;
}

/* What that TWAP said before it restarted it will not end: it ends now, a few in each step. */
enum lk_status lk_twag_on_twap_restarted(struct lk_twag *twag, const struct lk_twag_event *event)
{
    for (uint32_t i = 0; i < twag->touched; i++) {
        struct lk_twag_session *s = &twag->session[i];

        if (!s->used || s->teller != event->restart.teller ||
            s->key[0].generation >= event->restart.generation)
            continue;
        s->until_ms = twag->now_ms;
        wake(twag, s);
    }
    return LK_OK;
}

void lk_twag_session_settle(struct lk_twag *twag, struct lk_twag_session *s,
                            struct lk_twag_outbox *out)
{
    if (s->wlcp.denied && s->wlcp.count == 0)
        end(twag, s, out);
}

/* ---- channels ---- */

static enum lk_status refuse_channel(struct lk_twag *twag, const struct lk_twag_event *event,
                                     enum lk_reason reason, struct lk_twag_outbox *out)
{
    twag->counters.channels_refused++;
    lk_twag_out(out, LK_TWAG_OUT_CHANNEL_CLOSE, NULL)->channel.handle = event->channel.handle;
    lk_twag_refuse(out, NULL, reason, NULL, NULL);
    return reason == LK_REASON_WLCP_KEY_RETIRED ? LK_E_EXPIRED : LK_E_NOT_FOUND;
}

static struct lk_span handle_of(const uint64_t *handle)
{
    return lk_span_of(handle, sizeof *handle);
}

/* The identity was proven by the handshake: it names the key, the key the session, and from here on
 * the handle stands for all of it (T02). */
enum lk_status lk_twag_on_channel_up(struct lk_twag *twag, const struct lk_twag_event *event,
                                     struct lk_twag_outbox *out)
{
    struct lk_twag_session *s = lk_twag_find(twag, LK_TWAG_BY_KEY, event->channel.identity);
    const struct lk_twag_key *key;
    bool current;

    if (event->channel.handle == 0 ||
        lk_twag_find(twag, LK_TWAG_BY_HANDLE, handle_of(&event->channel.handle)) != NULL)
        return LK_E_EXISTS;
    if (s == NULL || twag->now_ms >= s->until_ms)
        return refuse_channel(twag, event, LK_REASON_WLCP_SESSION_UNKNOWN, out);
    current = lk_span_equal(lk_span_text(s->key[0].identity), event->channel.identity);
    key = &s->key[current ? 0 : 1];
    /* T06: the key before counts for a while only. */
    if (!current && twag->now_ms >= key->until_ms)
        return refuse_channel(twag, event, LK_REASON_WLCP_KEY_RETIRED, out);
    close_channel(twag, s, out);
    s->handle = event->channel.handle;
    s->generation = key->generation;
    s->channels++;
    /* T13: the handshake proved the address; of the port behind it nothing is known yet. */
    if (!s->has_address || !lk_address_equal(&s->address, &event->channel.address))
        s->path = (struct lk_path){ .port = twag->config.user_port };
    s->address = event->channel.address;
    s->has_address = true;
    enter(twag, s, LK_TWAG_BY_HANDLE);
    s->alone_ms = current ? 0 : twag->now_ms + twag->config.old_channel_ms;
    /* The device has the new key: nobody needs the one before. */
    if (current)
        forget_key(twag, s, 1);
    wake(twag, s);
    twag->counters.channels++;
    return LK_OK;
}

enum lk_status lk_twag_on_channel_data(struct lk_twag *twag, const struct lk_twag_event *event,
                                       struct lk_twag_outbox *out)
{
    struct lk_twag_session *s =
        lk_twag_find(twag, LK_TWAG_BY_HANDLE, handle_of(&event->channel.handle));
    struct lk_wlcp_event message = { .kind = LK_WLCP_EV_RECEIVED, .now_ms = event->now_ms,
                                     .octets = event->channel.octets };
    enum lk_status status;

    if (s == NULL || event->channel.handle == 0)
        return LK_E_NOT_FOUND;
    if (s->alone_ms != 0 && twag->now_ms >= s->alone_ms)
        return LK_E_EXPIRED;
    if (!lk_budget_take(&s->messages, twag->config.rate_burst, twag->config.rate_per_s,
                        twag->now_ms)) {
        twag->counters.too_fast++;
        lk_twag_refuse(out, s, LK_REASON_WLCP_TOO_FAST, NULL, NULL);
        return LK_E_DENIED;
    }
    message.channel = s->channels;
    status = lk_twag_feed(twag, s, &message, out);
    if (status == LK_E_UNEXPECTED)
        twag->counters.unexpected++;
    else if (status != LK_OK)
        twag->counters.malformed++;
    if (s->used)
        lk_twag_session_settle(twag, s, out);
    return status;
}

/* spec: TS 24.244 4.1 - connections end with their channel. They wait a while for another one, as
 * there is between two keys. */
enum lk_status lk_twag_on_channel_down(struct lk_twag *twag, const struct lk_twag_event *event,
                                       struct lk_twag_outbox *out)
{
    struct lk_twag_session *s =
        lk_twag_find(twag, LK_TWAG_BY_HANDLE, handle_of(&event->channel.handle));
    uint64_t until_ms = twag->now_ms + twag->config.old_channel_ms;

    if (s == NULL || event->channel.handle == 0)
        return LK_E_NOT_FOUND;
    leave(twag, s, LK_TWAG_BY_HANDLE);
    s->handle = 0;
    if (s->wlcp.denied) {
        end(twag, s, out);
        return LK_OK;
    }
    if (s->alone_ms == 0 || until_ms < s->alone_ms)
        s->alone_ms = until_ms;
    wake(twag, s);
    return LK_OK;
}

/* spec: RFC 2865 5.27 - who was not authenticated anew until its Session-Timeout has no session,
 * whether or not somebody says so. */
void lk_twag_session_due(struct lk_twag *twag, struct lk_twag_session *s,
                         struct lk_twag_outbox *out)
{
    if (twag->now_ms >= s->until_ms) {
        end(twag, s, out);
        return;
    }
    if (has_key(&s->key[1]) && twag->now_ms >= s->key[1].until_ms)
        forget_key(twag, s, 1);
    if (s->alone_ms != 0 && twag->now_ms >= s->alone_ms) {
        s->alone_ms = 0;
        close_channel(twag, s, out);
        tell_all(twag, s, LK_WLCP_EV_LOST, LK_WLCP_CAUSE_NONE, out);
        if (s->wlcp.denied) {
            end(twag, s, out);
            return;
        }
    }
    wake(twag, s);
}

enum lk_status lk_twag_key(struct lk_wlcp_key *key, const struct lk_twag *twag,
                           struct lk_span identity, uint64_t now_ms)
{
    const struct lk_twag_session *s = lk_twag_find(twag, LK_TWAG_BY_KEY, identity);

    if (s == NULL || now_ms >= s->until_ms)
        return LK_E_NOT_FOUND;
    if (lk_span_equal(lk_span_text(s->key[0].identity), identity)) {
        *key = s->key[0].key;
        return LK_OK;
    }
    if (now_ms >= s->key[1].until_ms)
        return LK_E_NOT_FOUND;
    *key = s->key[1].key;
    return LK_OK;
}
