/* Octets as a packet: a discovery of home agents that is read is written so that the same is read
 * again. */
#include "fuzz.h"

#include "wire/mip6_discovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[LK_MIP6_DISCOVERY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mip6_discovery discovery, again;

    if (lk_mip6_discovery_read(&discovery, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(discovery.reply == (discovery.agent_count > 0));
    LK_ASSERT(lk_mip6_discovery_write(&w, &discovery) == LK_OK);
    LK_ASSERT(lk_mip6_discovery_read(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_span_of(&discovery, sizeof discovery),
                            lk_span_of(&again, sizeof again)));
    return 0;
}
