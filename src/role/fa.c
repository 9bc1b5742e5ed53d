/* The fa process: its loop, its socket, and what the node says carried out. */
#include "role/fa.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/entropy.h"
#include "role/fa_process.h"
#include "role/mip_aaa.h"

enum { A_TURN = 1024 }; /* events of one kind that are told to be given again */

/* ---- what the log has ---- */

static void refused(struct lk_fa_process *fa, const struct lk_fa_output *item)
{
    char from[LK_ADDRESS_TEXT], code[8];
    const struct lk_log_field fields[] = {
        { "from", from },
        { "code", item->refused.code == 0 ? NULL : code },
    };

    lk_process_refused(&fa->process, item->refused.refusal.reason);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(from, &item->refused.from.address);
    (void)snprintf(code, sizeof code, "%u", item->refused.code);
    lk_log_refusal(&item->refused.refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

/* T14: what a stay has had stands in the line of its end. */
static void changed(const struct lk_fa_output *item)
{
    static const char *const events[] = {
        [LK_FA_ARRIVED] = "visitor-arrived",   [LK_FA_RENEWED] = "visitor-renewed",
        [LK_FA_RELEASED] = "visitor-released", [LK_FA_ENDED] = "visitor-ended",
        [LK_FA_ELSEWHERE] = "visitor-elsewhere", [LK_FA_REVOKED] = "visitor-revoked",
        [LK_FA_WITHDRAWN] = "visitor-withdrawn",
    };
    static const char *const by[LK_FA_WITHDRAWN + 1] = {
        [LK_FA_REVOKED] = "home-agent", [LK_FA_WITHDRAWN] = "owner",
    };
    const struct lk_fa_told *who = &item->changed.who;
    bool begins = item->changed.change <= LK_FA_RENEWED;
    enum lk_log_level level = item->changed.change == LK_FA_RENEWED ? LK_LOG_DEBUG : LK_LOG_INFO;
    char home[LK_ADDRESS_TEXT], agent[LK_ADDRESS_TEXT], at[LK_ADDRESS_TEXT], epoch[24], up[24],
        down[24];
    static struct lk_log_limit limit;
    uint32_t left_out;
    char left_out_text[16];

    if (!lk_log_wanted(level) || !lk_log_allowed(&limit, lk_wall_ms(), &left_out))
        return;
    lk_address_text(home, &who->home);
    lk_address_text(agent, &who->agent);
    lk_address_text(at, &who->at.address);
    (void)snprintf(epoch, sizeof epoch, "%" PRIu64, who->epoch);
    (void)snprintf(up, sizeof up, "%" PRIu64, who->up_octets);
    (void)snprintf(down, sizeof down, "%" PRIu64, who->down_octets);
    (void)snprintf(left_out_text, sizeof left_out_text, "%" PRIu32, left_out);
    LK_LOG(level, events[item->changed.change], { "home", home }, { "agent", agent },
           { "at", at }, { "by", by[item->changed.change] }, { "epoch", epoch },
           { "up_octets", begins ? NULL : up },
           { "down_octets", begins ? NULL : down },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* ---- what the node says ---- */

static void to_wire(struct lk_fa_process *fa, const struct lk_fa_output *item)
{
    const struct lk_datagram_peer peer =
        lk_datagram_to(fa->port.fd, &item->send.to.address, item->send.to.port);

    lk_datagrams_put(fa->sending, &peer, item->send.octets);
}

bool lk_fa_give(struct lk_fa_process *fa, const struct lk_fa_event *event)
{
    bool more = false;

    lk_fa_step(fa->node, event, &fa->out);
    for (size_t i = 0; i < fa->out.count; i++) {
        const struct lk_fa_output *item = &fa->out.item[i];

        switch (item->kind) {
        case LK_FA_OUT_SEND: to_wire(fa, item); break;
        case LK_FA_OUT_CHANGED: changed(item); break;
        case LK_FA_OUT_REFUSED: refused(fa, item); break;
        case LK_FA_OUT_ASK_BSF: lk_fa_ask_bsf(fa, item, event); break;
        case LK_FA_OUT_ASK_AAA: lk_fa_ask_aaa(fa, event); break;
        case LK_FA_OUT_MORE: more = true; break;
        }
    }
    return more;
}

static void on_datagram(void *context, const struct lk_udp_port *port,
                        const struct lk_datagram_peer *peer, struct lk_span octets)
{
    struct lk_fa_process *fa = context;
    const struct lk_fa_event event = {
        .kind = LK_FA_EV_DATAGRAM, .now_ms = lk_wall_ms(),
        .from = { lk_datagram_address(peer), lk_datagram_port(peer) }, .octets = octets,
    };

    (void)port;
    (void)lk_fa_give(fa, &event);
}

static void on_unreachable(void *context, const struct lk_udp_port *port,
                           const struct lk_datagram_peer *peer)
{
    struct lk_fa_process *fa = context;
    const struct lk_fa_event event = {
        .kind = LK_FA_EV_UNREACHABLE, .now_ms = lk_wall_ms(),
        .from = { lk_datagram_address(peer), lk_datagram_port(peer) },
    };

    (void)port;
    for (unsigned i = 0; i < A_TURN && lk_fa_give(fa, &event); i++)
        continue;
}

static void on_turn(void *context)
{
    struct lk_fa_process *fa = context;

    lk_count_add(&fa->count->send_lost, lk_datagrams_send(fa->sending));
}

/* ---- what the process is told ---- */

void lk_fa_own_values(uint64_t values[LK_FA_OWN_COUNT], const struct lk_fa_counters *c)
{
    const uint64_t now[LK_FA_OWN_COUNT] = {
        [LK_FA_OWN_REQUESTS] = c->requests,
        [LK_FA_OWN_RELAYED] = c->relayed,
        [LK_FA_OWN_REFUSED] = c->refused,
        [LK_FA_OWN_OVER_BUDGET] = c->over_budget,
        [LK_FA_OWN_MALFORMED] = c->malformed,
        [LK_FA_OWN_MADE_ROOM] = c->made_room,
        [LK_FA_OWN_REPLIES] = c->replies,
        [LK_FA_OWN_REPLIES_UNKNOWN] = c->replies_unknown,
        [LK_FA_OWN_ARRIVED] = c->arrived,
        [LK_FA_OWN_RENEWED] = c->renewed,
        [LK_FA_OWN_LEFT] = c->left,
        [LK_FA_OWN_SOLICITED] = c->solicited,
        [LK_FA_OWN_ADVERTISED] = c->advertised,
        [LK_FA_OWN_ASKED] = c->asked,
        [LK_FA_OWN_REVOCATIONS] = c->revocations,
        [LK_FA_OWN_REVOKED] = c->revoked,
        [LK_FA_OWN_REVOCATIONS_SAID] = c->revocations_said,
        [LK_FA_OWN_REVOCATIONS_ACKED] = c->revocations_acked,
        [LK_FA_OWN_REVOCATIONS_LOST] = c->revocations_lost,
        [LK_FA_OWN_INFORMED] = c->informed,
        [LK_FA_OWN_UP_PACKETS] = c->up_packets,
        [LK_FA_OWN_UP_OCTETS] = c->up_octets,
        [LK_FA_OWN_DOWN_PACKETS] = c->down_packets,
        [LK_FA_OWN_DOWN_OCTETS] = c->down_octets,
        [LK_FA_OWN_UP_UNBOUND] = c->up_unbound,
        [LK_FA_OWN_DOWN_UNBOUND] = c->down_unbound,
        [LK_FA_OWN_PACKETS_MALFORMED] = c->packets_malformed,
        [LK_FA_OWN_HOPS] = c->hops,
    };

    memcpy(values, now, sizeof now);
}

static void on_tick(void *context)
{
    struct lk_fa_process *fa = context;
    const struct lk_fa_event event = { .kind = LK_FA_EV_TICK, .now_ms = lk_wall_ms() };
    uint64_t values[LK_FA_OWN_COUNT];

    for (unsigned i = 0; i < A_TURN && lk_fa_give(fa, &event); i++)
        continue;
    lk_role_mip_aaa_tick(fa->aaa);
    on_turn(fa);
    lk_fa_own_values(values, lk_fa_counted(fa->node));
    values[LK_FA_OWN_VISITORS] = lk_fa_served(fa->node);
    values[LK_FA_OWN_WAITING] = lk_fa_waiting(fa->node);
    lk_process_gauges(&fa->process, values, LK_FA_OWN_COUNT);
}

static void on_configure(void *context, const struct lk_config *before)
{
    struct lk_fa_process *fa = context;

    (void)before;
    lk_fa_config_take(fa);
    lk_fa_config_nodes(fa);
}

/* ---- beginning and end ---- */

static bool begin_node(struct lk_fa_process *fa)
{
    struct lk_entropy entropy = { .left = 0 };
    void *memory, *budgets = lk_process_memory(lk_budgets_size());
    uint64_t seed, budgets_seed;

    lk_fa_defaults(&fa->config);
    lk_fa_config_take(fa);
    memory = lk_process_memory(lk_fa_size(&fa->config));
    if (memory == NULL || budgets == NULL)
        return false;
    lk_entropy_take(&entropy, &seed, sizeof seed);
    lk_entropy_take(&entropy, &budgets_seed, sizeof budgets_seed);
    lk_entropy_take(&entropy, fa->config.challenge_key, sizeof fa->config.challenge_key);
    lk_entropy_forget(&entropy);
    fa->node = lk_fa_init(memory, &fa->config, lk_budgets_in(budgets, budgets_seed), seed);
    lk_fa_config_nodes(fa);
    return true;
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_fa_process *fa = context;
    int fd = lk_process_socket(&fa->process, LK_FA_SERVES_MIP);

    fa->count = &fa->process.slot->count;
    fa->udp = (struct lk_udp_owner){ .loop = &fa->process.loop, .in = lk_datagrams_new(),
                                     .context = fa, .count = &fa->count->requests };
    fa->sending = lk_datagrams_new();
    lk_seen_begin(&fa->seen, fa->process.setup);
    if (fd < 0 || fa->udp.in == NULL || fa->sending == NULL || !begin_node(fa))
        return false;
    lk_seen_mip(&fa->seen, fd, LK_MIP_PORT, NULL);
    lk_seen_datagrams(&fa->seen, fa->udp.in);
    lk_seen_datagrams(&fa->seen, fa->sending);
    lk_udp_port_begin(&fa->port, &fa->udp, fd, LK_FA_SERVES_MIP, on_datagram);
    lk_udp_port_hear_unreachable(&fa->port, on_unreachable);
    return lk_fa_keys_begin(fa, error);
}

static void end(void *context)
{
    struct lk_fa_process *fa = context;

    lk_fa_keys_end(fa);
    if (fa->node != NULL)
        lk_fa_wipe(fa->node);
    lk_wipe(&fa->config, sizeof fa->config);
    lk_seen_end(&fa->seen);
}

int lk_fa_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .turn = on_turn, .configure = on_configure, .end = end,
    };
    struct lk_fa_process *fa = calloc(1, sizeof *fa);

    return fa == NULL ? LK_PROCESS_NO_START : lk_process_run(&fa->process, setup, &handlers, fa);
}
