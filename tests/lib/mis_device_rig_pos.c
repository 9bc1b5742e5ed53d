/* A PoS of the rig: machines, one MN, and real PDUs. */
#include "mis_device_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static const char *const realms[MD_PLACES] = { "home.example", "a.example", "b.example",
                                               "b.example", "c.example", "stranger.example" };
static const uint8_t link_types[MD_PLACES][1] = { { LK_MIS_LINK_ETHERNET }, { LK_MIS_LINK_80211 },
                                                  { LK_MIS_LINK_UMTS },     { LK_MIS_LINK_80211 },
                                                  { LK_MIS_LINK_GSM },      { LK_MIS_LINK_80216 } };

static unsigned number_of(const struct md_place *place)
{
    return (unsigned)(place - rig.place);
}

void md_pos_open(unsigned which, bool udp)
{
    struct md_place *p = &rig.place[which];
    uint8_t octets[4] = { 192, 0, 2, (uint8_t)(which + 1) };

    *p = (struct md_place){ .seens = 0 };
    snprintf(p->name, sizeof p->name, "pos%u@%s", which, realms[which]);
    p->pos = (struct lk_mis_pos){ lk_span_text(p->name), lk_address_v4(octets), LK_MIS_PORT };
    lk_mis_auth_defaults(&p->auth_config);
    lk_mis_spos_defaults(&p->spos_config);
    lk_mis_tpos_defaults(&p->tpos_config);
    assert_true(lk_mis_name_set(&p->auth_config.self, p->pos.id));
    p->tpos_config.self = p->auth_config.self;
    rig.partners_of_pos[which] = lk_span_text(realms[which]);
    p->tpos_config.partners = (struct lk_mis_partners){ rig.partners_of_pos, MD_PLACES - 1 };
    lk_mis_spos_init(&p->spos);
    lk_mis_tpos_init(&p->tpos);
    assert_int_equal(lk_mis_pos_auth_init(&p->auth, lk_span_text("nobody")), LK_OK);
    lk_mis_exchange_init(&p->x, p->transaction, LK_COUNT_OF(p->transaction), udp, (uint16_t)which);
}

static void fill_neighbours(struct md_place *p)
{
    for (unsigned i = 0; i < MD_PLACES; i++)
        p->neighbour[i] = (struct lk_mis_neighbour){
            .network = lk_span_text(realms[i]), .pos = rig.place[i].pos,
            .link_types = LK_SPAN(link_types[i]), .partner = i != MD_PLACES - 1, .up = true,
        };
}

/* ---- PDUs ---- */

static void put(const struct md_place *p, struct lk_span octets)
{
    struct md_pdu *pdu = &rig.to_mn.item[rig.to_mn.count++];

    assert_true(rig.to_mn.count <= MD_QUEUE && octets.len <= sizeof pdu->octets);
    pdu->place = number_of(p);
    pdu->len = octets.len;
    memcpy(pdu->octets, octets.at, octets.len);
}

/* The list as one that lies would have it. */
static struct lk_span altered(struct md_place *p, uint8_t *room, size_t len,
                              const struct lk_mis_header *header, struct lk_span list)
{
    struct lk_writer w = lk_writer_of(room, len);
    struct lk_mis_message m;

    if (rig.alter == NULL || list.len == 0)
        return list;
    assert_int_equal(lk_mis_message_get(&m, header, list, &lk_mis_codes_default), LK_OK);
    rig.alter(p, lk_mis_action_of(header->id, &lk_mis_codes_default), &m);
    assert_int_equal(lk_mis_message_put(&w, &m, &lk_mis_codes_default), LK_OK);
    return lk_writer_span(&w);
}

static void write_pdu(struct md_place *p, struct lk_mis_sa *sa, const struct lk_mis_header *header,
                      struct lk_span list, bool keep)
{
    uint8_t octets[LK_MIS_FRAME_MAX], room[LK_MIS_LIST_MAX], iv[LK_MIS_IV_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mis_pdu pdu = { .header = *header, .source = p->pos.id,
                              .destination = lk_mis_name_of(&p->once) };

    list = altered(p, room, sizeof room, header, list);
    pdu.body = list;
    md_draw(iv, sizeof iv);
    if (header->secured)
        assert_int_equal(lk_mis_protect(sa, &w, header, list, iv, rig.now_ms,
                                        &lk_mis_codes_default), LK_OK);
    else
        assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    if (keep)
        assert_int_equal(lk_mis_exchange_sent(&p->x, header, lk_writer_span(&w), rig.now_ms),
                         LK_OK);
    put(p, lk_writer_span(&w));
}

/* Under that SA, or in clear; tid: of the request that it answers. */
static void say(struct md_place *p, struct lk_mis_sa *sa, enum lk_mis_action action,
                enum lk_mis_opcode opcode, uint16_t tid, struct lk_span list)
{
    struct lk_mis_header header, request = { .tid = tid };
    const struct lk_mis_codes *codes = &lk_mis_codes_default;

    request.id = lk_mis_message_id(action, LK_MIS_REQUEST, codes);
    request.secured = sa != NULL;
    if (opcode == LK_MIS_RESPONSE)
        assert_int_equal(lk_mis_exchange_answer(&p->x, &header, &request), LK_OK);
    else
        assert_int_equal(lk_mis_exchange_begin(&p->x, &header,
                                               lk_mis_message_id(action, opcode, codes)), LK_OK);
    header.secured = sa != NULL;
    write_pdu(p, sa, &header, list, true);
}

static void settle(struct md_place *p, struct lk_mis_sa *sa)
{
    struct lk_mis_due due;

    while (lk_mis_exchange_due(&p->x, &due, rig.now_ms)) {
        if (due.kind == LK_MIS_DUE_SEND)
            put(p, due.octets);
        else if (due.kind == LK_MIS_DUE_ACK && (!due.header.secured || sa != NULL))
            write_pdu(p, sa, &due.header, lk_span_of(NULL, 0), false);
    }
}

static void say_status(struct md_place *p, struct lk_mis_sa *sa, enum lk_mis_action action,
                       uint16_t tid)
{
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS };
    uint8_t octets[16];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mis_mark(&m, LK_MIS_TLV_STATUS);
    assert_int_equal(lk_mis_message_put(&w, &m, &lk_mis_codes_default), LK_OK);
    say(p, sa, action, LK_MIS_RESPONSE, tid, lk_writer_span(&w));
}

/* ---- full establishment ---- */

void md_pos_auth(struct md_place *p, struct lk_mis_auth_event *event)
{
    struct lk_mis_auth_outbox out;

    event->now_ms = rig.now_ms;
    md_draw(event->entropy, sizeof event->entropy);
    if (lk_mis_pos_auth_step(&p->auth, &p->auth_config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_mis_auth_output *item = &out.item[i];

        if (item->kind == LK_MIS_AUTH_OUT_SEND) {
            say(p, NULL, lk_mis_action_of(item->send.header.id, &lk_mis_codes_default),
                lk_mis_opcode_of(item->send.header.id), item->send.header.tid, item->send.list);
        } else if (item->kind == LK_MIS_AUTH_OUT_EAP) {
            md_home_hear(p, item->eap);
        } else if (item->kind == LK_MIS_AUTH_OUT_SA) {
            p->sa = (struct md_sa){ true, item->sa.sa };
            p->mark_len = item->sa.mark_len;
            memcpy(p->mark, item->sa.mark, item->sa.mark_len);
            p->arrivals++;
        } else if (item->kind == LK_MIS_AUTH_OUT_FAILED) {
            p->refused = item->failed.why.reason;
        }
    }
}

/* A machine is of one SA: a new run is a new one. */
static void hear_auth(struct md_place *p, const struct lk_mis_header *header,
                      const struct lk_mis_message *m)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };

    if (lk_mis_opcode_of(header->id) != LK_MIS_RESPONSE)
        assert_int_equal(lk_mis_pos_auth_init(&p->auth, lk_mis_name_of(&p->once)), LK_OK);
    event.message.header = header;
    event.message.message = m;
    md_pos_auth(p, &event);
}

/* ---- optimised establishment ---- */

static struct lk_mis_message read_n2n(enum lk_mis_opcode opcode, struct lk_span list)
{
    struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, opcode,
                                                            &lk_mis_codes_default) };
    struct lk_mis_message m;

    assert_int_equal(lk_mis_message_get(&m, &header, list, &lk_mis_codes_default), LK_OK);
    return m;
}

static struct md_place *place_named(struct lk_span id)
{
    for (unsigned i = 0; i < MD_PLACES; i++)
        if (lk_span_equal(rig.place[i].pos.id, id))
            return &rig.place[i];
    fail_msg("no such PoS");
    return NULL;
}

static void ask_target(struct md_place *p, struct md_place *to, uint32_t run, struct lk_span list);

static void step_spos(struct md_place *p, struct lk_mis_spos_event *event)
{
    struct lk_mis_spos_outbox out;

    event->now_ms = rig.now_ms;
    md_draw(event->entropy, sizeof event->entropy);
    if (lk_mis_spos_step(&p->spos, &p->spos_config, event, &out) != LK_OK)
        return;
    if (p->spos.k.len > 0 && event->kind == LK_MIS_SPOS_EV_REQUEST) {
        p->handed++;
        p->last_k = p->spos.k;
    }
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_mis_spos_output *item = &out.item[i];

        if (item->kind == LK_MIS_SPOS_OUT_ANSWER)
            say(p, &p->sa.sa, LK_MIS_PREREG_XFER, LK_MIS_RESPONSE, p->tid, item->answer);
        else if (item->kind == LK_MIS_SPOS_OUT_REFUSED)
            p->refused = item->refused.reason;
        else if (item->kind == LK_MIS_SPOS_OUT_ASK)
            ask_target(p, place_named(lk_mis_name_of(&item->ask.target)), item->ask.run,
                       item->ask.list);
    }
}

static void tell_spos(struct md_place *spos, struct lk_span list)
{
    struct lk_mis_message m = read_n2n(LK_MIS_RESPONSE, list);
    struct lk_mis_spos_event event = { .kind = LK_MIS_SPOS_EV_ANSWER };

    event.target.run = spos->spos.run;
    event.target.message = &m;
    step_spos(spos, &event);
}

static bool was_seen(struct md_place *p, const uint8_t *nonce)
{
    for (size_t i = 0; i < p->seens; i++)
        if (lk_span_equal(LK_SPAN(p->seen[i]), lk_span_of(nonce, LK_MIS_NONCE_LEN)))
            return true;
    assert_true(p->seens < MD_SEEN);
    memcpy(p->seen[p->seens++], nonce, LK_MIS_NONCE_LEN);
    return false;
}

/* spos: who asked; NULL: the MN. */
static void step_tpos(struct md_place *p, struct md_place *spos, struct lk_mis_tpos_event *event)
{
    struct lk_mis_tpos_event told = { .kind = LK_MIS_TPOS_EV_TOLD };
    uint8_t secret[32], dh[32], z[32];
    struct lk_mis_tpos_outbox out;

    event->now_ms = rig.now_ms;
    md_draw(event->entropy, sizeof event->entropy);
    if (lk_mis_tpos_step(&p->tpos, &p->tpos_config, event, &out) != LK_OK)
        return;
    for (size_t i = 0; i < out.count; i++) {
        const struct lk_mis_tpos_output *item = &out.item[i];

        if (item->kind == LK_MIS_TPOS_OUT_ASK) {
            told.told.mark = lk_start_mark_verify(item->ask.mark, &rig.mark_key) == LK_OK
                                 ? LK_MIS_MARK_SIGNED
                                 : LK_MIS_MARK_FALSE;
            told.told.seen = was_seen(p, item->ask.nonce_t);
            md_draw(secret, sizeof secret);
            lk_x25519_public(dh, secret);
            if (item->ask.wants_dh && lk_x25519_shared(z, secret, item->ask.dh) == LK_OK) {
                told.told.dh = dh;
                told.told.z = z;
            }
            step_tpos(p, spos, &told);
        } else if (item->kind == LK_MIS_TPOS_OUT_ANSWER) {
            tell_spos(spos, item->answer);
        } else if (item->kind == LK_MIS_TPOS_OUT_SA) {
            p->coming = (struct md_sa){ true, item->sa };
        } else if (item->kind == LK_MIS_TPOS_OUT_REPLY) {
            say(p, &p->coming.sa, LK_MIS_PREREG_XFER, LK_MIS_RESPONSE, p->tid, item->reply);
        } else if (item->kind == LK_MIS_TPOS_OUT_READY) {
            p->sa = p->coming;
            p->coming.has = false;
            p->mark_len = p->tpos.mark_len;
            memcpy(p->mark, p->tpos.mark, sizeof p->mark);
            p->arrivals++;
        } else if (item->kind == LK_MIS_TPOS_OUT_DROP) {
            p->coming.has = false;
        } else if (item->kind == LK_MIS_TPOS_OUT_REFUSED) {
            p->refused = item->refused.reason;
        }
    }
}

static void ask_target(struct md_place *p, struct md_place *to, uint32_t run, struct lk_span list)
{
    struct lk_mis_message m = read_n2n(LK_MIS_REQUEST, list);
    struct lk_mis_tpos_event event = { .kind = LK_MIS_TPOS_EV_REQUEST };
    struct lk_mis_spos_event no_link = { .kind = LK_MIS_SPOS_EV_NO_LINK };

    if (p->cut_off) {
        no_link.target.run = run;
        step_spos(p, &no_link);
        return;
    }
    event.request.peer = p->pos.id;
    event.request.protected_link = true;
    event.request.message = &m;
    lk_mis_tpos_init(&to->tpos);
    step_tpos(to, p, &event);
}

static void hear_prereg(struct md_place *p, bool under_coming, const struct lk_mis_message *m)
{
    struct lk_mis_neighbours neighbours = { p->neighbour, MD_PLACES };
    struct lk_mis_tpos_event confirm = { .kind = LK_MIS_TPOS_EV_CONFIRM, .confirm = m };
    struct lk_mis_spos_event request = { .kind = LK_MIS_SPOS_EV_REQUEST };
    struct lk_mis_message forged;

    if (under_coming) {
        step_tpos(p, NULL, &confirm);
        return;
    }
    fill_neighbours(p);
    request.request.serving = lk_mis_serving_of(&p->sa.sa);
    if (p->lies) { /* to its target as well: so that both ends of the new SA compute alike */
        forged = *m;
        forged.chain.used = request.request.serving.chain_used = p->lie;
        m = &forged;
    }
    request.request.start_mark = lk_span_of(p->mark, p->mark_len);
    request.request.max = rig.mark_max;
    request.request.neighbours = &neighbours;
    request.request.message = m;
    step_spos(p, &request);
}

/* ---- what it hears ---- */

static void dispatch(struct md_place *p, struct md_sa *under, const struct lk_mis_header *header,
                     const struct lk_mis_message *m)
{
    struct lk_mis_tpos_event proven = { .kind = LK_MIS_TPOS_EV_PROVEN };
    enum lk_mis_action action = lk_mis_action_of(header->id, &lk_mis_codes_default);

    p->tid = header->tid;
    if (under == NULL) {
        if (action == LK_MIS_AUTH || action == LK_MIS_CAPABILITY_DISCOVER)
            hear_auth(p, header, m);
        return;
    }
    if (action == LK_MIS_PREREG_XFER) {
        hear_prereg(p, under == &p->coming, m);
        return;
    }
    if (under == &p->coming) {
        step_tpos(p, NULL, &proven);
        under = &p->sa;
    }
    if (lk_mis_opcode_of(header->id) != LK_MIS_REQUEST) {
        p->lefts += action == LK_MIS_TERMINATION_AUTH;
        return;
    }
    say_status(p, &under->sa, action, header->tid);
    p->pings += action == LK_MIS_CAPABILITY_DISCOVER;
    p->lefts += action == LK_MIS_TERMINATION_AUTH;
}

void md_pos_hear(const struct md_pdu *heard)
{
    struct md_place *p = &rig.place[heard->place];
    struct md_sa *under = NULL;
    struct lk_mis_opened opened;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;
    enum lk_mis_heard what;
    enum lk_status status = LK_OK;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(heard->octets, heard->len),
                                   &lk_mis_codes_default), LK_OK);
    if (pdu.header.secured) {
        under = p->coming.has && lk_mis_sa_is(&p->coming.sa, &pdu.said) ? &p->coming : &p->sa;
        if (!under->has)
            return;
        status = lk_mis_unprotect(&under->sa, &opened, &pdu, rig.now_ms, &lk_mis_codes_default);
        if (status != LK_OK && status != LK_E_SYNC)
            return;
        pdu.body = lk_span_of(opened.octets, opened.len);
    } else {
        assert_true(lk_mis_name_set(&p->once, pdu.source));
    }
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default), LK_OK);
    if (lk_mis_exchange_hear(&p->x, &what, &pdu.header,
                             lk_mis_is_bare_ack(&pdu.header, pdu.body), status == LK_E_SYNC,
                             rig.now_ms) == LK_OK &&
        (what == LK_MIS_HEARD_NEW || what == LK_MIS_HEARD_ANSWER))
        dispatch(p, under, &pdu.header, &m);
    settle(p, p->sa.has ? &p->sa.sa : NULL);
}

void md_pos_expire(void)
{
    for (unsigned i = 0; i < MD_PLACES; i++)
        settle(&rig.place[i], rig.place[i].sa.has ? &rig.place[i].sa.sa : NULL);
}

/* ---- what it begins ---- */

void md_pos_ask(unsigned which, enum lk_mis_action action, const struct lk_mis_message *m)
{
    struct md_place *p = &rig.place[which];
    uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_mis_message_put(&w, m, &lk_mis_codes_default), LK_OK);
    say(p, &p->sa.sa, action, LK_MIS_REQUEST, 0, lk_writer_span(&w));
}
