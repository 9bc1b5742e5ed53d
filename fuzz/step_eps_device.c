/* Octets as the life of the device's end of an attach, with a real network beside it: messages of
 * the network as they are or altered, messages of nobody, its card, timers. It never has a context
 * under a key that no vector brought. */
#include "eps.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    begin();
    for (unsigned i = 0; i < 100 && r.left > 0; i++) {
        unsigned before = contexts_of_device;

        happen(&r, false);
        if (contexts_of_device == before)
            continue;
        LK_ASSERT(is_made(&of_device.kasme));
        LK_ASSERT(network.state != LK_EPS_NETWORK_AWAIT_AS ||
                  memcmp(&of_device.kenb, &network.kenb, sizeof of_device.kenb) != 0 ||
                  of_device.srb.receive_next == network.srb.send_next);
    }
    return 0;
}
