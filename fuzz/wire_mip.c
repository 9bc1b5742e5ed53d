/* Octets as a message of Mobile IPv4, and as one of its agents: what is read is written, and that
 * is read and written the same again. */
#include "fuzz.h"

#include "base/checksum.h"
#include "mip_again.h"
#include "wire/mip_agent.h"

enum { ROOM = 8192, CHECKSUM_AT = 2 };

static uint8_t first[ROOM], second[ROOM];

static void message(struct lk_span octets)
{
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);

    if (mip_message_again(&w1, octets) != LK_OK)
        return;
    LK_ASSERT(lk_writer_end(&w1) == LK_OK);
    LK_ASSERT(mip_message_again(&w2, lk_writer_span(&w1)) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

static void request(struct lk_span octets)
{
    struct lk_mip_request m;
    struct lk_span on;

    if (lk_mip_request_decode(&m, octets) != LK_OK)
        return;
    for (int which = 0; which < LK_MIP_AUTH_COUNT; which++) {
        const struct lk_mip_auth *auth = &m.extensions.auth[which];

        LK_ASSERT(auth->covered.len + auth->authenticator.len <= octets.len);
    }
    LK_ASSERT(lk_mip_identifier(&m).len > 0);
    on = lk_mip_forwardable(&m.extensions, false);
    LK_ASSERT(on.len <= lk_mip_forwardable(&m.extensions, true).len && on.len <= octets.len);
    /* What is passed on is read again, and passed on whole. */
    LK_ASSERT(lk_mip_request_decode(&m, on) == LK_OK);
    LK_ASSERT(lk_mip_forwardable(&m.extensions, false).len == on.len);
}

/* A stranger can make a right checksum: so it is made here. */
static void agent(struct lk_span octets)
{
    struct lk_writer w1 = lk_writer_of(first, sizeof first);
    struct lk_writer w2 = lk_writer_of(second, sizeof second);
    struct lk_mip_advertisement a;

    lk_put_span(&w1, octets);
    if (w1.status != LK_OK || octets.len < CHECKSUM_AT + 2)
        return;
    lk_patch_be16(&w1, CHECKSUM_AT, 0);
    lk_patch_be16(&w1, CHECKSUM_AT, lk_checksum_of(lk_checksum_add(0, lk_writer_span(&w1))));
    (void)!lk_mip_solicitation_check(lk_writer_span(&w1));
    if (lk_mip_advertisement_decode(&a, lk_writer_span(&w1)) != LK_OK)
        return;
    lk_mip_advertisement_put(&w2, &a);
    LK_ASSERT(lk_writer_end(&w2) == LK_OK);
    LK_ASSERT(lk_mip_advertisement_decode(&a, lk_writer_span(&w2)) == LK_OK);
    w1 = lk_writer_of(first, sizeof first);
    lk_mip_advertisement_put(&w1, &a);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w1), lk_writer_span(&w2)));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_mip_tunnel tunnel;

    message(lk_span_of(octets, len));
    request(lk_span_of(octets, len));
    agent(lk_span_of(octets, len));
    (void)!lk_mip_tunnel_decode(&tunnel, lk_span_of(octets, len));
    return 0;
}
