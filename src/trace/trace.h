/* A trace: what a capture holds of the protocols that we know, message by message in order, and the
 * runs they make up.
 *
 * Each protocol is a row of one table (protocol.h), which says which datagrams are its own, how to
 * decode them, which run they belong to, and how to show them. What is encrypted is shown as its
 * records; the messages inside only where whoever ended the encryption wrote them into the capture
 * (io/pcapng.h). Everything here was written by somebody else: what does not decode is kept, with
 * its status, and shown as such. */
#ifndef LK_TRACE_TRACE_H
#define LK_TRACE_TRACE_H

#include "keys/log.h"
#include "keys/rsn.h"
#include "trace/http_seen.h"
#include "trace/pcapng_read.h"
#include "wire/eap.h"
#include "wire/eapol.h"
#include "wire/http_digest.h"
#include "wire/ieee80211.h"
#include "wire/ip.h"
#include "wire/mip.h"
#include "wire/mis.h"
#include "wire/pmip.h"
#include "wire/radius.h"
#include "wire/uu.h"
#include "wire/wlcp.h"
#include "wire/xwap.h"

enum {
    LK_TRACE_MESSAGES_MAX = 200000,
    LK_TRACE_FILE_MAX = 512 * 1024 * 1024,
    LK_TRACE_LOOK_BACK = 4096, /* messages between a request and its answer, a State and its use */
    LK_TRACE_TITLE_MAX = 96,
    LK_TRACE_KEYS_MAX = 4096,  /* keys in the capture that are looked at */
};

#define LK_TRACE_NONE ((size_t)-1)

/* Rows of the table. */
enum lk_trace_protocol_id {
    LK_TRACE_MIP,
    LK_TRACE_MIP6,
    LK_TRACE_RADIUS,
    LK_TRACE_DTLS,
    LK_TRACE_WLCP,
    LK_TRACE_PMIP,
    LK_TRACE_USER,
    LK_TRACE_ASKED,
    LK_TRACE_UU,
    LK_TRACE_XW,
    LK_TRACE_WLAN,
    LK_TRACE_MIS,
    LK_TRACE_UB,
    LK_TRACE_PROTOCOLS
};

/* A RADIUS packet, and the EAP packet inside. */
struct lk_trace_radius {
    struct lk_radius_packet packet;
    bool has_eap;
    struct lk_span eap_octets; /* EAP-Message attributes, joined */
    enum lk_status eap_status;
    struct lk_eap_packet eap;
    bool inner; /* a proxy's copy of a message that the capture holds as well */
};

/* The records of one datagram. */
struct lk_trace_dtls {
    size_t records;
    bool knows_side;         /* a message that only one side sends says which: request is set */
    bool hello;              /* ClientHello without a cookie */
    bool finished;           /* a handshake record under the new keys */
    bool data;               /* application data */
    bool has_alert;          /* in the clear */
    uint8_t alert;
    struct lk_span identity; /* in ClientKeyExchange */
    uint16_t suite;          /* in ServerHello; 0: there is none */
};

struct lk_trace_wlcp {
    struct lk_wlcp_message message;
    struct lk_wlcp_verdict verdict;
    uint8_t senders; /* bits of enum lk_wlcp_end */
    bool answered;
};

/* A packet of a device. */
struct lk_trace_user {
    bool tunnel; /* between TWAG and anchor, else in a frame between device and TWAG */
    bool token;  /* no packet, but what is to come back from where packets shall go (T13) */
    uint8_t version, protocol, icmp;
    uint16_t identifier, sequence; /* of an echo */
    struct lk_address source, destination;
};

/* Places in judged: those of enum lk_mip_extension; v6: LK_AUTH_MN_HA and LK_AUTH_MN_AAA, less
 * one. */
enum { LK_TRACE_MIP_PROOFS = LK_MIP_AUTH_COUNT };

enum lk_trace_mip_kind {
    LK_TRACE_MIP_OTHER,     /* of another type, or it does not even say that */
    LK_TRACE_MIP_REQUEST,   /* Registration Request, Binding Update */
    LK_TRACE_MIP_REPLY,     /* Registration Reply, Binding Acknowledgement */
    LK_TRACE_MIP_REVOKE,    /* Registration Revocation, and what acknowledges it */
    LK_TRACE_MIP_REVOKED,
    LK_TRACE_MIP_TUNNEL,    /* a packet */
};

/* Mobile IPv4, or MIPv6 in the UDP of RFC 5555. Extensions and options: mip.h. */
struct lk_trace_mip {
    bool v6;
    enum lk_trace_mip_kind kind;
    unsigned from, to;       /* enum lk_lane */
    uint8_t code;            /* of a reply; v6: status */
    uint8_t flags;           /* of a request of Mobile IPv4 */
    uint32_t lifetime_s;
    uint64_t identification; /* v6: the sequence number; of revocations the identifier */
    struct lk_address home, agent, care_of; /* ::, where it has none */
    struct lk_span nai;      /* empty: it has none */
    uint8_t judged[LK_TRACE_MIP_PROOFS]; /* enum lk_trace_judged, of each authenticator */
    struct lk_trace_user inner; /* of a tunnel; source ::, it is none that we read */
};

/* What an application asks its device, or is told. */
struct lk_trace_asked {
    bool done;      /* of an answer */
    char who[32];   /* the application */
    char what[48];  /* the question; why not */
    char about[96];
};

enum lk_trace_rrc {
    LK_TRACE_RRC_UNKNOWN, /* another message, or more in it than wire/rrc knows */
    LK_TRACE_RRC_RECONFIGURATION,
    LK_TRACE_RRC_COMPLETE,
    LK_TRACE_RRC_WLAN_STATUS,
    LK_TRACE_RRC_NAS,
    LK_TRACE_RRC_SECURITY_COMMAND,
    LK_TRACE_RRC_SECURITY_COMPLETE,
    LK_TRACE_RRC_SECURITY_FAILURE,
};

/* HELLO, or a PDU of SRB1. */
struct lk_trace_uu {
    bool hello;
    uint8_t station[LK_WLAN_ADDRESS_LEN]; /* hello */
    uint16_t ue_id;
    uint8_t sn;
    enum lk_trace_rrc rrc;
    bool has_lwa, lwa_release, has_counter, has_handover, wt_kept;
    uint16_t wt_counter, pci;
    uint8_t status; /* enum lk_rrc_wlan_status */
    uint8_t nas;    /* enum lk_nas_type, or another; 0: ciphered, or no NAS that we know */
    char imsi[LK_IMSI_MAX_DIGITS + 1]; /* hello: masked */
};

struct lk_trace_xw {
    enum lk_xwap_type type; /* LK_XWAP_TYPE_COUNT: another procedure */
    bool has_enb_id, has_wt_id, has_station, has_key;
    uint32_t enb_ue_id, wt_ue_id;
    uint8_t station[LK_WLAN_ADDRESS_LEN];
    struct lk_span key; /* empty: withheld, or none */
    bool has_cause;
    struct lk_xwap_cause cause;
};

/* What the keys in the capture say of a MIC or a PMKID. */
enum lk_trace_judged { LK_TRACE_NOT_JUDGED, LK_TRACE_RIGHT, LK_TRACE_WRONG };

/* A frame of IEEE 802.11, or EAPOL in one of Ethernet. */
struct lk_trace_wlan {
    bool ether;
    uint8_t kind; /* enum lk_80211_kind */
    uint8_t station[LK_STATION_LEN], ap[LK_STATION_LEN];
    bool group, sealed, has_key;
    uint16_t code;   /* status of an answer, reason of an end */
    uint64_t pn;     /* sealed */
    enum lk_eapol_message message;
    bool rekey;      /* of a handshake after another one of the association */
    struct lk_eapol_key key;
    struct lk_span pmkid; /* in message 1, or the first of an association request */
    enum lk_trace_judged judged;
    size_t pmk;      /* place in keys of the PMK that made it right; LK_TRACE_NONE */
    bool opened;     /* sealed data, under the TK of that PMK */
    uint8_t *room;   /* for what was sealed, as long as octets */
    uint16_t ethertype;
    uint8_t drb;     /* of LWA data */
    size_t len;
};

/* A PDU of MIS. What is in its list of TLVs: lk_mis_seen_read (mis.h). */
struct lk_trace_mis {
    struct lk_mis_header header;
    enum lk_mis_action action; /* LK_MIS_ACTION_COUNT: none that we know */
    enum lk_mis_opcode opcode;
    struct lk_span source, destination; /* MISF IDs */
    bool sealed, opened;       /* protected by an SA; and the capture has its keys */
    bool tls;                  /* that SA is of TLS */
    struct lk_mis_said said;
    uint8_t role;              /* sealed, not by TLS */
    uint64_t sequence;
    struct lk_span tlvs;       /* in clear, or opened */
    enum lk_status list;       /* of their decoder */
    bool has_eap, erp;
    struct lk_span eap_octets; /* Auth-Info; erp: for lk_erp_decode */
    enum lk_status eap_status;
    struct lk_eap_packet eap;
    uint8_t *room;             /* for what was sealed, as long as octets */
};

/* HTTP between a device that bootstraps and its BSF. */
struct lk_trace_ub {
    struct lk_http_seen http;
    bool has_digest;
    struct lk_http_digest digest;  /* Authorization, WWW-Authenticate or Authentication-Info */
    struct lk_span b_tid, lifetime; /* in the body of a 200 */
};

struct lk_trace_message {
    uint64_t at_ns;
    struct lk_capture_end from, to;
    struct lk_span comment;
    struct lk_span octets; /* the message */
    enum lk_carrier carrier;
    bool opened;           /* given in clear by who ended the encryption */
    enum lk_trace_protocol_id protocol;
    enum lk_status status; /* of its decoder */
    bool request;          /* from the client to the server */
    union {
        struct lk_trace_radius radius;
        struct lk_trace_dtls dtls;
        struct lk_trace_wlcp wlcp;
        struct lk_mobility_message pmip;
        struct lk_trace_user user;
        struct lk_trace_asked asked;
        struct lk_trace_uu uu;
        struct lk_trace_xw xw;
        struct lk_trace_wlan wlan;
        struct lk_trace_mis mis;
        struct lk_trace_ub ub;
        struct lk_trace_mip mip;
    };
    size_t run;     /* LK_TRACE_NONE: of no run (accounting, Status-Server, strays) */
    size_t answers; /* the request that this answers, or LK_TRACE_NONE */
    size_t repeats; /* the same message before, or LK_TRACE_NONE */
    size_t beside;  /* of a message in clear: the datagram that it was in; of that datagram: the
                     * message; or LK_TRACE_NONE */
};

/* Who plays in a run. */
enum lk_trace_run_kind {
    LK_TRACE_AUTHENTICATION, /* begins with an Access-Request without State, and follows the State
                              * that each Access-Challenge hands out */
    LK_TRACE_SESSION,        /* device and TWAG: one DTLS connection and the WLCP in it */
    LK_TRACE_LINK,           /* TWAG and anchor: one DTLS connection and the PMIPv6 in it */
    LK_TRACE_ASSOCIATION,    /* device, eNB and WT: one association, what led to it, and the re-keys
                              * on it */
    LK_TRACE_ESTABLISHMENT,  /* MN and PoS: how one SA of MIS came about, and what goes under it */
    LK_TRACE_CHANNEL,        /* MN and PoS: one DTLS connection and the MIS in it */
    LK_TRACE_BOOTSTRAPPING,  /* device and BSF: from who asks to a B-TID */
    LK_TRACE_REGISTRATION,   /* mobile node and home agent: from who asks to what is granted, and
                              * the packets in that tunnel */
};

enum lk_trace_outcome {
    LK_TRACE_OPEN,     /* the capture ends, or the client gave up, with a challenge outstanding */
    LK_TRACE_SILENT,   /* the last request has no answer */
    LK_TRACE_ACCEPTED, /* a connection: it is up */
    LK_TRACE_REJECTED,
};

/* A part in the play that is known by its address. */
struct lk_trace_part {
    struct lk_capture_end end;
    unsigned lane; /* enum lk_lane */
};
enum { LK_TRACE_PARTS_MAX = 64 };

/* Keys of an association that the capture lets know. Secret. */
struct lk_trace_ptk {
    bool is_set;
    size_t pmk; /* place in keys */
    struct lk_ptk ptk;
};

/* How far an association is, while messages are placed and judged. */
struct lk_trace_association {
    bool has_station, ended, refused;
    bool asked;            /* for; else what ends is one from before */
    uint8_t station[LK_STATION_LEN];
    uint16_t code;         /* of who ended or refused it */
    size_t handshakes;     /* that were finished */
    size_t m1, m2;         /* of the handshake under way, or LK_TRACE_NONE */
    size_t failed_m1;      /* of the one that was under way when it ended */
    struct lk_trace_ptk next, now, before;
};

/* One establishment of an SA of MIS. Spans look into messages. */
struct lk_trace_establishment {
    bool optimised;           /* else in full: EAP, ERP, or TLS */
    bool asked;               /* in full: more than a Capability_Discover */
    bool erp, n2n, ended;     /* n2n: the K has gone to the target, in this capture */
    struct lk_span mn;        /* MISF IDs */
    struct lk_span called;    /* the MN, under the SA that came of it; empty: as before */
    struct lk_span spos, pos; /* pos: whose SA it is, the target; spos: empty in full */
    struct lk_span maker;     /* who gave the target its K: SPoS or home */
    struct lk_mis_said under; /* the SA with the SPoS; no id: not known */
    struct lk_mis_said said;  /* no id: not known */
    struct lk_span offered;   /* codes c of the MN */
    struct lk_span nonce_t, nonce_n, suite, erp_nai;
    struct lk_span k;         /* secret; empty: withheld, or not seen */
    uint8_t prfs;             /* what the PoS chose, bits */
    bool has_envelope, dh_mn, dh_pos, has_chain;
    bool wish;                /* the MN has a K of its home itself, and asks for it to be given */
    enum lk_mis_origin origin;
    uint32_t lifetime_s;
    struct lk_mis_chain chain; /* of the envelope, or as the SPoS or target says */
    uint8_t status;           /* of who refused it */
    enum lk_mis_reason reason;
    size_t refused_at;        /* LK_TRACE_NONE */
};

/* One bootstrapping: the last messages of their kind, or LK_TRACE_NONE. */
struct lk_trace_bootstrapping {
    size_t challenge, response, result;
    struct lk_span b_tid; /* empty: there is none yet */
};

/* One registration of Mobile IP: the last messages of their kind, or LK_TRACE_NONE. */
struct lk_trace_registration {
    bool v6, by_agent, deregisters; /* by_agent: a foreign one */
    size_t request, reply;
    uint8_t code;
    uint32_t lifetime_s;            /* granted */
    struct lk_address home, agent, care_of;
    size_t packets;                 /* in its tunnel */
    uint64_t octets;
};

struct lk_trace_run {
    enum lk_trace_run_kind kind;
    char title[LK_TRACE_TITLE_MAX]; /* the comment of its first message, or "run 3" */
    size_t first, last;             /* messages, inclusive; others may lie between */
    size_t count;
    enum lk_trace_outcome outcome;
    struct lk_span outer;    /* identity of the first EAP-Response/Identity */
    struct lk_span identity; /* the last identity the peer sent: it enters the keys; of a session,
                              * the PSK identity */
    uint8_t eap_type;        /* the method, or 0 when none began */
    bool fast;               /* a re-authentication was asked for */
    bool resync;             /* an AUTS was sent */
    bool multi;              /* multi-connection mode was agreed: there is a WLCP key */
    uint8_t alert;           /* the fatal alert that ended a handshake, or 0 */
    uint16_t suite;          /* of DTLS, or 0 */
    struct lk_trace_association association;
    struct lk_trace_establishment mis;
    struct lk_trace_bootstrapping ub;
    struct lk_trace_registration mip;
};

struct lk_trace {
    struct lk_trace_message *messages;
    size_t count;
    struct lk_trace_run *runs;
    size_t run_count;
    size_t packets;   /* in the capture, of any kind */
    bool cut;         /* the capture ends within a block */
    bool has_secrets; /* it holds keys */
    size_t key_count;
    struct lk_key_log *keys; /* of LTE-WLAN aggregation: from lines, from Xw, of these. Secret */
    size_t mis_key_count;
    struct lk_mis_key_log *mis_keys; /* of SAs of MIS: from lines, and made of these. Secret */
    size_t app_key_count;
    struct lk_app_key_log *app_keys; /* for applications, and their sessions. Secret */
    size_t derivations;      /* that were tried to make them */
    size_t part_count;
    struct lk_trace_part parts[LK_TRACE_PARTS_MAX];
    /* owned */
    size_t message_cap, run_cap;
    struct lk_trace_block *blocks; /* copies of octets */
};

/* Reads a capture file. LK_E_SYSTEM (errno), LK_E_FULL (too large), or what the pcapng reader says
 * of a file whose beginning is not a capture; what is read before damage stays. */
LK_MUST_CHECK enum lk_status lk_trace_load(struct lk_trace *trace, const char *path);

/* What a capture has of one datagram. */
struct lk_trace_packet {
    uint64_t at_ns;
    struct lk_datagram datagram;
    struct lk_span comment;
};

/* Or: an empty trace, and one message after another, of a protocol that the caller knows. Octets
 * and comment are copied. */
void lk_trace_init(struct lk_trace *trace);
LK_MUST_CHECK enum lk_status lk_trace_add(struct lk_trace *trace,
                                          enum lk_trace_protocol_id protocol,
                                          const struct lk_trace_packet *packet);
/* Sorts messages into runs; after the last add. */
LK_MUST_CHECK enum lk_status lk_trace_finish(struct lk_trace *trace);
void lk_trace_free(struct lk_trace *trace);

/* The first message of the run at or after index from with that direction, EAP type and subtype (0:
 * any); LK_TRACE_NONE when there is none. Repeats are passed over. */
size_t lk_trace_find(const struct lk_trace *trace, size_t run, size_t from, uint8_t eap_code,
                     uint8_t subtype);

/* "ECDHE-PSK-AES128-CBC-SHA256", ...; NULL: not known. */
const char *lk_trace_suite_name(uint16_t suite);
/* "decrypt_error", ... */
const char *lk_trace_alert_name(uint8_t alert);
/* The EAP packet inside, or NULL when there is none or it does not decode. */
const struct lk_eap_packet *lk_trace_eap(const struct lk_trace_message *message);

/* The number of a key that Xw had without saying its counter. */
enum { LK_TRACE_NO_NUMBER = UINT16_MAX };
/* Keeps a key, unless it is there already; LK_E_FULL, LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_trace_keep_key(struct lk_trace *trace,
                                               const struct lk_key_log *entry);

LK_MUST_CHECK enum lk_status lk_trace_keep_mis_key(struct lk_trace *trace,
                                                   const struct lk_mis_key_log *entry);
LK_MUST_CHECK enum lk_status lk_trace_keep_app_key(struct lk_trace *trace,
                                                   const struct lk_app_key_log *entry);

/* "authentication", "session", "link", "association", "establishment", "channel",
 * "bootstrapping", "registration". */
const char *lk_trace_run_kind_name(enum lk_trace_run_kind kind);
const char *lk_trace_outcome_name(const struct lk_trace_run *run);
/* Messages that are no copies and repeat none. */
bool lk_trace_is_fresh(const struct lk_trace_message *message);
/* False: a datagram of which no more is to be seen than of the message in clear beside it. */
bool lk_trace_is_shown(const struct lk_trace_message *message);

enum { LK_TRACE_NAME_MAX = 96, LK_TRACE_SUMMARY_MAX = 160 };
/* "RADIUS", ... */
const char *lk_trace_protocol_name(const struct lk_trace_message *message);
/* The name of the message for a ladder: that of what is carried, when something is. */
void lk_trace_message_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* What carries it: "Access-Request, id 3"; or "". */
void lk_trace_carrier_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* "Access-Request", "Accounting-Response", ...; "RADIUS 99" for the unknown. Of RADIUS. */
void lk_trace_radius_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* One line about what is in it: "RAND, AUTN, MAC, KDF 1, WLAN". */
void lk_trace_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message);

#endif
