/* Octets as the life of the network's end of an attach, with a real device beside it: messages of
 * the device as they are or altered, messages of nobody, vectors, timers. It never has a context
 * that a device with the card has not, and none for another subscriber. */
#include "eps.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin();
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        unsigned before = contexts_of_network;

        happen(&r, true);
        if (contexts_of_network == before)
            continue;
        LK_ASSERT(contexts_of_device > 0 && is_made(&of_network.kasme));
        LK_ASSERT(memcmp(&of_network.kasme, &of_device.kasme, sizeof of_network.kasme) == 0);
        LK_ASSERT(memcmp(&of_network.kenb, &of_device.kenb, sizeof of_network.kenb) == 0);
        LK_ASSERT(lk_imsi_equal(&of_network.imsi, &of_device.imsi));
    }
    return 0;
}
