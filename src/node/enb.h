/* The eNBs of one process: cells, each with a way of its own to the WT, and UEs, each with the
 * machine of the cell that serves it (proto/lwa/enb), and with that of the cell that it is going to
 * during a handover. What one of them says to the other is carried here; and here is what an MME
 * does for their keys: KASME, and the chain of NH.
 *
 * A UE has a place, a number below `ues` that the caller chooses. The ids that the WT knows it by
 * are another for each context at a cell, so what is late is nobody's.
 *
 * Everything lies in memory that the caller gives once (lk_enb_size). A step is pure: time comes in
 * the event, and WAKE says when EXPIRED is wanted. When more is due than one step may say, WAKE is
 * for now. */
#ifndef LK_NODE_ENB_H
#define LK_NODE_ENB_H

#include "proto/lwa/enb.h"

enum {
    LK_ENB_CELLS_MAX = 8,
    LK_ENB_UES_MAX = 1 << 20,
    LK_ENB_OUTBOX_MAX = 128,
    LK_ENB_OUTBOX_OCTETS = 32768,
};
#define LK_ENB_NOBODY UINT32_MAX

struct lk_enb_config {
    uint32_t ues;   /* places */
    uint32_t cells; /* cell[0] on; ids of cells are these numbers */
    struct lk_lwa_enb_config cell[LK_ENB_CELLS_MAX];
};
/* 1000 UEs and two cells, PCI 1 and 2; their mobility sets are the caller's to name. */
void lk_enb_defaults(struct lk_enb_config *config);
/* LK_REASON_NONE, or why nothing is to run under it; wrong says more. */
enum lk_reason lk_enb_config_check(enum lk_lwa_enb_setting *wrong,
                                   const struct lk_enb_config *config);

/* ---- events ---- */

enum lk_enb_event_kind {
    LK_ENB_EV_CONTEXT = 1, /* of the UE at a cell: attached, or connected again */
    LK_ENB_EV_ADD,         /* LWA is wanted, */
    LK_ENB_EV_RELEASE,     /* or no more */
    LK_ENB_EV_REKEY,
    LK_ENB_EV_HANDOVER,    /* to that cell */
    LK_ENB_EV_LEFT,        /* the UE is gone */
    LK_ENB_EV_SAVED,       /* what SAVE asked for */
    LK_ENB_EV_RRC,         /* a PDCP PDU that a cell has of a UE */
    LK_ENB_EV_XW,          /* a message that a cell has of the WT */
    LK_ENB_EV_XW_UP,       /* a cell's way to the WT */
    LK_ENB_EV_XW_DOWN,
    LK_ENB_EV_EXPIRED,     /* the time that WAKE asked for, or later */
    LK_ENB_EVENT_KIND_COUNT
};

struct lk_enb_event {
    enum lk_enb_event_kind kind;
    uint64_t now_ms;
    uint32_t ue;   /* all but XW, XW_UP, XW_DOWN, EXPIRED */
    uint32_t cell; /* CONTEXT, HANDOVER, RRC, XW, XW_UP, XW_DOWN; NOBODY with XW: cells share one
                      way, and the UE's id tells which one is meant */
    union {
        struct {
            uint8_t mac[LK_WLAN_ADDRESS_LEN];
            bool has_kasme; /* then KeNB is derived, and handovers get fresh NHs */
            struct lk_kasme kasme;
            uint32_t ul_nas_count;
            struct lk_kenb kenb; /* else */
            struct lk_srb_used used; /* of SRB1 under that KeNB: by an attach */
            bool has_saved;
            struct lk_lwa_saved saved;
        } context;
        struct {
            struct lk_lwa_saved what;
            bool done;
        } saved;
        struct lk_span octets; /* RRC, XW */
    };
};

/* ---- outputs: spans live until the next step ---- */

enum lk_enb_output_kind {
    LK_ENB_OUT_RRC = 1,
    LK_ENB_OUT_XW,
    LK_ENB_OUT_SAVE,
    LK_ENB_OUT_WAKE,        /* EXPIRED at that time; replaces the earlier wish; UINT64_MAX: never */
    /* For statistics, at the time of the event: */
    LK_ENB_OUT_REKEY_BEGUN,
    LK_ENB_OUT_ACTIVE,      /* UE and WT use the newest key: LWA is there, or a re-key over */
    LK_ENB_OUT_REFRESHED,
    LK_ENB_OUT_HANDED_OVER, /* cell: the new one */
    LK_ENB_OUT_RELEASED,
    LK_ENB_OUT_NOTICE,      /* a refusal: for the log and the counters */
    LK_ENB_OUTPUT_KIND_COUNT
};

struct lk_enb_output {
    enum lk_enb_output_kind kind;
    uint32_t ue, cell; /* LK_ENB_NOBODY where there is none */
    union {
        struct lk_span octets; /* RRC, XW */
        struct lk_lwa_saved save;
        uint64_t wake_at_ms;
        struct {
            uint16_t counter;
            bool rekey; /* ACTIVE: LWA was there before */
        } key;
        uint32_t from; /* HANDED_OVER */
        struct {
            enum lk_reason reason;
            bool again;
        } released;
        struct lk_refusal notice;
    };
};

/* Messages to the WT have keys: wipe it when it has been read. */
struct lk_enb_outbox {
    size_t count, used;
    struct lk_enb_output item[LK_ENB_OUTBOX_MAX];
    uint8_t octets[LK_ENB_OUTBOX_OCTETS];
};

void lk_enb_outbox_wipe(struct lk_enb_outbox *out);
const struct lk_enb_output *lk_enb_outbox_find(const struct lk_enb_outbox *out,
                                               enum lk_enb_output_kind kind);

/* ---- what it has seen: one number each ---- */

struct lk_enb_counters {
    uint64_t contexts, left;
    uint64_t set_up, rekeys_begun, rekeys, refreshes, handovers, handovers_failed, released;
    uint64_t rrc_refused, xw_malformed, xw_unknown, xw_refused;
    uint64_t unexpected, notices;
};

struct lk_enb;

/* The octets that an eNB of that size needs, aligned as malloc aligns. */
size_t lk_enb_size(const struct lk_enb_config *config);
struct lk_enb *lk_enb_init(void *memory, const struct lk_enb_config *config);
/* Takes what may change while it runs: all but the numbers of UEs and cells. */
void lk_enb_configure(struct lk_enb *enb, const struct lk_enb_config *config);
/* Wipes keys and everything else. */
void lk_enb_wipe(struct lk_enb *enb);

/* out is emptied first; its outputs count whatever the status says: it tells why an event had no
 * effect. */
LK_MUST_CHECK enum lk_status lk_enb_step(struct lk_enb *enb, const struct lk_enb_event *event,
                                         struct lk_enb_outbox *out);

const struct lk_enb_counters *lk_enb_counted(const struct lk_enb *enb);
uint32_t lk_enb_ue_count(const struct lk_enb *enb);

/* A UE as it is told of. */
struct lk_enb_told {
    uint32_t cell; /* that serves it */
    enum lk_lwa_enb_state state;
    bool hands_over;
    bool wanted;
    uint16_t counter;
    uint32_t enb_ue_id; /* for the WT; its low 16 bits are the C-RNTI after a handover */
    uint8_t mac[LK_WLAN_ADDRESS_LEN];
};
bool lk_enb_told_of(struct lk_enb_told *told, const struct lk_enb *enb, uint32_t ue);

#endif
