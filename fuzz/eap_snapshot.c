/* A snapshot that unpacks packs to the same octets, and the server it makes keeps its promises. */
#include "fuzz.h"

#include <string.h>

#include "proto/eap/server.h"

static void takes_a_packet(struct lk_eap_server server)
{
    static const uint8_t client_error[] = { 2, 0, 0, 12, 50, 14, 0, 0, 22, 1, 0, 0 };
    struct lk_eap_server_config config;
    uint8_t packet[sizeof client_error];
    struct lk_event event = { .kind = LK_EV_RECEIVED };
    struct lk_outbox out;

    memcpy(packet, client_error, sizeof packet);
    packet[1] = server.id;
    packet[4] = server.type;
    event.received = LK_SPAN(packet);
    lk_eap_server_defaults(&config);
    lk_outbox_empty(&out);
    LK_ASSERT(lk_eap_server_step(&server, &config, &event, &out) == LK_OK);
    LK_ASSERT(server.state == LK_EAP_SERVER_FAILED);
    LK_ASSERT(lk_outbox_find(&out, LK_OUT_GRANT) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_eap_server server, empty;
    uint8_t again[LK_EAP_SNAPSHOT_MAX];
    struct lk_writer w = lk_writer_of(again, sizeof again);

    lk_eap_server_init(&empty);
    if (lk_eap_server_unpack(&server, &r) != LK_OK) {
        LK_ASSERT(memcmp(&server, &empty, sizeof server) == 0);
        return 0;
    }
    LK_ASSERT(lk_eap_server_pack(&server, &w) == LK_OK);
    LK_ASSERT(w.len == len && memcmp(again, octets, len) == 0);
    takes_a_packet(server);
    return 0;
}
