#include "keys/log.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"

enum { NUMBER_DIGITS = 5, WORDS = 4 };

const char *lk_key_log_name(enum lk_key_log_kind kind)
{
    static const char *const names[LK_KEY_LOG_KINDS] = { "KASME", "KENB", "S-KWT" };

    LK_ASSERT((unsigned)kind < LK_KEY_LOG_KINDS);
    return names[kind];
}

static void put_hex(struct lk_writer *w, struct lk_span octets)
{
    char text[3];

    for (size_t i = 0; i < octets.len; i++) {
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets.at + i, 1)) == LK_OK);
        lk_put_octets(w, text, 2);
    }
    lk_wipe(text, sizeof text);
}

static void put_number(struct lk_writer *w, uint16_t number)
{
    char digits[NUMBER_DIGITS];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    lk_put_octets(w, digits + at, sizeof digits - at);
}

void lk_key_log_write(char line[LK_KEY_LOG_LINE], const struct lk_key_log *entry)
{
    struct lk_writer w = lk_writer_of(line, LK_KEY_LOG_LINE);

    lk_put_span(&w, lk_span_text(lk_key_log_name(entry->kind)));
    lk_put_u8(&w, ' ');
    put_hex(&w, LK_SPAN(entry->station));
    lk_put_u8(&w, ' ');
    put_number(&w, entry->number);
    lk_put_u8(&w, ' ');
    put_hex(&w, LK_SPAN(entry->key));
    lk_put_u8(&w, '\n');
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

/* Up to that octet, which goes too, or all. */
static struct lk_span cut(struct lk_span *text, char at)
{
    struct lk_span head = { text->at, 0 };

    while (head.len < text->len && text->at[head.len] != (uint8_t)at)
        head.len++;
    *text = lk_span_of(text->at + head.len, text->len - head.len);
    if (text->len > 0)
        *text = lk_span_of(text->at + 1, text->len - 1);
    return head;
}

static bool is_octets(uint8_t *to, size_t len, struct lk_span word)
{
    size_t got = 0;

    return lk_hex_decode(to, len, &got, word) == LK_OK && got == len;
}

static bool is_number(uint16_t *number, struct lk_span word)
{
    uint32_t value = 0;

    if (word.len == 0 || word.len > NUMBER_DIGITS)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
        value = 10 * value + word.at[i] - '0';
    }
    *number = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool is_kind(enum lk_key_log_kind *kind, struct lk_span word)
{
    for (*kind = 0; *kind < LK_KEY_LOG_KINDS; (*kind)++)
        if (lk_span_equal(word, lk_span_text(lk_key_log_name(*kind))))
            return true;
    return false;
}

/* The words of the first line of text, LK_E_VALUE: it has more. LK_E_NOT_FOUND: there is no
 * line. */
static enum lk_status cut_line(struct lk_span word[WORDS], struct lk_span *text)
{
    struct lk_span line;

    if (text->len == 0)
        return LK_E_NOT_FOUND;
    line = cut(text, '\n');
    for (size_t i = 0; i < WORDS; i++)
        word[i] = cut(&line, ' ');
    return line.len == 0 ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_key_log_next(struct lk_key_log *entry, struct lk_span *text)
{
    struct lk_span word[WORDS];
    enum lk_status status = cut_line(word, text);

    memset(entry, 0, sizeof *entry);
    if (status == LK_OK && is_kind(&entry->kind, word[0]) &&
        is_octets(entry->station, sizeof entry->station, word[1]) &&
        is_number(&entry->number, word[2]) && is_octets(entry->key, sizeof entry->key, word[3]))
        return LK_OK;
    lk_wipe(entry, sizeof *entry);
    return status == LK_OK ? LK_E_VALUE : status;
}

/* ---- MIS ---- */

static const char *const mis_names[LK_MIS_KEY_LOG_KINDS] = { "MIS_K", "MIS_MISK",
                                                            "MIS_MSPMK" };

static void of_sa(struct lk_mis_key_log *entry, uint8_t sa_type, struct lk_span id)
{
    struct lk_writer w = lk_writer_of(entry->said, sizeof entry->said);

    lk_put_u8(&w, sa_type);
    lk_put_span(&w, id);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    entry->said_len = w.len;
}

static void put_key(struct lk_mis_key_log *entry, const uint8_t *at, size_t len)
{
    LK_ASSERT(len <= sizeof entry->key - entry->key_len);
    if (len > 0)
        memcpy(entry->key + entry->key_len, at, len);
    entry->key_len += len;
}

void lk_mis_key_log_misk(struct lk_mis_key_log *entry, uint8_t sa_type, struct lk_span id,
                         const struct lk_mis_agreed *agreed, const struct lk_mis_keys *keys)
{
    *entry = (struct lk_mis_key_log){ .kind = LK_MIS_KEY_LOG_MISK };
    entry->number = (uint16_t)(agreed->c << 8 | agreed->prf_code);
    of_sa(entry, sa_type, id);
    put_key(entry, keys->miak.octets, keys->miak.len);
    put_key(entry, keys->miik.octets, keys->miik.len);
    put_key(entry, keys->miek.octets, keys->miek.len);
}

bool lk_mis_key_log_keys(struct lk_mis_keys *keys, const struct lk_mis_key_log *entry,
                         const struct lk_mis_agreed *agreed)
{
    struct lk_reader r = lk_reader_of(lk_span_of(entry->key, entry->key_len));

    keys->miak.len = lk_miak_len(agreed->prf);
    keys->miik.len = lk_miik_len(agreed->suite);
    keys->miek.len = lk_miek_len(agreed->suite);
    lk_get_copy(&r, keys->miak.octets, keys->miak.len);
    lk_get_copy(&r, keys->miik.octets, keys->miik.len);
    lk_get_copy(&r, keys->miek.octets, keys->miek.len);
    return lk_reader_end(&r) == LK_OK;
}

void lk_mis_key_log_mspmk(struct lk_mis_key_log *entry, uint8_t sa_type, struct lk_span id,
                          const struct lk_mis_link_pair *link, const struct lk_mspmk *key)
{
    *entry = (struct lk_mis_key_log){ .kind = LK_MIS_KEY_LOG_MSPMK, .number = link->type };
    of_sa(entry, sa_type, id);
    put_key(entry, link->mn, sizeof link->mn);
    put_key(entry, link->poa, sizeof link->poa);
    put_key(entry, key->octets, sizeof key->octets);
}

bool lk_mis_key_log_link(struct lk_mis_link_pair *link, struct lk_mspmk *key,
                         const struct lk_mis_key_log *entry)
{
    struct lk_reader r = lk_reader_of(lk_span_of(entry->key, entry->key_len));

    link->type = (uint8_t)entry->number;
    lk_get_copy(&r, link->mn, sizeof link->mn);
    lk_get_copy(&r, link->poa, sizeof link->poa);
    lk_get_copy(&r, key->octets, sizeof key->octets);
    return lk_reader_end(&r) == LK_OK;
}

void lk_mis_key_log_write(char line[LK_MIS_KEY_LOG_LINE], const struct lk_mis_key_log *entry)
{
    struct lk_writer w = lk_writer_of(line, LK_MIS_KEY_LOG_LINE);

    LK_ASSERT((unsigned)entry->kind < LK_MIS_KEY_LOG_KINDS);
    lk_put_span(&w, lk_span_text(mis_names[entry->kind]));
    lk_put_u8(&w, ' ');
    put_hex(&w, lk_span_of(entry->said, entry->said_len));
    lk_put_u8(&w, ' ');
    put_number(&w, entry->number);
    lk_put_u8(&w, ' ');
    put_hex(&w, lk_span_of(entry->key, entry->key_len));
    lk_put_u8(&w, '\n');
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

static bool is_mis_kind(enum lk_mis_key_log_kind *kind, struct lk_span word)
{
    for (*kind = 0; *kind < LK_MIS_KEY_LOG_KINDS; (*kind)++)
        if (lk_span_equal(word, lk_span_text(mis_names[*kind])))
            return true;
    return false;
}

static bool is_hex(uint8_t *to, size_t *len, size_t least, size_t most, struct lk_span word)
{
    return lk_hex_decode(to, most, len, word) == LK_OK && *len >= least;
}

enum lk_status lk_mis_key_log_next(struct lk_mis_key_log *entry, struct lk_span *text)
{
    struct lk_span word[WORDS];
    enum lk_status status = cut_line(word, text);

    memset(entry, 0, sizeof *entry);
    if (status == LK_OK && is_mis_kind(&entry->kind, word[0]) &&
        is_hex(entry->said, &entry->said_len, 1 + LK_MIS_SA_ID_MIN, sizeof entry->said, word[1]) &&
        is_number(&entry->number, word[2]) &&
        is_hex(entry->key, &entry->key_len, LK_MIS_K_MIN,
               entry->kind == LK_MIS_KEY_LOG_K ? LK_MIS_K_MAX : sizeof entry->key, word[3]))
        return LK_OK;
    lk_wipe(entry, sizeof *entry);
    return status == LK_OK ? LK_E_VALUE : status;
}

/* ---- applications ---- */

/* parts: that are behind one another in whose, each but the last without a zero octet. */
static const struct {
    const char *name;
    size_t parts, key_min, key_max;
} app_rows[LK_APP_KEY_LOG_KINDS] = {
    [LK_APP_KEY_LOG_KS] = { "GBA_KS", 1, LK_KEY_LOG_KEY_LEN, LK_KEY_LOG_KEY_LEN },
    [LK_APP_KEY_LOG_KS_NAF] = { "GBA_KS_NAF", 2, LK_KEY_LOG_KEY_LEN, LK_KEY_LOG_KEY_LEN },
    [LK_APP_KEY_LOG_K_AKMA] = { "AKMA_K_AKMA", 1, LK_KEY_LOG_KEY_LEN, LK_KEY_LOG_KEY_LEN },
    [LK_APP_KEY_LOG_K_AF] = { "AKMA_K_AF", 2, LK_KEY_LOG_KEY_LEN, LK_KEY_LOG_KEY_LEN },
    [LK_APP_KEY_LOG_E2E] = { "E2E_SESSION", 4, LK_APP_KEY_LOG_FINGERPRINT,
                             LK_APP_KEY_LOG_FINGERPRINT },
    [LK_APP_KEY_LOG_RES] = { "GBA_RES", 1, LK_APP_KEY_LOG_RES_MIN, LK_RES_MAX },
    [LK_APP_KEY_LOG_MN_HA] = { "MIP_MN_HA", 2, LK_MIP_SECRET_LEAST, LK_APP_KEY_LOG_KEY_MAX },
    [LK_APP_KEY_LOG_MN_AAA] = { "MIP_MN_AAA", 2, LK_MIP_SECRET_LEAST, LK_APP_KEY_LOG_KEY_MAX },
    [LK_APP_KEY_LOG_MN_FA] = { "MIP_MN_FA", 2, LK_MIP_SECRET_LEAST, LK_APP_KEY_LOG_KEY_MAX },
    [LK_APP_KEY_LOG_FA_HA] = { "MIP_FA_HA", 2, LK_MIP_SECRET_LEAST, LK_APP_KEY_LOG_KEY_MAX },
};

enum lk_status lk_app_key_log_of(struct lk_app_key_log *entry, enum lk_app_key_log_kind kind,
                                 const struct lk_span *parts, size_t count, struct lk_span key)
{
    struct lk_writer w = lk_writer_of(entry->whose, sizeof entry->whose);

    LK_ASSERT((unsigned)kind < LK_APP_KEY_LOG_KINDS && count == app_rows[kind].parts &&
              key.len >= app_rows[kind].key_min && key.len <= app_rows[kind].key_max);
    memset(entry, 0, sizeof *entry); /* what is behind a short key is compared, too */
    entry->kind = kind;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            lk_put_u8(&w, '\0');
        lk_put_span(&w, parts[i]);
    }
    entry->whose_len = w.len;
    entry->key_len = key.len;
    memcpy(entry->key, key.at, key.len);
    return lk_writer_end(&w);
}

struct lk_span lk_app_key_log_part(const struct lk_app_key_log *entry, size_t number)
{
    struct lk_span rest = lk_span_of(entry->whose, entry->whose_len);

    if (number >= app_rows[entry->kind].parts)
        return lk_span_of(NULL, 0);
    for (size_t i = 0; i < number; i++)
        (void)cut(&rest, '\0');
    return number + 1 == app_rows[entry->kind].parts ? rest : cut(&rest, '\0');
}

void lk_app_key_log_write(char line[LK_APP_KEY_LOG_LINE], const struct lk_app_key_log *entry)
{
    struct lk_writer w = lk_writer_of(line, LK_APP_KEY_LOG_LINE);

    LK_ASSERT((unsigned)entry->kind < LK_APP_KEY_LOG_KINDS);
    lk_put_span(&w, lk_span_text(app_rows[entry->kind].name));
    lk_put_u8(&w, ' ');
    put_hex(&w, lk_span_of(entry->whose, entry->whose_len));
    lk_put_u8(&w, ' ');
    put_number(&w, entry->number);
    lk_put_u8(&w, ' ');
    put_hex(&w, lk_span_of(entry->key, entry->key_len));
    lk_put_u8(&w, '\n');
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

static bool is_app_kind(enum lk_app_key_log_kind *kind, struct lk_span word)
{
    for (*kind = 0; *kind < LK_APP_KEY_LOG_KINDS; (*kind)++)
        if (lk_span_equal(word, lk_span_text(app_rows[*kind].name)))
            return true;
    return false;
}

enum lk_status lk_app_key_log_next(struct lk_app_key_log *entry, struct lk_span *text)
{
    struct lk_span word[WORDS];
    enum lk_status status = cut_line(word, text);

    memset(entry, 0, sizeof *entry);
    if (status == LK_OK && is_app_kind(&entry->kind, word[0]) &&
        is_hex(entry->whose, &entry->whose_len, 1, sizeof entry->whose, word[1]) &&
        is_number(&entry->number, word[2]) &&
        is_hex(entry->key, &entry->key_len, app_rows[entry->kind].key_min,
               app_rows[entry->kind].key_max, word[3]))
        return LK_OK;
    lk_wipe(entry, sizeof *entry);
    return status == LK_OK ? LK_E_VALUE : status;
}
