#include "role/yaml_file.h"

#include <stdio.h>

/* ---- YAML ---- */

/* The two characters that YAML keeps for itself and people like to write: of the others, libyaml's
 * words say as much as can be said. */
static const char *fix_of(const yaml_parser_t *parser)
{
    const unsigned char *at = parser->buffer.pointer;

    if (parser->error == YAML_SCANNER_ERROR && at != NULL && at < parser->buffer.last) {
        if (*at == '\t')
            return "indent with spaces; a tab may not stand here";
        if (*at == '@')
            return "put quotes around it: \"@FILE\"";
    }
    return "check indentation, colons and quotes here";
}

static bool is_not_valid(struct lk_yaml_wrong *wrong, const yaml_parser_t *parser)
{
    wrong->line = (int)parser->problem_mark.line + 1;
    (void)snprintf(wrong->what, sizeof wrong->what, "not valid YAML: %.90s",
                   parser->problem == NULL ? "unreadable octets" : parser->problem);
    wrong->fix = fix_of(parser);
    return false;
}

/* The next of the document's events, counted; false: it is too deep, too long, or no YAML. */
static bool next(struct lk_yaml_wrong *wrong, yaml_parser_t *parser, unsigned *depth,
                 unsigned *nodes, bool *over)
{
    yaml_event_t event;

    if (!yaml_parser_parse(parser, &event))
        return is_not_valid(wrong, parser);
    wrong->line = (int)event.start_mark.line + 1;
    *over = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
    if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
        ++*depth;
    else if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
        --*depth;
    yaml_event_delete(&event);
    if (*depth > LK_YAML_DEPTH) {
        (void)snprintf(wrong->what, sizeof wrong->what, "nested too deeply");
        wrong->fix = "compare the indentation with conf/lab.yaml";
        return false;
    }
    if (++*nodes > LK_YAML_NODES) {
        (void)snprintf(wrong->what, sizeof wrong->what, "more than %d keys and values",
                       LK_YAML_NODES);
        wrong->fix = "look whether it is the right file";
        return false;
    }
    return true;
}

/* Before anything of it is kept, and event by event: the loader itself bounds neither. */
static bool fits(struct lk_yaml_wrong *wrong, struct lk_span octets)
{
    yaml_parser_t parser;
    unsigned depth = 0, nodes = 0;
    bool over = false, good = true;

    if (!yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, octets.at, octets.len);
    while (good && !over)
        good = next(wrong, &parser, &depth, &nodes, &over);
    yaml_parser_delete(&parser);
    return good;
}

bool lk_yaml_load(yaml_document_t *document, struct lk_yaml_wrong *wrong, struct lk_span octets)
{
    yaml_parser_t parser;
    bool good;

    *wrong = (struct lk_yaml_wrong){ .line = 1, .what = "no memory", .fix = "try again" };
    if (!fits(wrong, octets) || !yaml_parser_initialize(&parser))
        return false;
    yaml_parser_set_input_string(&parser, octets.at, octets.len);
    good = yaml_parser_load(&parser, document) != 0 || is_not_valid(wrong, &parser);
    yaml_parser_delete(&parser);
    return good;
}
