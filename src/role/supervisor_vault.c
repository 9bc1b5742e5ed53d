/* The vault, as its parent sees it: started, watched, started again. */
#include "role/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

/* How many kinds before that one have a seat of their own; NULL: of all. */
static size_t seats_before(const struct lk_process_kind *kind)
{
    size_t seats = 0;

    for (size_t i = 0; i < lk_kind_count() && lk_kind_at(i) != kind; i++)
        seats += lk_kind_at(i)->vault_keys != 0 && lk_kind_at(i)->keeps_state ? 1 : 0;
    return seats;
}

size_t lk_supervisor_vault_clients(size_t workers)
{
    return 1 + seats_before(NULL) + 2 * workers;
}

size_t lk_supervisor_vault_seat(const struct lk_supervisor *s, const struct lk_process_kind *kind,
                                unsigned generation, unsigned index)
{
    size_t own = seats_before(NULL);

    if (kind->keeps_state)
        return 1 + seats_before(kind);
    return 1 + own + (generation & 1) * ((s->vault_clients - 1 - own) / 2) + index;
}

/* Y10: the worker of a seat is given what its kind asks for, and nothing else: a captured one is no
 * better than it was, and no other network's. */
static void grant(struct lk_vault_right *right, const struct lk_process_kind *kind,
                  const struct lk_config *config)
{
    right->keys = kind->vault_keys;
    if (lk_sn_id_of_plmn(right->sn_id, lk_span_text(config->enb.plmn)) != LK_OK)
        right->keys &= ~(1u << LK_VECTOR_KASME);
}

static void grant_all(struct lk_vault_right rights[LK_VAULT_CLIENTS], const struct lk_supervisor *s)
{
    rights[0].keys = 1u << LK_VECTOR_CK_IK; /* ours: whether the master key opens a row */
    for (size_t i = 0; i < lk_kind_count(); i++) {
        const struct lk_process_kind *kind = lk_kind_at(i);
        size_t first = lk_supervisor_vault_seat(s, kind, 0, 0);
        size_t end = kind->keeps_state ? first + 1 : s->vault_clients;

        for (size_t seat = first; kind->vault_keys != 0 && seat < end; seat++)
            grant(&rights[seat], kind, s->config);
    }
}

enum lk_status lk_supervisor_vault_start(struct lk_supervisor *s, char error[LK_VAULT_ERROR_TEXT])
{
    const struct lk_config *config = s->config;
    struct lk_vault_right rights[LK_VAULT_CLIENTS] = { { 0 } };
    const struct lk_vault_settings settings = {
        .master_key = config->vault.master_key,
        .ceiling = config->vault.ceiling,
        .user = config->vault.user[0] == '\0' ? NULL : config->vault.user,
        .mode = config->vault.sqn == LK_CONFIG_SQN_TIME ? LK_SQN_TIME : LK_SQN_COUNTER,
        .node = config->vault.node,
        .block = config->vault.block,
        .rights = rights,
        .forget = lk_supervisor_forget_all,
        .context = s,
    };
    enum lk_status status;

    grant_all(rights, s);
    status = lk_vault_start(&s->vault, &settings, s->vault_clients, error);
    s->vault_up = status == LK_OK;
    s->vault_since_ms = s->vault_answer_ms = s->vault_ping_ms = lk_mono_ms();
    return status;
}

void lk_supervisor_vault_died(struct lk_supervisor *s)
{
    uint64_t now_ms = lk_mono_ms();

    s->vault_up = false;
    lk_vault_stop(&s->vault, false);
    if (s->stopping)
        return;
    LK_LOG(LK_LOG_ERROR, "vault-died", { "what", "it is started again, and the workers with it" });
    s->vault_short_lives =
        now_ms - s->vault_since_ms < LK_WORKER_SHORT_LIFE_MS ? s->vault_short_lives + 1 : 0;
    s->vault_retry_ms = now_ms + (s->vault_short_lives == 0 ? 0 : 500);
}

/* Tries again; once it is there, workers follow by themselves. */
static void revive(struct lk_supervisor *s)
{
    enum { TRIES = 5 };
    char error[LK_VAULT_ERROR_TEXT];

    if (lk_supervisor_vault_start(s, error) == LK_OK) {
        s->vault_restarts++;
        s->vault_retry_ms = 0;
        LK_LOG(LK_LOG_INFO, "vault-started", { "why", "restart" });
        return;
    }
    LK_LOG(LK_LOG_ERROR, "vault-does-not-start", { "why", error });
    s->vault_retry_ms = lk_mono_ms() + LK_WORKER_SHORT_LIFE_MS;
    /* The power to read the master key may be gone with root: a service manager starts us again. */
    if (++s->vault_short_lives >= TRIES || (s->identity.is_root && s->identity.uid != 0))
        lk_supervisor_stop(s, 1);
}

/* ---- the watchdog ---- */

/* It has one thread, so whoever is asked something answers: an answer to any question is a sign of
 * life. Those to questions that were given up come here, too, and are not for us. */
static void take_signs(struct lk_supervisor *s, uint64_t now_ms)
{
    static struct lk_vault_answer answers[LK_VAULT_BATCH];
    struct lk_vault_client vault = lk_vault_client_of(&s->vault, 0);
    size_t count;

    while (lk_vault_client_receive(&vault, answers, &count) == LK_OK) {
        s->vault_answer_ms = now_ms;
        lk_wipe(answers, sizeof answers);
    }
}

/* One that is stuck is worth no more than one that is dead, and can be ended like that. But for
 * one of another user, that is: then all of us end, and the service manager clears up. */
static void end_it(struct lk_supervisor *s, uint64_t now_ms)
{
    LK_LOG(LK_LOG_ERROR, "vault-hangs", { "what", "no sign of life; it is ended" });
    s->vault_answer_ms = now_ms;
    if (kill(s->vault.pid, SIGKILL) == 0 || s->stopping)
        return;
    LK_LOG(LK_LOG_ERROR, "vault-hangs", { "why", strerror(errno) },
           { "what", "it cannot be ended from here: the daemon stops" },
           { "fix", "let the service manager start it again" });
    lk_supervisor_stop(s, 1);
}

static void watch(struct lk_supervisor *s, uint64_t now_ms)
{
    struct lk_vault_request ping = { .id = s->vault_questions + 1, .kind = LK_VAULT_PING };
    struct lk_vault_client vault = lk_vault_client_of(&s->vault, 0);

    take_signs(s, now_ms);
    if (now_ms - s->vault_answer_ms > LK_WORKER_HANGS_AFTER_MS) {
        end_it(s, now_ms);
    } else if (now_ms - s->vault_ping_ms >= LK_VAULT_PING_EVERY_MS) {
        s->vault_ping_ms = now_ms;
        if (lk_vault_client_send(&vault, &ping, 1) == LK_OK)
            s->vault_questions++;
    }
}

void lk_supervisor_vault_tick(struct lk_supervisor *s)
{
    uint64_t now_ms = lk_mono_ms();

    if ((s->config->roles & LK_ROLE_VAULT) == 0)
        return;
    if (s->vault_up)
        watch(s, now_ms);
    else if (!s->stopping && now_ms >= s->vault_retry_ms)
        revive(s);
}

/* It goes when its clients are gone, unless it is stuck. */
void lk_supervisor_vault_end(struct lk_supervisor *s)
{
    bool silent = lk_mono_ms() - s->vault_answer_ms > 3 * LK_VAULT_PING_EVERY_MS;
    bool ends = !silent || (s->vault.pid > 0 && kill(s->vault.pid, SIGKILL) == 0);

    lk_vault_stop(&s->vault, ends);
}
