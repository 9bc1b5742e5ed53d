/* Reading subscribers out of the files of others: what they have in common, and those of lines. */
#include <inttypes.h>
#include <string.h>

#include <yaml.h>

#include "app/subscriber.h"
#include "base/hex.h"
#include "base/secret.h"

enum { LINE_MAX_LEN = 1024, COLUMNS_MAX = 16 };

static const struct {
    const char *name;
    enum lk_subscriber_format format;
} formats[] = {
    { "hostapd", LK_FORMAT_HOSTAPD },   { "srsran", LK_FORMAT_SRSRAN },
    { "open5gs", LK_FORMAT_OPEN5GS },   { "ueransim", LK_FORMAT_UERANSIM },
    { "latchkey", LK_FORMAT_LATCHKEY },
};

enum lk_subscriber_format lk_subscriber_format_of(const char *name)
{
    for (size_t i = 0; i < LK_COUNT_OF(formats); i++)
        if (strcmp(name, formats[i].name) == 0)
            return formats[i].format;
    return (enum lk_subscriber_format)0;
}

/* ---- one subscriber's fields ---- */

static enum lk_status bad(char error[LK_READER_ERROR_TEXT], const char *what)
{
    snprintf(error, LK_READER_ERROR_TEXT, "%s", what);
    return LK_E_VALUE;
}

/* Hex with blanks in it, as some write their keys. */
static enum lk_status hex_field(uint8_t *to, size_t cap, size_t *len, const char *text)
{
    char digits[2 * LK_K_MAX + 1];
    size_t count = 0;
    enum lk_status status;

    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == ':')
            continue;
        if (count == sizeof digits - 1)
            return LK_E_LENGTH;
        digits[count++] = *text;
    }
    status = lk_hex_decode(to, cap, len, lk_span_of(digits, count));
    lk_wipe(digits, sizeof digits);
    return status;
}

static bool hex_exact(uint8_t *to, size_t len, const char *text)
{
    size_t got = 0;

    return hex_field(to, len, &got, text) == LK_OK && got == len;
}

static bool sqn_field(uint8_t sqn[LK_SQN_LEN], const struct lk_subscriber_fields *fields)
{
    unsigned long long value = 0;
    char end;

    if (fields->sqn == NULL)
        return true;
    if (!fields->sqn_decimal)
        return hex_exact(sqn, LK_SQN_LEN, fields->sqn);
    if (sscanf(fields->sqn, "%llu%c", &value, &end) != 1 || value >> 48 != 0)
        return false;
    for (int i = LK_SQN_LEN - 1; i >= 0; i--, value >>= 8)
        sqn[i] = (uint8_t)value;
    return true;
}

static enum lk_status judge_card(struct lk_aka_card *card, char error[LK_READER_ERROR_TEXT],
                                 const struct lk_subscriber_fields *fields)
{
    uint8_t top[LK_TOPC_MAX];
    size_t wanted;

    card->algorithm = LK_AKA_MILENAGE;
    if (fields->algorithm != NULL && strcmp(fields->algorithm, "tuak") == 0)
        card->algorithm = LK_AKA_TUAK;
    else if (fields->algorithm != NULL && strcmp(fields->algorithm, "milenage") != 0)
        return bad(error, "the algorithm is neither milenage nor tuak");
    wanted = card->algorithm == LK_AKA_TUAK ? 32 : 16;
    card->res_len = fields->res_len != 0 ? fields->res_len : 8;
    card->keccak_iterations = fields->iterations != 0 ? fields->iterations : 1;
    if (fields->k == NULL || hex_field(card->k, sizeof card->k, &card->k_len, fields->k) != LK_OK)
        return bad(error, "K is missing or is not hex");
    if (lk_aka_card_check(card) != LK_OK)
        return bad(error, "K or RES has a length that the algorithm does not know");
    if (fields->topc != NULL)
        return hex_exact(card->topc, wanted, fields->topc)
                   ? LK_OK
                   : bad(error, "OPc is not hex of its length (32 digits; TOPc 64)");
    if (fields->top == NULL)
        return bad(error, "there is neither OPc nor OP");
    if (!hex_exact(top, wanted, fields->top))
        return bad(error, "OP is not hex of its length (32 digits; TOP 64)");
    lk_aka_topc_derive(card, top);
    lk_wipe(top, sizeof top);
    return LK_OK;
}

enum lk_status lk_subscriber_judge(struct lk_subscriber_entry *entry,
                                   char error[LK_READER_ERROR_TEXT],
                                   const struct lk_subscriber_fields *fields)
{
    struct lk_credentials *c = &entry->credentials;

    memset(c, 0, sizeof *c);
    entry->akma = fields->akma;
    entry->says_mip = fields->mip != NULL;
    entry->mip_refused = 0;
    if (fields->mip != NULL && lk_subscriber_ways_of(&entry->mip_refused, fields->mip) != LK_OK)
        return bad(error, "mip is neither any, none, nor some of the ways of latchkey subscriber "
                          "mip");
    if (fields->imsi == NULL || lk_imsi_parse(&entry->imsi, lk_span_text(fields->imsi)) != LK_OK)
        return bad(error, "the IMSI is not 6 to 15 digits");
    c->amf[0] = 0x80;
    if (fields->amf != NULL && !hex_exact(c->amf, sizeof c->amf, fields->amf))
        return bad(error, "AMF is not 4 hex digits");
    if (!sqn_field(c->sqn, fields))
        return bad(error, fields->sqn_decimal ? "SQN is not a number of 48 bits"
                                              : "SQN is not 12 hex digits");
    if (lk_sqn_seq(c->sqn) >= LK_SQN_SEQ_LAST)
        return bad(error, "SQN leaves no number above it");
    return judge_card(&c->card, error, fields);
}

/* ---- formats of lines ---- */

/* The next line, terminated, without its end. */
static enum lk_status next_line(struct lk_subscriber_reader *r, char line[LINE_MAX_LEN])
{
    const char *from = (const char *)r->text.at + r->at;
    size_t left = r->text.len - r->at;
    const char *end = left == 0 ? NULL : memchr(from, '\n', left);
    size_t len = end == NULL ? left : (size_t)(end - from);

    if (left == 0)
        return LK_E_NOT_FOUND;
    r->at += end == NULL ? left : len + 1;
    r->error_line = r->line++;
    if (len >= LINE_MAX_LEN || memchr(from, '\0', len) != NULL)
        return bad(r->error, "the line is too long, or is not text");
    memcpy(line, from, len);
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return LK_OK;
}

static size_t split(char *line, const char *separators, bool merge, char *columns[COLUMNS_MAX])
{
    size_t count = 0;

    while (count < COLUMNS_MAX && line != NULL) {
        char *word = strsep(&line, separators);

        if (merge && word[0] == '\0')
            continue;
        columns[count++] = word;
    }
    return count;
}

/* IMSI Ki OPc AMF SQN, and in newer ones the length of RES. */
static enum lk_status hostapd_line(struct lk_subscriber_fields *fields, char *line, char *error)
{
    char *columns[COLUMNS_MAX];
    size_t count = split(line, " \t", true, columns);

    if (count != 5 && count != 6)
        return bad(error, "expected IMSI Ki OPc AMF SQN, with blanks between");
    *fields = (struct lk_subscriber_fields){ .imsi = columns[0],
                                             .k = columns[1],
                                             .topc = columns[2],
                                             .amf = columns[3],
                                             .sqn = columns[4] };
    if (count == 6 && strcmp(columns[5], "8") != 0)
        return bad(error, "Milenage has a RES of 8 octets");
    return LK_OK;
}

/* Name,Auth,IMSI,Key,OP_Type,OP/OPc,AMF,SQN,QCI,IP_alloc */
static enum lk_status srsran_line(struct lk_subscriber_fields *fields, char *line, char *error)
{
    char *columns[COLUMNS_MAX];
    size_t count = split(line, ",", false, columns);

    if (count < 8)
        return bad(error, "expected Name,Auth,IMSI,Key,OP_Type,OP/OPc,AMF,SQN,QCI,IP_alloc");
    if (strcmp(columns[1], "mil") != 0)
        return bad(error, "Auth is not mil: XOR is for tests of radio equipment only");
    *fields = (struct lk_subscriber_fields){
        .imsi = columns[2], .k = columns[3], .amf = columns[6], .sqn = columns[7]
    };
    if (strcmp(columns[4], "opc") == 0)
        fields->topc = columns[5];
    else if (strcmp(columns[4], "op") == 0)
        fields->top = columns[5];
    else
        return bad(error, "OP_Type is neither op nor opc");
    return LK_OK;
}

static enum lk_status read_line(struct lk_subscriber_reader *r, struct lk_subscriber_entry *entry)
{
    struct lk_subscriber_fields fields;
    char line[LINE_MAX_LEN];
    enum lk_status status;

    do
        status = next_line(r, line);
    while (status == LK_OK && (line[strspn(line, " \t")] == '\0' || line[0] == '#'));
    if (status != LK_OK)
        return status;
    entry->line = r->error_line;
    status = r->format == LK_FORMAT_HOSTAPD ? hostapd_line(&fields, line, r->error)
                                            : srsran_line(&fields, line, r->error);
    if (status == LK_OK)
        status = lk_subscriber_judge(entry, r->error, &fields);
    lk_wipe(line, sizeof line);
    return status;
}

/* ---- any format ---- */

enum lk_status lk_subscriber_reader_open(struct lk_subscriber_reader *reader,
                                         enum lk_subscriber_format format, struct lk_span text)
{
    *reader = (struct lk_subscriber_reader){ .format = format, .text = text, .line = 1 };
    if (format != LK_FORMAT_UERANSIM)
        return LK_OK;
    reader->yaml = calloc(1, sizeof(yaml_parser_t));
    if (reader->yaml == NULL || yaml_parser_initialize(reader->yaml) == 0)
        return LK_E_SYSTEM;
    yaml_parser_set_input_string(reader->yaml, text.at, text.len);
    return LK_OK;
}

void lk_subscriber_reader_close(struct lk_subscriber_reader *reader)
{
    if (reader->yaml != NULL)
        yaml_parser_delete(reader->yaml);
    free(reader->yaml);
    reader->yaml = NULL;
}

enum lk_status lk_subscriber_read(struct lk_subscriber_reader *reader,
                                  struct lk_subscriber_entry *entry)
{
    switch (reader->format) {
    case LK_FORMAT_HOSTAPD:
    case LK_FORMAT_SRSRAN:
        return read_line(reader, entry);
    case LK_FORMAT_OPEN5GS:
    case LK_FORMAT_LATCHKEY:
        return lk_subscriber_read_json(reader, entry);
    case LK_FORMAT_UERANSIM:
        return lk_subscriber_read_yaml(reader, entry);
    }
    return LK_E_UNSUPPORTED;
}
