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
    char text[2 * LK_KEY_LOG_KEY_LEN + 1];

    LK_ASSERT(lk_hex_encode(text, sizeof text, octets) == LK_OK);
    lk_put_span(w, lk_span_text(text));
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

enum lk_status lk_key_log_next(struct lk_key_log *entry, struct lk_span *text)
{
    struct lk_span line, word[WORDS];

    memset(entry, 0, sizeof *entry);
    if (text->len == 0)
        return LK_E_NOT_FOUND;
    line = cut(text, '\n');
    for (size_t i = 0; i < WORDS; i++)
        word[i] = cut(&line, ' ');
    if (line.len == 0 && is_kind(&entry->kind, word[0]) &&
        is_octets(entry->station, sizeof entry->station, word[1]) &&
        is_number(&entry->number, word[2]) && is_octets(entry->key, sizeof entry->key, word[3]))
        return LK_OK;
    lk_wipe(entry, sizeof *entry);
    return LK_E_VALUE;
}
