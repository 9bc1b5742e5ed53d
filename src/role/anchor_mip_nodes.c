/* Associations with mobile nodes that are not made of a USIM: those of the configuration, and those
 * of a file, one a line:
 *
 *     # IMSI          SPI  key                   and where it is not hmac-sha256, timestamps
 *     001010123456789 256  sixteen-octets-or-more hmac-md5 nonces
 *
 * A reload reads both anew; who is on neither any more has no association, and no binding. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/file_text.h"
#include "role/anchor_parts.h"
#include "role/config_rows.h"
#include "role/mip_config.h"

enum { FILE_MAX = 512 << 20, WHY = 160, ERROR_TEXT = LK_CONFIG_FILE + WHY, AHEAD = 16 };

struct line {
    struct lk_imsi imsi; /* empty: nobody is on it */
    uint64_t subject;    /* its number */
    struct lk_mip_msa msa;
};

/* ---- one line ---- */

/* The next word of a line, which ends where it does or at a '#'; empty: there is none. */
static struct lk_span next_word(struct lk_span *rest)
{
    const uint8_t *at = rest->at, *end = rest->at + rest->len, *from;

    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    for (from = at; at < end && *at != ' ' && *at != '\t' && *at != '\r' && *at != '#';)
        at++;
    *rest = lk_span_of(at, at < end && *at == '#' ? 0 : (size_t)(end - at));
    return lk_span_of(from, (size_t)(at - from));
}

static int place_in(const char *const *words, struct lk_span word)
{
    for (int i = 0; words[i] != NULL; i++)
        if (lk_span_equal(lk_span_text(words[i]), word))
            return i;
    return -1;
}

static const char *take_spi(struct lk_mip_msa *msa, struct lk_span word)
{
    uint64_t spi = 0;
    size_t at = 0;

    while (at < word.len && word.at[at] >= '0' && word.at[at] <= '9' && spi <= INT32_MAX)
        spi = spi * 10 + (uint64_t)(word.at[at++] - '0');
    if (at < word.len || spi < LK_MIP_SPI_LEAST || spi > INT32_MAX)
        return "expected an SPI from 256 on behind the IMSI";
    msa->there.spi = msa->spi_back = (uint32_t)spi;
    return NULL;
}

static const char *take_word(struct lk_mip_msa *msa, struct lk_span word)
{
    int place = place_in(lk_config_mip_algorithm_words, word);

    if (place >= 0) {
        msa->there.algorithm = lk_role_mip_algorithm(place);
        return NULL;
    }
    place = place_in(lk_config_mip_replay_words, word);
    if (place < 0)
        return "expected hmac-md5, hmac-sha1, hmac-sha256, timestamps or nonces behind the key";
    msa->replay = lk_role_mip_replay(place);
    return NULL;
}

/* What is wrong with it; NULL: nothing. */
static const char *take_line(struct line *to, struct lk_span rest)
{
    struct lk_span word = next_word(&rest);
    const char *why;

    to->imsi.digits[0] = '\0';
    if (word.len == 0)
        return NULL;
    if (lk_imsi_parse(&to->imsi, word) != LK_OK)
        return "expected an IMSI, 6 to 15 digits";
    to->subject = lk_imsi_number(&to->imsi);
    to->msa.there.algorithm = LK_MIP_HMAC_SHA256;
    to->msa.replay = LK_MIP_TIMESTAMPS;
    to->msa.ends_ms = UINT64_MAX;
    why = take_spi(&to->msa, next_word(&rest));
    if (why != NULL)
        return why;
    if (lk_mip_secret_set(&to->msa.there.secret, next_word(&rest)) != LK_OK)
        return "expected a key of 16 to 64 characters behind the SPI";
    while (why == NULL && (word = next_word(&rest)).len > 0)
        why = take_word(&to->msa, word);
    return why;
}

/* ---- the file ---- */

/* A place in a table of a million is far away: a line waits until its has come. */
struct taking {
    struct lk_mip_msas *msas; /* NULL: they are looked at alone */
    uint64_t now_ms;
    size_t came, done; /* of ahead, which is a ring */
    struct line ahead[AHEAD];
};

static void put_next(struct taking *taking)
{
    const struct line *line = &taking->ahead[taking->done++ % AHEAD];

    lk_mip_msas_put(taking->msas, line->subject, &line->msa, taking->now_ms);
}

/* The place of the ring where the next line is read to. */
static struct line *next_line(struct taking *taking)
{
    if (taking->came - taking->done == AHEAD)
        put_next(taking);
    return &taking->ahead[taking->came % AHEAD];
}

static void keep_line(struct taking *taking, const struct line *line)
{
    if (taking->msas == NULL || line->imsi.digits[0] == '\0')
        return;
    lk_mip_msas_fetch_chain(taking->msas, line->subject);
    if (taking->came >= AHEAD / 2)
        lk_mip_msas_fetch(taking->msas,
                          taking->ahead[(taking->came - AHEAD / 2) % AHEAD].subject);
    taking->came++;
}

/* Puts those of good lines into the table, where there is one, and says what is wrong with the
 * first other line. Closes text. */
static bool take_all(struct lk_mip_msas *msas, struct lk_file_text *text, const char *path,
                     char error[ERROR_TEXT])
{
    struct taking taking = { .msas = msas, .now_ms = lk_wall_ms() };
    const uint8_t *at = text->octets, *end = text->octets + text->len;
    unsigned number = 0, bad = 0;

    while (at < end) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        struct line *line = next_line(&taking);
        const char *why;

        if (stop == NULL)
            stop = end;
        why = take_line(line, lk_span_of(at, (size_t)(stop - at)));
        at = stop + 1;
        number++;
        if (why != NULL && bad++ == 0)
            (void)snprintf(error, ERROR_TEXT, "%.500s:%u: %s", path, number, why);
        if (why == NULL)
            keep_line(&taking, line);
    }
    while (taking.done < taking.came)
        put_next(&taking);
    lk_wipe(&taking, sizeof taking);
    lk_file_text_close(text);
    return bad == 0;
}

static bool fails(char error[ERROR_TEXT], const char *path, const char *why)
{
    (void)snprintf(error, ERROR_TEXT, "%.500s: %.120s", path, why);
    return false;
}

static bool read_file(struct lk_mip_msas *msas, const char *path, char error[ERROR_TEXT])
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];

    if (path[0] == '\0')
        return true;
    return lk_file_private_read(&text, path, FILE_MAX, why) == LK_OK
               ? take_all(msas, &text, path, error)
               : fails(error, path, why);
}

static bool take_file(struct lk_mip_msas *msas, int fd, const char *path, char error[ERROR_TEXT])
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];

    if (path[0] == '\0')
        return true;
    if (fd < 0)
        return fails(error, path, "cannot be opened");
    return lk_file_private_take(&text, fd, FILE_MAX, why) == LK_OK
               ? take_all(msas, &text, path, error)
               : fails(error, path, why);
}

static void log_trouble(const char *error)
{
    LK_LOG(LK_LOG_ERROR, "mip-nodes", { "why", error },
           { "fix", "mend the line, then latchkey reload; the other lines are in force" });
}

/* ---- both ---- */

static void of_configuration(struct lk_anchor_process *anchor)
{
    const struct lk_config_home_agent *from = &anchor->process.config->anchor.mip;

    for (size_t i = 0; i < from->node_count; i++) {
        struct lk_mip_msa msa;
        struct lk_imsi imsi;

        if (lk_imsi_parse(&imsi, lk_span_text(from->nodes[i].imsi)) != LK_OK)
            continue;
        lk_role_mip_msa_of(&msa, &from->nodes[i].with);
        lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_MN_HA, imsi.digits, msa.spi_back,
                        &msa.there);
        lk_mip_msas_put(anchor->msas, lk_imsi_number(&imsi), &msa, lk_wall_ms());
        lk_wipe(&msa, sizeof msa);
    }
}

void lk_anchor_mip_nodes_begin(struct lk_anchor_process *anchor)
{
    char error[ERROR_TEXT];

    of_configuration(anchor);
    if (!read_file(anchor->msas, anchor->process.config->anchor.mip.nodes_file, error))
        log_trouble(error);
}

/* By the descriptor of the supervisor, which has refused the reload where the file does not fit. */
void lk_anchor_mip_nodes_again(struct lk_anchor_process *anchor)
{
    char error[ERROR_TEXT];
    uint8_t *bound = lk_anchor_bound_by_nodes(anchor);

    lk_mip_msas_remove_endless(anchor->msas);
    of_configuration(anchor);
    if (take_file(anchor->msas, anchor->process.files[0],
                  anchor->process.config->anchor.mip.nodes_file, error))
        lk_anchor_revoke_without_key(anchor, bound);
    else
        log_trouble(error);
    free(bound);
}

const char *lk_anchor_reads_again(const struct lk_config *config, size_t index)
{
    return index == 0 ? config->anchor.mip.nodes_file : NULL;
}

bool lk_anchor_fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    char error[ERROR_TEXT];
    bool fit = read_file(NULL, config->anchor.mip.nodes_file, error);

    if (!fit)
        (void)snprintf(unfit, LK_KIND_UNFIT_TEXT,
                       "%.600s; fix: mend it, for anchor.mip.nodes_file", error);
    return fit;
}
