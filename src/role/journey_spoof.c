/* Steps that spoof: somebody on the network without any key sends WLCP to the gateway, and the
 * state of gateway and anchor is compared before and after. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

    (void)step;
    return lk_journey_word(r, &word, value, "spoof", what);
}

/* Of the gateway's or the anchor's tables, as the daemon says it; NULL when it does not. */
static json_t *digest(const struct lk_journey_runner *r, const char *op)
{
    char path[128], error[LK_CONTROL_ERROR_TEXT];
    json_t *request = json_pack("{s:s}", "op", op), *answer = NULL;

    snprintf(path, sizeof path, "%s/control.sock", r->daemon.state_dir);
    if (lk_control_ask(&answer, path, request, ASK_TIMEOUT_MS, error) == LK_OK
        && !json_is_true(json_object_get(answer, "ok"))) {
        json_decref(answer);
        answer = NULL;
    }
    json_decref(request);
    return answer;
}

/* From the port that a device would use, and an address of its own. */
static int stranger(uint16_t port)
{
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(0x7f000042) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&from, sizeof from) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* DISCONNECT REQUEST for every connection that there may be. How many answers came. */
static unsigned send_all(int fd, uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct pollfd waits = { .fd = fd, .events = POLLIN };
    unsigned answers = 0;
    uint8_t octets[LK_WLCP_MESSAGE_MAX];

    for (uint8_t id = 1; id <= IDENTITIES; id++) {
        struct lk_wlcp_message m = { .type = LK_WLCP_DISCONNECT_REQUEST, .pti = id, .pdn_id = id,
                                     .present = 1u << LK_WLCP_IE_PDN_ID };
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        if (lk_wlcp_encode(&w, &lk_wlcp_table, &m) == LK_OK)
            (void)sendto(fd, octets, w.len, 0, (const struct sockaddr *)&to, sizeof to);
    }
    while (poll(&waits, 1, WAIT_MS) > 0 && recv(fd, octets, sizeof octets, MSG_DONTWAIT) >= 0)
        answers++;
    return answers;
}

static void run_spoof(struct lk_journey_runner *r, size_t index,
                      struct lk_journey_outcome *outcome)
{
    static const char *const ops[DIGESTS] = { "wlan-digest", "bindings" };
    struct lk_journey_result *told = &r->report->step[index];
    uint16_t port = lk_journey_port(&r->ports, "wlcp");
    json_t *before[DIGESTS], *after[DIGESTS];
    bool same = true, all = true;
    unsigned answers = 0;
    int fd = stranger(port);

    for (size_t i = 0; i < DIGESTS; i++)
        all = (before[i] = digest(r, ops[i])) != NULL && all;
    if (all && fd >= 0)
        answers = send_all(fd, port);
    for (size_t i = 0; i < DIGESTS; i++) {
        after[i] = all ? digest(r, ops[i]) : NULL;
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
    snprintf(told->result, sizeof told->result, "%d sent, %u answers, state digests %s", IDENTITIES,
             answers, same ? "unchanged" : "CHANGED");
}

static const struct lk_journey_expectation expects[] = {
    { "answers", "#" },
    { "state", "unchanged|changed" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_spoof_kind = {
    .name = "spoof", .read = read_spoof, .run = run_spoof, .must_expect = true,
    .expects = expects,
};
