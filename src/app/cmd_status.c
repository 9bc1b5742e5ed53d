/* latchkey status: what the running daemon does. */
#include <inttypes.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey status [-c FILE] [--set KEY=VALUE] [--json]\n\n"
    "Says what the daemon of that configuration does: processes, store, counters, refusals by\n"
    "reason, and whether a login works (it does one).\n"
    "Exit code 0 when all is well, 1 when something is not, 3 when no daemon answers.\n";

static json_int_t number(const json_t *of, const char *name)
{
    return json_integer_value(json_object_get(of, name));
}

static const char *text(const json_t *of, const char *name)
{
    const char *value = json_string_value(json_object_get(of, name));

    return value == NULL ? "" : value;
}

static const char *confinement(const json_t *worker)
{
    if (json_is_true(json_object_get(worker, "key_within_reach")))
        return ", COULD OPEN THE MASTER KEY: this kernel has no Landlock";
    return number(worker, "landlock") == 0 ? ", not confined by Landlock: this kernel has none"
                                           : "";
}

/* What a process counts for itself and is now, not what it has counted since it began. */
static void print_gauges(const json_t *worker)
{
    const json_t *counts = json_object_get(worker, "counts");
    const json_t *name;
    size_t i;

    json_array_foreach(json_object_get(worker, "gauges"), i, name)
        printf("    %-20s %" JSON_INTEGER_FORMAT "\n", json_string_value(name),
               number(counts, json_string_value(name)));
}

static void print_processes(const json_t *status)
{
    const json_t *vault = json_object_get(status, "vault");
    const json_t *store = json_object_get(status, "store");
    const json_t *item;
    size_t i;

    printf("latchkeyd %s, process %" JSON_INTEGER_FORMAT ", up %" JSON_INTEGER_FORMAT " s, %s\n",
           text(status, "version"), number(status, "pid"), number(status, "uptime_s"),
           text(status, "file"));
    json_array_foreach(json_object_get(status, "listen"), i, item)
        printf("  listens   %s %s port %" JSON_INTEGER_FORMAT " (%s)\n", text(item, "address"),
               text(item, "transport"), number(item, "port"), text(item, "serves"));
    if (vault != NULL)
        printf("  vault     %s\n", json_is_true(json_object_get(vault, "up")) ? "up" : "DOWN");
    if (store == NULL)
        ;
    else if (json_is_true(json_object_get(store, "up")))
        printf("  store     up, %" JSON_INTEGER_FORMAT " subscriber%s\n",
               number(store, "subscribers"), number(store, "subscribers") == 1 ? "" : "s");
    else
        printf("  store     DOWN\n");
    json_array_foreach(json_object_get(status, "workers"), i, item) {
        printf("  %-9s process %" JSON_INTEGER_FORMAT " %s, %" JSON_INTEGER_FORMAT " waiting%s\n",
               text(item, "name"), number(item, "pid"), text(item, "state"),
               number(item, "waiting"), confinement(item));
        print_gauges(item);
    }
}

static void print_counts(const json_t *status)
{
    const json_t *counts = json_object_get(status, "counts");
    const char *reason;
    json_t *value;

    printf("  accepted  %" JSON_INTEGER_FORMAT " AKA', %" JSON_INTEGER_FORMAT
           " AKA, %" JSON_INTEGER_FORMAT " by re-authentication\n",
           number(counts, "accepted_aka_prime"), number(counts, "accepted_aka"),
           number(counts, "reauthenticated"));
    printf("  rejected  %" JSON_INTEGER_FORMAT "\n", number(counts, "rejected"));
    json_object_foreach(json_object_get(counts, "refused"), reason, value)
        printf("  refused   %" JSON_INTEGER_FORMAT " x %s\n", json_integer_value(value), reason);
    printf("  requests  %" JSON_INTEGER_FORMAT " datagrams, those of health logins among them\n",
           number(counts, "requests"));
    printf("  restarts  %" JSON_INTEGER_FORMAT " workers, %" JSON_INTEGER_FORMAT
           " vaults; %" JSON_INTEGER_FORMAT " reloads\n",
           number(status, "worker_restarts"), number(status, "vault_restarts"),
           number(status, "reloads"));
}

/* What a daemon of these roles does not have is nothing that fails. */
static bool is_down(const json_t *status, const char *part)
{
    const json_t *up = json_object_get(json_object_get(status, part), "up");

    return up != NULL && !json_is_true(up);
}

static bool all_well(const json_t *status, const json_t *health)
{
    return !is_down(status, "vault") && !is_down(status, "store") &&
           json_is_true(json_object_get(health, "healthy"));
}

static void print_health(const json_t *health)
{
    if (json_is_true(json_object_get(health, "healthy")) &&
        json_number_value(json_object_get(health, "login_ms")) == 0)
        printf("  health    all processes serve\n");
    else if (json_is_true(json_object_get(health, "healthy")))
        printf("  health    a login works, %.1f ms\n",
               json_number_value(json_object_get(health, "login_ms")));
    else
        printf("  health    FAILING: %s\n", text(health, "why"));
}

int lk_cmd_status(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "status", .help = help,
                                          .timeout_ms = TIMEOUT_MS };
    json_t *ask_status = json_pack("{s:s}", "op", "status");
    json_t *ask_health = json_pack("{s:s}", "op", "health");
    json_t *status = NULL;
    json_t *health = NULL;
    int exit_code;

    if (lk_daemon_call_read(&call, &exit_code, argc, argv)) {
        bool json = call.json;

        call.json = false;
        status = lk_daemon_call_ask(&call, ask_status, &exit_code);
        if (status != NULL)
            health = lk_daemon_call_ask(&call, ask_health, &exit_code);
        if (health != NULL) {
            exit_code = all_well(status, health) ? LK_EXIT_OK : LK_EXIT_REFUSED;
            if (json) {
                (void)json_object_set(status, "health", health);
                (void)json_dumpf(status, stdout, JSON_INDENT(2));
                (void)putchar('\n');
            } else {
                print_processes(status);
                print_counts(status);
                print_health(health);
            }
        }
    }
    json_decref(status);
    json_decref(health);
    json_decref(ask_status);
    json_decref(ask_health);
    lk_config_wipe(&call.config);
    return exit_code;
}
