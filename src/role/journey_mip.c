/* Steps that spoof, of Mobile IP: real datagrams to the home agent, of who has no right to what he
 * asks for. What it answered and counted, and whether its bindings are as before.
 *
 *     spoof: { mobile-ip: register, imsi: X, home: $ADDRESS, spi: $SPI, key: guessed }
 *     spoof: { mobile-ip: deregister, ... }       the same without a lifetime
 *     spoof: { mobile-ip: replay, imsi: X }       the first request of X, as the capture has it
 *     spoof: { mobile-ip: register, imsi: X, spi: NUMBER, key: usim, of: Y, b-tid: $B_TID }
 *                                                 what the owner of Y's USIM can make of Y's B-TID
 *     spoof: { mobile-ip: bomb, imsi: X, spi: NUMBER, key: KEY }
 *                                                 a subscriber, by his own key, names a place where
 *                                                 another is, and asks for much that is to go there
 *
 * from: a host of the journey's network, where it is not the stranger's or the victim's. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/control.h"
#include "io/entropy.h"
#include "role/journey_forge.h"
#include "role/seen.h"
#include "role/shared.h"
#include "wire/ip.h"

enum {
    WAIT_MS = 300,
    ANSWER_MS = 10000, /* where the file expects one */
    COUNTED_MS = 10000,
    EVERY_MS = 20,
    ASK_MS = 5000,
    ECHOES = 20,
    LIFETIME_S = 600,
    GUESSED_LEN = 32,
    SPI_MAX_DIGITS = 10,
    NO_CODE = 256,
};

enum attack { REGISTER, DEREGISTER, REPLAY, BOMB, ATTACKS };
static const char *const words[ATTACKS + 1] = { "register", "deregister", "replay", "bomb", NULL };
static const char gateway[] = "10.64.0.1"; /* as conf/lab.yaml has it */

/* One step while it runs. */
struct spoofing {
    struct lk_journey_runner *r;
    const struct lk_journey_step *step;
    enum attack attack;
    struct lk_journey_forgery says;
    struct lk_seen seen;
    struct lk_datagram_peer to;
    int fd;
    unsigned answers;  /* datagrams of any kind */
    unsigned code;     /* of the last reply; NO_CODE: there was none */
    struct lk_address home; /* that it gave */
};

/* ---- the file ---- */

static const char *word_of(const struct lk_journey_step *step, const char *name)
{
    return lk_journey_argument_of(&step->call, name, "");
}

static enum attack attack_of(const struct lk_journey_step *step)
{
    enum attack attack = REGISTER;

    while (attack < ATTACKS && strcmp(words[attack], word_of(step, "mobile-ip")) != 0)
        attack++;
    return attack;
}

bool lk_journey_mip_check(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    enum attack attack = attack_of(step);
    struct lk_imsi imsi;

    if (attack == ATTACKS)
        return lk_journey_mistake(r, step->line, "spoof: mobile-ip is register, deregister, replay "
                                  "or bomb, not '%.40s'", word_of(step, "mobile-ip"));
    if (lk_imsi_parse(&imsi, lk_span_text(word_of(step, "imsi"))) != LK_OK)
        return lk_journey_mistake(r, step->line, "spoof: imsi says in whose name");
    return attack == REPLAY || word_of(step, "key")[0] != '\0' ||
           lk_journey_mistake(r, step->line, "spoof: key is guessed, usim, or a key itself");
}

/* ---- what is counted ---- */

/* Refusals by their reasons; NULL: the daemon does not say. */
static json_t *refusals(const struct lk_journey_runner *r)
{
    char path[128], error[LK_CONTROL_ERROR_TEXT];
    json_t *request = json_pack("{s:s}", "op", "status"), *answer = NULL, *refused = NULL;

    (void)snprintf(path, sizeof path, "%s/control.sock", r->daemon.state_dir);
    if (lk_control_ask(&answer, path, request, ASK_MS, error) == LK_OK)
        refused = json_incref(json_object_get(json_object_get(answer, "counts"), "refused"));
    json_decref(answer);
    json_decref(request);
    return refused;
}

/* The one of Mobile IP that was counted since; NULL: none. */
static const char *risen(json_int_t *by, json_t *after, const json_t *before)
{
    const char *name;
    json_t *count;

    json_object_foreach(after, name, count)
    {
        *by = json_integer_value(count) - json_integer_value(json_object_get(before, name));
        if (*by > 0 && strncmp(name, "mip.", 4) == 0)
            return name;
    }
    return NULL;
}

/* Waits for it: a BSF may have been asked. */
static enum lk_reason counted(const struct lk_journey_runner *r, json_int_t *by,
                              const json_t *before)
{
    const struct timespec moment = { .tv_nsec = EVERY_MS * 1000000 };
    enum lk_reason reason = LK_REASON_NONE;

    for (unsigned ms = 0; reason == LK_REASON_NONE && ms < COUNTED_MS; ms += EVERY_MS) {
        json_t *after = refusals(r);
        const char *name = risen(by, after, before);

        if (name != NULL)
            reason = lk_reason_named(name);
        json_decref(after);
        if (reason == LK_REASON_NONE)
            (void)nanosleep(&moment, NULL);
    }
    return reason;
}

/* ---- datagrams ---- */

static void give(struct spoofing *s, struct lk_span octets)
{
    lk_seen_datagram(&s->seen, &s->to, true, octets);
    (void)sendto(s->fd, octets.at, octets.len, 0, &s->to.from.any, sizeof s->to.from.v4);
}

static bool expects_an_answer(const struct spoofing *s)
{
    for (size_t i = 0; i < s->step->expect_count; i++)
        if (strcmp(s->step->expect[i].name, "code") == 0)
            return true;
    return false;
}

/* All that comes until nothing does for a while; a reply is the end, where one is all there is. */
static void hear(struct spoofing *s)
{
    struct pollfd waits = { .fd = s->fd, .events = POLLIN };
    uint8_t octets[LK_MIP_MESSAGE_MAX];
    struct lk_mip_reply reply;
    ssize_t got;

    while (poll(&waits, 1, s->code == NO_CODE && expects_an_answer(s) ? ANSWER_MS : WAIT_MS) > 0 &&
           (got = recv(s->fd, octets, sizeof octets, MSG_DONTWAIT)) >= 0) {
        struct lk_span heard = lk_span_of(octets, (size_t)got);

        lk_seen_datagram(&s->seen, &s->to, false, heard);
        s->answers++;
        if (lk_mip_reply_decode(&reply, heard) != LK_OK)
            continue;
        s->code = reply.code;
        s->home = reply.home;
        if (s->attack != BOMB)
            return;
    }
}

static enum lk_status forge(struct spoofing *s)
{
    uint8_t octets[LK_MIP_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    char capture[sizeof s->r->daemon.log];
    enum lk_status status;

    (void)snprintf(capture, sizeof capture, "%.900s/journey.pcapng", s->r->options->out);
    status = s->attack == REPLAY ? lk_journey_forge_heard(&w, capture, &s->says)
                                 : lk_journey_forge(&w, &s->says);
    if (status == LK_OK)
        give(s, lk_writer_span(&w));
    return status;
}

/* Through the tunnel that he has now, in the name of the home address that is his: each would have
 * an answer, which goes to the care-of address. Then the registration is ended. */
static enum lk_status bomb(struct spoofing *s)
{
    struct lk_address to;

    if (lk_address_parse(&to, gateway) != LK_OK)
        return LK_E_VALUE;
    for (uint16_t i = 0; i < ECHOES; i++) {
        uint8_t packet[128], octets[160];
        struct lk_writer inner = lk_writer_of(packet, sizeof packet);
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_mip_tunnel tunnel = { .encapsulation = LK_MIP_IN_IP };

        if (lk_ip_ping(&inner, &s->home, &to, 1, i, lk_span_text("for whoever is there")) != LK_OK)
            return LK_E_VALUE;
        tunnel.packet = lk_writer_span(&inner);
        lk_mip_tunnel_put(&w, &tunnel);
        give(s, lk_writer_span(&w));
    }
    hear(s);
    s->says.lifetime_s = 0;
    if (forge(s) != LK_OK)
        return LK_E_VALUE;
    hear(s);
    return LK_OK;
}

/* ---- the step ---- */

static enum lk_status take_key(struct spoofing *s)
{
    const char *key = word_of(s->step, "key"), *owner = word_of(s->step, "of");
    struct lk_entropy entropy = { .left = 0 };
    struct lk_journey_attach attach = { .imsi = "" };
    struct lk_recompute_card card;
    uint8_t guessed[GUESSED_LEN];
    enum lk_status status;

    s->says.with.algorithm = LK_MIP_HMAC_SHA256;
    if (strcmp(key, "guessed") == 0) {
        lk_entropy_take(&entropy, guessed, sizeof guessed);
        lk_entropy_forget(&entropy);
        return lk_mip_secret_set(&s->says.with.secret, LK_SPAN(guessed));
    }
    if (strcmp(key, "usim") != 0)
        return lk_mip_secret_set(&s->says.with.secret, lk_span_text(key));
    (void)snprintf(attach.imsi, sizeof attach.imsi, "%s", owner);
    lk_journey_card(&card, s->r->journey, &attach);
    status = lk_journey_forge_key(&s->says.with.secret, &card, owner, s->says.b_tid);
    lk_wipe(&card, sizeof card);
    return status;
}

static enum lk_status prepare(struct spoofing *s)
{
    const struct lk_journey_runner *r = s->r;
    const char *home = lk_journey_resolved(r, word_of(s->step, "home"));
    const char *from = word_of(s->step, "from");
    const struct lk_address own =
        lk_journey_host(r, from[0] != '\0'        ? (unsigned)strtoul(from, NULL, 10)
                           : s->attack == BOMB ? LK_JOURNEY_VICTIM
                                               : LK_JOURNEY_STRANGER);
    char error[LK_SOCKET_ERROR_TEXT];

    s->says = (struct lk_journey_forgery){
        .imsi = word_of(s->step, "imsi"),
        .b_tid = lk_journey_resolved(r, word_of(s->step, "b-tid")),
        .agent = lk_journey_host(r, LK_JOURNEY_ANCHOR), .care_of = own,
        .lifetime_s = s->attack == DEREGISTER ? 0 : LIFETIME_S,
        .udp = s->attack != DEREGISTER,
    };
    s->says.with.spi = (uint32_t)strtoul(lk_journey_resolved(r, word_of(s->step, "spi")), NULL, 10);
    if ((home[0] != '\0' && lk_address_parse(&s->says.home, home) != LK_OK) ||
        (s->attack != REPLAY && take_key(s) != LK_OK))
        return LK_E_VALUE;
    if (lk_datagram_socket(&s->fd, &own, 0, error) != LK_OK)
        return LK_E_SYSTEM;
    s->to = lk_datagram_to(s->fd, &s->says.agent, LK_JOURNEY_MIP_PORT);
    s->seen = (struct lk_seen){ .file = r->capture, .wanted = 1u << LK_SEEN_MIP,
                                .legs = 1u << LK_SEEN_MIP };
    lk_seen_mip(&s->seen, s->fd, LK_MIP_PORT, NULL);
    (void)snprintf(s->seen.comment, sizeof s->seen.comment, "%.95s", s->step->name);
    return LK_OK;
}

static void tell_refusal(const struct spoofing *s, struct lk_journey_outcome *outcome,
                         struct lk_journey_result *told, enum lk_reason reason, json_int_t by)
{
    const struct lk_reason_row *row = lk_reason_row(reason);
    char answer[96] = "no answer";

    if (s->code != NO_CODE)
        (void)snprintf(answer, sizeof answer, "%u, %s", s->code,
                       lk_mip_code_name((uint8_t)s->code));
    lk_outcome_put(outcome, "reason", "%s", reason == LK_REASON_NONE ? "none" : row->code);
    lk_outcome_put(outcome, "counted", "%d", (int)by);
    (void)snprintf(told->result, sizeof told->result, "%s: %s", answer,
                   reason == LK_REASON_NONE ? "counted nowhere" : row->code);
    if (reason != LK_REASON_NONE)
        (void)snprintf(told->explained, sizeof told->explained, "%s: %s %s (%s)", row->code,
                       row->what, row->fix, row->clause);
}

static void tell_bomb(const struct spoofing *s, struct lk_journey_outcome *outcome,
                      struct lk_journey_result *told)
{
    lk_outcome_put(outcome, "at-most-arrived", "%u", s->answers);
    (void)snprintf(told->result, sizeof told->result, "registered; %d echoes asked for, %u packets "
                   "came to who is there", ECHOES, s->answers);
    (void)snprintf(told->explained, sizeof told->explained,
                   "A new place is asked by an echo request in the tunnel whether it is the "
                   "device's. Until it answers it gets three packets a minute, the reply and that "
                   "request among them (T13, RFC 3519 4.10).");
}

static bool is_same(json_t *before, const struct spoofing *s)
{
    json_t *after = lk_journey_digest(s->r, "bindings", s->attack == BOMB ? s->says.imsi : NULL);
    bool same = before != NULL && after != NULL && json_equal(before, after);

    json_decref(after);
    return same;
}

/* What the file says, done. */
static enum lk_status act(struct spoofing *s)
{
    enum lk_status status = prepare(s);

    if (status == LK_OK)
        status = forge(s);
    if (status == LK_OK)
        hear(s);
    return status != LK_OK || s->attack != BOMB || s->code != LK_MIP_CODE_ACCEPTED ? status
                                                                                   : bomb(s);
}

void lk_journey_mip_run(struct lk_journey_runner *r, size_t index,
                        struct lk_journey_outcome *outcome)
{
    struct spoofing s = { .r = r, .step = &r->journey->step[index], .fd = -1, .code = NO_CODE };
    struct lk_journey_result *told = &r->report->step[index];
    json_t *before, *refused = refusals(r);
    enum lk_reason reason;
    json_int_t by = 0;

    s.attack = attack_of(s.step);
    before = lk_journey_digest(r, "bindings", s.attack == BOMB ? word_of(s.step, "imsi") : NULL);
    if (act(&s) == LK_OK) {
        lk_outcome_put(outcome, "answers", "%u", s.answers);
        if (s.code != NO_CODE)
            lk_outcome_put(outcome, "code", "%u", s.code);
        if (s.attack == BOMB) {
            tell_bomb(&s, outcome, told);
        } else {
            reason = counted(r, &by, refused);
            tell_refusal(&s, outcome, told, reason, by);
        }
        lk_outcome_put(outcome, "state", "%s", is_same(before, &s) ? "unchanged" : "changed");
    } else {
        (void)snprintf(told->failure, sizeof told->failure,
                       "%.200s:%d: there is no key, no such request in the capture, or no socket",
                       r->journey->file, s.step->line);
    }
    if (s.fd >= 0)
        (void)close(s.fd);
    lk_wipe(&s.says, sizeof s.says);
    json_decref(refused);
    json_decref(before);
}
