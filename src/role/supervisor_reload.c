/* Reload: a second generation of workers comes up beside the first, on the same sockets. Nothing is
 * given up before all of it is ready, so that an invalid file, or one that does not work, costs
 * nothing. Processes that keep state go on, and are handed the new configuration once it is in
 * force; what they could not take has been refused before. */
#include "role/supervisor_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/notify.h"
#include "role/apart.h"
#include "role/radsec.h"

static void tell(struct lk_supervisor *s, const char *error, const char *fix)
{
    struct lk_control_call *call = s->reload_call;

    s->reload_call = NULL;
    if (error != NULL)
        LK_LOG(LK_LOG_ERROR, "reload-refused", { "why", error }, { "fix", fix },
               { "what", "the old configuration goes on" });
    if (call == NULL)
        return;
    if (error == NULL)
        lk_control_answer(call, json_pack("{s:b, s:s, s:s}", "ok", 1, "file", s->config->file,
                                          "note", s->reload_note));
    else
        lk_control_refuse(call, error, fix);
}

static void discard(struct lk_config *config)
{
    if (config != NULL)
        lk_config_wipe(config);
    free(config);
}

/* NULL, and the caller told, when it does not load. */
static struct lk_config *load(struct lk_supervisor *s)
{
    struct lk_config *config = calloc(1, sizeof *config);
    struct lk_config_report *report = calloc(1, sizeof *report);

    if (config != NULL && report != NULL &&
        lk_apart_config(config, report, s->setup.file, s->setup.sets, s->setup.set_count) ==
            LK_OK) {
        free(report);
        return config;
    }
    for (size_t i = 0; report != NULL && i < report->count && i < LK_CONFIG_PROBLEMS; i++)
        LK_LOG(LK_LOG_ERROR, "config", { "problem", report->problem[i] });
    tell(s, report == NULL || report->count == 0 ? "no memory" : report->problem[0],
         "mend the file; latchkeyd -c FILE --check tells all that is wrong");
    free(report);
    discard(config);
    return NULL;
}

/* What processes that go on will read then. */
static bool files_fit(struct lk_supervisor *s, const struct lk_config *config,
                      char unfit[LK_KIND_UNFIT_TEXT])
{
    s->reload_note[0] = '\0';
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);

        unfit[0] = '\0';
        if (lk_kind_runs(kind, config) && kind->reads_again != NULL &&
            !lk_apart_fits(kind, config, unfit))
            return false;
        if (unfit[0] != '\0')
            memcpy(s->reload_note, unfit, sizeof s->reload_note);
    }
    return true;
}

static bool may_follow(struct lk_supervisor *s, const struct lk_config *config)
{
    const char *key = lk_config_needs_restart(s->config, config);
    const struct lk_stream_files radsec = lk_radsec_files(config);
    char text[LK_NODE_KEY_ERROR_TEXT], unfit[LK_KIND_UNFIT_TEXT];

    if (key != NULL) {
        (void)snprintf(text, sizeof text, "%s cannot be changed while running", key);
        tell(s, text, "restart latchkeyd, or put the old value back");
        return false;
    }
    if ((config->roles & LK_ROLE_VAULT) != 0 &&
        lk_supervisor_vault_clients(config->workers) > s->vault_clients) {
        tell(s, "more workers than the vault has connections for",
             "restart latchkeyd to raise workers");
        return false;
    }
    if (lk_supervisor_has_node_key(config) &&
        lk_node_key_read(&s->next_node_key, config->node_key, text) != LK_OK) {
        tell(s, text, "restore the node key file");
        return false;
    }
    if (lk_radsec_is_on(config) && lk_apart_tls(&radsec, text) != LK_OK) {
        tell(s, text, "restore the files of radsec.certificate, radsec.key and radsec.ca");
        return false;
    }
    if (!files_fit(s, config, unfit)) {
        tell(s, unfit, "mend it, and latchkey reload; nothing was taken over");
        return false;
    }
    if (lk_endpoints_open(s, config, text) != LK_OK) {
        lk_endpoints_trim(s, s->config);
        tell(s, text, "free the port, or restart latchkeyd when it needs privileges");
        return false;
    }
    return true;
}

/* Workers of the generation before are on their way out, and their places are the next one's. */
static bool places_taken(const struct lk_supervisor *s)
{
    for (size_t i = 0; i < LK_SHARED_SLOTS; i++) {
        const struct lk_worker *w = &s->workers[i];

        if (lk_slot_is_of(s, i, s->generation + 1) && !w->kind->keeps_state &&
            (w->pid != 0 || w->polled))
            return true;
    }
    return false;
}

void lk_supervisor_reload(struct lk_supervisor *s, struct lk_control_call *call)
{
    struct lk_config *config;

    if (s->next != NULL || s->stopping || !s->said_ready || places_taken(s)) {
        if (call != NULL)
            lk_control_refuse(call, "a start, stop or reload is under way",
                              "try again in a second");
        else
            s->reload_wanted = true;
        return;
    }
    s->reload_wanted = false;
    s->reload_call = call;
    lk_notify("RELOADING=1");
    config = load(s);
    if (config == NULL || !may_follow(s, config)) {
        s->reloads_refused++;
        discard(config);
        lk_notify("READY=1");
        return;
    }
    s->next = config;
    s->next_since_ms = lk_mono_ms();
    lk_workers_start(s, s->generation + 1, s->next, &s->next_node_key, false);
    lk_supervisor_tick(s);
}

void lk_reload_finish(struct lk_supervisor *s)
{
    struct lk_config *old = s->config;

    lk_workers_leave(s, s->generation);
    s->generation++;
    s->config = s->next;
    s->node_key = s->next_node_key;
    s->next = NULL;
    lk_wipe(&s->next_node_key, sizeof s->next_node_key);
    discard(old);
    lk_endpoints_trim(s, s->config);
    lk_calls_configure(s);
    lk_supervisor_log_setup(s->config, "latchkeyd");
    if (s->probe != NULL)
        lk_probe_configure(s->probe, s->config);
    s->reloads++;
    LK_LOG(LK_LOG_INFO, "reloaded", { "file", s->config->file });
    lk_notify("READY=1");
    tell(s, NULL, NULL);
}

void lk_reload_abort(struct lk_supervisor *s, const char *error, const char *fix)
{
    struct lk_config *config = s->next;

    s->next = NULL;
    s->reloads_refused++;
    lk_workers_leave(s, s->generation + 1);
    lk_endpoints_trim(s, s->config);
    lk_wipe(&s->next_node_key, sizeof s->next_node_key);
    discard(config);
    lk_notify("READY=1");
    tell(s, error, fix);
}
