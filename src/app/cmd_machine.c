/* latchkey machine NAME: draws a protocol machine from its own rule table. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "node/access.h"
#include "proto/e2e/server.h"
#include "proto/e2e/ue.h"
#include "proto/eap/peer.h"
#include "proto/eap/server.h"
#include "proto/eps/device.h"
#include "proto/eps/network.h"
#include "proto/erp/peer.h"
#include "proto/erp/server.h"
#include "proto/gba/bsf.h"
#include "proto/gba/ue.h"
#include "proto/lwa/enb.h"
#include "proto/lwa/ue.h"
#include "proto/lwa/wt.h"
#include "proto/mis/exchange.h"
#include "proto/mis/mn.h"
#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"
#include "proto/mis/mn_auth.h"
#include "proto/mis/pos_auth.h"
#include "proto/mip/fa.h"
#include "proto/mip/ha.h"
#include "proto/mip/ha6.h"
#include "proto/mip/keygen.h"
#include "proto/mip/mn.h"
#include "proto/mip/mn6.h"
#include "proto/mip/revoker.h"
#include "proto/pmip/lma.h"
#include "proto/pmip/mag.h"
#include "proto/rsn/authenticator.h"
#include "proto/rsn/station.h"
#include "proto/rsn/supplicant.h"
#include "proto/wlcp/twag.h"
#include "proto/wlcp/ue.h"

static const struct lk_rule_table *const machines[] = {
    &lk_eap_server_rules,
    &lk_eap_peer_rules,
    &lk_pmip_mag_rules,
    &lk_mip_fa_rules,
    &lk_mip_ha_rules,
    &lk_mip_ha6_rules,
    &lk_mip_keygen_rules,
    &lk_mip_mn_rules,
    &lk_mip_mn6_rules,
    &lk_mip_revoker_rules,
    &lk_pmip_lma_rules,
    &lk_wlcp_ue_rules,
    &lk_wlcp_twag_rules,
    &lk_access_rules,
    &lk_eps_network_rules,
    &lk_eps_device_rules,
    &lk_rsn_authenticator_rules,
    &lk_rsn_supplicant_rules,
    &lk_rsn_station_rules,
    &lk_lwa_enb_rules,
    &lk_lwa_ue_rules,
    &lk_lwa_wt_rules,
    &lk_erp_server_rules,
    &lk_erp_peer_rules,
    &lk_e2e_server_rules,
    &lk_e2e_ue_rules,
    &lk_gba_bsf_rules,
    &lk_gba_ue_rules,
    &lk_mis_exchange_rules,
    &lk_mis_mn_rules,
    &lk_mis_spos_rules,
    &lk_mis_tpos_rules,
    &lk_mis_mn_auth_rules,
    &lk_mis_pos_auth_rules,
};

enum format { FORMAT_TABLE, FORMAT_DOT, FORMAT_JSON };

static void usage(FILE *to)
{
    fprintf(to, "usage: latchkey machine NAME [--dot | --json]\n\n"
                "Prints the rules of a protocol machine: in which state which event is welcome,\n"
                "who handles it, where it may lead, and the clause behind it. What has no rule is\n"
                "counted and dropped. --dot draws them for Graphviz:\n\n"
                "    latchkey machine NAME --dot | dot -Tsvg > NAME.svg\n\nMachines:\n");
    for (size_t i = 0; i < LK_COUNT_OF(machines); i++)
        fprintf(to, "  %s\n", machines[i]->name);
}

static const struct lk_rule_table *find(const char *name)
{
    for (size_t i = 0; i < LK_COUNT_OF(machines); i++)
        if (strcmp(machines[i]->name, name) == 0)
            return machines[i];
    return NULL;
}

/* The names of the states whose bits are set. */
static void print_targets(const struct lk_rule_table *m, uint32_t may_enter,
                          const char *separator, const char *quote)
{
    bool first = true;

    for (unsigned state = 0; state < m->state_count; state++) {
        if ((may_enter & 1u << state) == 0)
            continue;
        printf("%s%s%s%s", first ? "" : separator, quote, m->state_names[state], quote);
        first = false;
    }
}

static void print_table(const struct lk_rule_table *m)
{
    struct lk_rule_view rule;

    printf("%-16s %-24s %-18s %-16s %s\n", "in", "on", "act", "clause", "may enter");
    for (size_t i = 0; lk_rule_show(&rule, m, i); i++) {
        printf("%-16s %-24s %-18s %-16s ", m->state_names[rule.in], rule.on, rule.act,
               rule.clause);
        print_targets(m, rule.may_enter, " ", "");
        printf("\n");
    }
}

static void print_json(const struct lk_rule_table *m)
{
    struct lk_rule_view rule;

    printf("{\"machine\": \"%s\", \"states\": [", m->name);
    print_targets(m, (uint32_t)((1u << m->state_count) - 1), ", ", "\"");
    printf("], \"first\": [");
    print_targets(m, m->first, ", ", "\"");
    printf("], \"last\": [");
    print_targets(m, m->last, ", ", "\"");
    printf("], \"rules\": [");
    for (size_t i = 0; lk_rule_show(&rule, m, i); i++) {
        printf("%s\n  {\"in\": \"%s\", \"on\": \"%s\", \"act\": \"%s\", \"clause\": \"%s\", "
               "\"may_enter\": [",
               i > 0 ? "," : "", m->state_names[rule.in], rule.on, rule.act, rule.clause);
        print_targets(m, rule.may_enter, ", ", "\"");
        printf("]}");
    }
    printf("\n]}\n");
}

static void print_dot(const struct lk_rule_table *m)
{
    struct lk_rule_view rule;

    printf("digraph \"%s\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n", m->name);
    for (unsigned state = 0; state < m->state_count; state++)
        printf("    \"%s\"%s;\n", m->state_names[state],
               (m->first & 1u << state) != 0  ? " [style=\"rounded,bold\"]"
               : (m->last & 1u << state) != 0 ? " [peripheries=2]"
                                              : "");
    for (size_t i = 0; lk_rule_show(&rule, m, i); i++) {
        for (unsigned state = 0; state < m->state_count; state++)
            if ((rule.may_enter & 1u << state) != 0)
                printf("    \"%s\" -> \"%s\" [label=\"%s\\n%s\"];\n", m->state_names[rule.in],
                       m->state_names[state], rule.on, rule.clause);
    }
    printf("}\n");
}

int lk_cmd_machine(int argc, char **argv)
{
    static const struct option options[] = {
        { "dot", no_argument, NULL, 'd' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    enum format format = FORMAT_TABLE;
    const struct lk_rule_table *machine;
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (option != 'd' && option != 'j')
            return LK_EXIT_USAGE;
        format = option == 'd' ? FORMAT_DOT : FORMAT_JSON;
    }
    machine = optind + 1 == argc ? find(argv[optind]) : NULL;
    if (machine == NULL) {
        if (optind + 1 == argc)
            fprintf(stderr,
                    "latchkey machine: no machine '%s'; latchkey machine --help lists them\n",
                    argv[optind]);
        else
            usage(stderr);
        return LK_EXIT_USAGE;
    }
    switch (format) {
    case FORMAT_TABLE: print_table(machine); break;
    case FORMAT_DOT: print_dot(machine); break;
    case FORMAT_JSON: print_json(machine); break;
    }
    return LK_EXIT_OK;
}
