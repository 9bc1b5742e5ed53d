#include "io/http_places.h"

#include <stdlib.h>
#include <sys/socket.h>

struct lk_http_place {
    struct lk_http_place *before, *after;
    struct lk_address_prefix source;
    int fd;
    uint64_t since_ms;
    bool asked;
    bool ending; /* not in the list any more */
    bool has_asked; /* once */
};

static void unlink_it(struct lk_http_places *places, struct lk_http_place *place)
{
    *(place->before == NULL ? &places->first : &place->before->after) = place->after;
    *(place->after == NULL ? &places->last : &place->after->before) = place->before;
    places->count--;
}

static void append(struct lk_http_places *places, struct lk_http_place *place, uint64_t now_ms)
{
    place->since_ms = now_ms;
    place->before = places->last;
    place->after = NULL;
    *(places->last == NULL ? &places->first : &places->last->after) = place;
    places->last = place;
    places->count++;
}

/* The server reads an end, and closes. */
static void end(struct lk_http_places *places, struct lk_http_place *place)
{
    unlink_it(places, place);
    place->ending = true;
    (void)shutdown(place->fd, SHUT_RDWR);
}

bool lk_http_places_may_come(struct lk_http_places *places, const struct lk_peer *peer)
{
    const struct lk_address_prefix source = lk_address_source(&peer->address);
    struct lk_http_place *oldest = NULL;
    unsigned same = 0;

    for (struct lk_http_place *place = places->first; place != NULL; place = place->after) {
        same += lk_address_prefix_equal(&source, &place->source) ? 1 : 0;
        if (oldest == NULL && !place->asked)
            oldest = place;
    }
    if (same >= places->a_source || (places->count >= places->most && oldest == NULL))
        return false;
    if (places->count >= places->most)
        end(places, oldest);
    return true;
}

struct lk_http_place *lk_http_place_take(struct lk_http_places *places, const struct lk_peer *peer,
                                         int fd, uint64_t now_ms)
{
    struct lk_http_place *place = calloc(1, sizeof *place);

    if (place == NULL)
        return NULL;
    place->source = lk_address_source(&peer->address);
    place->fd = fd;
    append(places, place, now_ms);
    return place;
}

void lk_http_place_asked(struct lk_http_place *place)
{
    place->asked = place->has_asked = true;
}

bool lk_http_place_has_asked(const struct lk_http_place *place)
{
    return place->has_asked;
}

void lk_http_place_answered(struct lk_http_places *places, struct lk_http_place *place,
                            uint64_t now_ms)
{
    place->asked = false;
    if (place->ending)
        return;
    unlink_it(places, place);
    append(places, place, now_ms);
}

void lk_http_place_leave(struct lk_http_places *places, struct lk_http_place *place)
{
    if (!place->ending)
        unlink_it(places, place);
    free(place);
}

uint64_t lk_http_places_expire(struct lk_http_places *places, uint64_t now_ms)
{
    for (struct lk_http_place *place = places->first, *after; place != NULL; place = after) {
        after = place->after;
        if (place->asked)
            continue;
        if (now_ms - place->since_ms < LK_HTTP_ASK_MS)
            return place->since_ms + LK_HTTP_ASK_MS - now_ms;
        end(places, place);
    }
    return UINT64_MAX;
}
