/* proto/srb: COUNT and MAC-I of a bearer between eNB and UE, over two hyper frames; what is
 * changed, played again, of another key or direction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/srb.h"
#include "vectors.h"
#include "wire/pdcp.h"

enum { PDU_MAX = 32, COUNTS = 34 };

static struct vector_octets hex_at(const char *direction, size_t count)
{
    json_t *file = vectors_load("rrc");
    char path[32];
    json_t *one = json_object();
    struct vector_octets octets;

    snprintf(path, sizeof path, "srb1.%s", direction);
    json_object_set(one, "pdu", json_array_get(vectors_list(file, path), count));
    octets = vector_hex(one, "pdu");
    json_decref(one);
    json_decref(file);
    return octets;
}

static struct lk_k_rrc_int key_of_chain(void)
{
    json_t *file = vectors_load("lwa_chain");
    struct vector_octets octets = vector_hex(file, "kenb");
    struct lk_kenb kenb;
    struct lk_k_rrc_int key;

    memcpy(kenb.octets, octets.at, sizeof kenb.octets);
    lk_k_rrc_int_derive(&key, &kenb, 2);
    json_decref(file);
    file = vectors_load("rrc");
    assert_vector(file, "srb1.k_rrc_int", key.octets, sizeof key.octets);
    json_decref(file);
    return key;
}

/* spec: TS 36.323 5.7 - the MAC-I of each COUNT is the one that tshark and another EIA2 found
 * right, under a key of the chain; both ends agree from hyper frame to hyper frame. */
static void both_directions_are_those_of_the_judges(void **state)
{
    static const char *const names[] = { "uplink", "downlink" };
    struct lk_k_rrc_int key = key_of_chain();

    for (size_t d = 0; d < LK_COUNT_OF(names); d++) {
        struct lk_srb sender, receiver;

        lk_srb_begin(&sender, d == 0 ? LK_EIA_UPLINK : LK_EIA_DOWNLINK);
        lk_srb_begin(&receiver, d == 0 ? LK_EIA_DOWNLINK : LK_EIA_UPLINK);
        for (size_t count = 0; count < COUNTS; count++) {
            struct vector_octets pdu = hex_at(names[d], count);
            uint8_t room[PDU_MAX];
            struct lk_writer w = lk_writer_of(room, sizeof room);
            struct lk_span message;

            assert_int_equal(lk_srb_receive(&receiver, &message, &key, vector_span(&pdu)), LK_OK);
            assert_int_equal(receiver.receive_next, count + 1);
            assert_int_equal(lk_srb_send(&sender, &w, &key, message), LK_OK);
            assert_true(lk_span_equal(lk_writer_span(&w), vector_span(&pdu)));
        }
    }
}

struct ends {
    struct lk_k_rrc_int key;
    struct lk_srb enb, ue;
};

static struct ends begin(void)
{
    struct ends e = { .key = { { 1, 2, 3 } } };

    lk_srb_begin(&e.enb, LK_EIA_DOWNLINK);
    lk_srb_begin(&e.ue, LK_EIA_UPLINK);
    return e;
}

static struct lk_span send(struct ends *e, uint8_t room[PDU_MAX])
{
    struct lk_writer w = lk_writer_of(room, PDU_MAX);

    assert_int_equal(lk_srb_send(&e->enb, &w, &e->key, lk_span_text("counter")), LK_OK);
    return lk_writer_span(&w);
}

/* spec: TS 36.323 5.1.2.2 - a message played again counts as one of the next hyper frame, and is
 * refused; messages that were lost leave a gap that is no harm. */
static void what_is_played_again_is_refused(void **state)
{
    struct ends e = begin();
    uint8_t room[COUNTS][PDU_MAX];
    struct lk_span pdu[COUNTS], message;

    for (size_t i = 0; i < COUNTS; i++)
        pdu[i] = send(&e, room[i]);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[0]), LK_OK);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[0]), LK_E_MAC);
    assert_int_equal(message.len, 0);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[31]), LK_OK);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[5]), LK_E_MAC);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[33]), LK_OK);
    assert_int_equal(e.ue.receive_next, 34);
    assert_true(lk_span_equal(message, lk_span_text("counter")));
    for (size_t i = 0; i < COUNTS; i++)
        assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu[i]), LK_E_MAC);
    assert_int_equal(e.ue.receive_next, 34);
}

static void every_bit_is_protected(void **state)
{
    struct ends e = begin(), other = begin();
    uint8_t room[PDU_MAX];
    struct lk_span pdu = send(&e, room), message;
    struct lk_srb echo;

    for (size_t bit = 0; bit < pdu.len * 8; bit++) {
        room[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu), LK_E_MAC);
        room[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
    for (size_t len = 0; len < pdu.len; len++)
        assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, lk_span_of(room, len)),
                         len < 6 ? LK_E_SHORT : LK_E_MAC);
    assert_int_equal(e.ue.receive_next, 0);
    /* Under another key, and sent back to where it came from. */
    other.key.octets[0] ^= 1;
    assert_int_equal(lk_srb_receive(&e.ue, &message, &other.key, pdu), LK_E_MAC);
    lk_srb_begin(&echo, LK_EIA_DOWNLINK);
    assert_int_equal(lk_srb_receive(&echo, &message, &e.key, pdu), LK_E_MAC);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu), LK_OK);
}

static void counts_end_before_they_repeat(void **state)
{
    struct ends e = begin();
    uint8_t room[PDU_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    const struct lk_eia_input last = { UINT32_MAX, 0, LK_EIA_DOWNLINK };
    uint8_t mac_i[LK_MAC_I_LEN];
    struct lk_span pdu, message;

    e.enb.send_next = e.ue.receive_next = UINT32_MAX - 1;
    pdu = send(&e, room);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu), LK_OK);
    assert_int_equal(lk_srb_send(&e.enb, &w, &e.key, lk_span_text("x")), LK_E_FULL);
    assert_int_equal(w.len, 0);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, pdu), LK_E_FULL);
    /* Nor is the last COUNT taken of somebody who has used it: the next would be 0 again. */
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_pdcp_encode(&w, last.count & LK_PDCP_SN_MAX, lk_span_text("x")), LK_OK);
    lk_rrc_mac_i(mac_i, &e.key, &last, lk_writer_span(&w));
    lk_put_octets(&w, mac_i, sizeof mac_i);
    assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, lk_writer_span(&w)), LK_E_FULL);
    assert_int_equal(e.ue.receive_next, UINT32_MAX);
    w = lk_writer_of(room, sizeof room);
    /* A bearer under a new key begins anew. */
    lk_srb_begin(&e.enb, LK_EIA_DOWNLINK);
    assert_int_equal(lk_srb_send(&e.enb, &w, &e.key, lk_span_text("x")), LK_OK);
    /* What does not fit uses no COUNT. */
    w = lk_writer_of(room, 4);
    assert_int_equal(lk_srb_send(&e.enb, &w, &e.key, lk_span_text("x")), LK_E_FULL);
    assert_int_equal(e.enb.send_next, 1);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_srb_send(&e.enb, &w, &e.key, lk_span_text("")), LK_E_VALUE);
    assert_int_equal(e.enb.send_next, 1);
}

/* spec: TS 36.323 5.7 - before there is a key the MAC-I is of zeroes, and a COUNT is used all the
 * same; nobody follows it, so that who plays messages in cannot lead a receiver astray. */
static void without_a_key_counts_go_on(void **state)
{
    struct ends e = begin();
    uint8_t room[PDU_MAX];
    struct lk_span message;

    for (unsigned i = 0; i <= LK_PDCP_SN_MAX; i++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);

        assert_int_equal(lk_srb_send(&e.enb, &w, NULL, lk_span_text("early")), LK_OK);
        assert_int_equal(room[0], i);
        assert_memory_equal(room + w.len - 4, "\0\0\0\0", 4);
        assert_int_equal(lk_srb_receive(&e.ue, &message, NULL, lk_writer_span(&w)), LK_OK);
        assert_true(lk_span_equal(message, lk_span_text("early")));
        assert_int_equal(e.ue.receive_next, 0);
        /* Under a key zeroes are a MAC like any other. */
        assert_int_equal(lk_srb_receive(&e.ue, &message, &e.key, lk_writer_span(&w)), LK_E_MAC);
        room[w.len - 1] = 1;
        assert_int_equal(lk_srb_receive(&e.ue, &message, NULL, lk_writer_span(&w)), LK_E_MAC);
        if (i == 2) {
            struct lk_srb enb = e.enb, ue = e.ue;

            w = lk_writer_of(room, sizeof room);
            assert_int_equal(lk_srb_send(&enb, &w, &e.key, lk_span_text("now")), LK_OK);
            assert_int_equal(lk_srb_receive(&ue, &message, &e.key, lk_writer_span(&w)), LK_OK);
            assert_int_equal(ue.receive_next, 4);
        }
    }
    /* There is no second hyper frame of them. */
    assert_int_equal(lk_srb_send(&e.enb, &(struct lk_writer){ room, sizeof room, 0, LK_OK }, NULL,
                                 lk_span_text("x")), LK_E_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_those_of_the_judges),
        cmocka_unit_test(what_is_played_again_is_refused),
        cmocka_unit_test(every_bit_is_protected),
        cmocka_unit_test(without_a_key_counts_go_on),
        cmocka_unit_test(counts_end_before_they_repeat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
