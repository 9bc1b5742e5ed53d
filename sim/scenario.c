/* Scenarios: options as text, one a line. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

struct word {
    const char *name;
    size_t offset;
    unsigned long most;
};

#define AT(member) offsetof(struct lk_sim_options, member)
static const struct word words[] = {
    { "ues", AT(ues), LK_SIM_UES_MAX },  { "seconds", AT(seconds), 1000000 },
    { "loss", AT(loss), 900 },           { "duplicate", AT(duplicate), 1000 },
    { "corrupt", AT(corrupt), 900 },     { "replay", AT(replay), 1000 },
    { "wlan", AT(wlan), 1 },             { "delay-ms", AT(delay_ms), 60000 },
    { "restart-s", AT(restart_s), 1000000 },
};

static enum lk_status take_line(struct lk_sim_options *options, char *line)
{
    char *rest, *name, *value, *end;
    unsigned long number;

    line[strcspn(line, "#")] = '\0';
    name = strtok_r(line, " \t\r", &rest);
    if (name == NULL)
        return LK_OK;
    value = strtok_r(NULL, " \t\r", &rest);
    if (value == NULL || strtok_r(NULL, " \t\r", &rest) != NULL)
        return LK_E_VALUE;
    number = strtoul(value, &end, 10);
    if (*end != '\0' || value[0] == '-')
        return LK_E_VALUE;
    if (strcmp(name, "seed") == 0) {
        options->seed = number;
        return LK_OK;
    }
    for (size_t i = 0; i < LK_COUNT_OF(words); i++)
        if (strcmp(words[i].name, name) == 0 && number <= words[i].most) {
            *(unsigned *)(void *)((char *)options + words[i].offset) = (unsigned)number;
            return LK_OK;
        }
    return LK_E_UNKNOWN;
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
