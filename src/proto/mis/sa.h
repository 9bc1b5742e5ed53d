/* One security association of MIS: what it is, and whole PDUs under it (IEEE 802.21 9, SA by EAP or
 * by an SPoS).
 *
 *     header (S) | source | destination | SAID | Security( counter ... )
 *     `------------ covered by the MIC -----------'
 *
 * What stands behind the identifiers in clear is a list of TLVs; under an SA the list is inside
 * Security. The counter is a role octet, a zero and a sequence of eight octets that begins at 1.
 * Both directions share a MIEK, so the role octet alone keeps their nonces apart: the end that
 * began is 00, the other 01, and a PDU with our own role comes from nobody.
 *
 * A message that is sent again is the same octets: the caller keeps them, and does not protect it
 * again. One that is opened again gives LK_E_SYNC, which is said of a PDU that verified: so the
 * caller may answer it as it did before, but never process it.
 *
 * An SA by TLS has no keys here: records of TLS protect it, and it never takes a K (T41). */
#ifndef LK_PROTO_MIS_SA_H
#define LK_PROTO_MIS_SA_H

#include "keys/mis.h"
#include "wire/mis.h"

enum {
    LK_MIS_COUNTER_LEN = 10,
    LK_MIS_IV_LEN = 16,
    LK_MIS_TAG_LEN = 16, /* of CCM */
    LK_MIS_MIC_LEN = 12, /* of the other suites */
    LK_MIS_WINDOW = 64,
    /* A list of TLVs under an SA; longer ones are refused at both ends. */
    LK_MIS_LIST_MAX = 7168,
    LK_MIS_ENCR_MAX = LK_MIS_COUNTER_LEN + LK_MIS_IV_LEN + LK_MIS_LIST_MAX + LK_MIS_TAG_LEN,
};
/* No PDU has this sequence, or a higher one: the SA is at its end. */
#define LK_MIS_SEQUENCE_END (UINT64_C(1) << 48)

enum lk_mis_role {
    LK_MIS_BEGAN = 0, /* MN, or the PoS that began */
    LK_MIS_ANSWERED = 1,
};

struct lk_mis_name {
    uint8_t octets[LK_MIS_ID_MAX];
    size_t len;
};
/* False: empty, or too long; then the name is empty. */
bool lk_mis_name_set(struct lk_mis_name *name, struct lk_span id);
bool lk_mis_name_is(const struct lk_mis_name *name, struct lk_span id);
struct lk_span lk_mis_name_of(const struct lk_mis_name *name);

struct lk_mis_sa {
    struct lk_mis_name self, peer; /* MISF IDs */
    enum lk_mis_id_type type;
    uint8_t id[LK_MIS_SA_ID_MAX];
    size_t id_len;
    enum lk_mis_role role; /* ours */
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;
    bool has_msrk;
    struct lk_msrk msrk; /* of the K that the SA is of: for link keys */
    uint8_t chain_used;
    uint64_t expires_ms;
    uint64_t sent;     /* the last sequence */
    uint64_t received; /* the greatest that verified */
    uint64_t window;   /* bit i: received - i was there */
};

/* What an SA is made of; spans are copied. */
struct lk_mis_sa_start {
    struct lk_span self, peer;
    struct lk_mis_said said;
    enum lk_mis_role role;
    struct lk_mis_agreed agreed;
    const struct lk_mis_keys *keys;
    const struct lk_msrk *msrk; /* NULL: no link key comes of it */
    uint8_t chain_used;
    uint64_t expires_ms;
};
/* LK_E_LENGTH: a name or the SAID's value is too short or too long. LK_E_DENIED: a type that has no
 * K: TLS, or a group's. */
LK_MUST_CHECK enum lk_status lk_mis_sa_init(struct lk_mis_sa *sa,
                                            const struct lk_mis_sa_start *start);
void lk_mis_sa_wipe(struct lk_mis_sa *sa);
/* T22: MIAK is of the establishment, which is over: it goes, and no PDU needs it. */
void lk_mis_sa_established(struct lk_mis_sa *sa);
/* LK_E_NOT_FOUND: the SA was made without an MSRK. */
LK_MUST_CHECK enum lk_status lk_mis_sa_link_key(struct lk_mspmk *key, const struct lk_mis_sa *sa,
                                                const struct lk_mis_link_pair *link);

/* As the SA is named in PDUs. */
struct lk_mis_said lk_mis_sa_said(const struct lk_mis_sa *sa);
bool lk_mis_sa_is(const struct lk_mis_sa *sa, const struct lk_mis_said *said);
/* A rule demands types: bits 1 << enum lk_mis_id_type. One that an SPoS made satisfies a rule that
 * names it, and no other. */
bool lk_mis_type_satisfies(uint8_t type, unsigned demanded);
/* An SA that was established by EAP, or from one by an SPoS, can lead to the next optimised one. */
bool lk_mis_type_has_k(uint8_t type);

/* Writes a PDU of the list under the SA. header gives Message ID, TID and the bits of ACK. iv: 16
 * random octets, which CBC takes. LK_E_EXPIRED: past its lifetime, or at the last sequence: the SA
 * is to be established anew. LK_E_DENIED: a key in a suite that does not encrypt. LK_E_LENGTH;
 * LK_E_FULL. Nothing was used up then, but the sequence may be. */
LK_MUST_CHECK enum lk_status lk_mis_protect(struct lk_mis_sa *sa, struct lk_writer *w,
                                            const struct lk_mis_header *header, struct lk_span list,
                                            const uint8_t iv[LK_MIS_IV_LEN], uint64_t now_ms,
                                            const struct lk_mis_codes *codes);

/* A list that was opened; may hold a K: the caller wipes it. */
struct lk_mis_opened {
    size_t len;
    uint8_t octets[LK_MIS_LIST_MAX];
};
/* pdu was decoded, and the SA found by its SAID. Otherwise the PDU is to be dropped and counted,
 * silently, and opened is empty: LK_E_NOT_FOUND: of another SA. LK_E_DENIED: not from the peer or
 * not to us; or a key that is not encrypted. LK_E_EXPIRED: past the SA's lifetime. LK_E_MAC:
 * altered, or of nobody. LK_E_SYNC: it verified, and was there before or is too old. LK_E_VALUE,
 * LK_E_SHORT, LK_E_LENGTH: not as this suite makes them. */
LK_MUST_CHECK enum lk_status lk_mis_unprotect(struct lk_mis_sa *sa, struct lk_mis_opened *opened,
                                              const struct lk_mis_pdu *pdu, uint64_t now_ms,
                                              const struct lk_mis_codes *codes);

#endif
