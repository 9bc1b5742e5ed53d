/* The ways by which a subscriber may come to keys of Mobile IP, as words: what he is shown with,
 * what an export has and an import reads. */
#include <stdio.h>
#include <string.h>

#include "app/subscriber.h"
#include "base/mip.h"

static const struct {
    const char *name;
    uint8_t bit;
} ways[] = {
    { "ha-naf", LK_MIP_WAY_HA_NAF }, { "aaa", LK_MIP_WAY_AAA }, { "pushed", LK_MIP_WAY_PUSHED },
    { "bsf", LK_MIP_WAY_BSF },
};

const char *lk_subscriber_ways_text(char text[LK_WAYS_TEXT], uint8_t refused)
{
    size_t len = 0;

    if ((refused & LK_MIP_WAYS) == 0)
        return "any";
    if ((refused & LK_MIP_WAYS) == LK_MIP_WAYS)
        return "none";
    for (size_t i = 0; i < LK_COUNT_OF(ways); i++)
        if ((refused & ways[i].bit) == 0)
            len += (size_t)snprintf(text + len, LK_WAYS_TEXT - len, "%s%s", len == 0 ? "" : " ",
                                    ways[i].name);
    return text;
}

static uint8_t bit_of(const char *word, size_t len)
{
    for (size_t i = 0; i < LK_COUNT_OF(ways); i++)
        if (strlen(ways[i].name) == len && strncmp(ways[i].name, word, len) == 0)
            return ways[i].bit;
    return 0;
}

/* What the words leave out is refused. */
enum lk_status lk_subscriber_ways_of(uint8_t *refused, const char *words)
{
    *refused = strcmp(words, "any") == 0 ? 0 : LK_MIP_WAYS;
    if (*refused == 0 || strcmp(words, "none") == 0)
        return LK_OK;
    for (;;) {
        size_t len = strcspn(words, " ");
        uint8_t bit = bit_of(words, len);

        if (bit == 0)
            return LK_E_VALUE;
        *refused &= (uint8_t)~bit;
        if (words[len] == '\0')
            return LK_OK;
        words += len + 1;
    }
}
