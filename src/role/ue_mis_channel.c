/* MIS over DTLS: an SA of type TLS with the PoS that EAP left a key for. T41: it carries messages,
 * and never a K. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/dtls_config.h"
#include "role/ue_manager.h"

static const struct lk_ue_mis_key *key_for(const struct lk_ue_mis *mis, struct lk_span pos)
{
    for (size_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        if (lk_mis_name_is(&mis->key[i].pos, pos))
            return &mis->key[i];
    return NULL;
}

static struct lk_mis_pos over_dtls(const struct lk_ue_manager *ue, size_t point)
{
    struct lk_mis_pos pos = lk_ue_mis_pos(ue, point);

    pos.port = (uint16_t)lk_ue_mis_point_at(ue, point)->dtls_port;
    return pos;
}

enum lk_status lk_ue_mis_dial(struct lk_ue_manager *ue, size_t point)
{
    struct lk_ue_mis *mis = &ue->mis;
    const struct lk_mis_pos pos = over_dtls(ue, point);
    const struct lk_ue_mis_key *known = key_for(mis, pos.id);
    const struct lk_channel_peer peer = { .address = pos.address, .port = pos.port };
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_channel_key key = { .len = sizeof known->psk.octets };
    enum lk_status status;

    /* T41: where policy does not name SAs by TLS, there is none. */
    if (!lk_mis_type_satisfies(LK_MIS_SA_TLS, mis->config.mn.demanded))
        return LK_E_DENIED;
    if (pos.port == 0)
        return LK_E_VALUE;
    if (known == NULL || known->until_ms <= lk_mono_ms())
        return LK_E_NOT_FOUND;
    if (mis->dialled_id != 0)
        lk_channel_forget(mis->channel, mis->dialled_id);
    mis->dialled_id = 0;
    lk_mis_psk_identity(identity, &known->psk);
    memcpy(key.octets, known->psk.octets, key.len);
    mis->dialled = point;
    status = lk_channel_dial(&mis->dialled_id, mis->channel, 0, &peer, lk_span_text(identity),
                             &key);
    lk_wipe(&key, sizeof key);
    return status;
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    struct lk_ue_manager *ue = context;
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_CHANNEL };
    const struct lk_ue_mis_key *known;
    struct lk_ue_mis_way *way;

    (void)identity;
    (void)peer;
    if (id != mis->dialled_id)
        return;
    mis->dialled_id = 0;
    event.channel.pos = over_dtls(ue, mis->dialled);
    known = key_for(mis, event.channel.pos.id);
    if (known != NULL)
        event.channel.self = lk_mis_name_of(&known->self);
    if (lk_ue_mis_give(ue, &event) != LK_OK) { /* another way to that PoS, if any, is closed now */
        lk_channel_close(mis->channel, id);
        return;
    }
    way = &mis->way[mis->device.serving];
    way->carrier = LK_UE_MIS_DTLS;
    mis->channel_id = id;
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    struct lk_ue_manager *ue = context;
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HEARD };

    for (uint8_t i = 0; id == ue->mis.channel_id && i < LK_MIS_DEVICE_LINKS; i++) {
        if (ue->mis.way[i].carrier != LK_UE_MIS_DTLS)
            continue;
        event.way.link = i;
        event.way.octets = octets;
        (void)(lk_ue_mis_give(ue, &event) == LK_OK);
        return;
    }
}

/* An alert before there is a channel may be anybody's: the key is kept. */
static void lose_dialled(struct lk_ue_manager *ue, enum lk_channel_down why)
{
    struct lk_refusal refusal;
    char expected[LK_REFUSAL_TEXT];

    (void)snprintf(expected, sizeof expected, "a channel with %.45s",
                   lk_ue_mis_point_at(ue, ue->mis.dialled)->id);
    refusal = lk_refusal_of(why == LK_CHANNEL_DOWN_ALERT ? LK_REASON_MIS_PSK
                                                         : LK_REASON_MIS_NO_ANSWER,
                            expected, lk_channel_down_name(why));
    ue->mis.dialled_id = 0;
    lk_ue_mis_refused(ue, &refusal);
    lk_ue_mis_came_to_nothing(ue);
    if (!ue->mis.stepping)
        lk_ue_mis_answer(ue);
}

/* May come from inside of a send: then the device hears of it behind that step. */
static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    struct lk_ue_manager *ue = context;
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_DOWN };
    uint8_t link = 0;

    if (id == mis->dialled_id)
        lose_dialled(ue, why);
    while (link < LK_MIS_DEVICE_LINKS && mis->way[link].carrier != LK_UE_MIS_DTLS)
        link++;
    if (id != mis->channel_id || link == LK_MIS_DEVICE_LINKS)
        return;
    mis->channel_id = 0;
    mis->way[link] = (struct lk_ue_mis_way){ .carrier = LK_UE_MIS_NO_WAY, .gone = mis->stepping };
    event.way.link = link;
    if (!mis->stepping)
        (void)(lk_ue_mis_give(ue, &event) == LK_OK);
}

enum lk_status lk_ue_mis_channel_begin(struct lk_ue_manager *ue)
{
    struct lk_channel_setup setup;

    lk_dtls_setup_of(&setup, ue->process.config);
    setup.calls = (struct lk_channel_calls){ .context = ue, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.sockets = 1;
    setup.socket[0] = lk_process_socket(&ue->process, LK_UE_MIS_DTLS_PORT);
    setup.sessions = 4;
    setup.half_open = 2;
    lk_seen_channel(&ue->seen, &setup, LK_SEEN_MIS, "mih");
    return lk_channel_dialler(&ue->mis.channel, &ue->process.loop, &setup);
}

void lk_ue_mis_channel_end(struct lk_ue_manager *ue)
{
    if (ue->mis.channel != NULL)
        lk_channel_free(ue->mis.channel);
    ue->mis.channel = NULL;
    ue->mis.channel_id = ue->mis.dialled_id = 0;
}
