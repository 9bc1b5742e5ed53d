#include "role/config_source.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/config_rows.h"
#include "role/yaml_file.h"

enum { MAX_DEPTH = 6, NOTE_LEN = 200, KEY_SHOWN = 40 };

void lk_config_problem(struct lk_config_report *report, const char *file, int line,
                       const char *format, ...)
{
    char *text;
    int used;
    va_list list;

    report->count++;
    if (report->count > LK_CONFIG_PROBLEMS)
        return;
    text = report->problem[report->count - 1];
    if (line > 0)
        used = snprintf(text, LK_CONFIG_PROBLEM_TEXT, "%.200s:%d: ", file, line);
    else
        used = snprintf(text, LK_CONFIG_PROBLEM_TEXT, "%.200s: ", file == NULL ? "--set" : file);
    va_start(list, format);
    (void)vsnprintf(text + used, (size_t)(LK_CONFIG_PROBLEM_TEXT - used), format, list);
    va_end(list);
}

void lk_config_problem_at(struct lk_config_report *report, const struct lk_config_source *source,
                          const char *path, const char *format, ...)
{
    const struct lk_config_entry *entry = lk_config_entry_at(source, path);
    char words[LK_CONFIG_PROBLEM_TEXT];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    lk_config_problem(report, entry == NULL ? source->file : entry->file,
                      entry == NULL ? 0 : entry->line, "%s: %s", path, words);
}

/* None of our keys has anything else: what does not look like one is of another file, and may be
 * secret. */
static bool looks_like_key(const yaml_node_t *key)
{
    const unsigned char *at = key->data.scalar.value;

    if (key->type != YAML_SCALAR_NODE)
        return false;
    for (size_t i = 0; i < key->data.scalar.length; i++)
        if (!isalnum(at[i]) && at[i] != '_' && at[i] != '-')
            return false;
    return key->data.scalar.length > 0 && key->data.scalar.length <= KEY_SHOWN;
}

/* One reading of one document. */
struct walk {
    struct lk_config_source *source;
    struct lk_config_report *report;
    yaml_document_t *document;
    const char *file; /* for problems; NULL: --set */
    unsigned nodes;   /* that were walked through: a node may stand in many places */
};

static int line_of(const struct walk *walk, const yaml_node_t *node)
{
    return walk->file == NULL ? 0 : (int)node->start_mark.line + 1;
}

static void add_entry(struct walk *walk, const char *path, const char *value, size_t len, int line)
{
    struct lk_config_source *source = walk->source;
    struct lk_config_entry *entry;

    if (source->count == LK_CONFIG_ENTRIES) {
        lk_config_problem(walk->report, walk->file, line,
                          "more than %d values; fix: split the roles over several files",
                          LK_CONFIG_ENTRIES);
        return;
    }
    if (len >= LK_CONFIG_VALUE || memchr(value, '\0', len) != NULL) {
        lk_config_problem(walk->report, walk->file, line,
                          "%s: expected plain text of up to %d characters, found %zu; fix: "
                          "shorten it",
                          path, LK_CONFIG_VALUE - 1, len);
        return;
    }
    entry = &source->entries[source->count++];
    (void)snprintf(entry->path, sizeof entry->path, "%s", path);
    memcpy(entry->value, value, len);
    entry->value[len] = '\0';
    entry->file = walk->file;
    entry->line = line;
}

static void walk_node(struct walk *walk, const char *path, const yaml_node_t *node, int depth);

static void walk_pair(struct walk *walk, const char *path, const yaml_node_t *key,
                      const yaml_node_t *value, int depth)
{
    char inner[LK_CONFIG_KEY];
    int len;

    if (key->type != YAML_SCALAR_NODE) {
        lk_config_problem(walk->report, walk->file, line_of(walk, key),
                          "expected a plain word as key; fix: write NAME: VALUE");
        return;
    }
    if (!looks_like_key(key)) {
        lk_config_problem(walk->report, walk->file, line_of(walk, key),
                          "what stands here (not shown) is no key of ours; fix: remove it, or look "
                          "whether it is the right file");
        return;
    }
    len = snprintf(inner, sizeof inner, "%s%s%.*s", path, path[0] == '\0' ? "" : ".",
                   (int)key->data.scalar.length, (const char *)key->data.scalar.value);
    if (len < 0 || (size_t)len >= sizeof inner) {
        lk_config_problem(walk->report, walk->file, line_of(walk, key),
                          "%s: a key of %d characters is none of ours; fix: remove it", path, len);
        return;
    }
    walk_node(walk, inner, value, depth + 1);
}

static bool key_came_before(const yaml_document_t *document, const yaml_node_pair_t *first,
                            const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node((yaml_document_t *)document, pair->key);

    for (const yaml_node_pair_t *p = first; p < pair; p++) {
        const yaml_node_t *other = yaml_document_get_node((yaml_document_t *)document, p->key);

        if (key->type == YAML_SCALAR_NODE && other->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, (const char *)other->data.scalar.value) ==
                0)
            return true;
    }
    return false;
}

static void walk_mapping(struct walk *walk, const char *path, const yaml_node_t *node, int depth)
{
    const yaml_node_pair_t *first = node->data.mapping.pairs.start;

    for (const yaml_node_pair_t *p = first; p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(walk->document, p->key);
        const yaml_node_t *value = yaml_document_get_node(walk->document, p->value);

        if (looks_like_key(key) && key_came_before(walk->document, first, p))
            lk_config_problem(walk->report, walk->file, line_of(walk, key),
                              "the key '%s' is given twice in this section; fix: keep one of them",
                              (const char *)key->data.scalar.value);
        else
            walk_pair(walk, path, key, value, depth);
    }
}

static void walk_node(struct walk *walk, const char *path, const yaml_node_t *node, int depth)
{
    if (++walk->nodes > LK_YAML_NODES) {
        if (walk->nodes == LK_YAML_NODES + 1)
            lk_config_problem(walk->report, walk->file, line_of(walk, node),
                              "more than %d keys and values; fix: look whether it is the right "
                              "file, and for names (&, *) of lists in lists", LK_YAML_NODES);
        return;
    }
    if (depth > MAX_DEPTH) {
        lk_config_problem(walk->report, walk->file, line_of(walk, node),
                          "%s: nested too deeply; fix: compare the indentation with conf/lab.yaml",
                          path);
        return;
    }
    switch (node->type) {
    case YAML_SCALAR_NODE:
        if (path[0] == '\0' && node->data.scalar.length > 0)
            lk_config_problem(walk->report, walk->file, line_of(walk, node),
                              "expected sections (radius:, eap:, ...), found plain text; fix: "
                              "compare with conf/lab.yaml");
        else if (path[0] != '\0')
            add_entry(walk, path, (const char *)node->data.scalar.value, node->data.scalar.length,
                      line_of(walk, node));
        break;
    case YAML_SEQUENCE_NODE: {
        size_t index = 0;

        if (node->data.sequence.items.start == node->data.sequence.items.top && path[0] != '\0')
            add_entry(walk, path, "", 0, line_of(walk, node)); /* said, and empty */
        for (const yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++, index++) {
            char inner[LK_CONFIG_KEY];

            if (snprintf(inner, sizeof inner, "%s[%zu]", path, index) < (int)sizeof inner)
                walk_node(walk, inner, yaml_document_get_node(walk->document, *i), depth + 1);
        }
        break;
    }
    case YAML_MAPPING_NODE:
        walk_mapping(walk, path, node, depth);
        break;
    case YAML_NO_NODE:
    default:
        break;
    }
}

static void read_yaml(struct walk *walk, struct lk_span octets, const char *path)
{
    yaml_document_t document;
    struct lk_yaml_wrong wrong;

    if (!lk_yaml_load(&document, &wrong, octets)) {
        lk_config_problem(walk->report, walk->file, walk->file == NULL ? 0 : wrong.line,
                          "%s; fix: %s", wrong.what, wrong.fix);
        return;
    }
    walk->document = &document;
    if (yaml_document_get_root_node(&document) != NULL)
        walk_node(walk, path, yaml_document_get_root_node(&document), 0);
    yaml_document_delete(&document);
}

static bool entries_ready(struct lk_config_source *source, struct lk_config_report *report)
{
    if (source->entries == NULL)
        source->entries = calloc(LK_CONFIG_ENTRIES, sizeof *source->entries);
    if (source->entries == NULL)
        lk_config_problem(report, source->file, 0, "no memory to read the configuration");
    return source->entries != NULL;
}

void lk_config_source_file(struct lk_config_source *source, struct lk_config_report *report,
                           const char *file)
{
    struct walk walk = { .source = source, .report = report, .file = file };
    struct lk_file_text text;
    char why[LK_FILE_WHY];

    source->file = file;
    if (!entries_ready(source, report))
        return;
    if (!lk_file_text_read(&text, file, why)) {
        lk_config_problem(report, file, 0, "cannot be read: %s; fix: check -c and the file's mode",
                          why);
        return;
    }
    read_yaml(&walk, lk_span_of(text.octets, text.len), "");
    lk_file_text_close(&text);
}

/* A name beside the file that has it; of the command line, as it is. */
static void place_file(char path[LK_CONFIG_PATH], const struct lk_config_entry *entry)
{
    const char *slash = entry->file == NULL || entry->value[0] == '/' ? NULL
                                                                      : strrchr(entry->file, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - entry->file);

    (void)snprintf(path, LK_CONFIG_PATH, "%.*s%s", folder, folder == 0 ? "" : entry->file,
                   entry->value);
}

/* The entry gives way to what is in the file that it names. */
static void read_list(struct lk_config_source *source, struct lk_config_report *report, size_t at)
{
    const struct lk_config_entry entry = source->entries[at];
    char *file = source->list_file[source->list_files];
    struct walk walk = { .source = source, .report = report, .file = file };
    struct lk_file_text text;
    char why[LK_FILE_WHY];

    place_file(file, &entry);
    if (!lk_file_text_read(&text, file, why)) {
        lk_config_problem(report, entry.file, entry.line,
                          "%s: expected a list, or a file with one, found '%.200s' (%s); fix: "
                          "check the path and its mode",
                          entry.path, file, why);
        return;
    }
    source->list_files++;
    source->count--;
    memmove(&source->entries[at], &source->entries[at + 1],
            (source->count - at) * sizeof *source->entries);
    read_yaml(&walk, lk_span_of(text.octets, text.len), entry.path);
    lk_file_text_close(&text);
}

void lk_config_source_lists(struct lk_config_source *source, struct lk_config_report *report)
{
    size_t count = source->count;

    for (size_t i = count; i > 0; i--)
        if (source->entries[i - 1].value[0] != '\0' &&
            lk_config_row_in_file(source->entries[i - 1].path)) {
            if (source->list_files == LK_CONFIG_POINTS)
                return; /* more points than there may be: their row says so */
            read_list(source, report, i - 1);
        }
}

/* Takes out path itself and all that lies below it. */
static void remove_below(struct lk_config_source *source, const char *path)
{
    size_t len = strlen(path);
    size_t kept = 0;

    for (size_t i = 0; i < source->count; i++) {
        const char *p = source->entries[i].path;

        if (strncmp(p, path, len) == 0 && (p[len] == '\0' || p[len] == '.' || p[len] == '['))
            continue;
        if (kept != i)
            source->entries[kept] = source->entries[i];
        kept++;
    }
    source->count = kept;
}

static void set_one(struct lk_config_source *source, struct lk_config_report *report,
                    const char *path, const char *value)
{
    struct walk walk = { .source = source, .report = report };

    remove_below(source, path);
    if (value[0] != '[' && value[0] != '{') {
        add_entry(&walk, path, value, strlen(value), 0);
        return;
    }
    read_yaml(&walk, lk_span_text(value), path);
}

/* "[]" in path stands for every row that the list has. How many values were set. */
static size_t set_each(struct lk_config_source *source, struct lk_config_report *report,
                       const char *path, const char *value)
{
    const char *rows = strstr(path, "[]");
    char one[LK_CONFIG_KEY];
    size_t count = 0;
    int len, row = 0;

    if (rows == NULL || rows[2] == '\0') {
        set_one(source, report, path, value);
        return 1;
    }
    for (;; row++) {
        len = snprintf(one, sizeof one, "%.*s[%d]", (int)(rows - path), path, row);
        if (len < 0 || (size_t)len >= sizeof one || lk_config_entry_at(source, one) == NULL)
            return count;
        len = snprintf(one + len, sizeof one - (size_t)len, "%s", rows + 2);
        count += set_each(source, report, one, value);
    }
}

void lk_config_source_set(struct lk_config_source *source, struct lk_config_report *report,
                          const char *set)
{
    const char *equals = strchr(set, '=');
    char path[LK_CONFIG_KEY];

    if (!entries_ready(source, report))
        return;
    if (equals == NULL || equals == set || (size_t)(equals - set) >= sizeof path) {
        lk_config_problem(report, NULL, 0,
                          "expected PATH=VALUE, found '%.*s'; fix: --set radius.port=11812",
                          NOTE_LEN, set);
        return;
    }
    (void)snprintf(path, sizeof path, "%.*s", (int)(equals - set), set);
    if (set_each(source, report, path, equals + 1) == 0)
        lk_config_problem(report, NULL, 0,
                          "%s: expected a list with rows, found none; fix: write the rows to the "
                          "file, or set the whole list", path);
}

void lk_config_source_close(struct lk_config_source *source)
{
    if (source->entries != NULL)
        lk_wipe(source->entries, LK_CONFIG_ENTRIES * sizeof *source->entries);
    free(source->entries);
    source->entries = NULL;
    source->count = 0;
}

const struct lk_config_entry *lk_config_entry_at(const struct lk_config_source *source,
                                                 const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < source->count; i++)
        if (strncmp(source->entries[i].path, path, len) == 0 &&
            (source->entries[i].path[len] == '\0' || source->entries[i].path[len] == '[' ||
             source->entries[i].path[len] == '.'))
            return &source->entries[i];
    return NULL;
}
