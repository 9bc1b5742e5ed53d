#include "proto/mis/link_keys.h"

#include <string.h>

#include "base/secret.h"

static struct lk_mis_link_addr addr_of(const uint8_t address[LK_STATION_LEN])
{
    return (struct lk_mis_link_addr){ LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC,
                                      lk_span_of(address, LK_STATION_LEN) };
}

void lk_mis_pushed_put(struct lk_writer *w, const struct lk_mis_pushed *pushed)
{
    const struct lk_mis_link_key mapping = {
        .link = { .link = { pushed->link.type, addr_of(pushed->link.mn) },
                  .has_poa = true,
                  .poa = addr_of(pushed->link.poa) },
        .key = LK_SPAN(pushed->key.octets),
        .lifetime_s = pushed->lifetime_s,
    };

    lk_mis_put_length(w, 1);
    lk_mis_put_link_key(w, &mapping);
}

static bool take_addr(uint8_t to[LK_STATION_LEN], const struct lk_mis_link_addr *addr)
{
    if (addr->kind != LK_MIS_ADDR_MAC || addr->family != LK_MIS_FAMILY_MAC)
        return false; /* of that family they are six octets, or nothing was read */
    memcpy(to, addr->octets.at, LK_STATION_LEN);
    return true;
}

/* spec: IEEE 802.21 9.2 - MSRK and MSPMK are made at both ends, of the same names and addresses. */
static enum lk_status take(struct lk_mis_pushed *pushed, const struct lk_mis_link_key *mapping,
                           const struct lk_mis_sa *sa)
{
    enum lk_status status;

    *pushed = (struct lk_mis_pushed){ .link.type = mapping->link.link.type,
                                      .lifetime_s = mapping->lifetime_s };
    if (!mapping->link.has_poa || !take_addr(pushed->link.mn, &mapping->link.link.addr) ||
        !take_addr(pushed->link.poa, &mapping->link.poa) || mapping->lifetime_s == 0)
        return LK_E_VALUE;
    status = lk_mis_sa_link_key(&pushed->key, sa, &pushed->link);
    if (status != LK_OK)
        return status;
    return mapping->key.len == sizeof pushed->key.octets &&
                   lk_same_secret(pushed->key.octets, mapping->key.at, mapping->key.len)
               ? LK_OK
               : LK_E_MAC;
}

enum lk_status lk_mis_pushed_get(struct lk_mis_pushed pushed[LK_MIS_LINK_KEYS_MAX], size_t *count,
                                 struct lk_span list, const struct lk_mis_sa *sa)
{
    struct lk_reader r = lk_reader_of(list);
    enum lk_status status;

    *count = lk_mis_get_length(&r);
    status = *count == 0 || *count > LK_MIS_LINK_KEYS_MAX ? LK_E_FULL : LK_OK;
    for (size_t i = 0; status == LK_OK && i < *count; i++) {
        struct lk_mis_link_key mapping;

        lk_mis_get_link_key(&r, &mapping);
        status = r.status;
        if (status == LK_OK)
            status = take(&pushed[i], &mapping, sa);
    }
    if (status == LK_OK)
        status = lk_reader_end(&r);
    if (status != LK_OK)
        lk_wipe(pushed, LK_MIS_LINK_KEYS_MAX * sizeof *pushed);
    return status;
}
