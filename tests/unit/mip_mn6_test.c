/* proto/mip/mn6: what the mobile node of MIPv6 asks, when, and which key it has. */
#include "mip_mn6_rig.h"

static bool asks_for(enum lk_mobility_option_type type)
{
    return lk_mobility_has(&asked.options, type);
}

static uint32_t spi_of(uint8_t subtype)
{
    const struct lk_mobility_auth *auth = lk_mobility_auth(&asked.options, subtype);

    return auth == NULL ? 0 : auth->spi;
}

/* spec: RFC 6275 11.7.1 - what is asked, in which packet.
 * spec: RFC 4283 3 - by whom.
 * spec: RFC 4285 5 - proven. */
static void test_a_registration(void **state)
{
    const struct lk_mip_mn6_output *item;
    const struct lk_address care_of = at("2001:db8:99::23"), home = at("2001:db8:45::7");

    registering();
    assert_int_equal(asked.flags, LK_BU_ACKNOWLEDGE | LK_BU_HOME);
    assert_int_equal(asked.lifetime, 150);
    assert_true(lk_span_equal(asked.options.mn_id.id, config.nai));
    assert_int_equal(asked.options.mn_id.subtype, LK_MN_ID_NAI);
    assert_true(lk_ntp_ms(asked.options.mesg_id) == NOW);
    assert_true(asks_for(LK_MO_IPV4_HOME) && asked.options.ipv4_home.bits == 32);
    assert_false(asks_for(LK_MO_CARE_OF) || asks_for(LK_MO_VENDOR));
    assert_true(lk_mip6_msa_proves(&old, old.there.spi, &asked.options, &care_of, &home, now_ms));
    assert_int_equal(packet.way, LK_MIP6_HOME_OPTION);
    assert_true(lk_address_equal(&packet.source, &care_of));
    assert_true(lk_address_equal(&packet.home, &home));
    assert_true(is(&packet.destination, "2001:db8:1::1") && is(&sent_to, "2001:db8:1::1"));
    now_ms += 200;
    answer((struct answer){ .by = &old, .ipv4 = "10.45.0.7" });
    item = lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND);
    assert_non_null(item);
    assert_true(is(&item->bound.home, "2001:db8:45::7") && is(&item->bound.ipv4, "10.45.0.7"));
    assert_true(item->bound.lifetime_s == 600 && !item->bound.udp);
    /* spec: RFC 6275 11.7.3 - since it was sent. */
    assert_true(mn.bound_until_ms == NOW + 600000 && mn.due_ms == now_ms + 299900);
    assert_true(lk_mip_mn6_is_bound(&mn) && !said(LK_MIP_MN6_OUT_KEPT));
}

/* What a place, or what the node has, makes of an update. */
static void test_what_an_update_says(void **state)
{
    /* spec: RFC 6275 6.2.5 - an alternate care-of address. */
    struct lk_mip_mn6_place place = here("2001:db8:99::23");

    assert_int_equal(keys(&old, false), LK_OK);
    place.from = at("2001:db8:77::1");
    assert_int_equal(start(place, "2001:db8:45::7"), LK_OK);
    assert_true(asks_for(LK_MO_CARE_OF) && is(&asked.options.care_of, "2001:db8:99::23"));
    assert_true(is(&packet.source, "2001:db8:77::1"));
    assert_true(lk_mip6_msa_proves(&old, old.there.spi, &asked.options, &place.care_of,
                                   &packet.home, now_ms));
    answer((struct answer){ .by = &old }); /* for the care-of address, to the other */
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);

    /* spec: RFC 5555 3.1.2 - over IPv4.
     * spec: RFC 5555 5.1.1 - from the home address. */
    place = here("192.168.1.2");
    assert_int_equal(give((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_MOVE,
                                                     .move = place }), LK_OK);
    assert_true(asks_for(LK_MO_IPV4_CARE_OF) && !asks_for(LK_MO_CARE_OF));
    assert_memory_equal(asked.options.ipv4_care_of.octets, ((uint8_t[]){ 192, 168, 1, 2 }), 4);
    assert_true(packet.way == LK_MIP6_HOME_NONE && is(&packet.source, "2001:db8:45::7"));
    assert_true(is(&sent_to, "192.0.2.1") && is(&packet.destination, "2001:db8:1::1"));
    assert_true(lk_mip6_msa_proves(&old, old.there.spi, &asked.options, &place.care_of,
                                   &packet.source, now_ms));

    /* A B-TID stands before the authenticator, so it is covered; MN-AAA is the last, and stands in
     * a first registration only. */
    (void)setup(state);
    config.udp_forced = true;
    config.ipv4 = false;
    assert_int_equal(keys(&aaa, true), LK_OK);
    registering();
    assert_int_equal(asked.flags, LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_UDP);
    assert_false(asks_for(LK_MO_IPV4_HOME) || asked.options.behind_auth);
    assert_true(lk_span_equal(lk_mobility_vendor_data(&asked.options, config.enterprise,
                                                      config.b_tid_subtype),
                              lk_span_text("b-tid@bsf")));
    answer((struct answer){ .by = &old });
    assert_int_equal(plain(LK_MIP_MN6_EV_MOVE), LK_OK);
    assert_int_equal(spi_of(LK_AUTH_MN_AAA), 0);
    assert_false(asks_for(LK_MO_VENDOR));
}

/* spec: RFC 4285 5 - MN-AAA covers all, MN-HA too. */
static void test_mn_aaa_is_behind_mn_ha_and_covers_it(void **state)
{
    const struct lk_mobility_auth *auth;
    struct lk_mip6_covered covered;

    assert_int_equal(keys(&aaa, true), LK_OK);
    registering();
    assert_int_equal(asked.options.auth_count, 2);
    assert_true(asked.options.auth[0].subtype == LK_AUTH_MN_HA &&
                lk_mip6_msa_proves(&old, 256, &asked.options, &mn.place.care_of, &mn.home, now_ms));
    auth = lk_mobility_auth(&asked.options, LK_AUTH_MN_AAA);
    covered = (struct lk_mip6_covered){ mn.place.care_of, mn.home, auth->covered };
    assert_int_equal(auth->spi, LK_MIP6_SPI_AAA);
    assert_int_equal(lk_mip6_mn_aaa_verify(&aaa.there.secret, &covered, auth->authenticator),
                     LK_OK);
    sent[asked.options.auth[0].authenticator.at - sent] ^= 1;
    assert_int_equal(lk_mip6_mn_aaa_verify(&aaa.there.secret, &covered, auth->authenticator),
                     LK_E_MAC);
}

/* What an acknowledgement grants.
 * spec: RFC 5555 3.2.1 - IPv4.
 * spec: RFC 5555 3.2.2 - UDP.
 * spec: RFC 6275 6.2.4 - when to come again. */
static void test_what_is_granted(void **state)
{
    static const struct {
        struct answer a;
        const char *ipv4;
        uint8_t ipv4_status;
        bool udp;
        uint16_t keepalive_s;
        uint32_t lifetime_s;
        uint64_t due_ms;
    } rows[] = {
        { { .by = &old, .ipv4 = "10.45.0.7" }, "10.45.0.7", 0, false, 0, 600, 300000 },
        { { .by = &old, .status = LK_BA_PREFIX_DISCOVERY }, "::", 128, false, 0, 600, 300000 },
        { { .by = &old, .ipv4 = "10.45.0.7", .ipv4_status = LK_IPV4_HOME_INCORRECT }, "::",
          LK_IPV4_HOME_INCORRECT, false, 0, 600, 300000 },
        { { .by = &old, .nat = true, .nat_refresh_s = 30 }, "::", 128, true, 30, 600, 300000 },
        { { .by = &old, .nat = true }, "::", 128, true, 110, 600, 300000 },
        { { .by = &old, .nat = true, .nat_refresh_s = UINT32_MAX }, "::", 128, true, 0, 600,
          300000 },
        { { .by = &old, .nat = true, .nat_refresh_s = 70000 }, "::", 128, true, 65535, 600,
          300000 },
        { { .by = &old, .lifetime = 10 }, "::", 128, false, 0, 40, 20000 },
        { { .by = &old, .lifetime = 900 }, "::", 128, false, 0, 600, 300000 }, /* as asked */
        { { .by = &old, .refresh = 25 }, "::", 128, false, 0, 600, 100000 },
        { { .by = &old, .refresh = 100 }, "::", 128, false, 0, 600, 300000 },
        { { .by = &old, .plain = true }, "::", 128, false, 0, 600, 300000 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_mip_mn6_bound *b;

        (void)setup(state);
        registering();
        answer(rows[i].a);
        b = &lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND)->bound;
        if (!is(&b->ipv4, rows[i].ipv4) || b->ipv4_status != rows[i].ipv4_status ||
            b->udp != rows[i].udp || b->keepalive_s != rows[i].keepalive_s ||
            b->lifetime_s != rows[i].lifetime_s || mn.due_ms != NOW + rows[i].due_ms)
            fail_msg("row %zu", i);
    }
    assert_int_equal(expired(300000), LK_OK); /* an IPv4 address that was refused: any will do */
    assert_memory_equal(asked.options.ipv4_home.address.octets, ((uint8_t[4]){ 0 }), 4);
}

/* spec: RFC 6275 11.7.1 - no home address: :: asks for one. It is that of the answer's packet. */
static void test_a_home_address_is_assigned(void **state)
{
    static const char *const places[] = { "2001:db8:99::23", "198.51.100.23" };

    for (size_t i = 0; i < LK_COUNT_OF(places); i++) {
        (void)setup(state);
        assert_int_equal(keys(&old, false), LK_OK);
        assert_int_equal(start(here(places[i]), "::"), LK_OK);
        assert_true(lk_address_is_any(i == 0 ? &packet.home : &packet.source));
        answer((struct answer){ .by = &old, .home = "2001:db8:45::5" });
        assert_true(is(&lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_BOUND)->bound.home,
                       "2001:db8:45::5"));
        assert_int_equal(expired(300000), LK_OK);
        assert_true(is(i == 0 ? &packet.home : &packet.source, "2001:db8:45::5"));
        is_dropped((struct answer){ .by = &old, .home = "2001:db8:45::6" },
                   LK_REASON_MIP_NOT_PENDING); /* it is ours until it is refused */
        answer((struct answer){ .by = &old });
        assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    }
}

/* T26: a new association takes the old one's place when it has proven an acknowledgement; where the
 * agent has not heard of it, the old one still registers. */
static void test_t26_the_old_key_stays_until_the_new_one_was_used(void **state)
{
    bound();
    assert_int_equal(keys(&fresh, false), LK_OK);
    assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_RENEWED);
    assert_int_equal(spi_of(LK_AUTH_MN_HA), fresh.there.spi);
    is_dropped((struct answer){ .by = &old }, LK_REASON_MIP_SPI); /* not who was asked */
    assert_int_equal(expired(1000), LK_OK);
    assert_int_equal(expired(2000), LK_OK);
    assert_int_equal(spi_of(LK_AUTH_MN_HA), old.there.spi);
    answer((struct answer){ .by = &old });
    assert_true(mn.state == LK_MIP_MN6_BOUND && mn.keys.next.there && !said(LK_MIP_MN6_OUT_KEPT));
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(spi_of(LK_AUTH_MN_HA), fresh.there.spi);
    answer((struct answer){ .by = &fresh });
    assert_true(said(LK_MIP_MN6_OUT_KEPT) && !mn.keys.next.there);
    assert_int_equal(mn.keys.with.msa.there.spi, fresh.there.spi);
}

/* A third key comes while an update by the second is out and the first has ended: the second is in
 * use then, and the third beside it. */
static void test_t26_a_third_key_is_not_lost(void **state)
{
    const struct lk_mip_msa third = msa(500, 0x70);

    bound();
    assert_int_equal(keys(&fresh, false), LK_OK);
    mn.keys.with.msa.ends_ms = now_ms;
    assert_int_equal(keys(&third, false), LK_OK);
    answer((struct answer){ .by = &fresh });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    assert_int_equal(mn.keys.with.msa.there.spi, fresh.there.spi);
    assert_int_equal(mn.keys.next.msa.there.spi, third.there.spi);
    assert_int_equal(expired(300000), LK_OK);
    answer((struct answer){ .by = &third });
    assert_true(mn.state == LK_MIP_MN6_BOUND && said(LK_MIP_MN6_OUT_KEPT));
}

/* T26, spec: RFC 6275 11.8 - five acknowledgements are lost: each update is another one, and the
 * time between them doubles.
 * spec: RFC 6275 9.5.1 - the sequence number comes around. */
static void test_t26_five_lost_acknowledgements(void **state)
{
    static const uint64_t waits_ms[] = { 1500, 3000, 6000, 12000, 24000 };

    registering();
    mn.sequence = asked.sequence = UINT16_MAX - 2;
    for (size_t i = 0; i < LK_COUNT_OF(waits_ms); i++) {
        uint16_t sequence = asked.sequence;
        uint64_t before = asked.options.mesg_id;

        assert_true(mn.due_ms == now_ms + waits_ms[i]);
        now_ms += waits_ms[i] - 1;
        assert_int_equal(plain(LK_MIP_MN6_EV_EXPIRED), LK_E_UNEXPECTED);
        assert_int_equal(expired(1), LK_OK);
        assert_int_equal(asked.sequence, (uint16_t)(sequence + 1));
        assert_true(asked.options.mesg_id > before);
    }
    assert_int_equal(asked.sequence, 2);
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    now_ms -= 3600000; /* a clock that goes back makes no older one */
    mn.due_ms = now_ms;
    assert_int_equal(expired(0), LK_OK);
    assert_true(lk_ntp_ms(asked.options.mesg_id) > now_ms + 3000000);
}

/* spec: RFC 6275 11.8 - bounded, and given up; not while there is a binding. */
static void test_nobody_answers(void **state)
{
    registering();
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_BOUND);
        assert_true(mn.due_ms - now_ms <= 32000);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_int_equal(mn.state, LK_MIP_MN6_FAILED);
    assert_int_equal(why(LK_MIP_MN6_OUT_FAILED), LK_REASON_MIP_NO_ANSWER);
    (void)setup(state);
    bound();
    for (size_t i = 0; mn.state != LK_MIP_MN6_FAILED; i++) {
        assert_true(i < 40);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_true(now_ms >= NOW + 600000);
}

/* T30: no key is changed in a move, and none that ends tears a binding. */
static void test_t30_a_key_ends_in_a_move(void **state)
{
    bound();
    mn.keys.with.msa.ends_ms = now_ms + 5000;
    assert_int_equal(plain(LK_MIP_MN6_EV_MOVE), LK_OK);
    assert_int_equal(keys(&fresh, false), LK_OK); /* not now */
    assert_int_equal(spi_of(LK_AUTH_MN_HA), old.there.spi);
    answer((struct answer){ .by = &old });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    assert_int_equal(expired(mn.due_ms - now_ms), LK_OK); /* in time for it */
    assert_true(now_ms < NOW + 5000);
    assert_int_equal(spi_of(LK_AUTH_MN_HA), fresh.there.spi);

    (void)setup(state);
    bound();
    mn.keys.with.msa.ends_ms = now_ms; /* and nobody has another */
    assert_int_equal(expired(300000), LK_OK);
    assert_true(lk_mip_mn6_is_bound(&mn) && mn.due_ms == NOW + 600000);
    assert_int_equal(keys(&fresh, false), LK_OK);
    assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_RENEWED);
    answer((struct answer){ .by = &fresh });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
    mn.keys.with.msa.ends_ms = now_ms;
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(expired(300000), LK_OK);
    assert_int_equal(why(LK_MIP_MN6_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
}

/* spec: RFC 6275 11.7.1 - the end. */
static void test_a_release(void **state)
{
    bound();
    assert_int_equal(plain(LK_MIP_MN6_EV_STOP), LK_OK);
    assert_int_equal(asked.lifetime, 0);
    assert_false(asks_for(LK_MO_IPV4_HOME));
    is_dropped((struct answer){ .by = &fresh }, LK_REASON_MIP_SPI);
    answer((struct answer){ .by = &old });
    assert_true(said(LK_MIP_MN6_OUT_RELEASED) && mn.state == LK_MIP_MN6_RELEASED);
    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
    answer((struct answer){ .by = &old });
    assert_int_equal(plain(LK_MIP_MN6_EV_STOP), LK_OK);
    for (size_t i = 0; i < 3; i++) { /* nobody answers: it ends in seconds, and says so */
        assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_RELEASED);
        assert_int_equal(expired(mn.due_ms - now_ms), LK_OK);
    }
    assert_int_equal(mn.state, LK_MIP_MN6_RELEASED);
    assert_int_equal(lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_RELEASED)->why.refusal.reason,
                     LK_REASON_MIP_NO_ANSWER);

    (void)setup(state);
    bound();
    mn.keys.with.msa.ends_ms = now_ms; /* with no key there is nobody to tell it to */
    assert_int_equal(plain(LK_MIP_MN6_EV_STOP), LK_OK);
    assert_true(mn.state == LK_MIP_MN6_RELEASED && !said(LK_MIP_MN6_OUT_SEND));
}

/* spec: RFC 5555 4.1 - over IPv4 there must be an IPv4 address to go to. */
static void test_what_cannot_be(void **state)
{
    static const struct {
        const char *care_of, *from, *home, *agent, *ipv4;
    } rows[] = {
        { "::", "::", "::", "2001:db8:1::1", "192.0.2.1" },
        { "2001:db8:99::23", "198.51.100.1", "::", "2001:db8:1::1", "192.0.2.1" },
        { "2001:db8:99::23", "::", "10.45.0.7", "2001:db8:1::1", "192.0.2.1" },
        { "2001:db8:99::23", "::", "::", "::", "192.0.2.1" },
        { "2001:db8:99::23", "::", "::", "192.0.2.1", "192.0.2.1" },
        { "198.51.100.1", "::", "::", "2001:db8:1::1", "::" },
        { "198.51.100.1", "::", "::", "2001:db8:1::1", "2001:db8:1::1" },
    };
    struct lk_mip_msa bad = old;

    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
    assert_int_equal(why(LK_MIP_MN6_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
    assert_int_equal(keys(&aaa, true), LK_OK); /* is not enough */
    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK);
    assert_int_equal(why(LK_MIP_MN6_OUT_FAILED), LK_REASON_MIP_KEY_EXPIRED);
    bad.there.spi = 255;
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    assert_int_equal(keys(&bad, true), LK_E_VALUE);
    bad = old;
    bad.there.secret.len = 15;
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    bad = old;
    bad.there.algorithm = LK_MIP_HMAC_SHA256; /* T22 */
    assert_int_equal(keys(&bad, false), LK_E_VALUE);
    assert_int_equal(keys(&old, false), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (give((struct lk_mip_mn6_event){
                .kind = LK_MIP_MN6_EV_START,
                .start = { { at(rows[i].care_of), at(rows[i].from) },
                           { at(rows[i].agent), at(rows[i].ipv4) }, at(rows[i].home) } }) !=
            LK_E_VALUE)
            fail_msg("row %zu", i);
    config.nai = lk_span_of(NULL, 0);
    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_E_VALUE);
    config.nai = lk_span_text("n");
    assert_int_equal(start(here("2001:db8:99::23"), "::"), LK_OK); /* the control */
    assert_int_equal(mn.state, LK_MIP_MN6_AWAIT_BOUND);
}

/* Every state meets every event: it is taken, or nothing has changed. */
static void test_every_state_meets_every_event(void **state)
{
    for (unsigned in = 0; in < LK_MIP_MN6_STATE_COUNT; in++)
        for (unsigned kind = LK_MIP_MN6_EV_KEYS; kind <= LK_MIP_MN6_EV_STOP; kind++) {
            struct lk_mip_mn6_event event = { .kind = (enum lk_mip_mn6_event_kind)kind };
            bool outside = in == LK_MIP_MN6_IDLE || in == LK_MIP_MN6_RELEASED ||
                           in == LK_MIP_MN6_FAILED;
            bool waits = !outside && in != LK_MIP_MN6_BOUND;
            bool goes = !outside && in != LK_MIP_MN6_AWAIT_RELEASED;
            bool fits[] = { [LK_MIP_MN6_EV_KEYS] = true, [LK_MIP_MN6_EV_START] = outside,
                            [LK_MIP_MN6_EV_MOVE] = goes, [LK_MIP_MN6_EV_RECEIVED] = waits,
                            [LK_MIP_MN6_EV_EXPIRED] = !outside, [LK_MIP_MN6_EV_STOP] = goes };
            struct lk_mip_mn6 before;

            (void)setup(state);
            bound();
            now_ms += 400000;
            mn.state = (enum lk_mip_mn6_state)in;
            mn.due_ms = outside ? 0 : now_ms;
            before = mn;
            if (kind == LK_MIP_MN6_EV_KEYS)
                event.keys.msa = fresh;
            else if (kind == LK_MIP_MN6_EV_START)
                event.start.place = here("2001:db8:99::23"),
                event.start.agent.address = at("2001:db8:1::1");
            else if (kind == LK_MIP_MN6_EV_MOVE)
                event.move = here("2001:db8:99::24");
            assert_int_equal(give(event), fits[kind] ? LK_OK : LK_E_UNEXPECTED);
            if (!fits[kind])
                assert_memory_equal(&before, &mn, sizeof mn);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_registration, setup),
        cmocka_unit_test_setup(test_what_an_update_says, setup),
        cmocka_unit_test_setup(test_mn_aaa_is_behind_mn_ha_and_covers_it, setup),
        cmocka_unit_test_setup(test_what_is_granted, setup),
        cmocka_unit_test_setup(test_a_home_address_is_assigned, setup),
        cmocka_unit_test_setup(test_t26_the_old_key_stays_until_the_new_one_was_used, setup),
        cmocka_unit_test_setup(test_t26_a_third_key_is_not_lost, setup),
        cmocka_unit_test_setup(test_t26_five_lost_acknowledgements, setup),
        cmocka_unit_test_setup(test_nobody_answers, setup),
        cmocka_unit_test_setup(test_t30_a_key_ends_in_a_move, setup),
        cmocka_unit_test_setup(test_a_release, setup),
        cmocka_unit_test_setup(test_what_cannot_be, setup),
        cmocka_unit_test_setup(test_every_state_meets_every_event, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
