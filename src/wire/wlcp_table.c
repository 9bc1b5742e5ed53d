/* The one table of WLCP: numbers, elements, forms, identifiers.
 *
 * Confirmed by a text: the numbers 0x81 to 0x86 and all of PDN CONNECTIVITY REQUEST. The rest
 * is the project's default, taken from the messages of TS 24.301 that are alike, and marked [X]:
 * change it by configuration, not here. */
#include "wire/wlcp.h"

#include <stdlib.h>
#include <string.h>

#include "wire/wlcp_rows.h"

#define M(ie, form) { LK_WLCP_IE_##ie, LK_WLCP_MANDATORY, LK_WLCP_FORMAT_##form, 0 }
#define O(ie, form, iei) { LK_WLCP_IE_##ie, LK_WLCP_OPTIONAL, LK_WLCP_FORMAT_##form, iei }
#define C(ie, form, iei) { LK_WLCP_IE_##ie, LK_WLCP_CONDITIONAL, LK_WLCP_FORMAT_##form, iei }
#define BOTH (LK_WLCP_UE | LK_WLCP_TWAG)

const struct lk_wlcp_table lk_wlcp_table = { {
    /* spec: TS 24.244 7.1.1 - request and PDN type in one octet, then APN, PCO, NBIFOM, N3G. */
    [LK_WLCP_CONNECTIVITY_REQUEST] = { 0x81, LK_WLCP_UE,
        { M(REQUEST_TYPE, LOW), M(PDN_TYPE, HIGH), O(APN, TLV, 0x28), O(PCO, TLV, 0x27),
          O(NBIFOM, TLV, 0x33), O(N3G, NIBBLE, 0xa0) } },
    [LK_WLCP_CONNECTIVITY_ACCEPT] = { 0x82, LK_WLCP_TWAG, /* elements [X] */
        { M(APN, LV), M(PDN_ADDRESS, LV), M(PDN_ID, V), M(USER_PLANE, V), O(PCO, TLV, 0x27),
          O(CAUSE, TV, 0x58), O(NBIFOM, TLV, 0x33), O(TW1, TLV, 0x37) } },
    [LK_WLCP_CONNECTIVITY_REJECT] = { 0x83, LK_WLCP_TWAG, /* elements [X] */
        { M(CAUSE, V), O(PCO, TLV, 0x27), O(TW1, TLV, 0x37), O(NBIFOM, TLV, 0x33) } },
    [LK_WLCP_CONNECTIVITY_COMPLETE] = { 0x84, LK_WLCP_UE, { { 0 } } },
    [LK_WLCP_DISCONNECT_REQUEST] = { 0x85, BOTH, /* elements [X] */
        { M(PDN_ID, V), O(PCO, TLV, 0x27), C(CAUSE, TV, 0x58) } },
    [LK_WLCP_DISCONNECT_ACCEPT] = { 0x86, BOTH, { O(PCO, TLV, 0x27) } }, /* elements [X] */
    [LK_WLCP_DISCONNECT_REJECT] = { 0x87, LK_WLCP_TWAG, /* all [X] from here */
        { M(CAUSE, V), O(PCO, TLV, 0x27) } },
    [LK_WLCP_STATUS] = { 0x88, BOTH, { M(CAUSE, V) } },
    [LK_WLCP_MODIFICATION_REQUEST] = { 0x89, LK_WLCP_TWAG,
        { M(PDN_ID, V), O(PCO, TLV, 0x27), O(NBIFOM, TLV, 0x33) } },
    [LK_WLCP_MODIFICATION_ACCEPT] = { 0x8a, BOTH, { O(PCO, TLV, 0x27), O(NBIFOM, TLV, 0x33) } },
    [LK_WLCP_MODIFICATION_REJECT] = { 0x8b, BOTH,
        { M(CAUSE, V), O(PCO, TLV, 0x27), O(NBIFOM, TLV, 0x33) } },
    [LK_WLCP_MODIFICATION_INDICATION] = { 0x8c, LK_WLCP_UE,
        { M(PDN_ID, V), O(PCO, TLV, 0x27), O(NBIFOM, TLV, 0x33) } },
} };

static const char *const type_names[LK_WLCP_TYPE_COUNT] = {
    [LK_WLCP_CONNECTIVITY_REQUEST] = "connectivity-request",
    [LK_WLCP_CONNECTIVITY_ACCEPT] = "connectivity-accept",
    [LK_WLCP_CONNECTIVITY_REJECT] = "connectivity-reject",
    [LK_WLCP_CONNECTIVITY_COMPLETE] = "connectivity-complete",
    [LK_WLCP_DISCONNECT_REQUEST] = "disconnect-request",
    [LK_WLCP_DISCONNECT_ACCEPT] = "disconnect-accept",
    [LK_WLCP_DISCONNECT_REJECT] = "disconnect-reject",
    [LK_WLCP_STATUS] = "status",
    [LK_WLCP_MODIFICATION_REQUEST] = "modification-request",
    [LK_WLCP_MODIFICATION_ACCEPT] = "modification-accept",
    [LK_WLCP_MODIFICATION_REJECT] = "modification-reject",
    [LK_WLCP_MODIFICATION_INDICATION] = "modification-indication",
};

/* What an element's value is made of: a half octet, or between so many octets. */
static const struct {
    const char *name;
    bool half;
    uint8_t least, most;
} elements[LK_WLCP_IE_COUNT] = {
    [LK_WLCP_IE_NONE] = { "none", false, 0, 0 },
    [LK_WLCP_IE_REQUEST_TYPE] = { "request-type", true, 1, 1 },
    [LK_WLCP_IE_PDN_TYPE] = { "pdn-type", true, 1, 1 },
    [LK_WLCP_IE_APN] = { "apn", false, 2, LK_WLCP_APN_MAX },
    [LK_WLCP_IE_PCO] = { "pco", false, 1, LK_WLCP_PCO_MAX },
    [LK_WLCP_IE_NBIFOM] = { "nbifom", false, 1, LK_WLCP_NBIFOM_MAX },
    [LK_WLCP_IE_N3G] = { "n3g", true, 1, 1 },
    [LK_WLCP_IE_PDN_ADDRESS] = { "pdn-address", false, 5, LK_WLCP_ADDRESS_MAX },
    [LK_WLCP_IE_PDN_ID] = { "pdn-id", true, 1, 1 },
    [LK_WLCP_IE_USER_PLANE] = { "user-plane", false, LK_WLCP_MAC_LEN, LK_WLCP_MAC_LEN },
    [LK_WLCP_IE_CAUSE] = { "cause", false, 1, 1 },
    [LK_WLCP_IE_TW1] = { "tw1", false, 1, 1 },
};

static const char *const format_names[] = {
    [LK_WLCP_FORMAT_V] = "V",   [LK_WLCP_FORMAT_LOW] = "LOW", [LK_WLCP_FORMAT_HIGH] = "HIGH",
    [LK_WLCP_FORMAT_LV] = "LV", [LK_WLCP_FORMAT_TV] = "TV",   [LK_WLCP_FORMAT_NIBBLE] = "NIBBLE",
    [LK_WLCP_FORMAT_TLV] = "TLV", [LK_WLCP_FORMAT_TLV_E] = "TLV-E",
};

const char *lk_wlcp_type_name(enum lk_wlcp_type type)
{
    return (unsigned)type < LK_WLCP_TYPE_COUNT ? type_names[type] : "unknown";
}

const char *lk_wlcp_ie_name(enum lk_wlcp_ie ie)
{
    return (unsigned)ie < LK_WLCP_IE_COUNT ? elements[ie].name : "unknown";
}

size_t lk_wlcp_ie_least(enum lk_wlcp_ie ie)
{
    LK_ASSERT((unsigned)ie < LK_WLCP_IE_COUNT);
    return elements[ie].least;
}

size_t lk_wlcp_ie_most(enum lk_wlcp_ie ie)
{
    LK_ASSERT((unsigned)ie < LK_WLCP_IE_COUNT);
    return elements[ie].most;
}

bool lk_wlcp_type_of(enum lk_wlcp_type *type, const struct lk_wlcp_table *table, uint8_t number)
{
    for (unsigned i = 0; i < LK_WLCP_TYPE_COUNT; i++)
        if (table->layout[i].number == number) {
            *type = (enum lk_wlcp_type)i;
            return true;
        }
    return false;
}

uint8_t lk_wlcp_pdn_id_max(const struct lk_wlcp_table *table)
{
    for (size_t i = 0; i < LK_WLCP_TYPE_COUNT; i++)
        for (const struct lk_wlcp_row *row = table->layout[i].row; row->ie != 0; row++)
            if (row->ie == LK_WLCP_IE_PDN_ID &&
                (row->format == LK_WLCP_FORMAT_LOW || row->format == LK_WLCP_FORMAT_HIGH ||
                 row->format == LK_WLCP_FORMAT_NIBBLE))
                return 0x0f;
    return 0xfe;
}

/* ---- what a table may hold ---- */

/* spec: TS 24.007 11.2.4 - an identifier says how long its element is: one octet when bit 8 is
 * set, two octets of length from 78 to 7f, one octet of length else. */
static bool identifier_fits(const struct lk_wlcp_row *row)
{
    bool fixed = elements[row->ie].least == elements[row->ie].most;

    switch (row->format) {
    case LK_WLCP_FORMAT_NIBBLE:
        return elements[row->ie].half && (row->iei & 0x80) != 0 && (row->iei & 0x0f) == 0;
    case LK_WLCP_FORMAT_TV: return fixed && row->iei > 0 && row->iei < 0x78;
    case LK_WLCP_FORMAT_TLV: return row->iei > 0 && row->iei < 0x78;
    case LK_WLCP_FORMAT_TLV_E: return row->iei >= 0x78 && row->iei < 0x80;
    default: return false;
    }
}

static bool place_fits(const struct lk_wlcp_row *first, const struct lk_wlcp_row *row)
{
    bool fixed = elements[row->ie].least == elements[row->ie].most;

    switch (row->format) {
    case LK_WLCP_FORMAT_V: return fixed;
    case LK_WLCP_FORMAT_LV: return true;
    case LK_WLCP_FORMAT_LOW: return elements[row->ie].half;
    case LK_WLCP_FORMAT_HIGH:
        return elements[row->ie].half && row > first && row[-1].format == LK_WLCP_FORMAT_LOW;
    default: return false;
    }
}

static bool layout_good(const struct lk_wlcp_layout *layout)
{
    const struct lk_wlcp_row *row = layout->row;

    for (; row->ie != LK_WLCP_IE_NONE; row++) {
        bool mandatory = row->presence == LK_WLCP_MANDATORY;

        if (mandatory ? !place_fits(layout->row, row) : !identifier_fits(row))
            return false;
        if (mandatory && row > layout->row && row[-1].presence != LK_WLCP_MANDATORY)
            return false;
        for (const struct lk_wlcp_row *other = layout->row; other < row; other++)
            if (other->ie == row->ie || (!mandatory && other->iei == row->iei))
                return false;
    }
    /* spec: TS 24.244 8.2 - the two highest bits of a message type are 1 and 0. */
    return (layout->number & 0xc0) == 0x80;
}

static bool table_good(const struct lk_wlcp_table *table)
{
    for (size_t i = 0; i < LK_WLCP_TYPE_COUNT; i++) {
        if (!layout_good(&table->layout[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (table->layout[k].number == table->layout[i].number)
                return false;
    }
    return true;
}

/* ---- changing it ---- */

enum { WORDS_MAX = 5, WORD_MAX = 32 };

struct words {
    size_t count;
    char word[WORDS_MAX][WORD_MAX];
};

static enum lk_status split(struct words *words, const char *line)
{
    words->count = 0;
    for (;;) {
        size_t len;

        line += strspn(line, " ");
        len = strcspn(line, " ");
        if (len == 0)
            return LK_OK;
        if (words->count == WORDS_MAX || len >= WORD_MAX)
            return LK_E_VALUE;
        memcpy(words->word[words->count], line, len);
        words->word[words->count++][len] = '\0';
        line += len;
    }
}

static enum lk_status read_octet(uint8_t *octet, const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 16);

    if (word[0] == '\0' || *end != '\0' || value > 0xff)
        return LK_E_VALUE;
    *octet = (uint8_t)value;
    return LK_OK;
}

static struct lk_wlcp_layout *find_layout(struct lk_wlcp_table *table, const char *name)
{
    for (size_t i = 0; i < LK_WLCP_TYPE_COUNT; i++)
        if (strcmp(type_names[i], name) == 0)
            return &table->layout[i];
    return NULL;
}

static enum lk_wlcp_ie find_element(const char *name)
{
    for (unsigned i = LK_WLCP_IE_NONE + 1; i < LK_WLCP_IE_COUNT; i++)
        if (strcmp(elements[i].name, name) == 0)
            return (enum lk_wlcp_ie)i;
    return LK_WLCP_IE_NONE;
}

static size_t row_count(const struct lk_wlcp_layout *layout)
{
    size_t count = 0;

    while (count < LK_WLCP_ROWS && layout->row[count].ie != LK_WLCP_IE_NONE)
        count++;
    return count;
}

static void remove_row(struct lk_wlcp_layout *layout, size_t at)
{
    memmove(&layout->row[at], &layout->row[at + 1],
            (LK_WLCP_ROWS - 1 - at) * sizeof layout->row[0]);
    memset(&layout->row[LK_WLCP_ROWS - 1], 0, sizeof layout->row[0]);
}

static enum lk_status put_row(struct lk_wlcp_layout *layout, struct lk_wlcp_row row)
{
    size_t count = row_count(layout), at;

    for (at = 0; at < count; at++)
        if (layout->row[at].ie == row.ie) {
            if ((layout->row[at].presence == LK_WLCP_MANDATORY) ==
                (row.presence == LK_WLCP_MANDATORY)) {
                layout->row[at] = row;
                return LK_OK;
            }
            remove_row(layout, at);
            count--;
            break;
        }
    if (count == LK_WLCP_ROWS - 1)
        return LK_E_FULL;
    at = count;
    if (row.presence == LK_WLCP_MANDATORY)
        while (at > 0 && layout->row[at - 1].presence != LK_WLCP_MANDATORY)
            at--;
    memmove(&layout->row[at + 1], &layout->row[at], (count - at) * sizeof layout->row[0]);
    layout->row[at] = row;
    return LK_OK;
}

static enum lk_status take_out(struct lk_wlcp_layout *layout, enum lk_wlcp_ie ie)
{
    for (size_t at = 0; at < row_count(layout); at++)
        if (layout->row[at].ie == ie) {
            remove_row(layout, at);
            return LK_OK;
        }
    return LK_E_VALUE;
}

static enum lk_status read_row(struct lk_wlcp_row *row, const struct words *words)
{
    const char *presence = words->word[2];

    if (strcmp(presence, "M") == 0 && words->count == 4)
        row->presence = LK_WLCP_MANDATORY;
    else if (strcmp(presence, "O") == 0 && words->count == 5)
        row->presence = LK_WLCP_OPTIONAL;
    else if (strcmp(presence, "C") == 0 && words->count == 5)
        row->presence = LK_WLCP_CONDITIONAL;
    else
        return LK_E_VALUE;
    for (uint8_t form = LK_WLCP_FORMAT_V; form < LK_COUNT_OF(format_names); form++)
        if (strcmp(format_names[form], words->word[3]) == 0)
            row->format = form;
    if (row->format == 0)
        return LK_E_VALUE;
    return words->count == 5 ? read_octet(&row->iei, words->word[4]) : LK_OK;
}

/* "MESSAGE XX", "IE XX", "MESSAGE.IE XX". */
static enum lk_status renumber(struct lk_wlcp_table *table, const struct words *words)
{
    char name[WORD_MAX];
    const char *dot = strchr(words->word[0], '.');
    size_t len = dot != NULL ? (size_t)(dot - words->word[0]) : strlen(words->word[0]);
    struct lk_wlcp_layout *only;
    enum lk_wlcp_ie ie;
    uint8_t number;
    bool found = false;

    memcpy(name, words->word[0], len);
    name[len] = '\0';
    only = find_layout(table, name);
    ie = find_element(dot != NULL ? dot + 1 : name);
    if (read_octet(&number, words->word[1]) != LK_OK || (dot != NULL && only == NULL))
        return LK_E_VALUE;
    if (dot == NULL && only != NULL) {
        only->number = number;
        return LK_OK;
    }
    for (size_t i = 0; ie != LK_WLCP_IE_NONE && i < LK_WLCP_TYPE_COUNT; i++)
        for (struct lk_wlcp_row *row = table->layout[i].row; row->ie != LK_WLCP_IE_NONE; row++)
            if (row->ie == ie && row->presence != LK_WLCP_MANDATORY &&
                (only == NULL || only == &table->layout[i])) {
                row->iei = number;
                found = true;
            }
    return found ? LK_OK : LK_E_VALUE;
}

static enum lk_status change(struct lk_wlcp_table *table, const char *line)
{
    struct lk_wlcp_row row = { 0 };
    struct lk_wlcp_layout *layout;
    struct words words;
    enum lk_status status = split(&words, line);

    if (status != LK_OK || words.count < 2)
        return LK_E_VALUE;
    if (words.count == 2)
        return renumber(table, &words);
    layout = find_layout(table, words.word[0]);
    row.ie = (uint8_t)find_element(words.word[1]);
    if (layout == NULL || row.ie == LK_WLCP_IE_NONE)
        return LK_E_VALUE;
    if (words.count == 3 && strcmp(words.word[2], "-") == 0)
        return take_out(layout, (enum lk_wlcp_ie)row.ie);
    status = read_row(&row, &words);
    return status == LK_OK ? put_row(layout, row) : status;
}

enum lk_status lk_wlcp_table_set(struct lk_wlcp_table *table, size_t *bad,
                                 const char *const *lines, size_t count)
{
    struct lk_wlcp_table draft = *table;

    for (*bad = 0; *bad < count; ++*bad) {
        enum lk_status status = change(&draft, lines[*bad]);

        if (status != LK_OK)
            return status;
    }
    if (!table_good(&draft))
        return LK_E_CONFLICT;
    *table = draft;
    return LK_OK;
}
