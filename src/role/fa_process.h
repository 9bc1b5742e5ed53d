/* What the files of the fa process share; tests look in, too. */
#ifndef LK_ROLE_FA_PROCESS_H
#define LK_ROLE_FA_PROCESS_H

#include "io/log.h"
#include "node/fa.h"
#include "role/fa.h"
#include "role/process.h"
#include "role/seen.h"
#include "role/udp_port.h"

struct lk_fa_process {
    struct lk_process process;
    struct lk_counters *count;
    struct lk_fa *node;
    struct lk_fa_config config;
    struct lk_fa_outbox out;
    struct lk_udp_owner udp;
    struct lk_udp_port port;
    struct lk_datagrams *sending;
    struct lk_mip_naf *naf;      /* NULL unless it is one */
    struct lk_role_mip_aaa *aaa; /* NULL unless it asks one */
    struct lk_seen seen;
};

/* fa_config.c: the configuration in force, as the node reads it; and associations with nodes, once
 * there is a node. */
void lk_fa_config_take(struct lk_fa_process *fa);
void lk_fa_config_nodes(struct lk_fa_process *fa);

/* fa.c. True: the same event again. */
bool lk_fa_give(struct lk_fa_process *fa, const struct lk_fa_event *event);

/* fa_keys.c: questions are asked, and the event given again when the answer is there. */
LK_MUST_CHECK bool lk_fa_keys_begin(struct lk_fa_process *fa, char error[LK_KIND_ERROR_TEXT]);
void lk_fa_ask_bsf(struct lk_fa_process *fa, const struct lk_fa_output *item,
                   const struct lk_fa_event *event);
void lk_fa_ask_aaa(struct lk_fa_process *fa, const struct lk_fa_event *event);
void lk_fa_keys_end(struct lk_fa_process *fa);

/* fa.c: what is counted, but for what the node is asked for. */
void lk_fa_own_values(uint64_t values[LK_FA_OWN_COUNT], const struct lk_fa_counters *c);

#endif
