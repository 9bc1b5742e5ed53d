/* Two that would listen at one place: the kernel lets them, and shares out what comes. */
#include <stdio.h>
#include <string.h>

#include "role/config_rows.h"
#include "role/kinds.h"

enum { PLACES = 64 };

struct place {
    struct lk_address address;
    unsigned port;
    bool is_tcp;
    const char *address_key, *port_key;
};

struct places {
    const struct lk_process_kind *kind;
    struct place at[PLACES];
    size_t count;
};

static void add_place(struct places *places, const char *address, unsigned port, bool is_tcp,
                      const char *address_key, const char *port_key)
{
    struct place *at = &places->at[places->count];

    if (port == 0 || places->count == PLACES || lk_address_parse(&at->address, address) != LK_OK)
        return;
    at->port = port;
    at->is_tcp = is_tcp;
    at->address_key = address_key;
    at->port_key = port_key;
    places->count++;
}

static enum lk_status add_endpoint(void *context, const char *address, unsigned port,
                                   enum lk_transport transport, unsigned serves)
{
    struct places *places = context;
    const struct lk_service *service = &places->kind->services[serves];

    add_place(places, address, port, transport == LK_TRANSPORT_TCP, service->address,
              service->port);
    return LK_OK;
}

/* Who listens on all addresses of a family meets each of them. */
static bool meet(const struct place *a, const struct place *b)
{
    return a->is_tcp == b->is_tcp && a->port == b->port &&
           lk_address_is_v4(&a->address) == lk_address_is_v4(&b->address) &&
           (lk_address_equal(&a->address, &b->address) ||
            lk_address_is_any(&a->address) || lk_address_is_any(&b->address));
}

static void tell(const struct lk_config_source *source, struct lk_config_report *report,
                 const struct place *a, const struct place *b)
{
    bool one_port = strcmp(a->port_key, b->port_key) == 0;
    const char *first = one_port ? a->address_key : a->port_key;
    const char *second = one_port ? b->address_key : b->port_key;
    const struct lk_config_entry *entry = lk_config_entry_at(source, second);
    char text[LK_ADDRESS_TEXT];

    if (entry == NULL)
        entry = lk_config_entry_at(source, first);
    lk_address_text(text, &b->address);
    lk_config_problem(report, entry == NULL || entry->line > 0 ? source->file : NULL,
                      entry == NULL ? 0 : entry->line,
                      "%s: expected another %s than %s, found %s port %u for both; fix: change one "
                      "of them",
                      second, one_port ? "address" : "port", first, text, b->port);
}

/* Sockets of one purpose are one kind's, and it knows what it does. */
static bool is_one(const struct place *a, const struct place *b)
{
    return strcmp(a->port_key, b->port_key) == 0 && strcmp(a->address_key, b->address_key) == 0;
}

/* The same two keys over another transport, or at another address of them, is told once. */
static bool is_told(const struct places *places, size_t i, size_t j)
{
    for (size_t b = 0; b < j; b++)
        for (size_t a = 0; a < b; a++)
            if (is_one(&places->at[a], &places->at[i]) && is_one(&places->at[b], &places->at[j]) &&
                meet(&places->at[a], &places->at[b]))
                return true;
    return false;
}

void lk_config_check_ports(const struct lk_config *config, const struct lk_config_source *source,
                           struct lk_config_report *report)
{
    struct places places = { .count = 0 };

    for (size_t i = 0; i < lk_kind_count(); i++) {
        places.kind = lk_kind_at(i);
        if (lk_kind_runs(places.kind, config) && places.kind->endpoints != NULL &&
            places.kind->endpoints(config, add_endpoint, &places) != LK_OK)
            return;
    }
    add_place(&places, config->console.listen, config->console.port, true, "console.listen",
              "console.port");
    for (size_t j = 0; j < places.count; j++)
        for (size_t i = 0; i < j; i++)
            if (meet(&places.at[i], &places.at[j]) && !is_one(&places.at[i], &places.at[j]) &&
                !is_told(&places, i, j))
                tell(source, report, &places.at[i], &places.at[j]);
}
