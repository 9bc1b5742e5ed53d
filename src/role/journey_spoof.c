/* Steps that spoof: somebody on the network without any key sends WLCP to the gateway, and the
 * state of gateway and anchor is compared before and after. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/control.h"
#include "role/journey_parts.h"
#include "wire/wlcp.h"

enum { ASK_TIMEOUT_MS = 5000, WAIT_MS = 300, IDENTITIES = 16, DIGESTS = 2 };

static bool read_spoof(struct lk_journey_reading *r, struct lk_journey_step *step,
                       const yaml_node_t *value)
{
    static const char *const what[] = { "wlcp-in-clear", "", NULL };
    int word;

    if (value->type == YAML_MAPPING_NODE)
        return lk_journey_each_key(r, value, "spoof", lk_journey_argument_key, &step->call);
    return lk_journey_word(r, &word, value, "spoof", what);
}

static bool check_spoof(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    return step->call.count == 0 || lk_journey_mip_check(r, step);
}

static bool is_of(const json_t *row, const char *imsi)
{
    return imsi != NULL && strcmp(json_string_value(json_object_get(row, "imsi")), imsi) == 0;
}

/* Packets of applications flow meanwhile, and are counted. */
static void forget(json_t *answer, const char *but)
{
    json_t *rows = json_object_get(answer, "bindings"), *row;
    size_t i = 0;

    while ((row = json_array_get(rows, i)) != NULL) {
        (void)json_object_del(row, "up_octets");
        (void)json_object_del(row, "down_octets");
        if (is_of(row, but))
            (void)json_array_remove(rows, i);
        else
            i++;
    }
    if (but != NULL)
        (void)json_object_del(answer, "count");
}

json_t *lk_journey_digest(const struct lk_journey_runner *r, const char *op, const char *but)
{
    char path[128], error[LK_CONTROL_ERROR_TEXT];
    json_t *request = json_pack("{s:s}", "op", op), *answer = NULL;

    snprintf(path, sizeof path, "%s/control.sock", r->daemon.state_dir);
    if (lk_control_ask(&answer, path, request, ASK_TIMEOUT_MS, error) == LK_OK
        && !json_is_true(json_object_get(answer, "ok"))) {
        json_decref(answer);
        answer = NULL;
    }
    forget(answer, but);
    json_decref(request);
    return answer;
}

struct lk_address lk_journey_host(const struct lk_journey_runner *r, unsigned number)
{
    char text[LK_JOURNEY_ADDRESS];
    struct lk_address address = { { 0 } };

    lk_journey_net_address(text, &r->net, number);
    (void)!lk_address_parse(&address, text);
    return address;
}

/* DISCONNECT REQUEST for every connection that there may be, from the port that a device would use.
 * How many answers came. */
static unsigned send_all(struct lk_seen *seen, int fd, const struct lk_address *twag)
{
    struct lk_datagram_peer to = lk_datagram_to(fd, twag, LK_WLCP_PORT);
    struct pollfd waits = { .fd = fd, .events = POLLIN };
    uint8_t octets[LK_WLCP_MESSAGE_MAX];
    unsigned answers = 0;
    ssize_t got;

    for (uint8_t id = 1; id <= IDENTITIES; id++) {
        struct lk_wlcp_message m = { .type = LK_WLCP_DISCONNECT_REQUEST, .pti = id, .pdn_id = id,
                                     .present = 1u << LK_WLCP_IE_PDN_ID };
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        if (lk_wlcp_encode(&w, &lk_wlcp_table, &m) != LK_OK)
            continue;
        lk_seen_datagram(seen, &to, true, lk_writer_span(&w));
        (void)sendto(fd, octets, w.len, 0, &to.from.any, sizeof to.from.v4);
    }
    while (poll(&waits, 1, WAIT_MS) > 0
           && (got = recv(fd, octets, sizeof octets, MSG_DONTWAIT)) >= 0) {
        lk_seen_datagram(seen, &to, false, lk_span_of(octets, (size_t)got));
        answers++;
    }
    return answers;
}

static void run_wlcp(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    static const char *const ops[DIGESTS] = { "wlan-digest", "bindings" };
    struct lk_journey_result *told = &r->report->step[index];
    const struct lk_address own = lk_journey_host(r, LK_JOURNEY_STRANGER);
    const struct lk_address twag = lk_journey_host(r, LK_JOURNEY_TWAG);
    struct lk_seen seen = { .file = r->capture, .legs = 1u << LK_SEEN_WLCP };
    char error[LK_SOCKET_ERROR_TEXT];
    json_t *before[DIGESTS], *after[DIGESTS];
    bool same = true, all = true;
    unsigned answers = 0;
    int fd;

    if (lk_datagram_socket(&fd, &own, LK_WLCP_PORT, error) == LK_OK)
        lk_seen_socket(&seen, fd, LK_SEEN_WLCP, NULL);
    snprintf(seen.comment, sizeof seen.comment, "%.95s", r->journey->step[index].name);
    for (size_t i = 0; i < DIGESTS; i++)
        all = (before[i] = lk_journey_digest(r, ops[i], NULL)) != NULL && all;
    if (all && fd >= 0)
        answers = send_all(&seen, fd, &twag);
    for (size_t i = 0; i < DIGESTS; i++) {
        after[i] = all ? lk_journey_digest(r, ops[i], NULL) : NULL;
        same = after[i] != NULL && json_equal(before[i], after[i]) && same;
        json_decref(before[i]);
        json_decref(after[i]);
    }
    if (!all || fd < 0)
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: no socket, or no state digest",
                 r->journey->file, r->journey->step[index].line);
    if (fd >= 0)
        (void)close(fd);
    lk_outcome_put(outcome, "answers", "%u", answers);
    lk_outcome_put(outcome, "state", "%s", same ? "unchanged" : "changed");
    if (answers == 0 && same)
        snprintf(told->explained, sizeof told->explained,
                 "WLCP is read behind DTLS alone: what comes in the clear, from the right port or "
                 "not, is no record of a channel, and is dropped before anybody looks whose "
                 "connection it names.");
    snprintf(told->result, sizeof told->result, "%d sent, %u answers, state digests %s", IDENTITIES,
             answers, same ? "unchanged" : "CHANGED");
}

static void run_spoof(struct lk_journey_runner *r, size_t index,
                      struct lk_journey_outcome *outcome)
{
    (r->journey->step[index].call.count == 0 ? run_wlcp : lk_journey_mip_run)(r, index, outcome);
}

static const struct lk_journey_expectation expects[] = {
    { "answers", "#" },
    { "state", "unchanged|changed" },
    { "code", "#" },
    { "reason", "" },
    { "counted", "#" },
    { "at-most-arrived", "#" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_spoof_kind = {
    .name = "spoof", .read = read_spoof, .check = check_spoof, .run = run_spoof,
    .must_expect = true, .expects = expects,
};
