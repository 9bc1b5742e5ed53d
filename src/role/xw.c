#include "role/xw.h"

#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "role/apart.h"

/* ---- what the log has of it ---- */

static void say(const struct lk_role_xw *xw, enum lk_log_level level, const char *event,
                size_t peer, const char *why, const char *detail)
{
    const struct lk_xw_peer *row = &xw->setup.peer[peer];
    char address[LK_ADDRESS_TEXT];

    lk_address_text(address, &row->address);
    LK_LOG(level, event, { "peer", xw->name[peer] }, { "address", address }, { "why", why },
           { "detail", detail });
}

/* Who dials is the eNB. */
static void say_unreachable(const struct lk_role_xw *xw, size_t peer, enum lk_xw_down why,
                            const char *detail)
{
    const struct lk_xw_peer *row = &xw->setup.peer[peer];
    bool sctp = xw->setup.transport == LK_XW_SCTP;
    char address[LK_ADDRESS_TEXT], port[8];

    lk_address_text(address, &row->address);
    (void)snprintf(port, sizeof port, "%u", row->port);
    LK_LOG(LK_LOG_WARNING, "xw-unreachable", { "peer", xw->name[peer] }, { "address", address },
           { "port", port }, { "why", lk_xw_down_name(why) }, { "detail", detail },
           { "expected", sctp                    ? "a WT there, with SCTP in UDP"
                         : xw->trust == NULL ? "a WT there, with TCP"
                                             : "a WT there, with TLS" },
           { "fix", why == LK_XW_DOWN_TLS
                        ? "compare enb.wt.name and enb.ca with the WT's certificate, and wt.ca "
                          "and wt.enbs there with ours"
                    : sctp ? "is the WT running? enb.wt is its wt.xw_listen and wt.xw_udp_port; "
                             "its wt.enbs has our enb.xw_address and enb.xw_udp_port"
                           : "is the WT running? enb.wt is its wt.xw_listen and wt.xw_port, with "
                             "xw: tcp there too; its wt.enbs has our address" });
}

/* Somebody who is none of the peers may come as often as he likes. */
static void say_stranger(enum lk_xw_down why, const char *detail)
{
    static struct lk_log_limit limit;
    char left_out_text[16];
    uint32_t left_out;

    if (!lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_WARNING, "xw-stranger", { "why", lk_xw_down_name(why) }, { "detail", detail },
           { "fix", why == LK_XW_DOWN_NO_PEER
                        ? "if it is an eNB of ours, write its address, over SCTP its "
                          "enb.xw_udp_port too, to wt.enbs"
                        : "name it among the peers of Xw, if it is one" },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* Over TCP; the datagrams of SCTP are watched. */
static void see(struct lk_role_xw *xw, size_t peer, bool out, struct lk_span message)
{
    const struct lk_xw_peer *row = &xw->setup.peer[peer];
    struct lk_capture_end other = lk_seen_end_of(&row->address, row->port);

    if (xw->setup.transport == LK_XW_TCP)
        lk_seen_xw_message(xw->seen, out ? &xw->own : &other, out ? &other : &xw->own, message);
}

/* ---- called back ---- */

static void on_up(void *context, uint64_t id, size_t peer)
{
    struct lk_role_xw *xw = context;

    (void)id;
    xw->up++;
    xw->told[peer] = false;
    say(xw, LK_LOG_INFO, "xw-up", peer, NULL, NULL);
    xw->calls.on_up(xw->calls.context, peer);
}

static void on_message(void *context, uint64_t id, struct lk_span message)
{
    struct lk_role_xw *xw = context;

    for (size_t i = 0; i < xw->setup.peers; i++)
        if (lk_xw_of_peer(xw->xw, i) == id) {
            see(xw, i, false, message);
            xw->calls.on_message(xw->calls.context, i, message);
            return;
        }
}

static void on_down(void *context, uint64_t id, size_t peer, enum lk_xw_down why,
                    const char *detail)
{
    struct lk_role_xw *xw = context;

    if (peer == LK_XW_NOBODY) {
        say_stranger(why, detail);
        return;
    }
    if (id != 0)
        say(xw, LK_LOG_WARNING, "xw-down", peer, lk_xw_down_name(why), detail);
    else if (!xw->told[peer])
        say_unreachable(xw, peer, why, detail);
    xw->told[peer] = id == 0;
    if (id == 0)
        return;
    xw->up--;
    xw->calls.on_down(xw->calls.context, peer);
}

/* ---- beginning and end ---- */

bool lk_role_xw_has_tls(const struct lk_config_xw *config)
{
    return config->transport == LK_CONFIG_XW_TCP && config->certificate[0] != '\0';
}

static enum lk_status load(struct lk_stream_trust **trust, const struct lk_config_xw *config,
                           char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_stream_files files = { config->certificate, config->key, config->ca };

    _Static_assert((int)LK_KIND_ERROR_TEXT >= (int)LK_STREAM_ERROR_TEXT, "its words fit");
    return lk_stream_trust_load(trust, &files, error);
}

bool lk_role_xw_fits(const struct lk_config *config, const struct lk_config_xw *xw,
                     const char *section, char unfit[LK_KIND_UNFIT_TEXT])
{
    const struct lk_stream_files files = { xw->certificate, xw->key, xw->ca };

    return !lk_role_xw_has_tls(xw) || lk_apart_tls_fits(config, section, &files, unfit);
}

static void watch(struct lk_role_xw *xw, struct lk_seen *seen)
{
    struct lk_address own;
    uint16_t port;

    xw->seen = seen;
    if (xw->setup.socket < 0)
        return;
    lk_seen_xw(seen, &xw->setup);
    if (lk_datagram_bound(&own, &port, xw->setup.socket) == LK_OK)
        xw->own = lk_seen_end_of(&own, port);
}

bool lk_role_xw_prepare(struct lk_role_xw *xw, const struct lk_config_xw *config,
                        const struct lk_config_xw_peer *peers, size_t count, bool dial, int socket,
                        const struct lk_role_xw_calls *calls, struct lk_seen *seen,
                        char error[LK_KIND_ERROR_TEXT])
{
    _Static_assert((int)LK_CONFIG_ENBS <= (int)LK_XW_PEERS, "all fit");

    if (lk_role_xw_has_tls(config) && load(&xw->trust, config, error) != LK_OK)
        return false;
    xw->calls = *calls;
    lk_xw_setup_defaults(&xw->setup);
    xw->setup.calls = (struct lk_xw_calls){ xw, on_up, on_message, on_down };
    xw->setup.transport = config->transport == LK_CONFIG_XW_SCTP ? LK_XW_SCTP : LK_XW_TCP;
    xw->setup.socket = socket;
    xw->setup.trust = xw->trust;
    for (size_t i = 0; i < count; i++) {
        struct lk_xw_peer *to = &xw->setup.peer[xw->setup.peers++];

        (void)snprintf(error, LK_KIND_ERROR_TEXT, "Xw: '%s' is no address", peers[i].address);
        if (lk_address_parse(&to->address, peers[i].address) != LK_OK)
            return false;
        memcpy(xw->name[i], peers[i].name, sizeof xw->name[i]);
        to->name = xw->name[i];
        to->port = (uint16_t)peers[i].port;
        to->dial = dial;
        if (lk_xw_peer_check(&xw->setup, to, error) != LK_OK)
            return false;
    }
    watch(xw, seen);
    return true;
}

bool lk_role_xw_begin(struct lk_role_xw *xw, uv_loop_t *loop, char error[LK_KIND_ERROR_TEXT])
{
    return lk_xw_new(&xw->xw, loop, &xw->setup, error) == LK_OK;
}

/* Certificates outlive what uses them, which closes with the loop's next turn; the process ends
 * before that. */
void lk_role_xw_end(struct lk_role_xw *xw)
{
    lk_xw_free(xw->xw);
    xw->xw = NULL;
}

enum lk_status lk_role_xw_send(struct lk_role_xw *xw, size_t peer, struct lk_span message)
{
    enum lk_status status = lk_xw_send(xw->xw, lk_xw_of_peer(xw->xw, peer), message);

    if (status == LK_OK)
        see(xw, peer, true, message);
    return status;
}
