/* What a new process forgets of its parent's memory, before anybody can talk to it. */
#include "role/supervisor_parts.h"

#include <string.h>

#include "base/secret.h"
#include "role/config_rows.h"

/* T04, Y10: whoever takes over a process has what that process needs, and nothing of its
 * neighbours. */
static void keep(struct lk_config *config, const struct lk_config *ours, unsigned roles)
{
    if (config == NULL)
        return;
    if (config == ours)
        lk_config_keep(config, roles);
    else
        lk_config_wipe(config);
}

/* What the command line says is read again by the supervisor alone. */
static void forget_words(struct lk_supervisor *s)
{
    for (size_t i = 0; i < s->setup.set_count; i++) {
        char *value = strchr(s->setup.sets[i], '=');

        if (value != NULL)
            lk_wipe(value, strlen(value));
    }
}

static void forget(struct lk_supervisor *s, const struct lk_config *config,
                   const struct lk_node_key *node_key, unsigned roles, size_t slot)
{
    keep(s->config, config, roles);
    keep(s->next, config, roles);
    if (node_key != &s->node_key)
        lk_wipe(&s->node_key, sizeof s->node_key);
    if (node_key != &s->next_node_key)
        lk_wipe(&s->next_node_key, sizeof s->next_node_key);
    forget_words(s);
    if (s->probe != NULL)
        lk_probe_forget(s->probe);
    if (s->shared != NULL)
        lk_shared_keep(s->shared, slot, (roles & LK_ROLE_AAA) != 0);
}

void lk_supervisor_forget(struct lk_supervisor *s, const struct lk_worker_setup *setup)
{
    forget(s, setup->config, setup->node_key, lk_kind_roles(setup->kind, setup->config),
           setup->slot);
}

void lk_supervisor_forget_all(void *supervisor)
{
    struct lk_supervisor *s = supervisor;

    forget(s, s->config, NULL, LK_ROLE_VAULT, LK_SHARED_SLOTS);
}
