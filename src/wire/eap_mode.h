/* The value of AT_TWAN_CONN_MODE (TS 24.302 8.2.7; number 144): how a trusted WLAN and a device
 * agree on a connection mode inside EAP-AKA'.
 *
 *     message (1) | mode bits (1) | items: tag (1), length (1), value | tag 0 and zeroes, to fill
 *
 * The standard's layout of the value was not to be had. This one is the project's own, and not
 * interoperable; each of its numbers stands in struct lk_mode_layout and comes from the
 * configuration of both ends. This codec is the only place that knows the layout. */
#ifndef LK_WIRE_EAP_MODE_H
#define LK_WIRE_EAP_MODE_H

#include "wire/twan.h"

enum lk_mode_message {
    LK_MODE_CAPABILITY, /* network: what it supports */
    LK_MODE_REQUEST,    /* device: the one it wants */
    LK_MODE_RESULT,     /* network: the one that holds */
    LK_MODE_MESSAGE_COUNT
};

enum lk_mode_cause {
    LK_MODE_CAUSE_NONE = 0,
    LK_MODE_CAUSE_NOT_SUPPORTED = 32,  /* as the session management causes number it */
    LK_MODE_CAUSE_NOT_AUTHORISED = 33,
    LK_MODE_CAUSE_INCORRECT = 95,
};

enum {
    LK_MODE_VALUE_MIN = 2,
    LK_MODE_VALUE_MAX = 1018, /* what an attribute holds */
    /* With every item there is; what we write is never longer. */
    LK_MODE_WRITTEN_MAX = 2 + (2 + 1) + (2 + 4) + (2 + 16) + (2 + 4),
};

/* The numbers of the layout. */
struct lk_mode_layout {
    uint8_t message[LK_MODE_MESSAGE_COUNT];
    uint8_t transparent, single, multi;             /* one bit each */
    uint8_t cause, twag_ipv4, twag_ipv6, back_off;  /* tags, not 0 */
};

struct lk_mode_value {
    enum lk_mode_message message;
    uint8_t modes; /* bits of lk_twan_mode */
    bool has_cause, has_back_off;
    uint8_t cause;
    uint32_t back_off_s;
    struct lk_twag_address twag;
};

void lk_mode_layout_defaults(struct lk_mode_layout *layout);
/* False when two of its numbers would be confused. */
bool lk_mode_layout_is_sound(const struct lk_mode_layout *layout);

/* LK_E_SHORT, LK_E_UNKNOWN (message), LK_E_LENGTH (of an item), LK_E_TWICE (an item), LK_E_VALUE
 * (octets behind the end that are not zero). Items and mode bits that the layout does not know are
 * skipped. value is all zeroes after a failure. */
LK_MUST_CHECK enum lk_status lk_mode_decode(struct lk_mode_value *value,
                                            const struct lk_mode_layout *layout,
                                            struct lk_span octets);
/* Without what fills up to a multiple of four: lk_aka_put_raw does. */
void lk_mode_encode(struct lk_writer *w, const struct lk_mode_layout *layout,
                    const struct lk_mode_value *value);

#endif
