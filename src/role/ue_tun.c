#include "role/ue_tun.h"

#include <string.h>
#include <unistd.h>

#include "io/log.h"
#include "role/kind_tun.h"
#include "role/ue_manager.h"
#include "wire/ip.h"

enum { ROUNDS = 64 };

static const char *const way_names[LK_UE_TUN_WAYS] = { [LK_UE_TUN_WLAN] = "wlan",
                                                       [LK_UE_TUN_MIP] = "mobile-ip" };

enum lk_status lk_ue_tun_prepare(const struct lk_config *config, lk_prepared_add *add,
                                 void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_kind_tun wanted = { .in = (enum lk_config_tun_in)config->ue.tun_in,
                                  .key = "ue.tun_in", .tun = LK_UE_TUN, .line = LK_UE_TUN_LINE,
                                  .sheet = LK_UE_TUN_SHEET };
    static const uint8_t zeroes[4];

    memcpy(wanted.setup.name, config->ue.tun, sizeof wanted.setup.name);
    /* Everything that is not the namespace's own goes to it. */
    wanted.setup.network[wanted.setup.networks++] =
        (struct lk_address_prefix){ lk_address_v4(zeroes), LK_ADDRESS_BITS - 32 };
    return lk_kind_tun_prepare(&wanted, add, context, error);
}

/* ---- which access ---- */

/* LK_UE_TUN_WAYS: none. */
static enum lk_ue_tun_way current(const struct lk_ue_tun *tun)
{
    enum lk_ue_tun_way found = LK_UE_TUN_WAYS;
    uint64_t turn = 0;

    for (int i = 0; i < LK_UE_TUN_WAYS; i++)
        if (tun->way[i].turn > turn) {
            turn = tun->way[i].turn;
            found = (enum lk_ue_tun_way)i;
        }
    return found;
}

/* The kernel's side: in the namespace, by the holder. */
static void readdress(struct lk_ue_manager *ue)
{
    struct lk_ue_tun *tun = &ue->tun;
    enum lk_ue_tun_way way = current(tun);
    int line = lk_process_socket(&ue->process, LK_UE_TUN_LINE);
    struct lk_address *own;

    if (way == LK_UE_TUN_WAYS || line < 0)
        return;
    own = lk_address_is_v4(&tun->way[way].address) ? &tun->address4 : &tun->address6;
    if (lk_address_equal(own, &tun->way[way].address))
        return;
    *own = tun->way[way].address;
    if (lk_tun_apart_address(line, &tun->address4, &tun->address6) != LK_OK)
        LK_LOG(LK_LOG_WARNING, "no-address", { "what", "the TUN device did not take the address" },
               { "by", way_names[way] });
}

void lk_ue_tun_take(struct lk_ue_manager *ue, enum lk_ue_tun_way way,
                    const struct lk_address *address)
{
    ue->tun.way[way].turn = ++ue->tun.turn;
    ue->tun.way[way].address = *address;
    readdress(ue);
}

void lk_ue_tun_leave(struct lk_ue_manager *ue, enum lk_ue_tun_way way)
{
    ue->tun.way[way].turn = 0;
    readdress(ue);
}

/* ---- the trusted WLAN ---- */

static bool carries(const struct lk_wlcp_ue_connection *c, const struct lk_wlcp_apn *apn)
{
    return c->state == LK_WLCP_UE_ACTIVE && (c->address.pdn_type & LK_WLCP_IPV4) != 0 &&
           lk_wlcp_apn_is_of(&c->apn, apn);
}

void lk_ue_tun_look(struct lk_ue_manager *ue)
{
    const struct lk_wlcp_ue_connection *found = NULL;
    struct lk_wlcp_apn apn;
    struct lk_address address;

    if (ue->tun.fd < 0 || lk_wlcp_apn_parse(&apn, ue->process.config->ue.tun_apn) != LK_OK)
        return;
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_wlcp_ue_connection *c = &ue->manager.ue.connection[i];

        if (carries(c, &apn) && (found == NULL || c->ref > found->ref))
            found = c; /* the newest */
    }
    if (found != NULL && found->ref != ue->tun.connection) {
        address = lk_address_v4(found->address.ipv4);
        lk_ue_tun_take(ue, LK_UE_TUN_WLAN, &address);
    } else if (found == NULL && ue->tun.connection != 0) {
        lk_ue_tun_leave(ue, LK_UE_TUN_WLAN);
    }
    ue->tun.connection = found != NULL ? found->ref : 0;
}

static void by_wlan(struct lk_ue_manager *ue, struct lk_span packet)
{
    const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&ue->manager.ue, ue->tun.connection);

    if (c != NULL)
        lk_ue_manager_packet(ue, c->user_plane, packet);
    else
        ue->tun.lost++;
}

/* ---- Mobile IP ---- */

/* A registration was confirmed, at whatever place, or there is none any more. */
static void bound_changed(struct lk_ue_manager *ue)
{
    const struct lk_address *wlan = &ue->tun.way[LK_UE_TUN_WLAN].address;

    /* One address, one row at the anchor: it is Mobile IP's now, and does not fall back to the WLAN
     * when that ends. What connects there anew takes it again. */
    if (ue->mip.tunnel.there && (lk_address_equal(wlan, &ue->mip.bound.home) ||
                                 lk_address_equal(wlan, &ue->mip.home4)))
        lk_ue_tun_leave(ue, LK_UE_TUN_WLAN);
    if (ue->mip.tunnel.there)
        lk_ue_tun_take(ue, LK_UE_TUN_MIP, &ue->mip.bound.home);
    else
        lk_ue_tun_leave(ue, LK_UE_TUN_MIP);
}

/* ---- packets ---- */

static void up(struct lk_ue_manager *ue, struct lk_span packet)
{
    struct lk_ue_tun *tun = &ue->tun;
    enum lk_ue_tun_way way = current(tun);
    struct lk_address source, destination;

    /* The kernel speaks of its own accord, from addresses of links; and a program may use an
     * address that an access before this one had. */
    if (way == LK_UE_TUN_WAYS || lk_ip_addresses(&source, &destination, packet) != LK_OK ||
        !lk_address_equal(&source, &tun->way[way].address)) {
        tun->lost++;
        return;
    }
    tun->up_packets++;
    tun->up_octets += packet.len;
    switch (way) {
    case LK_UE_TUN_WLAN:
        by_wlan(ue, packet);
        break;
    case LK_UE_TUN_MIP:
        tun->lost += !lk_ue_mip_packet_up(ue, packet);
        break;
    case LK_UE_TUN_WAYS:
        break;
    }
}

static void on_tun(uv_poll_t *poll, int status, int events)
{
    static uint8_t packet[LK_IP_PACKET_MAX];
    struct lk_ue_manager *ue = poll->data;

    (void)status;
    (void)events;
    ue->mip.gathers = true;
    for (unsigned round = 0; round < ROUNDS; round++) {
        ssize_t got = read(ue->tun.fd, packet, sizeof packet);

        if (got <= 0)
            break;
        up(ue, lk_span_of(packet, (size_t)got));
    }
    ue->mip.gathers = false;
    if (ue->mip.to != NULL)
        (void)lk_datagrams_send(ue->mip.to);
}

void lk_ue_tun_down(struct lk_ue_manager *ue, struct lk_span packet)
{
    struct lk_ue_tun *tun = &ue->tun;
    struct lk_address source, destination;

    if (tun->fd < 0 || lk_ip_addresses(&source, &destination, packet) != LK_OK ||
        (!lk_address_equal(&destination, &tun->address4) &&
         !lk_address_equal(&destination, &tun->address6)))
        return;
    if (write(tun->fd, packet.at, packet.len) != (ssize_t)packet.len) {
        tun->lost++;
        return;
    }
    tun->down_packets++;
    tun->down_octets += packet.len;
}

void lk_ue_tun_begin(struct lk_ue_manager *ue)
{
    struct lk_ue_tun *tun = &ue->tun;
    int status;

    tun->fd = lk_process_socket(&ue->process, LK_UE_TUN);
    if (tun->fd < 0)
        return;
    status = uv_poll_init(&ue->process.loop, &tun->poll, tun->fd);
    LK_ASSERT(status == 0);
    tun->poll.data = ue;
    ue->mip.down = lk_ue_tun_down;
    ue->mip.bound_changed = bound_changed;
    (void)uv_poll_start(&tun->poll, UV_READABLE, on_tun);
}

/* ---- questions ---- */

void lk_ue_tun_ask(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request)
{
    const struct lk_ue_tun *tun = &ue->tun;
    json_t *answer = lk_kind_tun_where(lk_process_socket(&ue->process, LK_UE_TUN_SHEET),
                                       "ue.tun_in");
    enum lk_ue_tun_way way = current(tun);
    char address[LK_ADDRESS_TEXT];

    (void)request;
    if (!json_is_true(json_object_get(answer, "ok"))) {
        lk_control_answer(call, answer);
        return;
    }
    lk_address_text(address, &tun->address4);
    (void)json_object_update_new(answer, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}",
        "by", way == LK_UE_TUN_WAYS ? "nothing" : way_names[way], "address",
        lk_address_is_any(&tun->address4) ? "" : address, "up-packets",
        (json_int_t)tun->up_packets, "up-octets", (json_int_t)tun->up_octets, "down-packets",
        (json_int_t)tun->down_packets, "down-octets", (json_int_t)tun->down_octets, "lost",
        (json_int_t)tun->lost));
    lk_control_answer(call, answer);
}
