/* Keys of LTE-WLAN aggregation, of MIS and of applications as lines of text, for captures of the
 * laboratory.
 *
 * Wireshark has a form of its own for the keys of TLS and none for these, so the form is ours [D],
 * a line a key: what it is, whose (the UE's WLAN address), a number, the key, all of it in hex but
 * the name and the number.
 *
 *     KASME 020000000002 0 <64 digits>     the number is the KSI
 *     KENB 020000000002 2 <64 digits>      NCC
 *     S-KWT 020000000002 7 <64 digits>     WT Counter
 *
 * Of an SA of MIS, whose is its SAID: the type, then the value. MISK is MIAK, MIIK and MIEK in one:
 * suite and PRF say where they are cut.
 *
 *     MIS_K 035a010203 0 <32 to 128 digits>        0 of an SPoS, 1 of the home, 2 rMSK, 3 MSK
 *     MIS_MISK 035a010203 258 <digits>             256 times the code c of the suite, and the PRF's
 *
 * MSPMK is a link key of that SA: the MN's link address, the point of attachment's, then the key.
 *
 *     MIS_MSPMK 035a010203 19 <24 digits><64 digits>    the type of the link
 *
 * Of keys for applications, whose is the name that the key goes by, then, behind a zero octet, what
 * it is for. Of an end-to-end session there is no key in a line, only what its two ends show of it:
 *
 *     GBA_KS <B-TID> 0 <64 digits>
 *     GBA_KS_NAF <B-TID 00 NAF_Id> 0 <64 digits>
 *     GBA_RES <RAND> 0 <8 to 32 digits>     what the card answered
 *     AKMA_K_AKMA <A-KID> 0 <64 digits>
 *     AKMA_K_AF <A-KID 00 AF_ID> 0 <64 digits>
 *     E2E_SESSION <key id 00 application 00 identity 00 NAF_Id of the server> 3 <16 digits>
 *                                      1 N, 2 P, 4 a client key, 8 by a ticket; a fingerprint
 *
 * Of Mobile IP, whose is who has it with the agent, or with the home AAA: the digits of an IMSI, or
 * the name of a foreign agent; then, behind a zero octet, the SPI of what it sends and the SPI of
 * what it is sent, four octets each. The number is the algorithm (base/mip.h):
 *
 *     MIP_MN_HA <IMSI 00 SPI SPI> 5 <32 to 128 digits>
 *     MIP_MN_AAA, MIP_MN_FA, MIP_FA_HA
 *
 * A line is secret; whoever holds one wipes it. */
#ifndef LK_KEYS_LOG_H
#define LK_KEYS_LOG_H

#include "keys/mip.h"
#include "keys/mis.h"

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

/* ---- MIS ---- */

enum lk_mis_key_log_kind {
    LK_MIS_KEY_LOG_K,
    LK_MIS_KEY_LOG_MISK,
    LK_MIS_KEY_LOG_MSPMK,
    LK_MIS_KEY_LOG_KINDS
};
enum lk_mis_key_log_origin {
    LK_MIS_KEY_LOG_SPOS,
    LK_MIS_KEY_LOG_HOME,
    LK_MIS_KEY_LOG_RMSK,
    LK_MIS_KEY_LOG_MSK,
};
enum { LK_MIS_KEY_LOG_SAID_MAX = 1 + LK_MIS_SA_ID_MAX, LK_MIS_KEY_LOG_LINE = 232 };

struct lk_mis_key_log {
    enum lk_mis_key_log_kind kind;
    size_t said_len;
    uint8_t said[LK_MIS_KEY_LOG_SAID_MAX];
    uint16_t number;
    size_t key_len;
    uint8_t key[LK_MISK_MAX];
};

/* id has LK_MIS_SA_ID_MIN to LK_MIS_SA_ID_MAX octets. */
void lk_mis_key_log_misk(struct lk_mis_key_log *entry, uint8_t sa_type, struct lk_span id,
                         const struct lk_mis_agreed *agreed, const struct lk_mis_keys *keys);
/* The slices of a MISK; false: it is not as long as suite and PRF say. */
bool lk_mis_key_log_keys(struct lk_mis_keys *keys, const struct lk_mis_key_log *entry,
                         const struct lk_mis_agreed *agreed);
void lk_mis_key_log_mspmk(struct lk_mis_key_log *entry, uint8_t sa_type, struct lk_span id,
                          const struct lk_mis_link_pair *link, const struct lk_mspmk *key);
/* The parts of an MSPMK; false: it is not as long as they are. */
bool lk_mis_key_log_link(struct lk_mis_link_pair *link, struct lk_mspmk *key,
                         const struct lk_mis_key_log *entry);
/* As above. */
void lk_mis_key_log_write(char line[LK_MIS_KEY_LOG_LINE], const struct lk_mis_key_log *entry);
LK_MUST_CHECK enum lk_status lk_mis_key_log_next(struct lk_mis_key_log *entry,
                                                 struct lk_span *text);
/* ---- applications ---- */

enum lk_app_key_log_kind {
    LK_APP_KEY_LOG_KS,
    LK_APP_KEY_LOG_KS_NAF,
    LK_APP_KEY_LOG_K_AKMA,
    LK_APP_KEY_LOG_K_AF,
    LK_APP_KEY_LOG_E2E,
    LK_APP_KEY_LOG_RES,
    LK_APP_KEY_LOG_MN_HA,
    LK_APP_KEY_LOG_MN_AAA,
    LK_APP_KEY_LOG_MN_FA,
    LK_APP_KEY_LOG_FA_HA,
    LK_APP_KEY_LOG_KINDS
};
enum {
    LK_APP_KEY_LOG_WHOSE_MAX = 960,
    LK_APP_KEY_LOG_KEY_MAX = sizeof((struct lk_mip_secret *)0)->octets,
    LK_APP_KEY_LOG_LINE = 2 * LK_APP_KEY_LOG_WHOSE_MAX + 2 * LK_APP_KEY_LOG_KEY_MAX + 32,
    LK_APP_KEY_LOG_FINGERPRINT = 8,
    LK_APP_KEY_LOG_RES_MIN = 4,
    LK_APP_KEY_LOG_RESUMED = 8, /* beside the bits of what went into a session */
};

struct lk_app_key_log {
    enum lk_app_key_log_kind kind;
    size_t whose_len;
    uint8_t whose[LK_APP_KEY_LOG_WHOSE_MAX];
    uint16_t number;
    size_t key_len; /* LK_KEY_LOG_KEY_LEN, or LK_APP_KEY_LOG_FINGERPRINT, or that of RES, or of a
                     * secret of Mobile IP */
    uint8_t key[LK_APP_KEY_LOG_KEY_MAX];
};

/* Of one name; more says what it is for. LK_E_FULL: it is longer than whose. */
LK_MUST_CHECK enum lk_status lk_app_key_log_of(struct lk_app_key_log *entry,
                                               enum lk_app_key_log_kind kind,
                                               const struct lk_span *parts, size_t count,
                                               struct lk_span key);
/* The part of that number; the last one is all that is left. Empty: there is none. */
struct lk_span lk_app_key_log_part(const struct lk_app_key_log *entry, size_t number);
/* As above. */
void lk_app_key_log_write(char line[LK_APP_KEY_LOG_LINE], const struct lk_app_key_log *entry);
LK_MUST_CHECK enum lk_status lk_app_key_log_next(struct lk_app_key_log *entry,
                                                 struct lk_span *text);

#endif
