/* Mobile IP in a capture: its sockets, which of their datagrams are between agents, and the keys of
 * its associations. */
#include <string.h>

#include "base/secret.h"
#include "role/seen.h"

enum { SPI_LEN = 4 };

void lk_seen_mip(struct lk_seen *seen, int fd, uint16_t port, const struct lk_address *towards)
{
    lk_seen_socket(seen, fd, lk_seen_wants(seen, LK_SEEN_MIP) ? LK_SEEN_MIP : LK_SEEN_MIP_AGENTS,
                   towards);
    for (size_t i = 0; i < seen->sockets; i++)
        if (seen->socket[i].fd == fd)
            seen->socket[i].spoken = port;
}

bool lk_seen_is_mip_agent(const struct lk_seen *seen, const struct lk_address *address)
{
    for (size_t i = 0; i < seen->agents; i++)
        if (lk_address_equal(&seen->agent[i], address))
            return true;
    return false;
}

void lk_seen_mip_agent(struct lk_seen *seen, const struct lk_address *agent)
{
    if (seen->agents < LK_SEEN_AGENTS && !lk_address_is_any(agent) &&
        !lk_seen_is_mip_agent(seen, agent))
        seen->agent[seen->agents++] = *agent;
}

void lk_seen_mip_key(struct lk_seen *seen, enum lk_app_key_log_kind kind, const char *who,
                     uint32_t spi_back, const struct lk_mip_association *key)
{
    uint8_t spis[2 * SPI_LEN];
    struct lk_writer w = lk_writer_of(spis, sizeof spis);
    const struct lk_span parts[2] = { lk_span_text(who), LK_SPAN(spis) };
    struct lk_app_key_log entry;

    lk_put_be32(&w, key->spi);
    lk_put_be32(&w, spi_back);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    if (lk_app_key_log_of(&entry, kind, parts, LK_COUNT_OF(parts),
                          lk_span_of(key->secret.octets, key->secret.len)) == LK_OK) {
        entry.number = key->algorithm;
        lk_seen_app_key(seen, &entry);
    }
    lk_wipe(&entry, sizeof entry);
}
