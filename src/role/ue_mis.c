/* Section ue.mis: begin and end, a step of the device, and what comes of it. */
#include "role/ue_mis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "io/log.h"
#include "role/mis_codes.h"
#include "role/ue_manager.h"

enum { MS_PER_S = 1000 };

/* ---- points of service ---- */

size_t lk_ue_mis_point(const struct lk_ue_manager *ue, struct lk_span id)
{
    const struct lk_config_ue_mis *c = &ue->process.config->ue.mis;

    for (size_t i = 0; i < c->point_count; i++)
        if (lk_span_equal(lk_span_text(c->points[i].id), id))
            return i;
    return ue->mis.found.id[0] != '\0' && lk_span_equal(lk_span_text(ue->mis.found.id), id)
               ? LK_UE_MIS_FOUND
               : LK_UE_MIS_NO_POINT;
}

const struct lk_config_ue_point *lk_ue_mis_point_at(const struct lk_ue_manager *ue, size_t point)
{
    return point == LK_UE_MIS_FOUND ? &ue->mis.found : &ue->process.config->ue.mis.points[point];
}

struct lk_mis_pos lk_ue_mis_pos(const struct lk_ue_manager *ue, size_t point)
{
    const struct lk_config_ue_point *at = lk_ue_mis_point_at(ue, point);
    struct lk_mis_pos pos = { .id = lk_span_text(at->id), .port = (uint16_t)at->port };

    LK_ASSERT(lk_address_parse(&pos.address, at->address) == LK_OK); /* its row has seen to it */
    return pos;
}

/* ---- what the device says ---- */

/* What a step leads to, when all that it says has been carried out. */
static struct lk_mis_device_event *owe(struct lk_ue_mis *mis, enum lk_mis_device_event_kind kind)
{
    LK_ASSERT(mis->owed_count < LK_UE_MIS_OWED);
    mis->owed[mis->owed_count] = (struct lk_mis_device_event){ .kind = kind };
    return &mis->owed[mis->owed_count++];
}

/* spec: TS 33.102 6.3.3 - what the card has accepted it keeps, before it answers. */
static void ask_card(struct lk_ue_manager *ue, const struct lk_mis_device_output *said)
{
    struct lk_mis_device_event *event = owe(&ue->mis, LK_MIS_DEVICE_EV_CARD);
    struct lk_refusal why;

    lk_usim_answer(&ue->ue.usim, &event->card, said->ask_card.rand, said->ask_card.autn);
    if (event->card.verdict != LK_CARD_OK || lk_ue_sqn_write(&ue->sqn, &ue->ue.usim) == LK_OK)
        return;
    why = lk_refusal_of(LK_REASON_USIM_NOT_KEPT, "its file to be written", strerror(errno));
    lk_wipe(event, sizeof *event); /* the run ends by its time */
    ue->mis.owed_count--;
    lk_ue_mis_refused(ue, &why);
    lk_ue_mis_came_to_nothing(ue);
}

static void answer_shared(struct lk_ue_mis *mis, const struct lk_mis_device_output *said)
{
    struct lk_mis_device_event *event = owe(mis, LK_MIS_DEVICE_EV_SHARED);

    event->z = lk_x25519_shared(mis->z, mis->dh_secret, said->ask_shared) == LK_OK ? mis->z : NULL;
}

/* T40: what was counted is durable before the device goes on. */
static void save(struct lk_ue_mis *mis, uint8_t used)
{
    struct lk_mis_device_event *event = owe(mis, LK_MIS_DEVICE_EV_SAVED);

    event->saved.used = used;
    event->saved.done = lk_ue_slots_write(&mis->slots, lk_span_of(&used, 1)) == LK_OK;
}

/* The PoS has forgotten it, too. */
static void forget_psk(struct lk_ue_mis *mis, uint8_t link)
{
    struct lk_span id = lk_mis_name_of(&mis->device.link[link].id);

    for (size_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        if (lk_mis_name_is(&mis->key[i].pos, id))
            lk_wipe(&mis->key[i], sizeof mis->key[i]);
}

/* Past its time the PoS has forgotten it. */
static void forget_old_psk(struct lk_ue_mis *mis, uint64_t now_ms)
{
    for (size_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        if (mis->key[i].pos.len > 0 && mis->key[i].until_ms <= now_ms)
            lk_wipe(&mis->key[i], sizeof mis->key[i]);
}

static void date_psk(struct lk_ue_mis *mis, uint8_t link)
{
    const struct lk_mis_device_link *at = &mis->device.link[link];

    for (size_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        if (lk_mis_name_is(&mis->key[i].pos, lk_mis_name_of(&at->id)))
            mis->key[i].until_ms = at->sa.expires_ms;
}

static void keep_psk(struct lk_ue_mis *mis, const struct lk_mis_device_output *said)
{
    struct lk_ue_mis_key *key = &mis->key[said->link];

    forget_psk(mis, said->link);
    key->pos = mis->device.link[said->link].id;
    key->psk = said->psk.key;
    key->self = said->psk.self;
    key->until_ms = lk_mono_ms() + (uint64_t)mis->config.mn.lifetime_s * MS_PER_S;
}

static void put_name(char *text, size_t size, const struct lk_mis_name *name)
{
    struct lk_span id = lk_mis_name_of(name);

    (void)snprintf(text, size, "%.*s", (int)id.len, id.len == 0 ? "" : (const char *)id.at);
}

static void log_fact(const struct lk_mis_device_output *said)
{
    static const char *const names[LK_MIS_DEVICE_FACT_COUNT] = {
        [LK_MIS_DEVICE_ATTACHED] = "attached", [LK_MIS_DEVICE_READY] = "target-ready",
        [LK_MIS_DEVICE_SERVED] = "served",     [LK_MIS_DEVICE_FALLBACK] = "falls-back",
        [LK_MIS_DEVICE_STAYS] = "stays",       [LK_MIS_DEVICE_PONG] = "pong",
        [LK_MIS_DEVICE_LOST] = "sa-over",      [LK_MIS_DEVICE_SILENT] = "no-answer",
    };
    char pos[LK_MIS_ID_MAX + 1];

    put_name(pos, sizeof pos, &said->fact.pos);
    LK_LOG(LK_LOG_INFO, "mis", { "what", names[said->fact.what] }, { "pos", pos },
           { "background", said->fact.background ? "yes" : NULL });
}

/* For who reads the capture. */
static void log_keys(struct lk_ue_manager *ue, const struct lk_mis_sa *sa)
{
    struct lk_mis_key_log entry;

    lk_mis_key_log_misk(&entry, (uint8_t)sa->type, lk_span_of(sa->id, sa->id_len), &sa->agreed,
                        &sa->keys);
    lk_seen_mis_key(&ue->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

/* The device knows nothing of addresses that refuse, nor of ICMP. Who made it fall back it does not
 * say: the PoS whose way failed, if one did. */
static const struct lk_ue_mis_way *silent_way(const struct lk_ue_mis *mis,
                                              const struct lk_mis_device_output *said)
{
    const struct lk_ue_mis_way *serving = &mis->way[mis->device.serving];
    const struct lk_ue_mis_way *way = &mis->way[said->link];

    if (said->fact.what != LK_MIS_DEVICE_FALLBACK)
        return way;
    return serving->trouble != NULL ? serving : way->trouble != NULL ? way : NULL;
}

static struct lk_refusal why_of(const struct lk_ue_mis *mis,
                                const struct lk_mis_device_output *said)
{
    const struct lk_refusal *why = &said->fact.why;
    const struct lk_ue_mis_way *way = silent_way(mis, said);
    char expected[LK_MIS_ID_MAX + 16] = "an answer of ", came[LK_UE_MIS_PLACE_TEXT + 64];
    size_t len = strlen(expected);

    if (why->reason != LK_REASON_MIS_NO_ANSWER || way == NULL || way->port == 0)
        return *why;
    lk_ue_mis_place(came, &way->address, way->port);
    (void)snprintf(came + strlen(came), sizeof came - strlen(came), ": %s",
                   way->trouble != NULL ? way->trouble : "nothing");
    put_name(expected + len, sizeof expected - len,
             way == &mis->way[said->link] ? &said->fact.pos
                                          : &mis->device.link[mis->device.serving].id);
    return lk_refusal_of(why->reason, expected, came);
}

/* The laboratory's link is one: whoever is ready is switched to at once. */
static void carry_fact(struct lk_ue_manager *ue, const struct lk_mis_device_output *said)
{
    bool target = said->link != ue->mis.device.serving;
    const struct lk_refusal why = why_of(&ue->mis, said);

    log_fact(said);
    if ((said->fact.what == LK_MIS_DEVICE_ATTACHED && said->fact.by_erp) || said->fact.ended)
        forget_psk(&ue->mis, said->link); /* ERP leaves none, nor does an end */
    if (said->fact.what == LK_MIS_DEVICE_ATTACHED)
        date_psk(&ue->mis, said->link);
    if (said->fact.what == LK_MIS_DEVICE_FALLBACK || said->fact.what == LK_MIS_DEVICE_STAYS ||
        said->fact.what == LK_MIS_DEVICE_SILENT)
        lk_ue_mis_refused(ue, &why);
    if (target &&
        (said->fact.what == LK_MIS_DEVICE_READY || said->fact.what == LK_MIS_DEVICE_ATTACHED))
        (void)owe(&ue->mis, LK_MIS_DEVICE_EV_SWITCHED);
    lk_ue_mis_came(ue, said);
}

static void carry(struct lk_ue_manager *ue, const struct lk_mis_device_output *said)
{
    struct lk_ue_mis *mis = &ue->mis;

    switch (said->kind) {
    case LK_MIS_DEVICE_OUT_OPEN:
        lk_ue_mis_open(ue, said->link, &said->open.address, said->open.port);
        break;
    case LK_MIS_DEVICE_OUT_CLOSE: lk_ue_mis_close(ue, said->link); break;
    case LK_MIS_DEVICE_OUT_SEND: lk_ue_mis_send(ue, said->link, said->send); break;
    case LK_MIS_DEVICE_OUT_ASK_CARD: ask_card(ue, said); break;
    case LK_MIS_DEVICE_OUT_ASK_SHARED: answer_shared(mis, said); break;
    case LK_MIS_DEVICE_OUT_SAVE: save(mis, said->save); break;
    case LK_MIS_DEVICE_OUT_PSK: keep_psk(mis, said); break;
    case LK_MIS_DEVICE_OUT_KEYS: log_keys(ue, &said->keys); break;
    case LK_MIS_DEVICE_OUT_FACT: carry_fact(ue, said); break;
    case LK_MIS_DEVICE_OUT_WAKE: lk_wake_at(&mis->wake, said->wake_ms); break;
    case LK_MIS_DEVICE_OUT_REFUSAL: lk_ue_mis_refused(ue, &said->why); break;
    case LK_MIS_DEVICE_OUT_LINK_KEY: lk_ue_mis_keep_link_key(ue, said); break;
    }
}

static enum lk_status step(struct lk_ue_manager *ue, struct lk_mis_device_event *event)
{
    struct lk_ue_mis *mis = &ue->mis;
    enum lk_status status;

    LK_ASSERT(!mis->stepping);
    event->now_ms = lk_mono_ms();
    forget_old_psk(mis, event->now_ms);
    lk_entropy_take(&ue->entropy, event->seed, sizeof event->seed);
    mis->stepping = true;
    status = lk_mis_device_step(&mis->device, &mis->config, event, &mis->out);
    for (size_t i = 0; i < mis->out.count; i++)
        carry(ue, &mis->out.item[i]);
    lk_ue_mis_forget_link_keys(mis, event->now_ms);
    lk_mis_device_outbox_wipe(&mis->out);
    mis->stepping = false;
    return status;
}

/* The first of what is owed; a way that ended meanwhile is owed, too. */
static bool take_owed(struct lk_ue_mis *mis, struct lk_mis_device_event *event)
{
    for (uint8_t i = 0; mis->owed_count == 0 && i < LK_MIS_DEVICE_LINKS; i++) {
        if (mis->way[i].gone)
            owe(mis, LK_MIS_DEVICE_EV_DOWN)->way.link = i;
        mis->way[i].gone = false;
    }
    if (mis->owed_count == 0)
        return false;
    *event = mis->owed[0];
    mis->owed_count--;
    memmove(mis->owed, mis->owed + 1, mis->owed_count * sizeof mis->owed[0]);
    return true;
}

enum lk_status lk_ue_mis_give(struct lk_ue_manager *ue, struct lk_mis_device_event *event)
{
    struct lk_ue_mis *mis = &ue->mis;
    enum lk_status status = step(ue, event);
    struct lk_mis_device_event next;

    while (take_owed(mis, &next))
        (void)(step(ue, &next) == LK_OK);
    lk_wipe(&next, sizeof next);
    lk_wipe(mis->owed, sizeof mis->owed);
    lk_wipe(mis->z, sizeof mis->z);
    lk_ue_mis_answer(ue);
    return status;
}

/* ---- begin and end ---- */

static void on_wake(struct lk_wake *wake)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_EXPIRED };

    (void)(lk_ue_mis_give(wake->context, &event) == LK_OK);
}

static void take_offers(struct lk_mis_offers *offers, const struct lk_config_ue_mis *c,
                        const struct lk_mis_codes *codes)
{
    offers->suites = (uint8_t)c->suite_count;
    for (size_t i = 0; i < c->suite_count; i++)
        offers->suite[i] = codes->suite[c->suites[i]];
    offers->prfs = (uint8_t)c->prfs;
}

static void configure(struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mis *c = &ue->process.config->ue.mis;
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_mis_device_config *device = &mis->config;

    lk_mis_device_defaults(device);
    lk_mis_codes_take(&device->mn.codes, ue->process.config);
    for (size_t i = 0; i < c->partner_count; i++)
        mis->partner[i] = lk_span_text(c->partners[i]);
    device->mn.partners = (struct lk_mis_partners){ mis->partner, c->partner_count };
    for (size_t i = 0; i < c->point_count; i++)
        mis->point[i] = lk_ue_mis_pos(ue, i);
    device->points = mis->point;
    device->point_count = c->point_count;
    take_offers(&device->mn.offers, c, &device->mn.codes);
    device->mn.demanded = lk_mis_demanded(c->demand);
    device->mn.must_mix = c->mix == LK_CONFIG_MIX_REQUIRED;
    device->mn.lifetime_s = c->lifetime_s;
    device->mn.ahead = c->ahead;
    device->eap = ue->attach.peer;
    device->eap.want_multi = false;
    device->eap.permanent = c->imsi == 1 ? LK_PERMANENT_NEVER : LK_PERMANENT_ASKED;
    device->erp.realm = lk_span_text(c->realm);
    device->use_erp = c->erp;
    device->udp = c->transport == 1;
}

static enum lk_status load_count(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_ue_mis *c = &ue->process.config->ue.mis;
    struct lk_mis_chain chain = { .max = (uint8_t)c->chain_max };
    char why[LK_UE_SLOTS_ERROR_TEXT];
    enum lk_status status = lk_ue_slots_open(&ue->mis.slots, &ue->attach.peer.imsi, &chain.used, 1,
                                             c->count, "ue.mis.count", why);

    if (status == LK_OK)
        lk_mis_device_init(&ue->mis.device, &chain);
    else
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s", why);
    return status;
}

static void open_port(struct lk_ue_manager *ue)
{
    struct lk_ue_mis *mis = &ue->mis;
    int fd = lk_process_socket(&ue->process, LK_UE_MIS);

    lk_seen_socket(&ue->seen, fd, LK_SEEN_MIS, NULL);
    lk_seen_datagrams(&ue->seen, mis->udp.in);
    lk_seen_datagrams(&ue->seen, mis->to);
    lk_udp_port_begin(&mis->port, &mis->udp, fd, LK_UE_MIS, lk_ue_mis_hear_udp);
    lk_udp_port_hear_unreachable(&mis->port, lk_ue_mis_hear_unreachable);
}

enum lk_status lk_ue_mis_begin(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_ue_mis *mis = &ue->mis;
    enum lk_status status;

    mis->slots.fd = -1;
    if (!lk_ue_mis_wanted(ue->process.config))
        return LK_OK;
    mis->udp = (struct lk_udp_owner){ &ue->process.loop, lk_datagrams_new(), ue, NULL, NULL, NULL };
    mis->to = lk_datagrams_new();
    if (mis->udp.in == NULL || mis->to == NULL) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory");
        return LK_E_SYSTEM;
    }
    status = load_count(ue, error);
    if (status != LK_OK)
        return status;
    configure(ue);
    if (lk_ue_mis_channel_begin(ue) != LK_OK) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no DTLS engine");
        return LK_E_SYSTEM;
    }
    if (!lk_ue_mis_discovery_begin(ue)) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "no DNS: look at ue.mis.dns, /etc/resolv.conf");
        return LK_E_SYSTEM;
    }
    lk_wake_begin(&mis->wake, &ue->process.loop, ue, on_wake);
    LK_ASSERT(uv_timer_init(&ue->process.loop, &mis->patience) == 0);
    mis->patience.data = ue;
    open_port(ue);
    mis->is_configured = true;
    return LK_OK;
}

void lk_ue_mis_end(struct lk_ue_manager *ue)
{
    struct lk_ue_mis *mis = &ue->mis;

    if (!mis->is_configured)
        return;
    lk_ue_mis_came_to_nothing(ue);
    lk_ue_mis_answer(ue);
    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        lk_ue_mis_close(ue, i);
    lk_ue_mis_channel_end(ue);
    lk_discovery_free(mis->discovery);
    mis->discovery = NULL;
    lk_mis_device_wipe(&mis->device);
    lk_wipe(mis->key, sizeof mis->key);
    lk_wipe(mis->link_key, sizeof mis->link_key);
    lk_wipe(mis->dh_secret, sizeof mis->dh_secret);
    lk_wake_at(&mis->wake, LK_WAKE_NEVER);
    lk_udp_port_end(&mis->port);
    lk_datagrams_free(mis->udp.in);
    lk_datagrams_free(mis->to);
    mis->udp.in = mis->to = NULL;
    lk_ue_slots_close(&mis->slots);
    mis->is_configured = false;
}
