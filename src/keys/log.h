/* Keys of LTE-WLAN aggregation as lines of text, for captures of the laboratory.
 *
 * Wireshark has a form of its own for the keys of TLS and none for these, so the form is ours [D],
 * a line a key: what it is, whose (the UE's WLAN address), a number, the key, all of it in hex but
 * the name and the number.
 *
 *     KASME 020000000002 0 <64 digits>     the number is the KSI
 *     KENB 020000000002 2 <64 digits>      NCC
 *     S-KWT 020000000002 7 <64 digits>     WT Counter
 *
 * A line is secret; whoever holds one wipes it. */
#ifndef LK_KEYS_LOG_H
#define LK_KEYS_LOG_H

#include "keys/types.h"

enum lk_key_log_kind { LK_KEY_LOG_KASME, LK_KEY_LOG_KENB, LK_KEY_LOG_S_KWT, LK_KEY_LOG_KINDS };
const char *lk_key_log_name(enum lk_key_log_kind kind);

enum { LK_KEY_LOG_STATION_LEN = 6, LK_KEY_LOG_KEY_LEN = 32, LK_KEY_LOG_LINE = 96 };

struct lk_key_log {
    enum lk_key_log_kind kind;
    uint8_t station[LK_KEY_LOG_STATION_LEN];
    uint16_t number;
    uint8_t key[LK_KEY_LOG_KEY_LEN];
};

/* With its newline, and a terminator. */
void lk_key_log_write(char line[LK_KEY_LOG_LINE], const struct lk_key_log *entry);
/* Takes a line off the front of text. LK_E_NOT_FOUND: there is none any more; LK_E_VALUE: that one
 * is none of ours, and what is behind it may be. */
LK_MUST_CHECK enum lk_status lk_key_log_next(struct lk_key_log *entry, struct lk_span *text);

#endif
