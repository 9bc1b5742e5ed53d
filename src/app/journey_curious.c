#include "app/journey_curious.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "e2e/parts.h"
#include "io/entropy.h"
#include "proto/e2e/session.h"

enum { ROOM = LK_E2E_OUTPUT_MAX, POINT = 32, TIMEOUT_S = 5, FLAGS_AT = LK_E2E_HEADER + 1 };

/* A frame in its hands. */
struct frame {
    uint8_t at[ROOM];
    size_t len;
};

/* One connection. */
struct way {
    int fd;
    struct lk_e2e_end *end;
    bool to_server; /* what alter is given goes there */
    bool refused;   /* the server's last word was an ALERT */
    /* False: the frame does not go on. */
    bool (*alter)(struct way *way, struct frame *frame);
    struct frame hello, reply, finish, first; /* as they were said; the server's first record */
    uint8_t ephemeral[LK_E2E_KEY_LEN];        /* the application's own: the control's */
};

static struct frame old_hello;

/* ---- carrying ---- */

static int dial(const char *host, unsigned port)
{
    const struct timeval limit = { .tv_sec = TIMEOUT_S };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && inet_pton(AF_INET, host, &to.sin_addr) == 1 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
        connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void record(struct way *way, const struct frame *frame)
{
    if (frame->at[0] == LK_E2E_HELLO)
        way->hello = *frame;
    else if (frame->at[0] == LK_E2E_REPLY)
        way->reply = *frame;
    else if (frame->at[0] == LK_E2E_FINISH)
        way->finish = *frame;
    else if (frame->at[0] != LK_E2E_ALERT && way->first.len == 0 && !way->to_server)
        way->first = *frame;
}

/* What the application says, frame by frame. */
static bool carry_up(struct way *way)
{
    static uint8_t octets[ROOM];
    static struct frame frame;
    size_t len, size;

    while ((len = lk_e2e_output(way->end, octets, sizeof octets)) > 0)
        for (size_t at = 0; at < len; at += size) {
            if (lk_e2e_frame_size(&size, lk_span_of(octets + at, len - at)) != LK_OK || size == 0)
                return false;
            memcpy(frame.at, octets + at, size);
            frame.len = size;
            way->to_server = true;
            record(way, &frame);
            if ((way->alter == NULL || way->alter(way, &frame)) &&
                send(way->fd, frame.at, frame.len, MSG_NOSIGNAL) != (ssize_t)frame.len)
                return false;
        }
    return true;
}

static bool receive(int fd, uint8_t *to, size_t len)
{
    return len == 0 || recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/* One frame of the server. */
static bool carry_down(struct way *way)
{
    static struct frame frame;

    if (!receive(way->fd, frame.at, LK_E2E_HEADER) ||
        lk_e2e_frame_size(&frame.len, lk_span_of(frame.at, LK_E2E_HEADER)) != LK_OK ||
        !receive(way->fd, frame.at + LK_E2E_HEADER, frame.len - LK_E2E_HEADER))
        return false;
    way->to_server = false;
    record(way, &frame);
    way->refused = frame.at[0] == LK_E2E_ALERT;
    if (way->alter == NULL || way->alter(way, &frame))
        (void)lk_e2e_input(way->end, frame.at, frame.len);
    return true;
}

/* Until the server has shown that it has a session, or somebody has given up. True: they have. */
static bool go(struct way *way)
{
    bool heard = true;

    while (carry_up(way) && heard && lk_e2e_state(way->end) != LK_E2E_FAILED) {
        if (lk_e2e_state(way->end) == LK_E2E_OPEN) {
            heard = carry_down(way); /* its first record */
            return heard && !way->refused && lk_e2e_state(way->end) == LK_E2E_OPEN;
        }
        heard = carry_down(way);
    }
    (void)carry_up(way);
    return false;
}

/* ---- acts ---- */

static void put_small(uint8_t *point)
{
    memset(point, 0, POINT); /* RFC 7748 6.1: of small order */
    point[0] = 1;
}

static bool is_hello(const struct way *way, const struct frame *frame)
{
    return way->to_server && frame->at[0] == LK_E2E_HELLO;
}

/* Where message 1 begins. */
static uint8_t *message_of(struct frame *frame)
{
    struct lk_e2e_hello hello;

    if (lk_e2e_hello_decode(&hello, lk_span_of(frame->at + LK_E2E_HEADER,
                                               frame->len - LK_E2E_HEADER)) != LK_OK)
        return frame->at + LK_E2E_HEADER;
    return frame->at + (hello.message.at - frame->at);
}

static bool small_up(struct way *way, struct frame *frame)
{
    if (is_hello(way, frame))
        put_small(message_of(frame));
    return true;
}

static bool small_down(struct way *way, struct frame *frame)
{
    if (!way->to_server && frame->at[0] == LK_E2E_REPLY)
        put_small(frame->at + LK_E2E_HEADER);
    return true;
}

/* A REPLY of its own, as well as it can be made without s and P. */
static bool answer(struct way *way, struct frame *frame)
{
    struct lk_entropy entropy = { .left = 0 };
    uint8_t secret[POINT];

    if (way->to_server || frame->at[0] != LK_E2E_REPLY)
        return true;
    lk_entropy_take(&entropy, secret, sizeof secret);
    lk_entropy_forget(&entropy);
    lk_x25519_public(frame->at + LK_E2E_HEADER, secret);
    return true;
}

static bool reflect(struct way *way, struct frame *frame)
{
    if (!way->to_server && frame->at[0] == LK_E2E_REPLY)
        memcpy(frame->at + LK_E2E_HEADER, message_of(&way->hello), POINT);
    return true;
}

static bool strip(struct way *way, struct frame *frame)
{
    if (is_hello(way, frame))
        frame->at[FLAGS_AT] &= (uint8_t)(frame->at[FLAGS_AT] - 1); /* one of them */
    return true;
}

/* To another application's name, or to none's. */
static bool swap(struct way *way, struct frame *frame)
{
    if (is_hello(way, frame))
        message_of(frame)[-1] ^= 1;
    return true;
}

static bool replay(struct way *way, struct frame *frame)
{
    if (is_hello(way, frame))
        *frame = old_hello;
    return true;
}

static bool alter(struct way *way, struct frame *frame)
{
    if (frame->at[0] == LK_E2E_FINISH)
        frame->at[frame->len - 1] ^= 1;
    return true;
}

static const struct {
    const char *what;
    bool (*alter)(struct way *way, struct frame *frame);
} acts[] = {
    { "a point of small order to the server", small_up },
    { "a point of small order to the application", small_down },
    { "an ephemeral key of its own", answer },
    { "the application's own key, reflected", reflect },
    { "something taken off the offer", strip },
    { "another application's name", swap },
    { "what was said before", replay },
    { "the last word of the handshake altered", alter },
};
_Static_assert(sizeof acts / sizeof acts[0] + 2 <= LK_CURIOUS_ACTS, "and two calls of its own");

static void put(struct lk_curious_report *report, const char *what, struct way *way, bool opened)
{
    struct lk_curious_act *act = &report->act[report->count++];

    act->what = what;
    act->opened = opened;
    (void)snprintf(act->why, sizeof act->why, "%s",
                   lk_e2e_state(way->end) == LK_E2E_OPEN ? "cut" : lk_e2e_why(way->end));
}

static bool run(struct lk_curious_report *report, const char *what, struct way *way,
                const struct lk_e2e_client_setup *setup, const char *host, unsigned port)
{
    bool opened;

    way->fd = dial(host, port);
    way->end = way->fd < 0 ? NULL : lk_e2e_client(setup);
    if (way->end == NULL) {
        if (way->fd >= 0)
            (void)close(way->fd);
        return false;
    }
    memcpy(way->ephemeral, way->end->ephemeral, sizeof way->ephemeral);
    opened = go(way);
    if (what != NULL)
        put(report, what, way, opened);
    lk_e2e_close(way->end);
    (void)carry_up(way);
    (void)close(way->fd);
    lk_e2e_free(way->end);
    return opened;
}

/* ---- afterwards ---- */

/* Who has what was sent, and these secrets. */
struct reader {
    struct lk_e2e_scope scope;
    struct lk_e2e_psk psk;
    const uint8_t *e, *c; /* the application's private keys; NULL: not in its hands */
    unsigned guess;       /* at what it cannot multiply, as a careless end might take it */
};
enum { GUESSES = 3 };

static bool is_of(const uint8_t *secret, const struct lk_noise_point *point)
{
    struct lk_noise_point its;

    if (secret == NULL)
        return false;
    lk_x25519_public(its.octets, secret);
    return lk_same_secret(its.octets, point->octets, POINT);
}

static enum lk_status go_on(const struct reader *r, struct lk_noise *noise)
{
    enum lk_noise_need need;
    enum lk_status status;

    while ((status = lk_e2e_noise_go(noise, &need, &r->psk)) == LK_OK && need == LK_NOISE_DH) {
        const struct lk_noise_point *ours = noise->ask.own_static ? &noise->s : &noise->e;
        const uint8_t *secret = is_of(r->e, &noise->ask.peer)   ? r->e
                                : is_of(r->c, &noise->ask.peer) ? r->c : NULL;
        uint8_t shared[POINT] = { 0 };

        if (secret != NULL)
            (void)!lk_x25519_shared(shared, secret, ours->octets);
        else if (r->guess > 0)
            memcpy(shared, r->guess == 1 ? ours->octets : noise->ask.peer.octets, POINT);
        lk_noise_dh(noise, shared);
    }
    return status;
}

static struct lk_span body_of(const struct frame *frame)
{
    return lk_span_of(frame->at + LK_E2E_HEADER, frame->len - LK_E2E_HEADER);
}

/* A record, with the keys that the handshake comes to: of who began it, or of who answered. */
static bool opens(const struct reader *r, struct lk_noise *noise, bool initiator, uint8_t flags,
                  const struct frame *record)
{
    static uint8_t text[ROOM];
    struct lk_e2e_session session;
    struct lk_e2e_frame frame;
    size_t len;

    noise->initiator = initiator;
    lk_e2e_session_of(&session, noise, &r->scope, flags, false, 0);
    return lk_e2e_frame_decode(&frame, lk_span_of(record->at, record->len)) == LK_OK &&
           lk_e2e_channel_take(&session.channel, text, &len, &frame) == LK_OK;
}

/* Takes message 1 as the server would and says message 2 as the server did, as well as it can: that
 * the first does not open is no reason not to try what came behind it. */
static bool attempt(const struct reader *r, const struct way *way, const struct lk_noise_point *s)
{
    struct lk_noise_point f;
    struct lk_e2e_hello hello;
    struct lk_noise noise;

    if (lk_e2e_hello_decode(&hello, body_of(&way->hello)) != LK_OK)
        return false;
    memcpy(f.octets, way->reply.at + LK_E2E_HEADER, POINT);
    lk_e2e_noise_start(&noise, false, &hello, &f, s, NULL);
    if (lk_noise_take(&noise, hello.message) != LK_OK)
        return false;
    if (go_on(r, &noise) != LK_OK) {
        noise.busy = false;
        noise.message = 1;
        noise.token = 0;
    }
    return lk_noise_say(&noise, lk_span_of(NULL, 0)) == LK_OK && go_on(r, &noise) == LK_OK &&
           (opens(r, &noise, false, hello.flags, &way->finish) ||
            opens(r, &noise, true, hello.flags, &way->first));
}

/* Whether somebody with those keys reads the session that went that way. */
static bool reads(const struct way *way, const struct lk_e2e_client_setup *setup,
                  const struct lk_e2e_secrets *secrets, const uint8_t *e, const uint8_t *c)
{
    struct reader r = { { lk_span_text(setup->server), lk_span_text(setup->app) }, .e = e, .c = c };
    struct lk_e2e_inputs inputs;
    struct lk_noise_point s;
    bool opened = false;

    memcpy(s.octets, setup->server_key, sizeof s.octets);
    LK_ASSERT(lk_e2e_inputs_of(&inputs, &r.scope, secrets) == LK_OK);
    lk_e2e_psk_combine(&r.psk, &r.scope, inputs.has_p ? &inputs.p : NULL,
                       inputs.has_n ? &inputs.n : NULL, NULL);
    for (; r.guess < GUESSES && !opened; r.guess++)
        opened = attempt(&r, way, &s);
    lk_wipe(&inputs, sizeof inputs);
    lk_wipe(&r.psk, sizeof r.psk);
    return opened;
}

/* One session that nobody interferes with. The operator has N. The control has what the application
 * itself had, P and its private keys: whoever has that must be able to read it in the same way. */
static bool overhear(struct lk_curious_report *report, struct way *way,
                   const struct lk_e2e_client_setup *setup, const char *host, unsigned port)
{
    struct lk_e2e_secrets operators = setup->secrets;

    if (!run(report, NULL, way, setup, host, port))
        return false;
    operators.app_key = NULL;
    report->sessions = 1;
    report->read = reads(way, setup, &operators, NULL, NULL);
    report->control = reads(way, setup, &setup->secrets, way->ephemeral, setup->client_secret);
    lk_wipe(way->ephemeral, sizeof way->ephemeral);
    return true;
}

bool lk_curious_run(struct lk_curious_report *report, const struct lk_e2e_client_setup *setup,
                    const char *host, unsigned port)
{
    static struct way way;
    static const uint8_t guess[LK_E2E_KEY_LEN];
    struct lk_e2e_client_setup own = *setup;

    memset(report, 0, sizeof *report);
    memset(&way, 0, sizeof way);
    if (!overhear(report, &way, setup, host, port))
        return false;
    old_hello = way.hello;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        memset(&way, 0, sizeof way);
        way.alter = acts[i].alter;
        (void)run(report, acts[i].what, &way, setup, host, port);
    }
    /* By itself, with what an operator has. */
    memset(&way, 0, sizeof way);
    own.client_secret = NULL;
    own.secrets.app_key = NULL;
    own.needs = 0;
    (void)run(report, "a call of its own, with what it has", &way, &own, host, port);
    memset(&way, 0, sizeof way);
    own.secrets.app_key = guess;
    own.secrets.app_key_len = sizeof guess;
    (void)run(report, "a call of its own, with a guess at P", &way, &own, host, port);
    return true;
}
