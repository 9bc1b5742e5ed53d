/* Reading subscribers out of documents: JSON (Open5GS, ours) and YAML (UERANSIM). */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include <yaml.h>

#include "app/subscriber.h"

/* ---- JSON: documents behind each other, a line each, or in an array ---- */

/* Steps over what stands between documents. False at the end. */
static bool json_skip(struct lk_subscriber_reader *r)
{
    for (; r->at < r->text.len; r->at++) {
        uint8_t c = r->text.at[r->at];

        if (c == '\n')
            r->line++;
        else if (c != ' ' && c != '\t' && c != '\r' && c != ',' && c != '[' && c != ']')
            return true;
    }
    return false;
}

static void json_step(struct lk_subscriber_reader *r, size_t len)
{
    for (size_t i = 0; i < len && r->at < r->text.len; i++, r->at++)
        r->line += r->text.at[r->at] == '\n';
}

/* The next document. After one that does not parse the rest of its line is passed over. */
static enum lk_status json_next(struct lk_subscriber_reader *r, json_t **document)
{
    json_error_t error;
    const char *from, *end;

    if (!json_skip(r))
        return LK_E_NOT_FOUND;
    from = (const char *)r->text.at + r->at;
    r->error_line = r->line;
    *document = json_loadb(from, r->text.len - r->at,
                           JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
    if (*document != NULL) {
        json_step(r, (size_t)error.position);
        return LK_OK;
    }
    snprintf(r->error, sizeof r->error, "not JSON: %.120s", error.text);
    r->error_line = r->line + (error.line > 1 ? (unsigned)error.line - 1 : 0);
    end = memchr(from, '\n', r->text.len - r->at);
    json_step(r, end == NULL ? r->text.len - r->at : (size_t)(end - from) + 1);
    return LK_E_VALUE;
}

static const char *json_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* A number: as such, as a text, or as MongoDB's extended JSON writes it. */
static const char *json_number(const json_t *object, const char *name, char text[24])
{
    const json_t *value = json_object_get(object, name);

    if (json_is_object(value))
        value = json_object_get(value, "$numberLong");
    if (json_is_integer(value))
        snprintf(text, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_string(value))
        snprintf(text, 24, "%s", json_string_value(value));
    else
        return NULL;
    return text;
}

static void open5gs_fields(struct lk_subscriber_fields *fields, const json_t *document,
                           char sqn[24])
{
    const json_t *security = json_object_get(document, "security");
    const char *opc = json_text(security, "opc");

    *fields = (struct lk_subscriber_fields){
        .imsi = json_text(document, "imsi"),
        .k = json_text(security, "k"),
        .topc = opc != NULL && opc[0] != '\0' ? opc : NULL,
        .top = json_text(security, "op"),
        .amf = json_text(security, "amf"),
        .sqn = json_number(security, "sqn", sqn),
        .sqn_decimal = true,
    };
}

static unsigned small(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));

    return value > 0 && value < 256 ? (unsigned)value : 0;
}

static enum lk_akma_said akma_of(const json_t *document)
{
    const json_t *value = json_object_get(document, "akma");

    return !json_is_boolean(value) ? LK_AKMA_UNSAID
           : json_is_true(value)   ? LK_AKMA_ALLOWED
                                   : LK_AKMA_REFUSED;
}

static void latchkey_fields(struct lk_subscriber_fields *fields, const json_t *document)
{
    const char *topc = json_text(document, "topc"), *top = json_text(document, "top");

    *fields = (struct lk_subscriber_fields){
        .imsi = json_text(document, "imsi"),
        .algorithm = json_text(document, "algorithm"),
        .k = json_text(document, "k"),
        .topc = topc != NULL ? topc : json_text(document, "opc"),
        .top = top != NULL ? top : json_text(document, "op"),
        .amf = json_text(document, "amf"),
        .sqn = json_text(document, "sqn"),
        .res_len = small(document, "res_len"),
        .iterations = small(document, "iterations"),
        .akma = akma_of(document),
        .mip = json_text(document, "mip"),
    };
}

enum lk_status lk_subscriber_read_json(struct lk_subscriber_reader *reader,
                                       struct lk_subscriber_entry *entry)
{
    struct lk_subscriber_fields fields;
    json_t *document = NULL;
    char sqn[24];
    enum lk_status status = json_next(reader, &document);

    if (status != LK_OK)
        return status;
    entry->line = reader->error_line;
    if (reader->format == LK_FORMAT_OPEN5GS)
        open5gs_fields(&fields, document, sqn);
    else
        latchkey_fields(&fields, document);
    if (reader->format == LK_FORMAT_LATCHKEY && json_object_get(document, "akma") != NULL &&
        fields.akma == LK_AKMA_UNSAID) {
        (void)snprintf(reader->error, sizeof reader->error, "akma is neither true nor false");
        status = LK_E_VALUE;
    } else if (reader->format == LK_FORMAT_LATCHKEY && json_object_get(document, "mip") != NULL &&
               fields.mip == NULL) {
        (void)snprintf(reader->error, sizeof reader->error, "mip is no text");
        status = LK_E_VALUE;
    } else {
        status = lk_subscriber_judge(entry, reader->error, &fields);
    }
    json_decref(document);
    return status;
}

/* ---- YAML ---- */

/* The scalar of that name in the document's uppermost mapping. */
static const char *yaml_text(yaml_document_t *document, const char *name)
{
    yaml_node_t *root = yaml_document_get_root_node(document);

    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(document, pair->key);
        yaml_node_t *value = yaml_document_get_node(document, pair->value);

        if (key != NULL && value != NULL && key->type == YAML_SCALAR_NODE &&
            value->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, name) == 0)
            return (const char *)value->data.scalar.value;
    }
    return NULL;
}

static enum lk_status ueransim_fields(struct lk_subscriber_fields *fields,
                                      yaml_document_t *document, char *error)
{
    const char *supi = yaml_text(document, "supi");
    const char *type = yaml_text(document, "opType");
    const char *op = yaml_text(document, "op");

    *fields = (struct lk_subscriber_fields){ .k = yaml_text(document, "key"),
                                             .amf = yaml_text(document, "amf") };
    if (supi == NULL || strncmp(supi, "imsi-", 5) != 0) {
        snprintf(error, LK_READER_ERROR_TEXT, "supi is not imsi- and digits");
        return LK_E_VALUE;
    }
    fields->imsi = supi + 5;
    if (type != NULL && strcasecmp(type, "OPC") == 0)
        fields->topc = op;
    else if (type != NULL && strcasecmp(type, "OP") == 0)
        fields->top = op;
    else {
        snprintf(error, LK_READER_ERROR_TEXT, "opType is neither OP nor OPC");
        return LK_E_VALUE;
    }
    return LK_OK;
}

enum lk_status lk_subscriber_read_yaml(struct lk_subscriber_reader *reader,
                                       struct lk_subscriber_entry *entry)
{
    yaml_parser_t *parser = reader->yaml;
    struct lk_subscriber_fields fields;
    yaml_document_t document;
    enum lk_status status;

    if (yaml_parser_load(parser, &document) == 0) {
        reader->error_line = (unsigned)parser->problem_mark.line + 1;
        snprintf(reader->error, sizeof reader->error, "not YAML: %.120s",
                 parser->problem != NULL ? parser->problem : "");
        return LK_E_SHORT;
    }
    if (yaml_document_get_root_node(&document) == NULL) {
        yaml_document_delete(&document);
        return LK_E_NOT_FOUND;
    }
    reader->error_line = (unsigned)yaml_document_get_root_node(&document)->start_mark.line + 1;
    entry->line = reader->error_line;
    status = ueransim_fields(&fields, &document, reader->error);
    if (status == LK_OK)
        status = lk_subscriber_judge(entry, reader->error, &fields);
    yaml_document_delete(&document);
    return status;
}
