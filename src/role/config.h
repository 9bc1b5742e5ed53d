/* The configuration: one YAML file, read once into one plain struct.
 *
 * Every key has one row in a config_rows_ROOM.c: its path, its type, its limits, its default, and
 * whether a running process can take another value. A key that no row knows, a value outside its
 * limits, a key given twice: each is a problem with the file, the line, what was expected, what was
 * found and how to mend it. "--set a.b=value" replaces what the file says. Defaults are those of
 * the lab: loopback, test PLMN, nothing reachable from outside.
 *
 * Relative file names live under state_dir; a relative state_dir is under the current directory,
 * and the environment variable LATCHKEY_STATE_DIR replaces it (and --set that). All paths are
 * complete after loading. */
#ifndef LK_ROLE_CONFIG_H
#define LK_ROLE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/check.h"
#include "base/status.h"
#include "keys/rsn.h"
#include "role/config_akma.h"
#include "role/config_mip.h"
#include "role/config_naf.h"
#include "wire/mis_codes.h"

enum lk_config_role {
    LK_ROLE_AAA = 1 << 0,
    LK_ROLE_VAULT = 1 << 1,
    LK_ROLE_TWAP = 1 << 2,
    LK_ROLE_TWAG = 1 << 3,
    LK_ROLE_ANCHOR = 1 << 4,
    LK_ROLE_UE = 1 << 5,
    LK_ROLE_WT = 1 << 6,
    LK_ROLE_ENB = 1 << 7,
    LK_ROLE_POS = 1 << 8,
    LK_ROLE_BSF = 1 << 9,
    LK_ROLE_AF = 1 << 10,
    LK_ROLE_AANF = 1 << 11,
    LK_ROLE_NAF = 1 << 12,
    LK_ROLE_FA = 1 << 13,
};
enum lk_config_method { LK_CONFIG_AKA_PRIME = 1 << 0, LK_CONFIG_AKA = 1 << 1 };
enum lk_config_sqn { LK_CONFIG_SQN_TIME, LK_CONFIG_SQN_COUNTER };
enum lk_config_log_format { LK_CONFIG_LOG_TEXT, LK_CONFIG_LOG_JSON };

/* Whose keys a client may have. */
enum lk_config_agent { LK_CONFIG_AGENT_FOREIGN, LK_CONFIG_AGENT_HOME };

struct lk_config_client {
    char name[LK_CONFIG_NAME];
    struct lk_address_prefix address;
    bool has_address;
    char secret[LK_CONFIG_SECRET]; /* text, terminated */
    char mag[LK_CONFIG_NAME];      /* of the MAG behind it; "": name */
    bool wlcp;                     /* it is a TWAP: WLCP keys go there */
    char pos[LK_CONFIG_MISF_ID];   /* it is the PoS of MIS with that MISF ID; "": none */
    char agent[LK_CONFIG_FQDN];    /* it is that agent of Mobile IP; "": none */
    int agent_is;                   /* a place in lk_config_agent_words */
};

/* Addresses that are listened on, as text. */
struct lk_config_listen {
    char at[LK_CONFIG_LISTENS][LK_CONFIG_ADDRESS];
    size_t count;
};

/* ---- trusted WLAN: roles twap and twag ---- */

/* An AAA server, by UDP or, where peer names a row of radsec.peers, over TLS. */
struct lk_config_server {
    char name[LK_CONFIG_NAME];
    char address[LK_CONFIG_ADDRESS];
    unsigned port, accounting_port;
    char secret[LK_CONFIG_SECRET];
    char peer[LK_CONFIG_NAME];
};

struct lk_config_realm {
    char realm[LK_CONFIG_NAME];  /* "*": any other */
    char server[LK_CONFIG_NAME]; /* the name of a server */
};

struct lk_config_twap {
    struct lk_config_listen listen;
    unsigned port, accounting_port; /* for access points */
    struct lk_config_client clients[LK_CONFIG_CLIENTS];
    size_t client_count;
    struct lk_config_server servers[LK_CONFIG_SERVERS];
    size_t server_count;
    struct lk_config_realm realms[LK_CONFIG_REALMS]; /* none: all to the first server */
    size_t realm_count;
    char twag[LK_CONFIG_NAME]; /* "local": in this process; else a name of radsec.peers */
    unsigned timeout_ms, tries;
    unsigned sessions_max;
    bool disconnect_ap; /* access points take Disconnect-Requests (RFC 5176) */
};

/* A message number or information element that the table of the room has otherwise. */
struct lk_config_number {
    char name[LK_CONFIG_NAME];
    unsigned value;
};

/* Of the gateway, and, as to key derivation, ports and timers, of the device too. */
struct lk_config_wlcp {
    struct lk_config_listen listen;
    unsigned port, user_port;
    bool any_source_port;               /* serve clients behind NAT */
    char cp_address[LK_CONFIG_ADDRESS]; /* what the TWAP announces; "": the first of listen */
    struct {
        char fc[3]; /* an octet in hex */
        char params[LK_CONFIG_KDF_PARAMS][LK_CONFIG_KDF_PARAM];
        size_t param_count;
    } kdf;
    unsigned t_connect_ms, t_complete_ms;           /* device: request; gateway: accept */
    unsigned t_disconnect_ms, t_twag_disconnect_ms; /* device's; gateway's */
    unsigned t_modify_ms;                           /* of both */
    unsigned t_bind_ms;                             /* how long the anchor may take */
    unsigned tries;
    unsigned hold_ms;        /* a handshake waits so long for its key */
    unsigned overlap_ms;     /* how long the key before serves after a re-authentication */
    unsigned half_open_max;  /* handshakes under way from one source, */
    unsigned handshakes_max; /* and from all */
    unsigned sessions_max;
    unsigned pdn_max;                         /* PDN connections of one device */
    unsigned back_off_s;                      /* Tw1 of a refusal for want of room */
    char apns[LK_CONFIG_APNS][LK_CONFIG_APN]; /* what a device may ask for; the first: default */
    size_t apn_count;
    struct lk_config_number numbers[LK_CONFIG_NUMBERS];
    size_t number_count;
    char layout[LK_CONFIG_NUMBERS][LK_CONFIG_NAME]; /* lines of lk_wlcp_table_set */
    size_t layout_count;
    int pdn_types;                                 /* what is served: bits of IPv4, IPv6 */
    char congested[LK_CONFIG_APNS][LK_CONFIG_APN]; /* rejected with back_off_s */
    size_t congested_count;
    char dns[LK_CONFIG_LISTENS][LK_CONFIG_ADDRESS]; /* told to who asks: the first of a family */
    size_t dns_count;
    unsigned rate_burst, rate_per_s; /* messages of one device */
    unsigned old_channel_ms;         /* how long the old channel outlives its key */
};

/* The MAG within the gateway. */
struct lk_config_mag {
    char name[LK_CONFIG_NAME]; /* its PSK identity */
    char psk[LK_CONFIG_SECRET];
    char address[LK_CONFIG_ADDRESS]; /* its own: source, and end of the tunnel */
    char anchor[LK_CONFIG_ADDRESS];
    unsigned port, tunnel_port; /* the anchor's */
    unsigned lifetime_s;
    unsigned tries, timeout_ms;
    unsigned heartbeat_ms, heartbeat_answer_ms;
    bool sequence; /* sequence numbers instead of timestamps */
    char realm[96]; /* of the identities that the anchor knows devices by */
};

/* RADIUS over TLS, both ends. */
struct lk_config_peer {
    char name[LK_CONFIG_NAME];
    char address[LK_CONFIG_ADDRESS]; /* to connect to; "": it connects to us */
    unsigned port;
    char certificate[LK_CONFIG_PATH]; /* the name its certificate must have */
    char secret[LK_CONFIG_SECRET];
    char mag[LK_CONFIG_NAME]; /* of the MAG behind it; "": name */
    bool twap; /* of this TWAG: it may tell who is attached */
    char pos[LK_CONFIG_MISF_ID]; /* it is the PoS of MIS with that MISF ID; "": none */
    char agent[LK_CONFIG_FQDN];  /* it is that agent of Mobile IP; "": none */
    int agent_is;                /* a place in lk_config_agent_words */
};

struct lk_config_radsec {
    struct lk_config_listen listen;
    unsigned port;                    /* 0: listens nowhere */
    char certificate[LK_CONFIG_PATH]; /* "": no RADIUS over TLS at all */
    char key[LK_CONFIG_PATH];
    char ca[LK_CONFIG_PATH];
    struct lk_config_peer peers[LK_CONFIG_PEERS];
    size_t peer_count;
};

/* Disconnect and CoA, RFC 5176. */
struct lk_config_dynamic {
    struct lk_config_listen listen;
    unsigned port; /* 0: none */
    struct lk_config_client clients[LK_CONFIG_SERVERS];
    size_t client_count;
};

/* ---- role anchor ---- */

struct lk_config_anchor_mag {
    char name[LK_CONFIG_NAME]; /* its PSK identity */
    char psk[LK_CONFIG_SECRET];
    char address[LK_CONFIG_ADDRESS]; /* "": any */
};

/* Which network namespace a TUN device is in: the daemon's, or one of its own. */
enum lk_config_tun_in { LK_CONFIG_TUN_HERE, LK_CONFIG_TUN_APART, LK_CONFIG_TUN_IF_ALLOWED };

struct lk_config_anchor {
    struct lk_config_listen listen;
    unsigned port, tunnel_port;
    struct lk_config_anchor_mag mags[LK_CONFIG_MAGS];
    size_t mag_count;
    struct lk_address_prefix ipv4[LK_CONFIG_POOLS], ipv6[LK_CONFIG_POOLS];
    size_t ipv4_count, ipv6_count;
    unsigned prefix_bits;                                          /* of a home network prefix */
    char gateway4[LK_CONFIG_ADDRESS], gateway6[LK_CONFIG_ADDRESS]; /* "": first of the pool */
    char services[LK_CONFIG_APNS][LK_CONFIG_APN]; /* access point names; the first: default */
    size_t service_count;
    char plmns[LK_CONFIG_PLMNS][7]; /* whose subscribers it serves, as digits; none: all */
    size_t plmn_count;
    unsigned lifetime_s, token_lifetime_s;
    unsigned reserve_s; /* so long an address stays a device's that is away */
    unsigned min_delay_before_delete_ms, max_delay_before_assign_ms, timestamp_window_ms;
    bool sequence;              /* sequence numbers instead of timestamps */
    unsigned rate, mag_rate;    /* requests a second, of all and of one gateway */
    unsigned echo_rate;         /* answers a second of the gateway address */
    unsigned binding_octets;    /* a second, of one binding in one direction; 0: any number */
    unsigned bindings_max;
    bool durable;
    char tun[16]; /* "": none, and echo for the gateway's address is answered in user space */
    int tun_in;   /* enum lk_config_tun_in */
    char tun_address[LK_CONFIG_ADDRESS], tun_address6[LK_CONFIG_ADDRESS]; /* apart: its host's */
    struct lk_config_home_agent mip;
};

/* ---- LTE-WLAN aggregation: roles wt and enb ---- */

enum lk_config_xw_transport { LK_CONFIG_XW_SCTP, LK_CONFIG_XW_TCP };

/* How an end of Xw speaks, WT or eNB. */
struct lk_config_xw {
    int transport;
    char certificate[LK_CONFIG_PATH]; /* "": no TLS, and so on loopback only */
    char key[LK_CONFIG_PATH];
    char ca[LK_CONFIG_PATH];
};

/* The other end. */
struct lk_config_xw_peer {
    char name[LK_CONFIG_NAME]; /* TLS: in its certificate */
    char address[LK_CONFIG_ADDRESS];
    unsigned port; /* SCTP: of UDP */
};

struct lk_config_wt {
    struct lk_config_listen listen; /* the air: IEEE 802.11 in UDP */
    unsigned port;
    char bssid[18], ssid[33];
    int akm; /* see lk_config_akm */
    bool in_place;
    unsigned retry_ms, tries; /* of a message of a handshake */
    unsigned group_rekey_s;   /* 0: never */
    bool deauth_on_mismatch;  /* S3's option 1, for a laboratory */
    bool finished_each_time;
    bool echo; /* in place of Xw-U: data of a UE goes back to it */
    unsigned ues, away_s, hold_s;
    struct lk_config_xw xw;
    char xw_listen[LK_CONFIG_ADDRESS];
    unsigned xw_port, xw_udp_port;
    struct lk_config_xw_peer enbs[LK_CONFIG_ENBS];
    size_t enb_count;
};

enum lk_config_order { LK_CONFIG_RRC_FIRST, LK_CONFIG_WT_FIRST };

struct lk_config_cell {
    char name[LK_CONFIG_NAME];
    char listen[LK_CONFIG_ADDRESS];
    unsigned port, pci, earfcn; /* of Uu; what RRC calls the cell */
};

struct lk_config_enb {
    char plmn[7];
    struct lk_config_cell cells[LK_CONFIG_CELLS];
    size_t cell_count;
    char bssid[18], ssid[33]; /* the WLAN that devices are told of */
    bool lwa;                 /* for each device that is attached */
    int order;                /* enum lk_config_order */
    unsigned lock_ms, deadline_ms, association_timer_s, s_kwt_fc;
    unsigned uu_delay_ms;     /* of what goes down, in a laboratory */
    unsigned retry_ms;        /* of a question of NAS or RRC during an attach */
    unsigned attach_rate;     /* vectors a second for one address */
    unsigned ues;
    struct lk_config_xw xw;
    char xw_address[LK_CONFIG_ADDRESS]; /* SCTP: our own end */
    unsigned xw_udp_port;
    struct lk_config_xw_peer wt;
};

/* ---- MIS ---- */

/* As struct lk_mis_codes has them; of header bits, their numbers. */
struct lk_config_mis_codes {
    unsigned tlv[LK_MIS_OWN_COUNT];
    unsigned prereg_xfer, n2n_prereg_xfer;
    unsigned suite[LK_MIS_SUITE_COUNT], prf[LK_MIS_PRF_COUNT];
    unsigned reason[LK_MIS_REASON_COUNT], origin[LK_MIS_ORIGIN_COUNT], secured, proactive;
    bool least_bit_first;
    char psk_usage[LK_MIS_USAGE_MAX + 1], mn_usage[LK_MIS_USAGE_MAX + 1];
    char k_usage[LK_MIS_USAGE_MAX + 1];
};

/* ---- role pos: points of service of MIS ---- */

struct lk_config_pos_home {
    char realm[LK_CONFIG_NAME];
    char mark_key[2 * 32 + 1]; /* hex: the public key that its start marks verify with */
};

/* Another PoS: its realm is that of id. */
struct lk_config_pos_partner {
    char id[LK_CONFIG_MISF_ID];
    char address[LK_CONFIG_ADDRESS]; /* "": it calls us */
    unsigned port;
    char name[LK_CONFIG_NAME]; /* in its certificate */
};

/* A network around, and the PoS that serves it. */
struct lk_config_pos_neighbour {
    char network[LK_CONFIG_NAME];
    char pos[LK_CONFIG_MISF_ID];
    char address[LK_CONFIG_ADDRESS];
    unsigned port;
    char link_types[LK_CONFIG_NAME]; /* words of lk_pos_link_type */
    char cells[LK_CONFIG_COVER];     /* MAC addresses, and cells of 3GPP in hex */
    char circle[LK_CONFIG_NAME];     /* latitude and longitude in degrees, radius in metres */
};

enum lk_config_mix { LK_CONFIG_MIX_OFF, LK_CONFIG_MIX_OFFERED, LK_CONFIG_MIX_REQUIRED };

struct lk_config_point {
    char id[LK_CONFIG_MISF_ID];
    char listen[LK_CONFIG_ADDRESS];
    unsigned port, link_port, dtls_port; /* of MIS; of links to partners, 0: none; 0: no DTLS */
    char certificate[LK_CONFIG_PATH];    /* "": no links */
    char key[LK_CONFIG_PATH];
    char ca[LK_CONFIG_PATH];
    struct {
        char server[LK_CONFIG_ADDRESS];
        char source[LK_CONFIG_ADDRESS]; /* our own, which the AAA knows the point by */
        unsigned port;
        char secret[LK_CONFIG_SECRET];  /* "": radsec, over TLS */
        char certificate[LK_CONFIG_PATH]; /* the name its certificate must have; "": over UDP */
        unsigned tls_port;
    } aaa;
    unsigned chain_max, lifetime_s;
    int suites[LK_CONFIG_MIS_SUITES]; /* enum lk_mis_suite, best first */
    size_t suite_count;
    unsigned prfs, demand; /* bits 1 << enum lk_mis_prf; of lk_config_mis_demand_words */
    int mix;       /* enum lk_config_mix */
    bool unmarked; /* takes a K without a start mark, in a laboratory */
    struct lk_config_pos_home homes[LK_CONFIG_HOMES];
    size_t home_count;
    struct lk_config_pos_partner partners[LK_CONFIG_PARTNERS];
    size_t partner_count;
    struct lk_config_pos_neighbour neighbours[LK_CONFIG_NEIGHBOURS];
    size_t neighbour_count;
};

struct lk_config_pos {
    struct lk_config_point points[LK_CONFIG_POINTS];
    size_t point_count;
    /* of each of them */
    unsigned mns, authentications, authentications_a_source;
    unsigned streams, streams_a_source; /* of TCP */
};

/* ---- role ue ---- */

enum lk_config_mode { LK_CONFIG_MODE_NONE, LK_CONFIG_MODE_SINGLE, LK_CONFIG_MODE_MULTI };
enum lk_config_right {
    LK_CONFIG_MAY_CONNECT = 1 << 0,
    LK_CONFIG_MAY_DISCONNECT = 1 << 1,
    LK_CONFIG_MAY_STATUS = 1 << 2,
    LK_CONFIG_MAY_MODIFY = 1 << 3,
};

struct lk_config_application {
    char name[LK_CONFIG_NAME];
    char uid[LK_CONFIG_NAME]; /* a number, or a name of the system */
    char apns[LK_CONFIG_APNS][LK_CONFIG_APN];
    char nafs[LK_CONFIG_OWN_NAFS][LK_CONFIG_NAF]; /* whose keys of GBA it may have */
    char afs[LK_CONFIG_OWN_NAFS][LK_CONFIG_NAF];  /* and of AKMA */
    size_t apn_count, naf_count, af_count;
    unsigned rights; /* enum lk_config_right */
};

struct lk_config_lte_cell {
    char name[LK_CONFIG_NAME];
    char address[LK_CONFIG_ADDRESS];
    unsigned port, pci, earfcn; /* of Uu; what the network calls the cell */
};

/* Its side of LTE-WLAN aggregation. */
struct lk_config_lte {
    struct lk_config_lte_cell cells[LK_CONFIG_LTE_CELLS]; /* none: no LTE */
    size_t cell_count;
    char plmn[7];                    /* of the network that it believes to be in */
    char address[LK_CONFIG_ADDRESS]; /* our own, for Uu and the air */
    unsigned port, air_port;
    struct {
        char address[LK_CONFIG_ADDRESS];
        unsigned port;
    } wt; /* where frames go */
    char wlan_mac[18];
    int akm; /* see lk_config_akm */
    bool reassociate;
    unsigned s_kwt_fc, retry_ms, tries; /* of ATTACH REQUEST */
};

/* A point of service of MIS that the device knows. */
struct lk_config_ue_point {
    char id[LK_CONFIG_MISF_ID];
    char address[LK_CONFIG_ADDRESS];
    unsigned port, dtls_port;
};

/* The mobile node of MIS. */
struct lk_config_ue_mis {
    struct lk_config_ue_point points[LK_CONFIG_UE_POINTS]; /* none: no MIS */
    size_t point_count;
    char domain[LK_CONFIG_MISF_ID];  /* whose DNS is asked for one to attach to; "": none */
    char dns[LK_CONFIG_ADDRESS];     /* "": as the system has it */
    unsigned dns_port;
    char realm[LK_CONFIG_NAME];      /* of the home: as long as aaa.realm may be */
    char address[LK_CONFIG_ADDRESS]; /* our own */
    unsigned port, dtls_port;        /* ours, of UDP */
    int transport;                   /* 0 TCP, 1 UDP */
    char partners[LK_CONFIG_UE_PARTNERS][LK_CONFIG_MISF_ID]; /* of the home: domains */
    size_t partner_count;
    unsigned chain_max, lifetime_s;
    int suites[LK_CONFIG_MIS_SUITES]; /* enum lk_mis_suite, best first */
    size_t suite_count;
    unsigned prfs, demand; /* bits 1 << enum lk_mis_prf; of lk_config_mis_demand_words */
    int mix;       /* enum lk_config_mix */
    bool erp;
    int imsi;      /* 0: said to the home where it asks for it; 1: never */
    bool ahead;    /* at the end of a chain it authenticates before the next handover */
    char count[LK_CONFIG_PATH]; /* where the count of optimised establishments is kept */
};

struct lk_config_ue {
    struct lk_config_lte lte;
    struct lk_config_ue_mis mis;
    struct lk_config_ue_gba gba;
    struct lk_config_ue_akma akma;
    struct lk_config_ue_mip mip;
    char imsi[16];
    char k[LK_CONFIG_SECRET], opc[LK_CONFIG_SECRET]; /* hex; a file in earnest */
    char sqn[LK_CONFIG_PATH];                        /* where the card keeps its SQN */
    int algorithm, method; /* 0 milenage, 1 tuak; place of enum lk_config_method */
    enum lk_config_mode mode;
    bool attach;                     /* at the start; else when it is asked to */
    unsigned retry_ms, retry_max_ms; /* before the next attach, when one was refused */
    char server[LK_CONFIG_ADDRESS]; /* where the access point sends its RADIUS */
    unsigned port;
    char secret[LK_CONFIG_SECRET];
    char mac[18], ssid[33];          /* what the access point says of itself and the device */
    char address[LK_CONFIG_ADDRESS]; /* our own, for WLCP */
    char twag[LK_CONFIG_ADDRESS];    /* "": as told in EAP-AKA' */
    char socket[LK_CONFIG_PATH];     /* for applications */
    char audit[LK_CONFIG_PATH];      /* log of requests and refusals */
    char tun[16]; /* of the applications' packets; "": none, and there is ping only */
    int tun_in;   /* enum lk_config_tun_in */
    char tun_apn[LK_CONFIG_APN]; /* of the PDN connections that it goes by */
    unsigned pdn_max;
    struct lk_config_application applications[LK_CONFIG_APPLICATIONS];
    size_t application_count;
};

struct lk_config {
    char file[LK_CONFIG_PATH]; /* where it came from; "" for the built-in defaults */
    unsigned roles;            /* enum lk_config_role */
    char state_dir[LK_CONFIG_PATH];
    char control[LK_CONFIG_PATH];  /* unix socket */
    char node_key[LK_CONFIG_PATH]; /* 32 octets in hex, shared by the nodes of one service */
    char user[LK_CONFIG_NAME];     /* to become when started as root; "" stays */
    bool laboratory;               /* what no network in earnest does may be asked for */
    unsigned workers;              /* 0 in the file: one per core; never 0 after loading */
    struct {
        char url[LK_CONFIG_PATH];
    } store;
    struct {
        char master_key[LK_CONFIG_PATH]; /* or "credential:NAME" (systemd) */
        char ceiling[LK_CONFIG_PATH];    /* the persisted ceiling of the time-based SQN */
        unsigned node;                   /* 0..3 */
        enum lk_config_sqn sqn;
        char user[LK_CONFIG_NAME];
        unsigned block; /* counter: how many SEQs one reservation covers */
    } vault;
    struct {
        char listen[LK_CONFIG_LISTENS][64]; /* addresses, as text */
        size_t listen_count;
        unsigned port, accounting_port; /* accounting_port 0: no accounting */
        unsigned enterprise;            /* of the private vendor attributes */
        struct lk_config_client clients[LK_CONFIG_CLIENTS];
        size_t client_count;
    } radius;
    struct {
        char network_name[LK_CONFIG_NAME];
        unsigned methods; /* enum lk_config_method */
        bool pseudonyms, reauth, protect_success;
        unsigned reauth_max;       /* fast re-authentications before a full one */
        unsigned reauth_contexts;  /* entries of the shared table */
        unsigned state_lifetime_s; /* how long a challenge may be answered */
        unsigned session_timeout_s;
        bool multi_connection; /* offered to a trusted WLAN that can do it */
        /* AT_TWAN_CONN_MODE: the three messages, the three mode bits, the four tags */
        char conn_mode_layout[2 * LK_CONFIG_MODE_LAYOUT + 1];
    } eap;
    struct {
        char realm[LK_CONFIG_NAME];          /* our own: of MN-IDs, and in start marks */
        char mis_mark_key[LK_CONFIG_SECRET]; /* hex: start marks are signed with it; "": none are */
        unsigned mis_max;                    /* optimised establishments in a row */
        unsigned mis_lifetime_s;
        bool erp; /* for points of service of MIS */
        unsigned erp_lifetime_s;
        struct lk_config_ausf akma;
        struct lk_config_home_mip mip;
    } aaa;
    struct {
        enum lk_config_log_format format;
        int level; /* enum lk_log_level of io/log.h */
        bool mask_imsi;
    } log;
    struct {
        char listen[64];
        unsigned port; /* 0: no console, no metrics */
    } console;
    struct {
        char file[LK_CONFIG_PATH]; /* pcapng, made or gone on with; "": no capture */
        bool secrets;              /* keys that Wireshark decrypts with are in it */
        unsigned legs;             /* bits of enum lk_seen_leg */
        unsigned packets; /* a second, of what applications send: TCP and UDP; 0: all of them */
    } capture;
    struct {
        int suites[LK_CONFIG_SUITES]; /* places in lk_dtls_setup_of, best first */
        size_t suite_count;
    } dtls;
    struct lk_config_twap twap;
    struct lk_config_wlcp wlcp;
    struct lk_config_mag mag;
    struct lk_config_radsec radsec;
    struct lk_config_dynamic dynamic;
    struct lk_config_anchor anchor;
    struct lk_config_wt wt;
    struct lk_config_enb enb;
    struct {
        struct lk_config_mis_codes codes;
    } mis;
    struct lk_config_pos pos;
    struct lk_config_bsf bsf;
    struct lk_config_af af;
    struct lk_config_akma akma;
    struct lk_config_aanf aanf;
    struct lk_config_naf_role naf;
    struct lk_config_fa fa;
    struct lk_config_ue ue;
};

struct lk_config_report {
    size_t count; /* may exceed LK_CONFIG_PROBLEMS: only so many are kept */
    char problem[LK_CONFIG_PROBLEMS][LK_CONFIG_PROBLEM_TEXT];
};

/* Reads file (NULL: the built-in defaults), then the count overrides "path=value". LK_E_CONFIG, and
 * at least one problem in report, when anything is not valid; config is then not to be used.
 * Touches nothing but the file and the secret files it names. */
LK_MUST_CHECK enum lk_status lk_config_load(struct lk_config *config,
                                            struct lk_config_report *report, const char *file,
                                            const char *const *sets, size_t set_count);
/* Reads section mis.codes of file alone, whatever else is in it; NULL: its defaults. */
LK_MUST_CHECK enum lk_status lk_config_load_codes(struct lk_config *config,
                                                  struct lk_config_report *report,
                                                  const char *file);
/* Wipes it: it holds the RADIUS secrets. */
void lk_config_wipe(struct lk_config *config);
/* The AKM of the word at that place: wt.akm, ue.lte.akm. */
enum lk_akm lk_config_akm(int place);

/* Which file a command without -c reads: $LATCHKEY_CONFIG, conf/lab.yaml, or
 * /etc/latchkey/latchkey.yaml, the first that exists; NULL when none does. */
const char *lk_config_default_file(void);
/* The directory of an SQLite store, where it is below the state directory; else false. */
bool lk_config_store_folder(char folder[LK_CONFIG_PATH], const struct lk_config *config);
/* Makes it. Opening the store says what is wrong when this did not help. */
void lk_config_make_store_folder(const struct lk_config *config);

/* The first key that differs and that no running process can take: its row says restart, and a role
 * that runs has use for it. NULL when all is fine. */
const char *lk_config_needs_restart(const struct lk_config *running, const struct lk_config *next);

#endif
