/* Octets become a sequence of events for the RADIUS client: sendings, answers raw and answers
 * signed with the secret, timers.
 *
 * Promises: what is sent is a RADIUS packet whose first attribute is a Message-Authenticator that
 * verifies; an answer is taken only while one is awaited; it gives up after its tries. */
#include "fuzz.h"

#include <string.h>

#include "proto/radius/client.h"
#include "proto/radius/server.h"

struct run {
    struct lk_radius_nas nas;
    struct lk_radius_nas_config config;
    struct lk_reader r;
    struct lk_outbox out;
    struct lk_radius_outcome outcome;
    unsigned sendings; /* of the request that is out */
    uint8_t count;
};

static void keep_promises(struct run *f, enum lk_status status)
{
    static const uint8_t zeroes[16];
    const struct lk_output *send = lk_outbox_find(&f->out, LK_OUT_SEND);
    struct lk_radius_packet packet;

    LK_ASSERT(status == LK_OK || f->out.count == 0);
    if (send == NULL)
        return;
    f->sendings++;
    LK_ASSERT(f->sendings <= f->config.tries);
    LK_ASSERT(lk_radius_decode(&packet, send->send) == LK_OK);
    LK_ASSERT(packet.attributes.at[0] == LK_RADIUS_MESSAGE_AUTHENTICATOR);
    LK_ASSERT(lk_radius_mac_verify(&packet, &f->config.secret,
                                   packet.code == LK_RADIUS_ACCOUNTING_REQUEST
                                       ? zeroes
                                       : packet.authenticator.at) == LK_OK);
    LK_ASSERT(lk_outbox_find(&f->out, LK_OUT_TIMER)->timer.id == packet.identifier);
    LK_ASSERT(f->nas.state == LK_RADIUS_NAS_AWAIT_ANSWER);
}

static void entropy(struct run *f, uint8_t octets[LK_ENTROPY_LEN])
{
    memset(octets, f->count++, LK_ENTROPY_LEN);
}

static void send(struct run *f, unsigned what)
{
    uint8_t random[LK_ENTROPY_LEN];
    struct lk_radius_usage usage = { .kind = what, .session = "s" };
    bool idle = f->nas.state == LK_RADIUS_NAS_IDLE;
    enum lk_status status;

    entropy(f, random);
    lk_outbox_empty(&f->out);
    if (idle)
        f->sendings = 0;
    if (what == 0) {
        status = lk_radius_nas_send_eap(&f->nas, &f->config, lk_get_lv8(&f->r), 0, random,
                                        &f->out);
    } else if (what == 1) {
        status = lk_radius_nas_send_status(&f->nas, &f->config, 0, random, &f->out);
    } else {
        usage.input_octets = (uint64_t)lk_get_be32(&f->r) << 8;
        status = lk_radius_nas_send_usage(&f->nas, &f->config, &usage, 0, &f->out);
    }
    LK_ASSERT(idle || status == LK_E_UNEXPECTED);
    keep_promises(f, status);
}

static void receive(struct run *f, struct lk_span datagram)
{
    bool awaited = f->nas.state == LK_RADIUS_NAS_AWAIT_ANSWER;
    enum lk_status status = lk_radius_nas_received(&f->nas, &f->config, datagram, &f->outcome);

    LK_ASSERT(status != LK_OK || awaited);
    LK_ASSERT((f->nas.state == LK_RADIUS_NAS_IDLE) == (!awaited || status == LK_OK));
}

/* Attributes of the input in an answer that is signed as a server would. */
static void receive_signed(struct run *f)
{
    static uint8_t octets[1024];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_answer head = { .code = (enum lk_radius_code)lk_get_u8(&f->r),
                                     .identifier = f->nas.identifier,
                                     .request_code = f->nas.request[0],
                                     .authenticator = f->nas.request + LK_RADIUS_AUTHENTICATOR_AT,
                                     .secret = &f->config.secret };

    lk_radius_answer_begin(&w, &head);
    lk_put_span(&w, lk_get_lv16(&f->r));
    if (lk_radius_answer_end(&w, &head) == LK_OK)
        receive(f, lk_writer_span(&w));
}

static void expire(struct run *f)
{
    uint8_t random[LK_ENTROPY_LEN];
    uint8_t timer = (uint8_t)(f->nas.identifier + lk_get_u8(&f->r) % 2);

    entropy(f, random);
    lk_outbox_empty(&f->out);
    keep_promises(f, lk_radius_nas_expired(&f->nas, &f->config, timer, 0, random, &f->out));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;

    memset(&f, 0, sizeof f);
    f.r = lk_reader_of(lk_span_of(octets, len));
    f.config.tries = 3;
    LK_ASSERT(lk_radius_secret_set(&f.config.secret, lk_span_text("testing123")) == LK_OK);
    lk_radius_nas_init(&f.nas);
    while (f.r.left > 0) {
        switch (lk_get_u8(&f.r) % 6) {
        case 0: send(&f, 0); break;
        case 1: send(&f, 1); break;
        case 2: send(&f, 2); break;
        case 3: receive(&f, lk_get_lv8(&f.r)); break;
        case 4: receive_signed(&f); break;
        default: expire(&f); break;
        }
    }
    return 0;
}
