/* The WLCP codec: what decodes is written again as octets that decode to the same, and whatever
 * does not has a cause. The first octet chooses the receiver; a message in which a line can be seen
 * changes the table. */
#include "fuzz.h"

#include <string.h>

#include "wire/wlcp.h"

static void lies_inside(struct lk_span part, struct lk_span whole)
{
    LK_ASSERT(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static bool same(const struct lk_wlcp_message *a, const struct lk_wlcp_message *b)
{
    return a->type == b->type && a->pti == b->pti && a->present == b->present &&
           a->request_type == b->request_type && a->pdn_type == b->pdn_type && a->n3g == b->n3g &&
           a->pdn_id == b->pdn_id && a->cause == b->cause && a->tw1 == b->tw1 &&
           lk_span_equal(LK_SPAN(a->user_plane), LK_SPAN(b->user_plane)) &&
           a->address.pdn_type == b->address.pdn_type &&
           lk_span_equal(LK_SPAN(a->address.interface_id), LK_SPAN(b->address.interface_id)) &&
           lk_span_equal(LK_SPAN(a->address.ipv4), LK_SPAN(b->address.ipv4)) &&
           lk_span_equal(a->apn, b->apn) && lk_span_equal(a->pco, b->pco) &&
           lk_span_equal(a->nbifom, b->nbifom);
}

static void decode(const struct lk_wlcp_table *table, enum lk_wlcp_end receiver,
                   struct lk_span octets)
{
    uint8_t room[LK_WLCP_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_wlcp_message m, again;
    struct lk_wlcp_verdict v;
    enum lk_status status = lk_wlcp_decode(&m, &v, table, receiver, octets);

    LK_ASSERT((status == LK_OK || status == LK_E_SHORT) == (v.cause == LK_WLCP_CAUSE_NONE));
    LK_ASSERT(v.offset <= octets.len && v.has_header == (octets.len >= 2));
    if (status != LK_OK)
        return;
    lies_inside(m.apn, octets);
    lies_inside(m.pco, octets);
    lies_inside(m.nbifom, octets);
    LK_ASSERT(lk_wlcp_encode(&w, table, &m) == LK_OK && w.len <= octets.len);
    status = lk_wlcp_decode(&again, &v, table, receiver, lk_writer_span(&w));
    LK_ASSERT(status == LK_OK && v.ignored == 0);
    LK_ASSERT(same(&m, &again));
}

static void change(struct lk_wlcp_table *table, struct lk_span octets)
{
    char line[80];
    const char *lines = line;
    size_t bad;

    if (octets.len == 0 || octets.len >= sizeof line)
        return;
    memcpy(line, octets.at, octets.len);
    line[octets.len] = '\0';
    if (lk_wlcp_table_set(table, &bad, &lines, 1) != LK_OK)
        LK_ASSERT(lk_span_equal(LK_SPAN(table->layout), LK_SPAN(lk_wlcp_table.layout)));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_wlcp_table table = lk_wlcp_table;
    struct lk_span rest = lk_span_of(octets, len);
    enum lk_wlcp_end receiver;

    if (len == 0)
        return 0;
    receiver = (octets[0] & 1) != 0 ? LK_WLCP_TWAG : LK_WLCP_UE;
    rest = lk_span_of(octets + 1, len - 1);
    if (octets[0] >= 'a' && octets[0] <= 'z') {
        size_t line = 0;

        while (line < len && octets[line] != '\n')
            line++;
        change(&table, lk_span_of(octets, line));
        rest = line < len ? lk_span_of(octets + line + 1, len - line - 1) : lk_span_of(octets, 0);
        decode(&table, LK_WLCP_UE, rest);
    }
    decode(&table, receiver, rest);
    return 0;
}
