/* The subcommands of latchkey: one function each, in a file of its own (cmd_NAME.c). argv[0] is
 * "latchkey NAME". */
#ifndef LK_APP_COMMANDS_H
#define LK_APP_COMMANDS_H

#include <stdbool.h>

/* Exit codes of every command, part of the contract. */
enum {
    LK_EXIT_OK = 0,
    LK_EXIT_REFUSED = 1, /* the thing asked for was refused or failed; the reason is printed */
    LK_EXIT_USAGE = 2,   /* the call's words are off; nothing was done */
    LK_EXIT_SYSTEM = 3,  /* a file, a socket or a server was not to be had */
};

int lk_cmd_keys(int argc, char **argv);
int lk_cmd_journey(int argc, char **argv);
int lk_cmd_load(int argc, char **argv);
int lk_cmd_subscriber(int argc, char **argv);
int lk_cmd_trace(int argc, char **argv);
int lk_cmd_ue(int argc, char **argv);
int lk_cmd_ue_bootstrap(int argc, char **argv);
int lk_cmd_ue_e2e(int argc, char **argv);
/* Whether that word of latchkey ue asks a running device; and the asking. */
bool lk_cmd_ue_asks(const char *word);
int lk_cmd_ue_ask(int argc, char **argv);
/* of_device: at ue.socket; else the network behind the anchor. */
int lk_cmd_run(int argc, char **argv, bool of_device);
int lk_cmd_anchor(int argc, char **argv);
int lk_cmd_node_key(int argc, char **argv);
int lk_cmd_mis_key(int argc, char **argv);
int lk_cmd_certificate(int argc, char **argv);
int lk_cmd_reload(int argc, char **argv);
int lk_cmd_session(int argc, char **argv);
int lk_cmd_enb(int argc, char **argv);
int lk_cmd_wt(int argc, char **argv);
int lk_cmd_pos(int argc, char **argv);
int lk_cmd_aanf(int argc, char **argv);
int lk_cmd_bsf(int argc, char **argv);
int lk_cmd_af(int argc, char **argv);
int lk_cmd_naf(int argc, char **argv);
int lk_cmd_fa(int argc, char **argv);
int lk_cmd_status(int argc, char **argv);
int lk_cmd_machine(int argc, char **argv);
int lk_cmd_sim(int argc, char **argv);
int lk_cmd_lab(int argc, char **argv);

#endif
