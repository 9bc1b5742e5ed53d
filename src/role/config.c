/* Loading: defaults, then the file, then the overrides, then what one key says about another. */
#include "role/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "role/config_rows.h"

void lk_config_wipe(struct lk_config *config)
{
    lk_wipe(config, sizeof *config);
}

/* What a row says where nobody else does, read by the same code: a text, or "[a, b]". */
static void put_default(struct lk_config *config, struct lk_config_report *report,
                        const struct lk_config_row *row, const char *text,
                        const size_t from[2])
{
    size_t index[2] = { from[0], from[1] };
    const char *bracket = strchr(row->path, '[');
    size_t *last = bracket != NULL && strchr(bracket + 1, '[') != NULL ? &index[1] : &index[0];
    bool is_list = text[0] == '[';
    const char *p = text + is_list;

    do {
        size_t len = is_list ? strcspn(p, ",]") : strlen(p);
        struct lk_config_entry entry = { .line = 0 };

        (void)snprintf(entry.value, sizeof entry.value, "%.*s", (int)len, p);
        lk_config_row_path(entry.path, row, index);
        lk_config_row_apply(config, report, row, index, &entry);
        p += len + strspn(p + len, ", ");
        ++*last;
    } while (is_list && *p != ']');
}

static void defaults(struct lk_config *config, struct lk_config_report *report)
{
    const size_t first[2] = { 0, 0 };
    const struct lk_config_row *row;

    memset(config, 0, sizeof *config);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
        if (row->fallback != NULL)
            put_default(config, report, row, row->fallback, first);
}

/* The path of the list that a row is in, "radius.clients"; false when it is in none. */
static bool list_of(char root[LK_CONFIG_KEY], const struct lk_config_row *row)
{
    const char *bracket = strstr(row->path, "[]");

    if (bracket == NULL)
        return false;
    (void)snprintf(root, LK_CONFIG_KEY, "%.*s", (int)(bracket - row->path), row->path);
    return true;
}

/* A list in the file replaces the default list as a whole. */
static void lists_begin(struct lk_config *config, const struct lk_config_source *source)
{
    const struct lk_config_row *row;
    char root[LK_CONFIG_KEY];

    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++) {
        if (row->fallback == NULL || !list_of(root, row) ||
            lk_config_entry_at(source, root) == NULL)
            continue;
        memset((char *)config + row->at, 0, lk_config_row_size(row));
        if (row->list[0].count != 0)
            memset((char *)config + row->list[0].count, 0, sizeof(size_t));
    }
}

static void unknown_key(struct lk_config_report *report, const struct lk_config_entry *entry)
{
    const char *file = entry->file;
    const char *near = lk_config_row_near(entry->path);
    const char *refused = lk_config_refused_key(entry->path);

    if (refused != NULL) {
        lk_config_problem(report, file, entry->line, "%s: %s", entry->path, refused);
        return;
    }
    if (lk_config_row_is_section(entry->path)) {
        if (entry->value[0] != '\0')
            lk_config_problem(report, file, entry->line,
                              "%s: expected a section with keys below it, found plain text (not "
                              "shown); fix: put the keys on indented lines, as in conf/lab.yaml",
                              entry->path);
        return;
    }
    if (near != NULL)
        lk_config_problem(report, file, entry->line,
                          "%s: expected a known key, found this one; fix: did you mean %s?",
                          entry->path, near);
    else
        lk_config_problem(report, file, entry->line,
                          "%s: expected a known key, found this one; fix: remove it, or compare "
                          "with conf/lab.yaml",
                          entry->path);
}

/* Keeps of path what names an element, in the list of that level. */
static void cut_to_element(char *path, unsigned level)
{
    char *at = strchr(path, ']');

    while (level-- > 0)
        at = strchr(at + 1, ']');
    at[1] = '\0';
}

static void complete_element(struct lk_config *config, const struct lk_config_source *source,
                             struct lk_config_report *report, const struct lk_config_row *row,
                             const size_t index[2], unsigned level)
{
    char path[LK_CONFIG_KEY], list[LK_CONFIG_KEY];
    const struct lk_config_entry *element;
    const char *dot = strrchr(row->path, '.');

    lk_config_row_path(path, row, index);
    if (path[strlen(path) - 1] == ']')
        *strrchr(path, '[') = '\0';
    if (lk_config_entry_at(source, path) != NULL)
        return;
    lk_config_row_path(path, row, index);
    cut_to_element(path, level);
    element = lk_config_entry_at(source, path);
    (void)snprintf(list, sizeof list, "%.*s", (int)(strrchr(path, '[') - path), path);
    if (element != NULL && row->each != NULL)
        put_default(config, report, row, row->each, index);
    else if (row->required && element == NULL)
        lk_config_problem(report, NULL, 0,
                          "%s: expected a %.*s, found none; fix: number the %s from 0 on", path,
                          (int)strlen(strrchr(list, '.') + 1) - 1, strrchr(list, '.') + 1,
                          strrchr(list, '.') + 1);
    else if (row->required)
        lk_config_problem(report, element->file, element->line,
                          "%s: expected %s with it, found none; fix: add %s: %s", path, dot + 1,
                          dot + 1, lk_config_row_example(row));
}

/* What each element of a list that was given must have, and what it has unless it says so; the
 * same of a list within a list. */
static void complete(struct lk_config *config, const struct lk_config_source *source,
                     struct lk_config_report *report, const struct lk_config_row *row)
{
    char root[LK_CONFIG_KEY];
    const char *inner;
    size_t index[2];

    if (!list_of(root, row) || lk_config_entry_at(source, root) == NULL)
        return;
    inner = strstr(row->path, "[].");
    inner = inner == NULL ? NULL : strstr(inner + 2, "[].");
    for (index[0] = 0; index[0] < lk_config_row_count(config, row, 0, 0); index[0]++) {
        size_t count = inner == NULL ? 1 : lk_config_row_count(config, row, 1, index[0]);

        for (index[1] = 0; index[1] < count; index[1]++)
            complete_element(config, source, report, row, index, inner == NULL ? 0 : 1);
    }
}

/* Said, and empty, where a list may be. */
static bool is_empty_list(const struct lk_config_row *row, const struct lk_config_entry *entry)
{
    return !row->some && entry->value[0] == '\0' && row->path[strlen(row->path) - 1] == ']' &&
           entry->path[strlen(entry->path) - 1] != ']';
}

/* What stands at begin or below it; "": all. */
static void apply_entries(struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report, const char *begin)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct lk_config_entry *entry = &source->entries[i];
        const struct lk_config_row *row;
        size_t index[2];

        if (strncmp(entry->path, begin, strlen(begin)) != 0)
            continue;
        row = lk_config_row_find(entry->path, index);
        if (row == NULL)
            unknown_key(report, entry);
        else if (!is_empty_list(row, entry))
            lk_config_row_apply(config, report, row, index, entry);
    }
}

static void apply(struct lk_config *config, const struct lk_config_source *source,
                  struct lk_config_report *report)
{
    const struct lk_config_row *row;

    lists_begin(config, source);
    apply_entries(config, source, report, "");
    for (size_t i = 0; report->count == 0 && (row = lk_config_row_at(i, NULL)) != NULL; i++)
        complete(config, source, report, row);
}

/* A relative name becomes one below the state directory. */
static void place(char *path, const char *state_dir, struct lk_config_report *report,
                  const char *key, size_t cap)
{
    char whole[2 * LK_CONFIG_PATH];

    if (path[0] == '\0' || path[0] == '/' || strncmp(path, "credential:", 11) == 0)
        return;
    (void)snprintf(whole, sizeof whole, "%s/%s", state_dir, path);
    if (strlen(whole) >= cap)
        lk_config_problem(report, "state_dir", 0,
                          "%s: expected a path shorter than %zu characters, found %zu; fix: use a "
                          "shorter state_dir (LATCHKEY_STATE_DIR)",
                          key, cap, strlen(whole));
    else
        memcpy(path, whole, strlen(whole) + 1);
}

/* What the command line says goes before the environment, and that before the file. */
static void place_all(struct lk_config *config, const struct lk_config_source *source,
                      struct lk_config_report *report)
{
    enum { SOCKET_PATH_MAX = 107 }; /* sun_path */
    static const char sqlite[] = "sqlite:";
    const char *from_environment = getenv("LATCHKEY_STATE_DIR");
    const struct lk_config_entry *entry = lk_config_entry_at(source, "state_dir");
    const struct lk_config_row *row;
    char path[LK_CONFIG_PATH];

    if ((entry == NULL || entry->line > 0) && from_environment != NULL &&
        from_environment[0] != '\0' && strlen(from_environment) < sizeof config->state_dir)
        (void)snprintf(config->state_dir, sizeof config->state_dir, "%s", from_environment);
    if (config->state_dir[0] != '/' && getcwd(path, sizeof path) != NULL)
        place(config->state_dir, path, report, "state_dir", sizeof config->state_dir);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
        for (size_t j = 0; row->kind == LK_KEY_PATH && j < lk_config_row_count(config, row, 0, 0);
             j++) {
            const size_t index[2] = { j, 0 };

            place(lk_config_row_value(config, row, index), config->state_dir, report, row->path,
                  row->is_socket ? SOCKET_PATH_MAX : LK_CONFIG_PATH);
        }
    if (strncmp(config->store.url, sqlite, sizeof sqlite - 1) == 0) {
        (void)snprintf(path, sizeof path, "%s", config->store.url + sizeof sqlite - 1);
        place(path, config->state_dir, report, "store.url", LK_CONFIG_PATH - sizeof sqlite);
        (void)snprintf(config->store.url, sizeof config->store.url, "%s%.*s", sqlite,
                       (int)(LK_CONFIG_PATH - sizeof sqlite), path);
    }
}

enum lk_status lk_config_load(struct lk_config *config, struct lk_config_report *report,
                              const char *file, const char *const *sets, size_t set_count)
{
    struct lk_config_source source = { .file = file == NULL ? "built-in defaults" : file };
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    report->count = 0;
    defaults(config, report);
    if (file != NULL) {
        (void)snprintf(config->file, sizeof config->file, "%s", file);
        lk_config_source_file(&source, report, file);
    }
    for (size_t i = 0; i < set_count; i++)
        lk_config_source_set(&source, report, sets[i]);
    lk_config_source_lists(&source, report);
    if (report->count == 0)
        apply(config, &source, report);
    if (report->count == 0) {
        place_all(config, &source, report);
        lk_config_check(config, &source, report);
    }
    lk_config_source_close(&source);
    if (config->workers == 0)
        config->workers = cores < 1                   ? 1
                          : cores > LK_CONFIG_WORKERS ? LK_CONFIG_WORKERS
                                                      : (unsigned)cores;
    if (report->count == 0)
        return LK_OK;
    lk_config_wipe(config);
    return LK_E_CONFIG;
}

enum lk_status lk_config_load_codes(struct lk_config *config, struct lk_config_report *report,
                                    const char *file)
{
    struct lk_config_source source = { .file = file };

    report->count = 0;
    defaults(config, report);
    if (file != NULL)
        lk_config_source_file(&source, report, file);
    apply_entries(config, &source, report, "mis.codes");
    if (report->count == 0)
        lk_config_check_codes(config, &source, report);
    lk_config_source_close(&source);
    return report->count == 0 ? LK_OK : LK_E_CONFIG;
}

bool lk_config_store_folder(char folder[LK_CONFIG_PATH], const struct lk_config *config)
{
    const char *path = strchr(config->store.url, '/');

    if (strncmp(config->store.url, "sqlite:/", 8) != 0 ||
        !lk_config_lies_below(path, config->state_dir, strlen(config->state_dir)))
        return false;
    (void)snprintf(folder, LK_CONFIG_PATH, "%s", path);
    *strrchr(folder, '/') = '\0';
    return true;
}

void lk_config_make_store_folder(const struct lk_config *config)
{
    char folder[LK_CONFIG_PATH];

    if (lk_config_store_folder(folder, config))
        (void)mkdir(folder, 0700);
}

const char *lk_config_default_file(void)
{
    static const char *const places[] = { "conf/lab.yaml", "/etc/latchkey/latchkey.yaml" };
    const char *named = getenv("LATCHKEY_CONFIG");

    if (named != NULL && named[0] != '\0')
        return named;
    for (size_t i = 0; i < LK_COUNT_OF(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

/* Whether both have the same in all places of the row. */
static bool row_equal(const struct lk_config *a, const struct lk_config *b,
                      const struct lk_config_row *row)
{
    size_t count = lk_config_row_count(a, row, 0, 0);

    if (count != lk_config_row_count(b, row, 0, 0))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t inner = lk_config_row_count(a, row, 1, i);

        if (inner != lk_config_row_count(b, row, 1, i))
            return false;
        for (size_t j = 0; j < inner; j++) {
            const size_t index[2] = { i, j };
            size_t size = lk_config_row_size(row);
            const void *one = lk_config_row_value((struct lk_config *)(uintptr_t)a, row, index);
            const void *other = lk_config_row_value((struct lk_config *)(uintptr_t)b, row, index);

            if (!lk_same_secret(one, other, size))
                return false;
        }
    }
    return true;
}

const char *lk_config_needs_restart(const struct lk_config *running, const struct lk_config *next)
{
    const struct lk_config_table *table = NULL;
    const struct lk_config_row *row;

    for (size_t i = 0; (row = lk_config_row_at(i, &table)) != NULL; i++)
        if (row->restart && (table->roles == 0 || (running->roles & table->roles) != 0) &&
            !row_equal(running, next, row))
            return row->path;
    return NULL;
}
