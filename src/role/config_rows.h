/* The keys of the configuration: one row each, one table a room.
 *
 * To add a key: a member in config.h, and a row in config_rows_ROOM.c. To add a room: a file with
 * its table, and a line in config_rows.c. */
#ifndef LK_ROLE_CONFIG_ROWS_H
#define LK_ROLE_CONFIG_ROWS_H

#include "role/config_source.h"

enum lk_config_kind {
    LK_KEY_NUMBER, /* an unsigned between min and max */
    LK_KEY_BOOL,
    LK_KEY_TEXT,    /* min to max characters into max + 1 */
    LK_KEY_HOST,    /* the same: a name of a host (base/host.h); "" where min is 0 */
    LK_KEY_PATH,    /* text; a relative one is placed under state_dir; "" stays; max 0: as long as
                       a path may be */
    LK_KEY_CHOICE,  /* a word of words; its place is the value (int) */
    LK_KEY_SET,     /* a list of words, each a bit */
    LK_KEY_ADDRESS, /* an IP address, as text into LK_CONFIG_ADDRESS characters; "" where there is
                       no default */
    LK_KEY_PREFIX,  /* address or address/bits */
    LK_KEY_HEX,     /* min to max octets, as hex digits into 2 * max + 1 characters */
    LK_KEY_SECRET,  /* text, or @FILE; max is not used; its row says who holds it */
};

/* One list that a row is in: "clients[]". */
struct lk_config_list {
    size_t stride; /* from one element to the next; 0 in a SET */
    size_t cap;    /* how many elements fit */
    size_t count;  /* where their number is kept in struct lk_config (of a list within a list: that
                      of element 0); 0 for none */
};

struct lk_config_row {
    const char *path; /* "[]" stands for an index */
    enum lk_config_kind kind;
    bool restart;   /* a reload cannot change it */
    bool required;  /* each element of its list has one */
    bool some;      /* its list may not be empty */
    bool in_file;   /* the name of a YAML file with its list may stand in the list's place */
    bool is_socket; /* PATH: of a socket, which may not be as long */
    unsigned holders; /* enum lk_config_role: it is a secret, and processes of other roles forget
                         it before they serve; 0: it is none */
    size_t at;      /* in struct lk_config; of element 0 in a list */
    long min, max;
    const char *fallback;     /* the default, as it would be written; of a list: its one element's.
                                 NULL: nothing, 0, false */
    const char *each;         /* the default in each element of a list that is given */
    const char *example;      /* for "fix: write for example"; NULL: the default */
    const char *const *words; /* CHOICE, SET: up to a NULL */
    struct lk_config_list list[2];
};

struct lk_config_table {
    unsigned roles; /* enum lk_config_role: who has use for it; 0: all */
    size_t count;
    const struct lk_config_row *rows;
};

#define LK_AT(member) offsetof(struct lk_config, member)
/* A row: its path, its kind, its member of struct lk_config, and what else there is to say. */
#define LK_ROW(where, what, member, ...)                                                           \
    {                                                                                              \
        .path = where, .kind = LK_KEY_##what, .at = LK_AT(member), __VA_ARGS__                     \
    }
#define LK_ROW_NUMBER(where, member, least, most, ...)                                             \
    LK_ROW(where, NUMBER, member, .min = least, .max = most, __VA_ARGS__)
/* As long as its member has room for. */
#define LK_ROW_TEXT(where, member, ...)                                                            \
    LK_ROW(where, TEXT, member, .max = sizeof(((struct lk_config *)0)->member) - 1, __VA_ARGS__)
#define LK_ROW_HOST(where, member, ...)                                                            \
    LK_ROW(where, HOST, member, .max = sizeof(((struct lk_config *)0)->member) - 1, __VA_ARGS__)
/* The first level of .list, of an array in struct lk_config and its number of elements. */
#define LK_LIST_OF(array, number)                                                                  \
    {                                                                                              \
        sizeof((struct lk_config *)0)->array[0],                                                   \
            sizeof((struct lk_config *)0)->array / sizeof((struct lk_config *)0)->array[0],        \
            offsetof(struct lk_config, number)                                                     \
    }
#define LK_LISTEN_OF(section)                                                                      \
    {                                                                                              \
        LK_LIST_OF(section.listen.at, section.listen.count)                                        \
    }

extern const struct lk_config_table lk_config_table_daemon; /* what all daemons have */
extern const struct lk_config_table lk_config_table_aaa, lk_config_table_aaa_mip,
    lk_config_table_anchor_aaa;
extern const struct lk_config_table lk_config_table_wlan;
extern const struct lk_config_table lk_config_table_wlcp;
extern const struct lk_config_table lk_config_table_radsec;
extern const struct lk_config_table lk_config_table_anchor;
extern const struct lk_config_table lk_config_table_wt;
extern const char *const lk_config_akm_words[]; /* as lk_config_akm has them */
/* Of MIS, in the order of enum lk_mis_suite, enum lk_mis_prf and enum lk_config_mix. */
extern const char *const lk_config_mis_suite_words[], *const lk_config_mis_prf_words[],
    *const lk_config_mis_demand_words[], *const lk_config_mix_words[];
extern const char *const lk_config_tun_in_words[]; /* of enum lk_config_tun_in */
extern const char *const lk_config_agent_words[]; /* as enum lk_config_agent */
extern const char *const lk_config_mip_algorithm_words[], *const lk_config_mip_replay_words[];
extern const char *const lk_config_xw_words[];  /* as enum lk_config_xw_transport */
extern const struct lk_config_table lk_config_table_enb;
extern const struct lk_config_table lk_config_table_pos;
extern const struct lk_config_table lk_config_table_bsf;
extern const struct lk_config_table lk_config_table_af;
extern const struct lk_config_table lk_config_table_akma, lk_config_table_aanf,
    lk_config_table_ausf;
extern const struct lk_config_table lk_config_table_naf;
extern const struct lk_config_table lk_config_table_fa;
extern const struct lk_config_table lk_config_table_mis;
extern const struct lk_config_table lk_config_table_ue;

/* All rows in turn, table by table: 0, 1, ... NULL at the end. table may be NULL. */
const struct lk_config_row *lk_config_row_at(size_t index, const struct lk_config_table **table);

/* The row for an entry's path, and the places in its lists. NULL when there is none. A plain value
 * where a list may stand is its first element. */
const struct lk_config_row *lk_config_row_find(const char *path, size_t index[2]);
/* True when a file with the list at path may stand there ("pos.points[0].neighbours"). */
bool lk_config_row_in_file(const char *path);
/* True when keys exist below path ("radius", "radius.clients[0]"). */
bool lk_config_row_is_section(const char *path);
/* The known key nearest in spelling, for "did you mean". NULL when none is near. */
const char *lk_config_row_near(const char *path);
/* The row's path with numbers in its brackets. */
void lk_config_row_path(char path[LK_CONFIG_KEY], const struct lk_config_row *row,
                        const size_t index[2]);
/* How many elements the row's list has: the outer one's, or the inner one's in element outer. */
size_t lk_config_row_count(const struct lk_config *config, const struct lk_config_row *row,
                           unsigned level, size_t outer);
/* Where the value is. */
void *lk_config_row_value(struct lk_config *config, const struct lk_config_row *row,
                          const size_t index[2]);
/* How many octets it has there. */
size_t lk_config_row_size(const struct lk_config_row *row);
/* What to write, for a fix: the default or another example. */
const char *lk_config_row_example(const struct lk_config_row *row);

/* Wipes every secret but those that these roles (enum lk_config_role) hold. */
void lk_config_keep(struct lk_config *config, unsigned roles);

/* Writes the entry's value into config, or adds a problem. */
void lk_config_row_apply(struct lk_config *config, struct lk_config_report *report,
                         const struct lk_config_row *row, const size_t index[2],
                         const struct lk_config_entry *entry);

/* ---- config_check.c ---- */

/* What one key says about another. */
void lk_config_check(const struct lk_config *config, const struct lk_config_source *source,
                     struct lk_config_report *report);
/* The part of it that is about RADIUS over TLS, and about keys on the way. */
void lk_config_check_radsec(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report);
/* config_check_anchor.c */
void lk_config_check_anchor(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report);
/* config_check_wlcp.c */
void lk_config_check_wlcp(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report);
/* config_check_ue.c */
void lk_config_check_ue(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report);
/* config_check_ue_mip.c */
void lk_config_check_ue_mip(const struct lk_config *config, const struct lk_config_source *source,
                            struct lk_config_report *report);
/* config_check_pos.c */
void lk_config_check_pos(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* config_check_akma.c */
void lk_config_check_akma(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report);
/* config_check_bsf.c */
/* Application servers by their certificates, at that path. */
void lk_config_check_servers(const struct lk_config_naf *servers, size_t count, const char *at,
                             const struct lk_config_source *source,
                             struct lk_config_report *report);
void lk_config_check_bsf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* config_check_mip.c */
void lk_config_check_mip(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* config_check_naf.c */
void lk_config_check_naf(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* config_check_fa.c */
void lk_config_check_fa(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report);
/* A key of Mobile IP at that path: not longer than one may be. */
void lk_config_check_mip_key(const struct lk_config_mip_association *with, const char *path,
                             const struct lk_config_source *source,
                             struct lk_config_report *report);
/* An IPv4 address, and not that of everybody. */
bool lk_config_is_ipv4(const char *text);
/* config_check_af.c */
void lk_config_check_af(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report);
/* config_check_ends.c */
void lk_config_check_ends(const struct lk_config *config, const struct lk_config_source *source,
                          struct lk_config_report *report);
/* config_check_mis.c */
bool lk_config_is_misf_id(const char *text);
void lk_config_check_demand(struct lk_config_report *report,
                            const struct lk_config_source *source, const char *path,
                            unsigned demand);
void lk_config_check_mis(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* mis_codes.c */
void lk_config_check_codes(const struct lk_config *config, const struct lk_config_source *source,
                           struct lk_config_report *report);
/* True when the address and all others of it are of this machine. */
bool lk_config_is_loopback(const struct lk_address_prefix *prefix);
/* config_check_wt.c */
void lk_config_check_wt(const struct lk_config *config, const struct lk_config_source *source,
                        struct lk_config_report *report);
/* config_check_lwa.c: eNB and WT of one daemon */
void lk_config_check_lwa(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* config_check_enb.c */
void lk_config_check_enb(const struct lk_config *config, const struct lk_config_source *source,
                         struct lk_config_report *report);
/* Certificate, key and CA of Xw, and the other ends: certificates, or loopback in a laboratory (TS
 * 33.401 G.1). section: "wt"; list: "wt.enbs[]", or of the one that there is, "enb.wt". */
void lk_config_check_xw(const struct lk_config *config, const struct lk_config_xw *xw,
                        const struct lk_config_xw_peer *peers, size_t count, const char *section,
                        const char *list, const struct lk_config_source *source,
                        struct lk_config_report *report);
/* A03: why a key of that name is none of the section that it is in; NULL: it is merely unknown. */
const char *lk_config_refused_key(const char *path);
/* config_check_ports.c: of all roles that run, by what their kinds say. */
void lk_config_check_ports(const struct lk_config *config, const struct lk_config_source *source,
                           struct lk_config_report *report);
/* A name of an access point. */
void lk_config_check_apn(const struct lk_config_source *source, struct lk_config_report *report,
                         const char *path, const char *name);
/* Whether name is among those, as names of access points are compared; true also of what is no
 * name. */
bool lk_config_lists_apn(const char (*names)[LK_CONFIG_APN], size_t count, const char *name);
bool lk_config_lies_below(const char *path, const char *folder, size_t folder_len);

#endif
