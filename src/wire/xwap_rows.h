/* Between the files of wire/xwap: the tables, and how a value is read and written. */
#ifndef LK_WIRE_XWAP_ROWS_H
#define LK_WIRE_XWAP_ROWS_H

#include "wire/per.h"
#include "wire/xwap.h"

enum {
    LK_XWAP_ROWS_MAX = 8,
    LK_XWAP_VALUE_MAX = 6144, /* octets of one element */
    LK_XWAP_CRITICALITIES = 3,
    LK_XWAP_ID_MAX = 65535,
};

/* A message and its elements, in their order. */
struct lk_xwap_row {
    enum lk_xwap_ie ie;
    enum lk_xwap_criticality criticality;
    bool mandatory, used; /* the last row is not used */
};
struct lk_xwap_layout {
    const char *name;
    uint8_t procedure;
    enum lk_xwap_outcome outcome;
    enum lk_xwap_criticality criticality;
    bool of_enb; /* it goes from eNB to WT; else from WT to eNB */
    struct lk_xwap_row row[LK_XWAP_ROWS_MAX];
};
extern const struct lk_xwap_layout lk_xwap_layouts[LK_XWAP_TYPE_COUNT];

/* What a bearer of a list says of itself. */
enum {
    LK_XWAP_QOS = 1 << 0,
    LK_XWAP_QOS_OPTIONAL = 1 << 1,
    LK_XWAP_ENDPOINT = 1 << 2,
    LK_XWAP_ENDPOINT_OPTIONAL = 1 << 3,
    LK_XWAP_BEARER_CAUSE = 1 << 4,
    LK_XWAP_DRB = 1 << 5,          /* as an extension */
    LK_XWAP_ACCESS_CLASS = 1 << 6, /* as an extension */
};
struct lk_xwap_list {
    size_t offset; /* of the bearers in struct lk_xwap */
    uint16_t item; /* identifier of an item */
    enum lk_xwap_criticality criticality;
    unsigned form;
};

/* An element's identifier, and how its value is read and written. */
struct lk_xwap_element {
    uint16_t id;
    void (*get)(struct lk_xwap *message, struct lk_per_reader *r, const struct lk_xwap_list *list);
    void (*put)(struct lk_per_writer *w, const struct lk_xwap *message,
                const struct lk_xwap_list *list);
    struct lk_xwap_list list;
};
extern const struct lk_xwap_element lk_xwap_elements[LK_XWAP_IE_COUNT];
/* Lists that only LK_XWAP_CONTEXT has. */
enum { LK_XWAP_CONTEXT_LISTS = 3 };
extern const struct lk_xwap_list lk_xwap_context_lists[LK_XWAP_CONTEXT_LISTS];

#define LK_XWAP_CODEC(name)                                                                      \
    void lk_xwap_get_##name(struct lk_xwap *message, struct lk_per_reader *r,                     \
                            const struct lk_xwap_list *list);                                     \
    void lk_xwap_put_##name(struct lk_per_writer *w, const struct lk_xwap *message,               \
                            const struct lk_xwap_list *list)
LK_XWAP_CODEC(enb_ue_id);
LK_XWAP_CODEC(wt_ue_id);
LK_XWAP_CODEC(ue_identity);
LK_XWAP_CODEC(security);
LK_XWAP_CODEC(serving_plmn);
LK_XWAP_CODEC(cause);
LK_XWAP_CODEC(context);
LK_XWAP_CODEC(mobility_set);
LK_XWAP_CODEC(context_kept);
LK_XWAP_CODEC(wt_mac);
LK_XWAP_CODEC(diagnostics);
LK_XWAP_CODEC(bearers);
#undef LK_XWAP_CODEC

/* Parts of values. */
extern const struct lk_per_size lk_xwap_container_size;
enum lk_xwap_criticality lk_xwap_get_criticality(struct lk_per_reader *r);
/* The value of an extension or item that nobody knows: LK_E_UNKNOWN unless it may be ignored. */
void lk_xwap_skip_extension(struct lk_per_reader *r, enum lk_xwap_criticality criticality);
/* The end of a SEQUENCE: extensions in a container, then additions, where there are any. */
void lk_xwap_skip_rest(struct lk_per_reader *r, bool container, bool additions);
void lk_xwap_get_cause_value(struct lk_xwap_cause *cause, struct lk_per_reader *r);
void lk_xwap_put_cause_value(struct lk_per_writer *w, struct lk_xwap_cause cause);
/* A list is empty after a failure. */
void lk_xwap_get_list(struct lk_xwap_bearers *bearers, struct lk_per_reader *r,
                      const struct lk_xwap_list *list);
void lk_xwap_put_list(struct lk_per_writer *w, const struct lk_xwap_bearers *bearers,
                      const struct lk_xwap_list *list);

#endif
