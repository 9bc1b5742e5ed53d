/* The anchor's channel: DTLS with the pre-shared key of each gateway. There is no way to speak to
 * it in the clear. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/anchor_parts.h"
#include "role/dtls_config.h"

enum { SESSIONS = 4 * LK_ANCHOR_MAGS };

static const struct lk_config_anchor_mag *mag_of(const struct lk_anchor_process *anchor,
                                                 struct lk_span identity)
{
    const struct lk_config_anchor *config = &anchor->process.config->anchor;

    for (size_t i = 0; i < config->mag_count; i++)
        if (lk_span_equal(lk_span_text(config->mags[i].name), identity))
            return &config->mags[i];
    return NULL;
}

static enum lk_channel_answer psk(void *context, struct lk_span identity,
                                  struct lk_channel_key *key)
{
    const struct lk_config_anchor_mag *mag = mag_of(context, identity);

    if (mag == NULL)
        return LK_CHANNEL_KEY_UNKNOWN;
    key->len = strnlen(mag->psk, sizeof key->octets);
    memcpy(key->octets, mag->psk, key->len);
    return LK_CHANNEL_KEY_IS;
}

static uint32_t mag_with(const struct lk_anchor_process *anchor, uint64_t session)
{
    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (anchor->link[i].session == session)
            return (uint32_t)i + 1;
    return 0;
}

static void say(const struct lk_anchor_process *anchor, const char *event, uint32_t mag,
                const char *why)
{
    char address[LK_ADDRESS_TEXT];

    lk_address_text(address, &anchor->link[mag - 1].peer.address);
    LK_LOG(LK_LOG_INFO, event, { "mag", anchor->config.mag[mag - 1].name }, { "from", address },
           { "why", why });
}

/* The newest session of a gateway is the one: it may have been restarted. */
static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    struct lk_anchor_process *anchor = context;
    const struct lk_config_anchor_mag *mag = mag_of(anchor, identity);
    uint32_t number = lk_anchor_mag_number(&anchor->config, identity);
    struct lk_address only;
    struct lk_anchor_link *link;

    if (mag == NULL || number == 0 ||
        (mag->address[0] != '\0' && lk_address_parse(&only, mag->address) == LK_OK &&
         !lk_address_equal(&only, &peer->address))) {
        LK_LOG(LK_LOG_WARNING, "mag-from-elsewhere", { "mag", mag == NULL ? "?" : mag->name });
        lk_channel_close(anchor->channel, id);
        return;
    }
    link = &anchor->link[number - 1];
    if (link->session != 0)
        lk_channel_close(anchor->channel, link->session);
    /* T13: who has begun anew has another port, and another word. */
    lk_path_anew(&link->path, true);
    link->has_word = false;
    link->heard_ms = lk_wall_ms();
    link->session = id;
    link->peer = *peer;
    say(anchor, "mag-up", number, NULL);
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_anchor_process *anchor = context;
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_DATAGRAM, .now_ms = lk_wall_ms(),
                                     .mag = mag_with(anchor, id), .octets = octets };

    if (event.mag != 0) {
        event.from = anchor->link[event.mag - 1].peer.address;
        anchor->link[event.mag - 1].heard_ms = event.now_ms;
    }
    lk_count(&anchor->count->requests);
    if (!lk_anchor_give(anchor, &event))
        anchor->store_refused++;
    else if (event.mag != 0 && anchor->out.count > 0)
        /* T13: who does not begin by telling its place may be found on the wire. What was beyond
         * the budget was not looked at, and is no beginning. */
        anchor->link[event.mag - 1].path.waits = false;
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_anchor_process *anchor = context;
    uint32_t mag = mag_with(anchor, id);

    if (mag == 0)
        return;
    anchor->link[mag - 1].session = 0;
    say(anchor, "mag-down", mag, lk_channel_down_name(why));
}

/* Who it says to be is what anybody may say; the log escapes it. */
static void on_refused(void *context, enum lk_channel_refusal why, struct lk_span identity,
                       const struct lk_channel_peer *peer)
{
    struct lk_anchor_process *anchor = context;
    char came[LK_REFUSAL_TEXT], address[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "from", address } };
    struct lk_refusal refusal;

    (void)snprintf(came, sizeof came, "%s%.*s",
                   why == LK_CHANNEL_REFUSED_HELLO   ? "no DTLS 1.2, suite of dtls.suites, or EMS"
                   : why == LK_CHANNEL_REFUSED_PROOF ? "another key of "
                                                     : "a name that is not there: ",
                   (int)identity.len, identity.len == 0 ? "" : (const char *)identity.at);
    refusal = lk_refusal_of(LK_REASON_PMIP_MAG_KEY, "a name of anchor.mags and its psk", came);
    lk_count(&anchor->count->refused[refusal.reason]);
    lk_address_text(address, &peer->address);
    lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

void lk_anchor_send(struct lk_anchor_process *anchor, uint32_t mag,
                    const struct lk_anchor_place *to, struct lk_span octets)
{
    uint64_t session = mag == 0 ? 0 : anchor->link[mag - 1].session;

    if (mag == 0 && to->port != 0)
        lk_anchor_mip_send(anchor, to, octets);
    else if (session == 0 || lk_channel_send(anchor->channel, session, octets) != LK_OK)
        lk_count(&anchor->count->send_lost);
}

void lk_anchor_control_prune(struct lk_anchor_process *anchor)
{
    for (size_t i = 0; i < anchor->config.mag_count; i++)
        if (anchor->config.mag[i].closed && anchor->link[i].session != 0) {
            lk_channel_close(anchor->channel, anchor->link[i].session);
            anchor->link[i].session = 0;
            say(anchor, "mag-down", (uint32_t)i + 1, "not configured any more");
        }
}

bool lk_anchor_control_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_worker_setup *setup = anchor->process.setup;
    struct lk_channel_setup channel;

    lk_dtls_setup_of(&channel, anchor->process.config);
    channel.calls = (struct lk_channel_calls){ .context = anchor, .psk = psk, .on_up = on_up,
                                               .on_data = on_data, .on_down = on_down,
                                               .on_refused = on_refused };
    channel.sessions = SESSIONS;
    channel.half_open = SESSIONS / 2;
    for (size_t i = 0; i < setup->socket_count && channel.sockets < LK_CHANNEL_SOCKETS; i++)
        if (setup->sockets[i].serves == LK_ANCHOR_CONTROL)
            channel.socket[channel.sockets++] = setup->sockets[i].fd;
    lk_seen_channel(&anchor->seen, &channel, LK_SEEN_PMIP, "mipv6");
    if (lk_channel_serve(&anchor->channel, &anchor->process.loop, &channel) == LK_OK)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "the DTLS engine does not start");
    return false;
}
