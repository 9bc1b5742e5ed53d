/* One struct type per key: handing an MSK where an EMSK is wanted does not compile.
 *
 * docs/keys.md says of each its parent, inputs, holder, lifetime and who wipes it. */
#ifndef LK_KEYS_TYPES_H
#define LK_KEYS_TYPES_H

#include "base/erp.h"
#include "base/imsi.h"
#include "base/mis.h"
#include "base/octets.h"
#include "crypto/aka.h"

struct lk_ck { uint8_t octets[16]; };        /* TS 33.102 6.3.3 */
struct lk_ik { uint8_t octets[16]; };
struct lk_ck_prime { uint8_t octets[16]; };  /* TS 33.402 A.2 */
struct lk_ik_prime { uint8_t octets[16]; };
struct lk_mk { uint8_t octets[20]; };        /* EAP-AKA, RFC 4187 7 */
struct lk_k_encr { uint8_t octets[16]; };
struct lk_k_aut {
    uint8_t octets[32];
    size_t len; /* 16 in EAP-AKA, 32 in EAP-AKA' */
};
struct lk_k_re { uint8_t octets[32]; };      /* EAP-AKA', RFC 9048 3.3 */
struct lk_msk { uint8_t octets[64]; };       /* RFC 3748 7.10 */
struct lk_emsk { uint8_t octets[64]; };
struct lk_wlcp_key { uint8_t octets[32]; };   /* TS 33.402 7.2.3.2, of the EMSK */

/* EPS, TS 33.401 annex A. A KeNB* is the KeNB of the cell that it was derived for. */
struct lk_kasme { uint8_t octets[32]; };      /* A.2 */
struct lk_kenb { uint8_t octets[32]; };       /* A.3, A.5 */
struct lk_nh { uint8_t octets[32]; };         /* A.4 */
struct lk_k_nas_enc { uint8_t octets[16]; };  /* A.7 */
struct lk_k_nas_int { uint8_t octets[16]; };
struct lk_k_rrc_enc { uint8_t octets[16]; };
struct lk_k_rrc_int { uint8_t octets[16]; };
struct lk_k_up_enc { uint8_t octets[16]; };
struct lk_k_up_int { uint8_t octets[16]; };
struct lk_s_kwt { uint8_t octets[32]; };      /* keys/eps.h says where */

/* IEEE 802.11 12.7.1. */
struct lk_pmk { uint8_t octets[32]; };
struct lk_kck { uint8_t octets[16]; };
struct lk_kek { uint8_t octets[16]; };
struct lk_tk { uint8_t octets[16]; };         /* CCMP-128 */
struct lk_gtk { uint8_t octets[16]; };        /* of a group: drawn, not derived */
struct lk_ptk {
    struct lk_kck kck;
    struct lk_kek kek;
    struct lk_tk tk;
};

/* EAP keys below the EMSK, of RFC 5295, RFC 6696 (ERP) and RFC 6630 (ERP/AAK). */
struct lk_usrk { uint8_t octets[64]; };       /* of one usage */
struct lk_dsrk { uint8_t octets[64]; };       /* of one domain */
struct lk_dsusrk { uint8_t octets[64]; };     /* of one usage in one domain */
struct lk_rrk { uint8_t octets[64]; };        /* of EMSK or DSRK */
struct lk_rik { uint8_t octets[64]; };
struct lk_rmsk { uint8_t octets[64]; };       /* of one authenticator */
struct lk_delivery_key { uint8_t octets[64]; };
struct lk_prk { uint8_t octets[64]; };        /* of EMSK or DSRK */
struct lk_pmsk { uint8_t octets[64]; };       /* of one candidate attachment point */

/* IEEE 802.21 9.2. How long the slices of a MISK are, PRF and suite say. */
struct lk_mis_k {
    uint8_t octets[LK_MIS_K_MAX];
    size_t len; /* at least LK_MIS_K_MIN */
};
struct lk_miak {
    uint8_t octets[32];
    size_t len;
};
struct lk_miik {
    uint8_t octets[20];
    size_t len; /* 0: the suite has none */
};
struct lk_miek {
    uint8_t octets[16];
    size_t len; /* 0: the suite has none */
};
struct lk_msrk { uint8_t octets[64]; };
struct lk_mspmk { uint8_t octets[32]; };
struct lk_mis_auth { uint8_t octets[LK_MIS_AUTH_LEN]; }; /* AUTH-N, AUTH-T */

struct lk_mis_psk { uint8_t octets[64]; };    /* keys/mis_psk.h */

/* What a mobile node of MIS is called (keys/mis_mn.h): public. */
enum { LK_MIS_PSEUDONYM_LEN = 16 };
struct lk_mis_pseudonym { uint8_t octets[LK_MIS_PSEUDONYM_LEN]; };
/* By what one PoS knows, today, that it has met somebody before. */
struct lk_mis_subscriber { uint8_t octets[16]; };

/* What a home signs start marks with (keys/mis_start.h), Ed25519. */
struct lk_home_secret { uint8_t octets[32]; };
struct lk_home_key { uint8_t octets[32]; };   /* the public key of it */

/* GBA, TS 33.220: what is bootstrapped, and what each application function gets of it. */
struct lk_ks { uint8_t octets[32]; };         /* 4.5.2: never leaves BSF and UE */
struct lk_ks_naf { uint8_t octets[32]; };     /* B.3: Ks_NAF, Ks_ext_NAF */
struct lk_ks_int_naf { uint8_t octets[32]; }; /* B.3: of the UICC, GBA_U */

/* AKMA, TS 33.535 annex A; BEST, TS 33.163. */
enum { LK_SQN_XOR_AK_LEN = 6 };
struct lk_k_ausf { uint8_t octets[32]; };
struct lk_k_akma { uint8_t octets[32]; };     /* never leaves AAnF and UE */
struct lk_a_tid { uint8_t octets[32]; };      /* a name: public */
struct lk_k_af { uint8_t octets[32]; };       /* of one application function */
struct lk_k_hse { uint8_t octets[32]; };

/* The secret of HTTP Digest: RES, or the text made of another key. */
enum { LK_DIGEST_PASSWORD_MAX = 44 };
struct lk_digest_password {
    uint8_t octets[LK_DIGEST_PASSWORD_MAX];
    size_t len; /* 0: AUTS is under it */
};

/* Mobile IP: of a home or foreign agent, RFC 3957 5. */
struct lk_mip_key { uint8_t octets[20]; };
/* What authenticators of Mobile IP are made with: one of those, a Ks_NAF, or another. */
struct lk_mip_secret {
    uint8_t octets[64];
    uint8_t len;
};

/* EAP Session-Id (RFC 5247 annex A, RFC 9048 6): type || RAND || AUTN, 33 octets, after a full
 * authentication; type || NONCE_S || MAC, 33 octets, after a fast re-authentication. Public. */
struct lk_session_id {
    uint8_t octets[33];
};

enum { LK_NETWORK_NAME_MAX = 64 }; /* octets of an access network identity, as configured */

/* The keys that a vector has: what the access needs is all that leaves the vault. */
enum lk_vector_keys {
    LK_VECTOR_CK_IK, /* EAP-AKA */
    LK_VECTOR_PRIME, /* EAP-AKA': CK' and IK', bound to the access network's name */
    LK_VECTOR_KASME, /* EPS: KASME, bound to the serving network */
};

/* An authentication vector, as the vault hands it out. The holder wipes it. */
struct lk_vector {
    uint8_t rand[LK_RAND_LEN];
    uint8_t autn[LK_AUTN_LEN];
    uint8_t xres[LK_RES_MAX];
    size_t xres_len;
    enum lk_vector_keys keys; /* says which of these are set */
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_kasme kasme;
};

/* What a fast re-authentication starts from. The server keeps it in a bounded volatile store under
 * the username of the re-authentication identity; the peer keeps its own. Secret as a whole. */
enum { LK_REAUTH_NAME_LEN = 16 }; /* octets behind the username, before base64url */
struct lk_reauth_context {
    uint8_t name[LK_REAUTH_NAME_LEN]; /* made of K_aut (docs/keys.md), one use */
    uint8_t eap_type;                 /* 23 or 50 */
    struct lk_imsi imsi;
    uint16_t counter; /* the last counter used; 0 after a full authentication */
    struct lk_mk mk;  /* EAP-AKA */
    struct lk_k_encr k_encr;
    struct lk_k_aut k_aut;
    struct lk_k_re k_re; /* EAP-AKA' */
};

/* What ERP starts from (RFC 6696), at the peer and, by its name, at the server. Secret as a whole;
 * of the print only the server knows. */
enum { LK_ERP_SEQ_END = 0x10000, LK_ERP_PRINT_LEN = 32 }; /* no SEQ is left: only EAP leads on */
struct lk_erp_context {
    uint8_t name[LK_EMSK_NAME_LEN]; /* EMSKname: public */
    struct lk_imsi imsi;            /* whose */
    struct lk_mis_pseudonym mis_mn; /* and how MIS calls it */
    struct lk_rrk rrk;
    struct lk_prk prk;              /* of early authentication */
    uint8_t suite;                  /* enum lk_erp_suite, of its rIK; 0: not settled yet */
    uint32_t next_seq;              /* the least that has not been used */
    uint64_t expires_ms;
    /* What the server answered last, so that the same question gets the same answer. */
    uint8_t print[LK_ERP_PRINT_LEN];
    uint64_t until_ms;              /* 0: nothing */
    uint32_t rrk_lifetime_s, rmsk_lifetime_s;
};

/* A subscriber's row as the store keeps it: AES-256-GCM under a key derived from the master key,
 * additional data the IMSI. Only the vault can look inside. Beside it, open: whether the subscriber
 * may have keys of AKMA (unsaid: it may; a row that is put in its place then leaves it as it is),
 * and the ways of Mobile IP that it may not use, which no row that is put in its place changes. */
enum { LK_ROW_MAX = 160 };
enum lk_akma_said { LK_AKMA_UNSAID = 0, LK_AKMA_ALLOWED, LK_AKMA_REFUSED };
struct lk_sealed_row {
    uint16_t len;
    enum lk_akma_said akma;
    uint8_t mip_refused; /* bits of enum lk_mip_way */
    uint8_t octets[LK_ROW_MAX];
};

#endif
