#include "role/seen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/mis_codes.h"
#include "wire/dtls.h"
#include "wire/mip.h"
#include "wire/mip6.h"

const struct lk_capture_options lk_seen_options = { .link = LK_LINK_RAW_IP,
                                                    .interface = "latchkey", .opened = true,
                                                    .air = true };

static uint64_t now_ns(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A file that is full is said once, and from then on left alone. */
static void note(struct lk_seen *seen, enum lk_status status)
{
    if (status != LK_E_SYSTEM)
        return; /* LK_OK, or what has no place in a capture: ends of two families */
    if (seen->lost++ == 0)
        LK_LOG(LK_LOG_ERROR, "capture-lost", { "file", seen->path }, { "why", strerror(errno) },
               { "fix", "make room, or leave capture.file out" });
}

/* ---- ends ---- */

struct lk_capture_end lk_seen_end_of(const struct lk_address *address, uint16_t port)
{
    struct lk_capture_end end = { .v6 = !lk_address_is_v4(address), .port = port };

    memcpy(end.address, address->octets + (end.v6 ? 0 : 12), end.v6 ? 16 : 4);
    return end;
}

static bool own_of(struct lk_datagram_peer *own, int fd)
{
    socklen_t len = sizeof own->from;

    memset(own, 0, sizeof *own);
    return getsockname(fd, &own->from.any, &len) == 0;
}

/* The address that we speak from to who is there: a socket that is connected knows it, and sends
 * nothing for that. */
static bool route_to(struct lk_address *own, const struct lk_address *towards)
{
    struct lk_datagram_peer there = lk_datagram_to(-1, towards, 9), here;
    int fd = socket(there.from.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 &&
                 connect(fd, &there.from.any, lk_address_is_v4(towards) ? sizeof there.from.v4
                                                                        : sizeof there.from.v6)
                     == 0 &&
                 own_of(&here, fd);

    if (found)
        *own = lk_datagram_address(&here);
    if (fd >= 0)
        (void)close(fd);
    return found;
}

/* That of a socket, or the next free one. */
static size_t place_of(const struct lk_seen *seen, int fd)
{
    size_t i = 0;

    while (i < seen->sockets && seen->socket[i].fd != fd)
        i++;
    return i;
}

void lk_seen_socket(struct lk_seen *seen, int fd, enum lk_seen_leg leg,
                    const struct lk_address *towards)
{
    size_t i = place_of(seen, fd); /* of one that was closed, and has its number again */
    struct lk_datagram_peer own;
    struct lk_address address;
    bool wild;

    if (!lk_seen_wants(seen, leg) || i == LK_SEEN_SOCKETS || !own_of(&own, fd))
        return;
    address = lk_datagram_address(&own);
    wild = lk_address_is_any(&address);
    if (wild && towards != NULL)
        wild = !route_to(&address, towards);
    seen->socket[i] = (struct lk_seen_socket){
        .fd = fd, .leg = leg, .own = lk_seen_end_of(&address, lk_datagram_port(&own)),
        .wild = wild,
    };
    seen->sockets += i == seen->sockets ? 1 : 0;
}

/* Somebody else writes it down, or nobody wants it. */
static bool is_left_out(const struct lk_seen *seen, const struct lk_seen_socket *socket,
                        const struct lk_address *peer)
{
    if (socket->spoken != 0)
        return !lk_seen_wants(seen, lk_seen_is_mip_agent(seen, peer) ? LK_SEEN_MIP_AGENTS
                                                                     : LK_SEEN_MIP);
    return socket->leg != LK_SEEN_AAA && !lk_address_is_any(&seen->not_with) &&
           lk_address_equal(peer, &seen->not_with);
}

/* Both ends of a datagram, and the port of its protocol if that is Mobile IP. False: it is of no
 * leg that is wanted. */
static bool ends_of(const struct lk_seen *seen, struct lk_capture_end *own,
                    struct lk_capture_end *other, const struct lk_datagram_peer *peer,
                    uint16_t *spoken)
{
    struct lk_address address = lk_datagram_address(peer);
    size_t i = place_of(seen, peer->fd);

    if (i == seen->sockets || is_left_out(seen, &seen->socket[i], &address))
        return false;
    *spoken = seen->socket[i].spoken;
    *other = lk_seen_end_of(&address, lk_datagram_port(peer));
    *own = seen->socket[i].own;
    if (seen->socket[i].wild && peer->has_local) {
        memcpy(address.octets, peer->local.ipi6_addr.s6_addr, sizeof address.octets);
        *own = lk_seen_end_of(&address, own->port);
    }
    return true;
}

/* ---- packets of applications ---- */

enum {
    PACKETS_AT_ONCE = 8,
    ETHER_HEADER = 14,
    MIP_HEADER = 4,
    IPV4_PROTOCOL_AT = 9,
    IPV6_NEXT_AT = 6,
    TCP = 6,
    UDP = 17
};

/* Where a packet of IP begins on that leg; no such leg: -1. */
static int packet_at(const struct lk_seen *seen, int fd, struct lk_span octets)
{
    for (size_t i = 0; i < seen->sockets; i++)
        if (seen->socket[i].fd == fd)
            return seen->socket[i].leg == LK_SEEN_TUNNEL ||
                           seen->socket[i].spoken == LK_MIP6_PORT ? 0
                   : seen->socket[i].leg == LK_SEEN_USER_PLANE ? ETHER_HEADER
                   : seen->socket[i].spoken == LK_MIP_PORT &&
                           lk_mip_type_of(octets) == LK_MIP_TUNNEL ? MIP_HEADER
                                                                   : -1;
    return -1;
}

static bool is_of_applications(const struct lk_seen *seen, int fd, struct lk_span octets)
{
    int at = packet_at(seen, fd, octets);
    const uint8_t *packet = octets.at + at;
    uint8_t protocol;

    if (at < 0 || octets.len < (size_t)at + IPV4_PROTOCOL_AT + 1)
        return false;
    protocol = packet[packet[0] >> 4 == 6 ? IPV6_NEXT_AT : IPV4_PROTOCOL_AT];
    return protocol == TCP || protocol == UDP;
}

/* A download would fill the capture with what nobody reads; what networks say of themselves, and
 * echoes, are always there. */
static bool is_spared(struct lk_seen *seen, int fd, struct lk_span octets)
{
    unsigned rate = seen->packets_per_s;

    return rate > 0 && is_of_applications(seen, fd, octets) &&
           !lk_budget_take(&seen->packets, rate > PACKETS_AT_ONCE ? rate : PACKETS_AT_ONCE, rate,
                           lk_mono_ms());
}

/* ---- what is written ---- */

/* Writes the flight that is held back. */
static void let_go(struct lk_seen *seen)
{
    if (seen->held.at_ns != 0)
        note(seen, lk_capture_udp(seen->file, seen->held.at_ns, &seen->held.from, &seen->held.to,
                                  lk_span_of(seen->held.octets, seen->held.len), seen->comment));
    seen->held.at_ns = 0;
}

void lk_seen_datagram(struct lk_seen *seen, const struct lk_datagram_peer *peer, bool out,
                      struct lk_span octets)
{
    struct lk_capture_opened about = { .dissector = "mip" };
    struct lk_capture_end own, other;
    uint16_t spoken;

    if (seen->file == NULL || !ends_of(seen, &own, &other, peer, &spoken) ||
        is_spared(seen, peer->fd, octets))
        return;
    let_go(seen);
    about.from = out ? own : other;
    about.to = out ? other : own;
    if (spoken == 0 || (spoken == LK_MIP_PORT && (own.port == spoken || other.port == spoken))) {
        note(seen, lk_capture_udp(seen->file, now_ns(), &about.from, &about.to, octets,
                                  seen->comment));
        return;
    }
    /* Wireshark knows 434 alone: elsewhere it is told whose the octets are. */
    if (spoken == LK_MIP6_PORT)
        about.dissector = "ip";
    note(seen, lk_capture_message(seen->file, now_ns(), &about, octets, seen->comment));
}

/* A reader takes a key only for what lies behind it, and who serves has none before the client's
 * last flight is there: that waits for whatever is written next, which is the key, an answer, or
 * the end of the handshake. */
static void hold(struct lk_seen *seen, const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_capture_end own, other;
    uint16_t spoken;

    if (octets.len > sizeof seen->held.octets || !ends_of(seen, &own, &other, peer, &spoken))
        return;
    let_go(seen);
    seen->held.at_ns = now_ns();
    seen->held.from = other;
    seen->held.to = own;
    seen->held.len = octets.len;
    memcpy(seen->held.octets, octets.at, octets.len);
}

void lk_seen_message(struct lk_seen *seen, const struct lk_capture_opened *about,
                     struct lk_span message)
{
    if (seen->file == NULL)
        return;
    let_go(seen);
    note(seen, lk_capture_message(seen->file, now_ns(), about, message, seen->comment));
}

void lk_seen_frame(struct lk_seen *seen, struct lk_span frame)
{
    if (!lk_seen_wants(seen, LK_SEEN_AIR))
        return;
    let_go(seen);
    note(seen, lk_capture_air(seen->file, now_ns(), frame, seen->comment));
}

static void on_datagram(void *context, const struct lk_datagram_peer *peer, bool out,
                        struct lk_span octets)
{
    lk_seen_datagram(context, peer, out, octets);
}

void lk_seen_datagrams(struct lk_seen *seen, struct lk_datagrams *datagrams)
{
    const struct lk_datagram_watch watch = { seen, on_datagram };

    if (seen->file != NULL)
        lk_datagrams_watch(datagrams, &watch);
}

/* ---- channels ---- */

static void on_channel_datagram(void *context, const struct lk_datagram_peer *peer, bool out,
                                struct lk_span octets)
{
    const struct lk_seen_channel *channel = context;
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;

    if (!out && channel->seen->secrets && lk_dtls_record_get(&record, &r) == LK_OK &&
        record.type == LK_DTLS_HANDSHAKE && r.left > 0)
        hold(channel->seen, peer, octets);
    else
        lk_seen_datagram(channel->seen, peer, out, octets);
}

static void on_record(void *context, const struct lk_datagram_peer *peer, bool out,
                      struct lk_span octets)
{
    const struct lk_seen_channel *channel = context;
    struct lk_capture_opened about = { .dissector = channel->dissector };
    struct lk_capture_end own, other;
    uint16_t spoken;

    if (!ends_of(channel->seen, &own, &other, peer, &spoken))
        return;
    about.from = out ? own : other;
    about.to = out ? other : own;
    lk_seen_message(channel->seen, &about, octets);
}

static void on_secret(void *context, const char *line)
{
    const struct lk_seen_channel *channel = context;

    note(channel->seen, lk_capture_key_log(channel->seen->file, line));
}

void lk_seen_channel(struct lk_seen *seen, struct lk_channel_setup *setup, enum lk_seen_leg leg,
                     const char *dissector)
{
    if (!lk_seen_wants(seen, leg))
        return;
    LK_ASSERT(seen->channels < LK_SEEN_CHANNELS);
    for (size_t i = 0; i < setup->sockets; i++)
        lk_seen_socket(seen, setup->socket[i], leg, NULL);
    seen->channel[seen->channels] = (struct lk_seen_channel){ seen, dissector };
    setup->watch = (struct lk_channel_watch){ .context = &seen->channel[seen->channels++],
                                              .on_datagram = on_channel_datagram,
                                              .on_record = on_record,
                                              .on_secret = seen->secrets ? on_secret : NULL };
}

/* ---- Xw ---- */

static void on_xw_datagram(void *context, const struct lk_datagram_peer *peer, bool out,
                           struct lk_span octets)
{
    struct lk_seen *seen = context;
    uint8_t room[LK_DATAGRAM_MAX];

    if (seen->secrets || octets.len > sizeof room) {
        lk_seen_datagram(seen, peer, out, octets);
        return;
    }
    lk_seen_withhold_sctp(room, octets);
    lk_seen_datagram(seen, peer, out, lk_span_of(room, octets.len));
}

void lk_seen_xw(struct lk_seen *seen, struct lk_xw_setup *setup)
{
    if (!lk_seen_wants(seen, LK_SEEN_XW) || setup->transport != LK_XW_SCTP)
        return;
    lk_seen_socket(seen, setup->socket, LK_SEEN_XW, NULL);
    setup->watch = (struct lk_datagram_watch){ seen, on_xw_datagram };
}

void lk_seen_xw_message(struct lk_seen *seen, const struct lk_capture_end *from,
                        const struct lk_capture_end *to, struct lk_span message)
{
    const struct lk_capture_opened about = { .dissector = "xwap", .stream = true, .from = *from,
                                             .to = *to };
    uint8_t room[LK_XWAP_MAX];

    if (!lk_seen_wants(seen, LK_SEEN_XW) || message.len > sizeof room)
        return;
    if (!seen->secrets) {
        lk_seen_withhold(room, message);
        message.at = room;
    }
    lk_seen_message(seen, &about, message);
}

void lk_seen_key(struct lk_seen *seen, const struct lk_key_log *entry)
{
    char line[LK_KEY_LOG_LINE];

    if (seen->file == NULL || !seen->secrets)
        return;
    lk_key_log_write(line, entry);
    lk_seen_key_line(seen, line);
    lk_wipe(line, sizeof line);
}

void lk_seen_key_line(struct lk_seen *seen, const char *line)
{
    let_go(seen);
    note(seen, lk_capture_secrets(seen->file, LK_SECRETS_LATCHKEY, lk_span_text(line)));
}

/* ---- Ub ---- */

static void on_http(void *context, const struct lk_peer *from, const struct lk_peer *to,
                    struct lk_span message)
{
    const struct lk_capture_opened about = { .dissector = "http", .stream = true,
                                             .from = lk_seen_end_of(&from->address, from->port),
                                             .to = lk_seen_end_of(&to->address, to->port) };

    lk_seen_message(context, &about, message);
}

struct lk_http_watch lk_seen_ub(struct lk_seen *seen)
{
    return (struct lk_http_watch){ seen, lk_seen_wants(seen, LK_SEEN_UB) ? on_http : NULL };
}

/* ---- keys for applications ---- */

void lk_seen_app_key(struct lk_seen *seen, const struct lk_app_key_log *entry)
{
    char line[LK_APP_KEY_LOG_LINE];

    if (seen->file == NULL || !seen->secrets)
        return;
    lk_app_key_log_write(line, entry);
    lk_seen_key_line(seen, line);
    lk_wipe(line, sizeof line);
}

void lk_seen_named_key(struct lk_seen *seen, enum lk_app_key_log_kind kind, const char *name,
                       const struct lk_naf_id *use, struct lk_span key)
{
    struct lk_span parts[2] = { lk_span_text(name) };
    struct lk_app_key_log entry;

    if (use != NULL)
        parts[1] = lk_span_of(use->octets, use->len);
    if (lk_app_key_log_of(&entry, kind, parts, use != NULL ? 2 : 1, key) == LK_OK)
        lk_seen_app_key(seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

/* ---- beginning and end ---- */

/* Who writes a leg where the daemon plays both ends of it: the end that serves many of the other.
 * Of PMIP and tunnels either end writes what not_with leaves it. */
static const unsigned writer[LK_SEEN_LEGS] = {
    [LK_SEEN_ACCESS_POINT] = LK_ROLE_TWAP,
    [LK_SEEN_WLCP] = LK_ROLE_TWAG,
    [LK_SEEN_USER_PLANE] = LK_ROLE_TWAG,
    [LK_SEEN_UU] = LK_ROLE_ENB,
    [LK_SEEN_XW] = LK_ROLE_WT,
    [LK_SEEN_AIR] = LK_ROLE_WT,
    [LK_SEEN_MIS] = LK_ROLE_POS,
    [LK_SEEN_MIS_N2N] = LK_ROLE_POS,
    [LK_SEEN_UB] = LK_ROLE_BSF,
    [LK_SEEN_MIP] = LK_ROLE_ANCHOR | LK_ROLE_FA,
    [LK_SEEN_MIP_AGENTS] = LK_ROLE_ANCHOR,
};

unsigned lk_seen_ours(unsigned own, unsigned roles)
{
    unsigned ours = 0;

    for (unsigned leg = 0; leg < LK_SEEN_LEGS; leg++)
        if ((own & writer[leg]) != 0 || (roles & writer[leg]) == 0)
            ours |= 1u << leg;
    return ours;
}

bool lk_seen_wants(const struct lk_seen *seen, enum lk_seen_leg leg)
{
    return seen->file != NULL && (seen->legs & 1u << leg) != 0;
}

void lk_seen_mended(const struct lk_capture *capture, const char *path)
{
    char octets[24];

    if (lk_capture_mended(capture) == 0)
        return;
    (void)snprintf(octets, sizeof octets, "%" PRIu64, lk_capture_mended(capture));
    LK_LOG(LK_LOG_WARNING, "capture-mended", { "file", path },
           { "what", "half a block at its end is cut off" }, { "octets", octets });
}

void lk_seen_lost(const char *path, enum lk_status status)
{
    LK_LOG(LK_LOG_ERROR, "capture-lost", { "file", path }, { "why", lk_capture_why(status) },
           { "fix", "start with another capture.file" });
}

void lk_seen_begin(struct lk_seen *seen, const struct lk_worker_setup *setup)
{
    enum lk_status status;

    memset(seen, 0, sizeof *seen);
    seen->wanted = setup->config->capture.legs;
    seen->legs = seen->wanted & lk_seen_ours(setup->kind->roles, setup->config->roles);
    seen->secrets = setup->config->capture.secrets;
    seen->packets_per_s = setup->config->capture.packets;
    seen->path = setup->config->capture.file;
    lk_mis_codes_take(&seen->mis, setup->config);
    if (setup->capture < 0)
        return;
    status = lk_capture_inherit(&seen->file, setup->capture, &lk_seen_options);
    if (status != LK_OK)
        lk_seen_lost(seen->path, status);
}

void lk_seen_end(struct lk_seen *seen)
{
    let_go(seen);
    lk_capture_close(seen->file);
    seen->file = NULL;
}
