/* wire/e2e: whatever decodes is said again in the same octets. */
#include "fuzz.h"

#include <string.h>

#include "wire/e2e.h"

static uint8_t room[LK_E2E_FRAME_MAX];

static void same(const struct lk_writer *w, struct lk_span octets)
{
    LK_ASSERT(lk_writer_end(w) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(w), octets));
}

static void body_of(const struct lk_e2e_frame *frame)
{
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_e2e_sealed sealed;
    struct lk_e2e_hello hello;

    if ((frame->type == LK_E2E_HELLO || frame->type == LK_E2E_PARCEL) &&
        lk_e2e_hello_decode(&hello, frame->body) == LK_OK) {
        lk_e2e_offer_encode(&w, &hello);
        same(&w, hello.offer);
        lk_put_span(&w, hello.message);
        same(&w, frame->body);
    }
    if (frame->type >= LK_E2E_FINISH && frame->type <= LK_E2E_CLOSE &&
        lk_e2e_sealed_decode(&sealed, frame->body) == LK_OK) {
        lk_e2e_sealed_header(room, frame->type, sealed.epoch, sealed.number, sealed.sealed.len);
        LK_ASSERT(memcmp(room + LK_E2E_HEADER, frame->body.at, 10) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span all = lk_span_of(octets, len);
    struct lk_e2e_frame frame;
    struct lk_e2e_who who;
    size_t size;

    if (lk_e2e_frame_size(&size, all) == LK_OK && size == len && size > 0)
        LK_ASSERT(lk_e2e_frame_decode(&frame, all) == LK_OK);
    if (lk_e2e_frame_decode(&frame, all) == LK_OK) {
        LK_ASSERT(lk_e2e_frame_size(&size, all) == LK_OK && size == len);
        body_of(&frame);
    }
    if (lk_e2e_who_decode(&who, all) == LK_OK) {
        struct lk_writer w = lk_writer_of(room, sizeof room);

        lk_e2e_who_encode(&w, &who);
        same(&w, all);
    }
    return 0;
}
