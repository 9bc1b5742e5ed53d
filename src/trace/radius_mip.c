/* RADIUS of Mobile IP in a trace: which agent asks the home AAA for which key of whom, and what it
 * gets. A question has the Registration Request in it, so that it is of that registration's run. */
#include <stdio.h>

#include "trace/mip.h"
#include "trace/radius.h"

static bool is_access_request(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_RADIUS && m->status == LK_OK &&
           m->radius.packet.code == LK_RADIUS_ACCESS_REQUEST;
}

bool lk_radius_seen_asks_mip(const struct lk_trace_message *m)
{
    return is_access_request(m) && lk_radius_is_mip_ask(&m->radius.packet, LK_TRACE_ENTERPRISE);
}

bool lk_radius_seen_mip(struct lk_radius_mip_ask *ask, const struct lk_trace_message *m,
                        uint8_t *room, size_t cap)
{
    return is_access_request(m) && lk_radius_take_mip_ask(ask, &m->radius.packet,
                                                          LK_TRACE_ENTERPRISE, room, cap) == LK_OK;
}

/* The message that an agent had when it asked: it came before, or its capture is another's. */
size_t lk_radius_seen_mip_run(const struct lk_trace *trace, size_t index)
{
    uint8_t room[LK_MIP_MESSAGE_MAX];
    struct lk_radius_mip_ask ask;

    if (!lk_radius_seen_mip(&ask, &trace->messages[index], room, sizeof room))
        return LK_TRACE_NONE;
    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_MIP && before->run != LK_TRACE_NONE &&
            lk_span_equal(before->octets, ask.request))
            return before->run;
    }
    return LK_TRACE_NONE;
}

enum lk_lane lk_radius_seen_mip_lane(const struct lk_trace_message *m)
{
    uint8_t room[LK_MIP_MESSAGE_MAX];
    struct lk_radius_mip_ask ask;

    return lk_radius_seen_mip(&ask, m, room, sizeof room) && ask.agent == LK_RADIUS_MIP_FOREIGN
               ? LK_LANE_FA : LK_LANE_ANCHOR;
}

/* ---- in words ---- */

static const char *agent_name(enum lk_radius_mip_agent agent)
{
    return agent == LK_RADIUS_MIP_HOME ? "home agent" : "foreign agent";
}

static void sum_question(char text[LK_TRACE_SUMMARY_MAX], const struct lk_radius_mip_ask *ask)
{
    lk_trace_append(text, lk_span_text(agent_name(ask->agent)), true);
    lk_trace_append(text, lk_span_text(" "), false);
    lk_trace_append(text, ask->name, false);
    lk_trace_append(text, lk_span_text(ask->wants == LK_RADIUS_MIP_KEYS
                                           ? " asks for keys of nonces"
                                           : " asks for the key that proves it"), false);
    if (ask->spi != 0)
        lk_trace_append_f(text, "SPI %u", ask->spi);
    if (ask->has_chap)
        lk_trace_append(text, lk_span_text("MN-AAA in the way of CHAP"), true);
    lk_trace_append(text, ask->nai, true);
}

static void numbers_text(char text[LK_FIELD_VALUE_MAX], const struct lk_radius_mip_numbers *of)
{
    int len = snprintf(text, LK_FIELD_VALUE_MAX, "SPI %u, of the agent %u, ", of->spi,
                       of->spi_back);

    if (of->aaa_spi != 0)
        len += snprintf(text + len, LK_FIELD_VALUE_MAX - (size_t)len, "of the AAA %u, ",
                        of->aaa_spi);
    (void)snprintf(text + len, LK_FIELD_VALUE_MAX - (size_t)len, "%s, %s, for %u s, %s",
                   lk_mip_seen_algorithm(lk_mip_authenticator_len(of->algorithm)),
                   of->replay == LK_MIP_NONCES ? "nonces" : "timestamps", of->lifetime_s,
                   of->nonce_len > 0 ? "of a nonce" : "of no nonce");
}

static void sum_key(char text[LK_TRACE_SUMMARY_MAX], const struct lk_radius_packet *packet,
                    uint8_t type)
{
    struct lk_radius_mip_numbers numbers;
    bool found;

    if (lk_radius_take_mip_numbers(&found, &numbers, packet, LK_TRACE_ENTERPRISE, type) != LK_OK ||
        !found)
        return;
    lk_trace_append(text, lk_span_text(type == LK_RADIUS_MIP_MN_HA ? "MN-HA key" : "MN-FA key"),
                    true);
    if (numbers.nonce_len > 0)
        lk_trace_append(text, lk_span_text(" of a nonce"), false);
    lk_trace_append_f(text, "SPI %u", numbers.spi);
    lk_trace_append_f(text, "for %u s", numbers.lifetime_s);
}

/* Which of the two is hidden in it, and which has only its nonce there. */
static void sum_answer(char text[LK_TRACE_SUMMARY_MAX], const struct lk_radius_packet *packet)
{
    struct lk_span value;

    if (lk_radius_find_vendor(packet, LK_RADIUS_3GPP2, LK_RADIUS_MN_HA_SHARED_KEY, &value))
        lk_trace_append(text, lk_span_text("to the home agent"), true);
    else if (lk_radius_find_vendor(packet, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY,
                                   &value))
        lk_trace_append(text, lk_span_text("to the foreign agent"), true);
    else
        lk_trace_append(text, lk_span_text("proven, and no key"), true);
    sum_key(text, packet, LK_RADIUS_MIP_MN_HA);
    sum_key(text, packet, LK_RADIUS_MIP_MN_FA);
}

bool lk_radius_seen_mip_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *m)
{
    const struct lk_radius_packet *packet = &m->radius.packet;
    uint8_t room[LK_MIP_MESSAGE_MAX];
    struct lk_radius_mip_ask ask;
    struct lk_span value;

    if (lk_radius_seen_mip(&ask, m, room, sizeof room)) {
        sum_question(text, &ask);
        return true;
    }
    if (packet->code == LK_RADIUS_ACCESS_REJECT &&
        lk_radius_find_vendor(packet, LK_TRACE_ENTERPRISE, LK_RADIUS_MIP_REFUSED, &value)) {
        lk_trace_append(text, value, true);
        return true;
    }
    if (packet->code != LK_RADIUS_ACCESS_ACCEPT ||
        (!lk_radius_find_vendor(packet, LK_TRACE_ENTERPRISE, LK_RADIUS_MIP_MN_HA, &value) &&
         !lk_radius_find_vendor(packet, LK_TRACE_ENTERPRISE, LK_RADIUS_MIP_MN_FA, &value)))
        return false;
    sum_answer(text, packet);
    return true;
}

/* ---- fields ---- */

static void agent_text(char text[LK_FIELD_VALUE_MAX], struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);
    unsigned agent = lk_get_u8(&r), wants = lk_get_u8(&r);
    char name[LK_FIELD_VALUE_MAX];

    lk_field_text(name, lk_get_rest(&r));
    (void)snprintf(text, LK_FIELD_VALUE_MAX, "%s %.250s, asks for %s",
                   agent == LK_RADIUS_MIP_HOME      ? "home agent"
                   : agent == LK_RADIUS_MIP_FOREIGN ? "foreign agent"
                                                    : "agent of another kind",
                   name,
                   wants == LK_RADIUS_MIP_KEYS     ? "keys of nonces"
                   : wants == LK_RADIUS_MIP_PUSHED ? "the key that proves the request"
                                                   : "another thing");
}

bool lk_radius_seen_mip_text(char text[LK_FIELD_VALUE_MAX],
                             const struct lk_radius_attribute *attribute)
{
    struct lk_radius_mip_numbers numbers;

    switch (attribute->type) {
    case LK_RADIUS_MIP_AGENT:
        agent_text(text, attribute->value);
        return true;
    case LK_RADIUS_MIP_MN_HA:
    case LK_RADIUS_MIP_MN_FA:
        if (lk_radius_read_mip_numbers(&numbers, attribute->value) != LK_OK)
            return false;
        numbers_text(text, &numbers);
        return true;
    default:
        return false;
    }
}
