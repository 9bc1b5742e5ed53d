/* Explain: where a run failed, and why, ranked, with the evidence.
 *
 * A cause is *proven* only by an AUTS, by a MAC or RES that fails when it is calculated again from
 * K and OPc, or by a MAC of RADIUS that fails under the secret. Everything else, however likely, is
 * *possible*. What the same calculations rule out is said too. */
#ifndef LK_TRACE_EXPLAIN_H
#define LK_TRACE_EXPLAIN_H

#include <stdio.h>

#include "base/reason.h"
#include "trace/recompute.h"
#include "trace/trace.h"

enum lk_cause {
    LK_CAUSE_KEYS,         /* K or OPc differ between card and network */
    LK_CAUSE_OP_AS_OPC,    /* OP stored where OPc belongs, or the other way round */
    LK_CAUSE_SQN,          /* the sequence numbers of card and network have different histories */
    LK_CAUSE_AMF,          /* the AMF separation bit is clear in EAP-AKA' */
    LK_CAUSE_NETWORK_NAME, /* the two ends name the network differently */
    LK_CAUSE_PRIME_TWICE,  /* CK', IK' derived from CK', IK' */
    LK_CAUSE_PRIME_NEVER,  /* CK, IK used where CK', IK' belong */
    LK_CAUSE_REALM,        /* realm, MNC length, or another identity in the key derivation */
    LK_CAUSE_SUBSCRIBER,   /* nobody has that IMSI */
    LK_CAUSE_METHOD,       /* no method in common */
    LK_CAUSE_KDF,          /* no AT_KDF in common */
    LK_CAUSE_BIDDING,      /* EAP-AKA although both can do EAP-AKA' */
    LK_CAUSE_TAMPERED,     /* something on the way changes EAP */
    LK_CAUSE_SECRET,       /* the RADIUS secrets differ */
    LK_CAUSE_SERVER_AWAY,  /* not running, other port, client not configured */
    LK_CAUSE_STATE,        /* State not accepted: nodes with different keys, or too late */
    LK_CAUSE_SERVER,       /* vault or store of the server */
    LK_CAUSE_PEER_SILENT,  /* the device stopped answering */
    LK_CAUSE_WLCP_KEY,     /* the two ends of DTLS hold different keys, or one holds none */
    LK_CAUSE_WLCP_CLEAR,   /* WLCP without DTLS */
    LK_CAUSE_MIS_PSK,      /* DTLS of MIS: the PoS has no such key, or another one */
    LK_CAUSE_DTLS_PROFILE, /* version, suites or extended master secret */
    LK_CAUSE_WT_FIRST,     /* the WT had the new S-KWT before the UE was told its counter */
    LK_CAUSE_S_KWT,        /* UE and WT have different S-KWT */
    LK_CAUSE_STATION,      /* the WT does not want the station: no eNB has announced it */
    LK_CAUSE_SSID,         /* the WT has another SSID than the device was told */
    LK_CAUSE_AKM,          /* WT and device have no key management in common */
    LK_CAUSE_WLAN_SILENT,  /* an end of an association stopped answering */
    LK_CAUSE_NO_ACCESS_POINT, /* nobody has the address that the device asks */
    LK_CAUSE_MIS_CHAIN,       /* of MIS: what a PoS says by its reason */
    LK_CAUSE_MIS_TRUST,
    LK_CAUSE_MIS_UNKNOWN_MN,
    LK_CAUSE_MIS_SUITE,
    LK_CAUSE_MIS_EXPIRED,
    LK_CAUSE_MIS_FULL,
    LK_CAUSE_MIS_UNREACHABLE,
    LK_CAUSE_MIS_NO_TARGET,   /* no neighbour of the SPoS fits */
    LK_CAUSE_MIS_AUTH,
    LK_CAUSE_MIS_AAA,         /* of the PoS: it said nothing */
    LK_CAUSE_MIS_REPLAY,
    LK_CAUSE_MIS_SILENT,      /* dropped without a word, or nobody is there */
    LK_CAUSE_MIS_CLEAR,       /* Prereg_Xfer outside an SA */
    LK_CAUSE_MIS_COUNT,       /* a PoS tells less runs than there were */
    LK_CAUSE_MIS_TARGET,      /* of a domain that the MN may not know as a partner's */
    LK_CAUSE_MIP_KEY,         /* of Mobile IP: what a code means, by what the capture shows */
    LK_CAUSE_MIP_OLD_KEY,
    LK_CAUSE_MIP_ALTERED,
    LK_CAUSE_MIP_ALGORITHM,
    LK_CAUSE_MIP_SPI,
    LK_CAUSE_MIP_CLOCK,
    LK_CAUSE_MIP_REPLAY,
    LK_CAUSE_MIP_NONCE,
    LK_CAUSE_MIP_QUARANTINE,
    LK_CAUSE_MIP_CARE_OF,
    LK_CAUSE_MIP_HOME,
    LK_CAUSE_MIP_AGENT_KEY,   /* of foreign agent and home agent */
    LK_CAUSE_MIP_HOME_AGENT,
    LK_CAUSE_MIP_TUNNEL,
    LK_CAUSE_MIP_LIFETIME,
    LK_CAUSE_MIP_HA_SILENT,   /* to the foreign agent */
    LK_CAUSE_MIP_CHALLENGE,
    LK_CAUSE_MIP_MN_FA,
    LK_CAUSE_MIP_AAA,
    LK_CAUSE_MIP_POOR,
    LK_CAUSE_MIP_POLICY,
    LK_CAUSE_MIP_ORDER,
    LK_CAUSE_MIP_TWICE,
    LK_CAUSE_MIP_NONCE_AGAIN,
    LK_CAUSE_MIP_KEYS_DUE,
    LK_CAUSE_MIP_MESG_ID,
    LK_CAUSE_MIP_SILENT,
    LK_CAUSE_MIP_AAA_SILENT,  /* to an agent */
    LK_CAUSE_MIP_AAA_SPI,
    LK_CAUSE_MIP_B_TID,
    LK_CAUSE_MIP_WAY,
    LK_CAUSE_MIP_CLIENT,
    LK_CAUSE_MIP_LEG_OPEN,
    LK_CAUSE_MIP_NODE,
    LK_CAUSE_MIP_NAF,
    LK_CAUSE_COUNT
};

struct lk_cause_row {
    const char *code;   /* stable: "op-as-opc" */
    const char *what;
    const char *clause;
    const char *fix;
};

enum lk_certainty { LK_RULED_OUT, LK_POSSIBLE, LK_PROVEN };

struct lk_cause_found {
    enum lk_cause cause;
    enum lk_certainty certainty;
    unsigned weight; /* orders what has the same certainty */
    char evidence[256];
};

/* What is known beside the capture. */
struct lk_explain_facts {
    const struct lk_recompute_card *card; /* NULL: K and OPc are not known */
    struct lk_span network_name;          /* what the peer believes in; empty: not known */
    struct lk_span secret;                /* of RADIUS; empty: not known */
    const struct lk_refusal *refusal;     /* what our own peer said; NULL: not known */
};

struct lk_explanation {
    size_t run;
    bool failed;
    size_t at;       /* the message where it failed */
    char where[320]; /* in words */
    size_t count;
    struct lk_cause_found causes[LK_CAUSE_COUNT]; /* ranked: proven, possible, ruled out */
    bool provable;   /* it failed, and there is a challenge on which K and OPc can be tried */
    bool recomputed; /* they were */
};

const struct lk_cause_row *lk_cause_row(enum lk_cause cause);
const char *lk_certainty_name(enum lk_certainty certainty);

void lk_explain(struct lk_explanation *explanation, const struct lk_trace *trace, size_t run,
                const struct lk_explain_facts *facts);
/* Runs of one device that failed alike, which a list need not tell one by one. */
bool lk_explain_is_alike(const struct lk_explanation *a, const struct lk_explanation *b,
                         const struct lk_trace *trace);
/* As text, for a terminal. */
void lk_explain_print(FILE *to, const struct lk_explanation *explanation,
                      const struct lk_trace *trace);

/* ---- for explain_proof.c ---- */

/* Adds or strengthens a cause. A proof beats a ruling out, which beats a suspicion. */
void lk_explain_add(struct lk_explanation *explanation, enum lk_cause cause,
                    enum lk_certainty certainty, unsigned weight, const char *format, ...)
    LK_PRINTF(5, 6);
/* What a run of a connection shows: a handshake that failed, and at what. */
void lk_explain_connection(struct lk_explanation *explanation, const struct lk_trace *trace,
                           const struct lk_explain_facts *facts);
/* The same of an association: a refusal, a handshake that came to nothing. */
void lk_explain_association(struct lk_explanation *explanation, const struct lk_trace *trace);
/* The same of an establishment of an SA of MIS. */
void lk_explain_mis(struct lk_explanation *explanation, const struct lk_trace *trace);
/* The same of a bootstrapping. */
void lk_explain_ub(struct lk_explanation *explanation, const struct lk_trace *trace,
                   const struct lk_explain_facts *facts);
/* The same of a registration of Mobile IP. */
void lk_explain_mip(struct lk_explanation *explanation, const struct lk_trace *trace);
/* What K, OPc and the secret prove about the run. */
void lk_explain_prove(struct lk_explanation *explanation, const struct lk_trace *trace,
                      const struct lk_explain_facts *facts);

#endif
