/* Closed-loop load: see load.h.
 *
 * A slot is one source socket and one RADIUS identifier; it carries one authentication after the
 * other, so that an answer finds its slot by where it arrived and by its second octet. A turn of
 * the loop takes what has arrived on a socket with one recvmmsg, lets each slot say its next word,
 * and sends the words with one sendmmsg. */
#include "role/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "role/load_latency.h"
#include "role/load_peer.h"
#include "role/load_radius.h"

enum {
    IDS = 256,
    SOCKETS_MAX = LK_LOAD_WINDOW_MAX / IDS,
    BATCH = 64,
    DATAGRAM_MAX = 4096,
    REQUEST_MAX = 1024,
    SOCKET_BUFFER = 4 << 20,
    WAIT_MS = 20,
};
enum { FLOOR_RESPONSE = 48, FLOOR_STATE = 148 };

struct slot {
    bool busy;
    uint8_t id;
    uint8_t round; /* of accounting and floor */
    unsigned tries;
    uint64_t began_ns, sent_ns;
    uint64_t number; /* which of all this is */
    struct lk_aka_card card;
    struct lk_load_peer peer;
    uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN];
    size_t request_len;
    uint8_t request[REQUEST_MAX];
};

struct line { /* one source socket */
    int fd;
    unsigned slots;
    struct slot *slot;
    unsigned queued;
    struct mmsghdr out[BATCH];
    struct iovec out_iov[BATCH];
};

struct load {
    const struct lk_load_options *options;
    struct lk_load_report *report;
    struct lk_load_radius radius;
    struct lk_latency latency;
    struct lk_load_answer answer;
    uint64_t random[2];
    uint64_t started, in_flight;
    uint64_t now_ns, begin_ns, end_ns; /* of the measurement; end 0: by count */
    bool measuring;
    unsigned line_count;
    struct line *line;
    int epoll;
    struct mmsghdr in[BATCH];
    struct iovec in_iov[BATCH];
    uint8_t (*buffer)[DATAGRAM_MAX];
};

static const char *const kind_names[LK_LOAD_KIND_COUNT] = {
    "radius-aka-prime", "radius-aka", "radius-half-open", "accounting", "floor",
};
static const char *const error_names[LK_LOAD_ERROR_COUNT] = {
    "ok", "no-answer", "rejected", "radius-wrong", "malformed",
    "unexpected", "failure-notified", "autn-wrong", "mac-wrong", "keys-differ",
};

const char *lk_load_kind_name(enum lk_load_kind kind)
{
    return kind_names[kind];
}

const char *lk_load_error_name(enum lk_load_error error)
{
    return error_names[error];
}

struct lk_imsi lk_load_imsi(const struct lk_load_options *options, uint64_t i)
{
    struct lk_imsi imsi = options->first_imsi;
    uint64_t carry = options->subscribers > 0 ? i % options->subscribers : i;

    for (size_t at = strlen(imsi.digits); carry > 0 && at > 0; at--) {
        carry += (uint64_t)(imsi.digits[at - 1] - '0');
        imsi.digits[at - 1] = (char)('0' + carry % 10);
        carry /= 10;
    }
    return imsi;
}

struct lk_aka_card lk_load_card(const struct lk_load_options *options, const struct lk_imsi *imsi)
{
    struct lk_aka_card card = options->card;
    struct lk_span digits = lk_span_text(imsi->digits);

    if (options->derive_keys)
        lk_cmac_aes128(card.k, options->card.k, &digits, 1);
    return card;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* xorshift128+: fast, and fresh enough for a load on loopback. */
static uint64_t next_random(struct load *load)
{
    uint64_t a = load->random[0], b = load->random[1];

    load->random[0] = b;
    a ^= a << 23;
    load->random[1] = a ^ b ^ a >> 18 ^ b >> 5;
    return load->random[1] + b;
}

/* ---- sending ---- */

static void flush(struct line *line)
{
    unsigned sent = 0;

    while (sent < line->queued) {
        int n = sendmmsg(line->fd, line->out + sent, line->queued - sent, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break; /* refused by nobody there, or no buffer: the repeat will tell */
        sent += (unsigned)n;
    }
    line->queued = 0;
}

static void queue(struct load *load, struct line *line, struct slot *slot)
{
    line->out_iov[line->queued].iov_base = slot->request;
    line->out_iov[line->queued].iov_len = slot->request_len;
    slot->sent_ns = load->now_ns;
    slot->tries++;
    if (++line->queued == BATCH)
        flush(line);
}

static void say_eap(struct load *load, struct line *line, struct slot *slot, struct lk_span state,
                    struct lk_span eap)
{
    uint64_t fresh[2] = { next_random(load), next_random(load) };
    struct lk_span user = lk_span_of(slot->peer.identity, slot->peer.identity_len);

    memcpy(slot->authenticator, fresh, sizeof slot->authenticator);
    slot->request_len = lk_load_access_request(&load->radius, slot->request, REQUEST_MAX, slot->id,
                                               slot->authenticator, user, state, eap);
    slot->tries = 0;
    queue(load, line, slot);
}

static void say_accounting(struct load *load, struct line *line, struct slot *slot)
{
    struct lk_span user = lk_span_of(slot->peer.identity, slot->peer.identity_len);
    uint64_t session = load->begin_ns ^ slot->number;

    slot->request_len = lk_load_accounting_request(&load->radius, slot->request, REQUEST_MAX,
                                                   slot->id, slot->round + 1u, user, session);
    memcpy(slot->authenticator, slot->request + 4, sizeof slot->authenticator);
    slot->tries = 0;
    queue(load, line, slot);
}

static bool start(struct load *load, struct line *line, struct slot *slot)
{
    const struct lk_load_options *o = load->options;
    uint8_t eap[LK_LOAD_IDENTITY_MAX + 8];
    struct lk_writer w = lk_writer_of(eap, sizeof eap);
    struct lk_imsi imsi;

    if ((o->count > 0 && load->started >= o->count) ||
        (load->end_ns > 0 && load->now_ns >= load->end_ns))
        return false;
    slot->number = load->started++;
    imsi = lk_load_imsi(o, slot->number);
    slot->card = lk_load_card(o, &imsi);
    lk_load_peer_start(&slot->peer, o, &imsi);
    slot->peer.want_msk = o->check_every > 0 && slot->number % o->check_every == 0;
    slot->busy = true;
    slot->round = 0;
    slot->began_ns = load->now_ns;
    load->in_flight++;
    if (o->kind == LK_LOAD_ACCOUNTING) {
        say_accounting(load, line, slot);
        return true;
    }
    lk_load_peer_identity(&slot->peer, &w);
    say_eap(load, line, slot, lk_span_of(NULL, 0), lk_writer_span(&w));
    return true;
}

static void finish(struct load *load, struct line *line, struct slot *slot,
                   enum lk_load_error error)
{
    slot->busy = false;
    load->in_flight--;
    if (load->measuring) {
        if (error == LK_LOAD_OK) {
            load->report->done++;
            lk_latency_add(&load->latency, load->now_ns - slot->began_ns);
        } else {
            load->report->errors[error]++;
        }
    }
    (void)start(load, line, slot);
}

/* ---- receiving ---- */

static void on_challenge(struct load *load, struct line *line, struct slot *slot)
{
    uint8_t eap[512];
    struct lk_writer w = lk_writer_of(eap, sizeof eap);
    const struct lk_load_answer *a = &load->answer;
    enum lk_load_error error;

    if (load->options->kind == LK_LOAD_HALF_OPEN) {
        finish(load, line, slot, LK_LOAD_OK);
        return;
    }
    error = lk_load_peer_answer(&slot->peer, &w, &slot->card, lk_span_of(a->eap, a->eap_len));
    if (error != LK_LOAD_OK)
        finish(load, line, slot, error);
    else
        say_eap(load, line, slot, a->state, lk_writer_span(&w));
}

static enum lk_load_error judge_accept(struct load *load, const struct slot *slot)
{
    const struct lk_load_answer *a = &load->answer;

    if (!slot->peer.challenged || a->eap_len != 4 || a->eap[0] != 3)
        return LK_LOAD_UNEXPECTED;
    if (slot->peer.want_msk &&
        !lk_load_msk_matches(&load->radius, a, slot->authenticator, &slot->peer.msk))
        return LK_LOAD_KEYS_DIFFER;
    return LK_LOAD_OK;
}

static void on_floor(struct load *load, struct line *line, struct slot *slot)
{
    static const uint8_t state[FLOOR_STATE], response[FLOOR_RESPONSE];

    if (slot->round++ > 0)
        finish(load, line, slot, LK_LOAD_OK);
    else
        say_eap(load, line, slot, LK_SPAN(state), LK_SPAN(response));
}

static void on_datagram(struct load *load, struct line *line, struct lk_span datagram)
{
    struct slot *slot;
    enum lk_load_error error;

    if (datagram.len < 2 || datagram.at[1] >= line->slots || !line->slot[datagram.at[1]].busy)
        return;
    slot = &line->slot[datagram.at[1]];
    if (load->options->kind == LK_LOAD_FLOOR) {
        on_floor(load, line, slot);
        return;
    }
    error = lk_load_radius_open(&load->radius, &load->answer, datagram, slot->authenticator);
    if (error != LK_LOAD_OK) { /* as a real client: dropped, the repeat may be luckier */
        if (load->measuring)
            load->report->errors[error]++;
        return;
    }
    switch (load->answer.code) {
    case LK_LOAD_ACCESS_CHALLENGE:
        on_challenge(load, line, slot);
        break;
    case LK_LOAD_ACCESS_ACCEPT:
        finish(load, line, slot, judge_accept(load, slot));
        break;
    case LK_LOAD_ACCESS_REJECT:
        finish(load, line, slot, LK_LOAD_REJECTED);
        break;
    case LK_LOAD_ACCOUNTING_RESPONSE:
        if (slot->round++ > 0)
            finish(load, line, slot, LK_LOAD_OK);
        else
            say_accounting(load, line, slot);
        break;
    default:
        finish(load, line, slot, LK_LOAD_UNEXPECTED);
    }
}

static void receive(struct load *load, struct line *line, int flags)
{
    int n = recvmmsg(line->fd, load->in, BATCH, flags, NULL);

    load->now_ns = now_ns();
    for (int i = 0; i < n; i++)
        on_datagram(load, line, lk_span_of(load->buffer[i], load->in[i].msg_len));
    flush(line);
}

static void repeat_late(struct load *load)
{
    uint64_t late = (uint64_t)load->options->timeout_ms * 1000000u;

    for (unsigned l = 0; l < load->line_count; l++) {
        struct line *line = &load->line[l];

        for (unsigned i = 0; i < line->slots; i++) {
            struct slot *slot = &line->slot[i];

            if (!slot->busy || load->now_ns - slot->sent_ns < late)
                continue;
            if (slot->tries >= load->options->tries) {
                finish(load, line, slot, LK_LOAD_NO_ANSWER);
                continue;
            }
            load->report->repeats += load->measuring;
            queue(load, line, slot);
        }
        flush(line);
    }
}

/* ---- setting up and running ---- */

static enum lk_status open_line(struct load *load, struct line *line, unsigned slots)
{
    static const struct timeval patience = { .tv_usec = WAIT_MS * 1000 };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = line };
    int buffer = SOCKET_BUFFER;

    line->slots = slots;
    line->slot = calloc(slots, sizeof *line->slot);
    line->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (line->slot == NULL || line->fd < 0)
        return LK_E_SYSTEM;
    for (unsigned i = 0; i < slots; i++)
        line->slot[i].id = (uint8_t)i;
    for (unsigned i = 0; i < BATCH; i++)
        line->out[i].msg_hdr = (struct msghdr){ .msg_iov = &line->out_iov[i], .msg_iovlen = 1 };
    (void)setsockopt(line->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    (void)setsockopt(line->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    (void)setsockopt(line->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(line->fd, (const struct sockaddr *)&load->options->server,
                sizeof load->options->server) != 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, line->fd, &event) != 0)
        return LK_E_SYSTEM;
    return LK_OK;
}

static enum lk_status set_up(struct load *load)
{
    const struct lk_load_options *o = load->options;
    unsigned needed = (o->window + IDS - 1) / IDS;
    enum lk_status status = LK_OK;

    load->line_count = o->sockets > needed ? o->sockets : needed;
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->line = calloc(load->line_count, sizeof *load->line);
    load->buffer = calloc(BATCH, sizeof *load->buffer);
    if (load->epoll < 0 || load->line == NULL || load->buffer == NULL ||
        getrandom(load->random, sizeof load->random, 0) != sizeof load->random)
        return LK_E_SYSTEM;
    for (unsigned l = 0; l < load->line_count; l++)
        load->line[l].fd = -1;
    for (unsigned i = 0; i < BATCH; i++) {
        load->in_iov[i] = (struct iovec){ load->buffer[i], DATAGRAM_MAX };
        load->in[i].msg_hdr = (struct msghdr){ .msg_iov = &load->in_iov[i], .msg_iovlen = 1 };
    }
    lk_load_radius_start(&load->radius, lk_span_of(o->secret, o->secret_len));
    for (unsigned l = 0; l < load->line_count && status == LK_OK; l++)
        status = open_line(load, &load->line[l],
                           o->window / load->line_count + (l < o->window % load->line_count));
    return status;
}

static void tear_down(struct load *load)
{
    for (unsigned l = 0; load->line != NULL && l < load->line_count; l++) {
        if (load->line[l].fd >= 0)
            close(load->line[l].fd);
        free(load->line[l].slot);
    }
    if (load->epoll >= 0)
        close(load->epoll);
    free(load->line);
    free(load->buffer);
    free(load);
}

static void turn(struct load *load)
{
    struct epoll_event events[SOCKETS_MAX];
    int n;

    if (load->line_count == 1) {
        receive(load, &load->line[0], MSG_WAITFORONE);
        return;
    }
    n = epoll_wait(load->epoll, events, SOCKETS_MAX, WAIT_MS);
    load->now_ns = now_ns();
    for (int i = 0; i < n; i++)
        receive(load, events[i].data.ptr, MSG_DONTWAIT);
}

static void cpu_of(double *user_s, double *system_s)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    *user_s = (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6;
    *system_s = (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec / 1e6;
}

static void begin(struct load *load)
{
    const struct lk_load_options *o = load->options;

    memset(load->report, 0, sizeof *load->report);
    memset(&load->latency, 0, sizeof load->latency);
    cpu_of(&load->report->cpu_user_s, &load->report->cpu_system_s);
    load->begin_ns = load->now_ns;
    load->measuring = true;
    if (o->seconds > 0)
        load->end_ns = load->begin_ns + (uint64_t)(o->seconds * 1e9);
}

static void run(struct load *load, const volatile bool *stop)
{
    uint64_t warm_ns, next_check_ns;

    load->now_ns = now_ns();
    warm_ns = load->now_ns + (uint64_t)(load->options->warm_up * 1e9);
    next_check_ns = load->now_ns;
    for (unsigned l = 0; l < load->line_count; l++) {
        for (unsigned i = 0; i < load->line[l].slots; i++)
            (void)start(load, &load->line[l], &load->line[l].slot[i]);
        flush(&load->line[l]);
    }
    while (load->in_flight > 0 && !*stop) {
        if (!load->measuring && load->now_ns >= warm_ns)
            begin(load);
        if (load->measuring && load->end_ns > 0 && load->now_ns >= load->end_ns)
            break; /* what is still under way does not count */
        turn(load);
        if (load->now_ns >= next_check_ns) {
            repeat_late(load);
            next_check_ns = load->now_ns + WAIT_MS * 1000000u;
        }
    }
}

static void end(struct load *load)
{
    struct lk_load_report *r = load->report;
    double user_s, system_s;

    cpu_of(&user_s, &system_s);
    r->seconds = (double)(load->now_ns - load->begin_ns) / 1e9;
    r->cpu_user_s = user_s - r->cpu_user_s;
    r->cpu_system_s = system_s - r->cpu_system_s;
    r->p50_us = lk_latency_percentile_us(&load->latency, 0.50);
    r->p90_us = lk_latency_percentile_us(&load->latency, 0.90);
    r->p99_us = lk_latency_percentile_us(&load->latency, 0.99);
    r->max_us = (double)load->latency.max_ns / 1000;
}

enum lk_status lk_load_run(struct lk_load_report *report, const struct lk_load_options *options,
                           const volatile bool *stop)
{
    struct load *load;
    enum lk_status status;

    memset(report, 0, sizeof *report);
    if (options->window == 0 || options->window > LK_LOAD_WINDOW_MAX ||
        options->sockets > SOCKETS_MAX || (options->count == 0 && options->seconds <= 0))
        return LK_E_VALUE;
    load = calloc(1, sizeof *load);
    if (load == NULL)
        return LK_E_SYSTEM;
    load->options = options;
    load->report = report;
    load->epoll = -1;
    status = set_up(load);
    if (status == LK_OK) {
        load->now_ns = now_ns();
        if (options->warm_up <= 0)
            begin(load);
        run(load, stop);
        end(load);
    }
    tear_down(load);
    return status;
}
