/* What the laboratory is asked, word by word: for the command line and for a journey's step. */
#include "app/lab.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PERCENT_MOST = 90 };

/* Numbers that are no delay and no timer. */
enum number { HANDOVERS, SPACING, LOSS, UU_LOSS, SEED, SEEDS, NUMBERS };
static const struct {
    const char *name, *help;
} numbers[NUMBERS] = {
    [HANDOVERS] = { "handovers", "of the device, with each seed (100)" },
    [SPACING] = { "spacing", "ms from one handover to the next (2000)" },
    [LOSS] = { "loss", "percent of the frames on the air (0)" },
    [UU_LOSS] = { "uu-loss", "percent of the messages of RRC (0)" },
    [SEED] = { "seed", "the first seed (1)" },
    [SEEDS] = { "seeds", "how many, one after the other, told as one (1)" },
};

static bool refuse(char error[LK_LAB_ERROR], const char *format, ...) LK_PRINTF(2, 3);

/* Always false, for the caller to return. */
static bool refuse(char error[LK_LAB_ERROR], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(error, LK_LAB_ERROR, format, args);
    va_end(args);
    return false;
}

void lk_lab_table_defaults(struct lk_lab_table *table)
{
    memset(table, 0, sizeof *table);
    lk_lab_defaults(&table->options);
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        table->wanted[i] = true;
}

/* ---- values ---- */

/* Digits and nothing else; *end is behind them. */
static bool digits(uint64_t *number, char **end, const char *text)
{
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, end, 10);
    return errno == 0;
}

static bool take_number(uint64_t *number, uint64_t least, uint64_t most, const char *text,
                        char error[LK_LAB_ERROR])
{
    char *end;

    if (digits(number, &end, text) && *end == '\0' && *number >= least && *number <= most)
        return true;
    return refuse(error, "takes a number from %llu to %llu, not '%.40s'",
                  (unsigned long long)least, (unsigned long long)most, text);
}

static bool take_unsigned(unsigned *to, uint64_t least, uint64_t most, const char *text,
                          char error[LK_LAB_ERROR])
{
    uint64_t number;

    if (!take_number(&number, least, most, text, error))
        return false;
    *to = (unsigned)number;
    return true;
}

/* "5", "0.5", "12.5": of a hundred, to a thousandth. */
static bool take_percent(unsigned *per_mille, const char *text, char error[LK_LAB_ERROR])
{
    uint64_t whole, tenth = 0;
    char *end;

    if (digits(&whole, &end, text) && whole <= PERCENT_MOST &&
        (*end == '\0' || (*end == '.' && digits(&tenth, &end, end + 1) && *end == '\0' &&
                          tenth <= 9))) {
        *per_mille = (unsigned)(whole * 10 + tenth);
        if (*per_mille <= LK_LAB_LOSS_MAX)
            return true;
    }
    return refuse(error, "takes a percentage from 0 to %d such as 2.5, not '%.40s'", PERCENT_MOST,
                  text);
}

/* "5" or "4-6" */
static bool take_range(struct lk_lab_range *range, uint32_t floor, const char *text,
                       char error[LK_LAB_ERROR])
{
    uint64_t least, most;
    char *end;

    if (digits(&least, &end, text)) {
        most = least;
        if ((*end == '\0' || (*end == '-' && digits(&most, &end, end + 1) && *end == '\0')) &&
            least >= floor && least <= most && most <= LK_LAB_DELAY_MAX) {
            *range = (struct lk_lab_range){ (uint32_t)least, (uint32_t)most };
            return true;
        }
    }
    return refuse(error, "takes ms such as 5 or 4-6, from %u to %d, not '%.40s'", floor,
                  LK_LAB_DELAY_MAX, text);
}

static bool take_order(struct lk_lab_table *table, const char *text, char error[LK_LAB_ERROR])
{
    bool all = strcmp(text, "all") == 0, any = all;

    for (unsigned i = 0; i < LK_LAB_WAYS; i++) {
        table->wanted[i] = all || strcmp(lk_lab_way_rows[i].order, text) == 0;
        any = any || table->wanted[i];
    }
    return any || refuse(error, "is rrc-first, wt-first, ue-initiated or all, not '%.40s'", text);
}

static bool take_one(struct lk_lab_options *o, enum number number, const char *text,
                     char error[LK_LAB_ERROR])
{
    switch (number) {
    case HANDOVERS: return take_unsigned(&o->handovers, 1, LK_LAB_SAMPLES_MAX, text, error);
    case SPACING: return take_unsigned(&o->spacing_ms, 1, LK_LAB_SPACING_MAX, text, error);
    case LOSS: return take_percent(&o->loss, text, error);
    case UU_LOSS: return take_percent(&o->uu_loss, text, error);
    case SEED: return take_number(&o->seed, 0, UINT64_MAX - LK_LAB_SAMPLES_MAX, text, error);
    case SEEDS: return take_number(&o->seeds, 1, LK_LAB_SAMPLES_MAX, text, error);
    case NUMBERS: break;
    }
    return false;
}

bool lk_lab_take(struct lk_lab_table *table, const char *name, const char *value,
                 char error[LK_LAB_ERROR])
{
    struct lk_lab_options *o = &table->options;

    if (strcmp(name, "order") == 0)
        return take_order(table, value, error);
    for (unsigned i = 0; i < NUMBERS; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return take_one(o, (enum number)i, value, error);
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++)
        if (strcmp(name, lk_lab_delay_rows[i].name) == 0)
            return take_range(&o->delay[i], lk_lab_delay_rows[i].least, value, error);
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        if (strcmp(name, lk_lab_timer_rows[i].name) == 0)
            return take_unsigned(&o->timer[i], lk_lab_timer_rows[i].least,
                                 lk_lab_timer_rows[i].most, value, error);
    return refuse(error, "is nothing that the laboratory knows");
}

/* ---- their names ---- */

size_t lk_lab_word_count(void)
{
    return NUMBERS + LK_LAB_DELAYS + LK_LAB_TIMERS;
}

void lk_lab_word(const char **name, char help[LK_LAB_ERROR], size_t index)
{
    char range[32];

    LK_ASSERT(index < lk_lab_word_count());
    if (index < NUMBERS) {
        *name = numbers[index].name;
        snprintf(help, LK_LAB_ERROR, "%s", numbers[index].help);
    } else if (index < NUMBERS + LK_LAB_DELAYS) {
        const struct lk_lab_delay_row *row = &lk_lab_delay_rows[index - NUMBERS];

        *name = row->name;
        snprintf(help, LK_LAB_ERROR, "%s (%s; %s)", row->help,
                 lk_lab_range_text(range, &row->usual), row->source);
    } else {
        const struct lk_lab_timer_row *row = &lk_lab_timer_rows[index - NUMBERS - LK_LAB_DELAYS];

        *name = row->name;
        snprintf(help, LK_LAB_ERROR, "%s (%u)", row->help, row->usual);
    }
}

/* ---- the whole ---- */

static void put(char command[LK_LAB_COMMAND], const char *format, ...) LK_PRINTF(2, 3);

static void put(char command[LK_LAB_COMMAND], const char *format, ...)
{
    size_t len = strlen(command);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(command + len, LK_LAB_COMMAND - len, format, args);
    va_end(args);
}

static const char *order_of(const struct lk_lab_table *table)
{
    const char *name = NULL;

    for (unsigned i = 0; i < LK_LAB_WAYS; i++) {
        if (!table->wanted[i])
            continue;
        if (name != NULL && strcmp(name, lk_lab_way_rows[i].order) != 0)
            return "all";
        name = lk_lab_way_rows[i].order;
    }
    return name;
}

static void write_command(struct lk_lab_table *table)
{
    const struct lk_lab_options *o = &table->options;
    char *to = table->command;

    snprintf(to, LK_LAB_COMMAND, "latchkey lab lwa --order %s --handovers %u --spacing %u --loss "
             "%u.%u", order_of(table), o->handovers, o->spacing_ms, o->loss / 10, o->loss % 10);
    if (o->uu_loss > 0)
        put(to, " --uu-loss %u.%u", o->uu_loss / 10, o->uu_loss % 10);
    put(to, " --seed %llu", (unsigned long long)o->seed);
    if (o->seeds > 1)
        put(to, " --seeds %llu", (unsigned long long)o->seeds);
    for (unsigned i = 0; i < LK_LAB_DELAYS; i++) {
        const struct lk_lab_delay_row *row = &lk_lab_delay_rows[i];

        if (o->delay[i].least != row->usual.least || o->delay[i].most != row->usual.most)
            put(to, " --%s %u-%u", row->name, o->delay[i].least, o->delay[i].most);
    }
    for (unsigned i = 0; i < LK_LAB_TIMERS; i++)
        if (o->timer[i] != lk_lab_timer_rows[i].usual)
            put(to, " --%s %u", lk_lab_timer_rows[i].name, o->timer[i]);
}

bool lk_lab_fits(struct lk_lab_table *table, char error[LK_LAB_ERROR])
{
    const char *why;

    if (!lk_lab_check(&why, &table->options))
        return refuse(error, "wanted is %s", why);
    write_command(table);
    return true;
}

void lk_lab_table_run(struct lk_lab_table *table)
{
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        if (table->wanted[i])
            lk_lab_run(&table->result[i], &table->options, (enum lk_lab_way)i);
}

void lk_lab_table_free(struct lk_lab_table *table)
{
    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        lk_lab_free(&table->result[i]);
}
