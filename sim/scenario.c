/* Options as words and numbers: of every world, and a world's own. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

#define AT(member) offsetof(struct lk_sim_options, member)
static const size_t offsets[] = {
    AT(ues), AT(seconds), AT(loss), AT(duplicate), AT(corrupt), AT(replay), AT(delay_ms),
    AT(restart_s), AT(ues),
};
static const struct lk_sim_word common[] = {
    { "ues", 1000000, 8, "devices" },
    { "seconds", 1000000, 120, "of virtual time with faults; then everybody tries once more" },
    { "loss", 900, 100, "of a thousand messages" },
    { "duplicate", 1000, 100, "of a thousand" },
    { "corrupt", 900, 30, "of a thousand, where octets can be changed on the way" },
    { "replay", 1000, 50, "of a thousand: then somebody sends what he has seen before" },
    { "delay-ms", 60000, 400, "at most" },
    { "restart-s", 1000000, 30, "mean time until a process dies; 0: none does" },
    { "nodes", 1000000, 8, "the same as --ues" },
};

static unsigned *number(struct lk_sim_options *options, size_t index)
{
    return (unsigned *)(void *)((char *)options + offsets[index]);
}

const struct lk_sim_word *lk_sim_common_words(size_t *count)
{
    *count = LK_COUNT_OF(common);
    return common;
}

void lk_sim_set_world(struct lk_sim_options *options, const struct lk_sim_row *world)
{
    if (options->world == world)
        return;
    options->world = world;
    for (size_t i = 0; i < world->word_count; i++)
        options->own[i] = world->words[i].usual;
}

void lk_sim_defaults(struct lk_sim_options *options)
{
    *options = (struct lk_sim_options){ .seed = 1 };
    for (size_t i = 0; i < LK_COUNT_OF(common); i++)
        *number(options, i) = common[i].usual;
    lk_sim_set_world(options, lk_sim_world(0));
}

static const struct lk_sim_word *find(const struct lk_sim_word *words, size_t count,
                                      const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

enum lk_status lk_sim_set(struct lk_sim_options *options, const char *name, const char *value)
{
    const struct lk_sim_row *world = options->world;
    const struct lk_sim_word *word = find(common, LK_COUNT_OF(common), name);
    unsigned *at = word == NULL ? NULL : number(options, (size_t)(word - common));
    unsigned long n;
    char *end;

    if (word == NULL) {
        word = find(world->words, world->word_count, name);
        if (word == NULL)
            return LK_E_UNKNOWN;
        at = &options->own[word - world->words];
    }
    n = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || n > word->most)
        return LK_E_VALUE;
    *at = (unsigned)n;
    return LK_OK;
}

static enum lk_status take_line(struct lk_sim_options *options, char *line)
{
    const struct lk_sim_row *world;
    char *rest, *name, *value;

    line[strcspn(line, "#")] = '\0';
    name = strtok_r(line, " \t\r", &rest);
    if (name == NULL)
        return LK_OK;
    value = strtok_r(NULL, " \t\r", &rest);
    if (value == NULL || strtok_r(NULL, " \t\r", &rest) != NULL)
        return LK_E_VALUE;
    if (strcmp(name, "world") != 0)
        return lk_sim_set(options, name, value);
    world = lk_sim_world_named(value);
    if (world == NULL)
        return LK_E_UNKNOWN;
    lk_sim_set_world(options, world);
    return LK_OK;
}

enum lk_status lk_sim_scenario(struct lk_sim_options *options, unsigned *line, struct lk_span text)
{
    char copy[256];
    struct lk_reader r = lk_reader_of(text);

    for (*line = 1; r.left > 0; (*line)++) {
        const uint8_t *end = memchr(r.at, '\n', r.left);
        size_t len = end == NULL ? r.left : (size_t)(end - r.at);
        struct lk_span one = lk_get_span(&r, len);
        enum lk_status status;

        if (r.left > 0)
            (void)lk_get_u8(&r);
        if (len >= sizeof copy)
            return LK_E_LENGTH;
        memcpy(copy, one.at, len);
        copy[len] = '\0';
        status = take_line(options, copy);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}
