/* Between the files of captures of MIS only: mis_capture.c (runs and stories), mis_capture_say.c
 * (what they are written with). */
#ifndef LK_TEST_MIS_CAPTURE_PARTS_H
#define LK_TEST_MIS_CAPTURE_PARTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "eap_world.h"
#include "io/pcapng.h"
#include "mis_capture.h"
#include "proto/mis/sa.h"

enum {
    MIS_LIST_MAX = 2048,
    MIS_PACKETS = 16,
    MIS_PACKET_MAX = 1500,
    MIS_LIFETIME_S = 3600,
};

struct mis_end {
    const char *id;
    struct lk_capture_end at;
};
extern const struct mis_end mis_mn, mis_pos[5]; /* a to e */

/* An SA, and both its ends. */
struct mis_sa {
    uint8_t id[4];
    enum lk_mis_id_type type;
    const struct mis_end *pos;
    uint8_t nonce_t[LK_MIS_NONCE_LEN], nonce_n[LK_MIS_NONCE_LEN];
    struct lk_mis_k k;
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;
    struct lk_mis_sa of_mn, of_pos;
};

struct mis_packet {
    bool to_peer;
    size_t len;
    uint8_t octets[MIS_PACKET_MAX];
};

/* The capture that is being written. */
extern struct mis_writing {
    struct lk_capture *file;
    enum mis_keys keys;
    const struct mis_end *of; /* whose capture it is; NULL: of all */
    uint64_t at_ns;
    uint16_t tid;
    uint8_t sas;
    size_t packets;
    struct mis_packet packet[MIS_PACKETS];
    struct world world;
} mis_now;

void mis_clear(const struct mis_end *from, const struct mis_end *to, enum lk_mis_action action,
               enum lk_mis_opcode opcode, const struct lk_mis_message *message);
void mis_sealed(struct mis_sa *sa, bool from_mn, enum lk_mis_opcode opcode,
                const struct lk_mis_message *message);
struct mis_sa mis_new_sa(enum lk_mis_id_type type, const struct mis_end *at);
void mis_make_keys(struct mis_sa *sa, bool mixed);
void mis_say_offers(struct lk_mis_message *m, const struct mis_sa *sa);
void mis_say_choice(struct lk_mis_message *m, const struct mis_sa *sa);
void mis_say_status(struct lk_mis_message *m, uint8_t status, enum lk_mis_reason reason);
void mis_say_packet(struct lk_mis_message *m, struct lk_span packet);

#endif
