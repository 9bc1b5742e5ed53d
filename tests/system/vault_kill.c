/* Kills the vault and its worker at random instants and looks for an SQN that was used twice.
 *
 *   vault_kill FOLDER time|counter ROUNDS SEED [ceiling-off]
 *
 * In each round a vault starts, with the wall clock of its start shifted by up to an hour either
 * way; a worker reads rows, asks for vectors in batches, now and then with an AUTS, obeys the rule
 * of vault/messages.h for answers with a row, and notes each SQN that it may use in a file; then
 * both are killed. ceiling-off throws the ceiling away between rounds: the proof that the search
 * finds what there is to find. Exit status 0: none twice; 1: some. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "vault/auc.h"
#include "vault/master.h"
#include "vault/vault.h"

enum { SUBSCRIBERS = 5, BATCH = 8, SHIFT_MS = 3600 * 1000, LIFE_US = 25000 };

static char folder[256], master_path[300], ceiling_path[300], url[320], log_path[300];
static uint64_t seed;

static struct lk_credentials card = { .card = { .algorithm = LK_AKA_MILENAGE,
                                                .k = { 0x46, 0x5b },
                                                .k_len = 16,
                                                .topc = { 0xcd, 0x63 },
                                                .res_len = 8,
                                                .keccak_iterations = 1 } };

/* What was used: by whom, which. */
struct used {
    uint64_t subscriber;
    uint64_t sqn;
};

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "vault_kill: %s: %s\n", what, why);
    _exit(2);
}

static uint64_t random_below(uint64_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % limit;
}

static struct lk_imsi imsi_of(size_t n)
{
    struct lk_imsi imsi = { .digits = "" };

    snprintf(imsi.digits, sizeof imsi.digits, "00101%010zu", n);
    return imsi;
}

static struct lk_store *open_store(void)
{
    char error[LK_STORE_ERROR_TEXT];
    struct lk_store *store;

    if (lk_store_open(&store, url, error) != LK_OK)
        fail("store", error);
    return store;
}

static uint64_t number(const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t value = 0;

    for (int i = 0; i < LK_SQN_LEN; i++)
        value = value << 8 | sqn[i];
    return value;
}

/* ---- the worker ---- */

static void use(int log, size_t subscriber, const struct lk_vector *vector, uint64_t *highest)
{
    struct lk_aka_output out;
    struct used used = { .subscriber = subscriber };
    uint8_t sqn[LK_SQN_LEN];

    lk_aka_f2345(&out, &card.card, vector->rand);
    for (int i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = vector->autn[i] ^ out.ak[i];
    used.sqn = number(sqn);
    *highest = used.sqn > *highest ? used.sqn : *highest;
    if (write(log, &used, sizeof used) != (ssize_t)sizeof used)
        fail("log", strerror(errno));
}

/* Now and then a card says that it has come farther. */
static void ask_resync(struct lk_vault_request *request, uint64_t highest)
{
    uint64_t sqn_ms = highest + random_below(5000) * 32;
    uint8_t sqn[LK_SQN_LEN];

    for (int i = LK_SQN_LEN - 1; i >= 0; i--, sqn_ms >>= 8)
        sqn[i] = (uint8_t)sqn_ms;
    request->kind = LK_VAULT_RESYNC;
    memset(request->rand, (int)random_below(256), LK_RAND_LEN);
    lk_aka_auts(request->auts, &card.card, request->rand, sqn);
}

static void one_batch(struct lk_vault_client *client, struct lk_store *store, int log,
                      uint64_t highest[SUBSCRIBERS])
{
    struct lk_vault_request requests[BATCH];
    struct lk_vault_answer answers[LK_VAULT_BATCH];
    struct lk_imsi imsis[BATCH];
    struct lk_sealed_row rows[BATCH];
    size_t who[BATCH], count = 1 + random_below(BATCH), got = 0;
    bool found[BATCH];
    enum lk_status status;

    for (size_t i = 0; i < count; i++) {
        who[i] = random_below(SUBSCRIBERS);
        imsis[i] = imsi_of(who[i]);
    }
    if (lk_store_rows(store, imsis, count, rows, found) != LK_OK)
        fail("rows", lk_store_error(store));
    for (size_t i = 0; i < count; i++) {
        requests[i] = (struct lk_vault_request){
            .id = (uint32_t)i, .kind = LK_VAULT_VECTOR, .imsi = imsis[i], .row = rows[i]
        };
        if (random_below(40) == 0)
            ask_resync(&requests[i], highest[who[i]]);
    }
    if (lk_vault_client_send(client, requests, count) != LK_OK)
        _exit(0);
    while ((status = lk_vault_client_receive(client, answers, &got)) == LK_E_BUSY)
        usleep(20);
    if (status != LK_OK)
        _exit(0);
    for (size_t i = 0; i < got; i++) {
        if (answers[i].refused != LK_REASON_NONE)
            continue;
        if (answers[i].row.len > 0 &&
            lk_store_swap_row(store, &imsis[i], &rows[i], &answers[i].row) != LK_OK)
            continue;
        use(log, who[i], &answers[i].vector, &highest[who[i]]);
    }
}

static _Noreturn void worker(struct lk_vault *vault)
{
    struct lk_vault_client client;
    struct lk_store *store = open_store();
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    uint64_t highest[SUBSCRIBERS] = { 0 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    lk_vault_keep(vault, 1);
    client = lk_vault_client_of(vault, 1);
    for (;;)
        one_batch(&client, store, log, highest);
}

/* ---- the killer ---- */

static void one_round(enum lk_sqn_mode mode)
{
    struct lk_vault_settings settings = { .master_key = master_path,
                                          .ceiling = ceiling_path,
                                          .mode = mode,
                                          .block = 8,
                                          .wall_shift_ms =
                                              (int64_t)random_below(2 * SHIFT_MS) - SHIFT_MS };
    struct lk_vault vault;
    char error[LK_VAULT_ERROR_TEXT];
    uint64_t worker_seed = random_below(UINT64_MAX) | 1;
    pid_t pid;

    if (lk_vault_start(&vault, &settings, 2, error) != LK_OK)
        fail("vault", error);
    pid = fork();
    if (pid == 0) {
        seed = worker_seed;
        worker(&vault);
    }
    usleep((useconds_t)random_below(LIFE_US));
    kill(random_below(2) == 0 ? pid : vault.pid, SIGKILL);
    kill(pid, SIGKILL);
    kill(vault.pid, SIGKILL);
    lk_vault_stop(&vault, true);
    waitpid(pid, NULL, 0);
}

static int order(const void *a, const void *b)
{
    const struct used *x = a, *y = b;

    if (x->subscriber != y->subscriber)
        return x->subscriber < y->subscriber ? -1 : 1;
    return x->sqn < y->sqn ? -1 : x->sqn > y->sqn;
}

static int count_repeats(void)
{
    FILE *file = fopen(log_path, "rb");
    struct used *all;
    size_t count, twice = 0;
    long len = 0;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) <= 0)
        fail("log", "no SQN was used at all");
    rewind(file);
    all = malloc((size_t)len);
    if (all == NULL)
        fail("log", "no memory");
    count = fread(all, sizeof *all, (size_t)len / sizeof *all, file);
    fclose(file);
    qsort(all, count, sizeof *all, order);
    for (size_t i = 1; i < count; i++)
        twice += order(&all[i], &all[i - 1]) == 0;
    free(all);
    printf("%zu used, %zu twice\n", count, twice);
    return twice == 0 ? 0 : 1;
}

static void prepare(enum lk_sqn_mode mode)
{
    struct lk_master_key master;
    struct lk_row_key key;
    struct lk_auc_row row;
    struct lk_store *store;
    char error[LK_MASTER_ERROR_TEXT];
    uint8_t nonce[12] = { 0 };

    if (lk_master_key_create(master_path, error) != LK_OK ||
        lk_master_key_read(&master, master_path, error) != LK_OK)
        fail("master key", error);
    lk_row_key_derive(&key, &master);
    store = open_store();
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        struct lk_imsi imsi = imsi_of(i);
        struct lk_sealed_row sealed;

        nonce[0] = (uint8_t)i;
        if (lk_auc_row_of(&row, &card, mode, UINT64_C(17600000000)) != LK_OK)
            fail("row", "cannot be made");
        lk_auc_seal(&sealed, &key, &imsi, &row, nonce);
        if (lk_store_add(store, &imsi, &sealed, false) != LK_OK)
            fail("add", lk_store_error(store));
    }
    lk_store_close(store);
}

int main(int argc, char **argv)
{
    enum lk_sqn_mode mode;
    int rounds;

    if (argc < 5) {
        fprintf(stderr, "usage: vault_kill FOLDER time|counter ROUNDS SEED [ceiling-off]\n");
        return 2;
    }
    snprintf(folder, sizeof folder, "%s", argv[1]);
    snprintf(master_path, sizeof master_path, "%s/master.key", folder);
    snprintf(ceiling_path, sizeof ceiling_path, "%s/ceiling", folder);
    snprintf(url, sizeof url, "sqlite:%s/store.db", folder);
    snprintf(log_path, sizeof log_path, "%s/used", folder);
    mode = strcmp(argv[2], "counter") == 0 ? LK_SQN_COUNTER : LK_SQN_TIME;
    rounds = atoi(argv[3]);
    seed = strtoull(argv[4], NULL, 10) | 1;
    prepare(mode);
    for (int i = 0; i < rounds; i++) {
        one_round(mode);
        if (argc > 5)
            unlink(ceiling_path);
    }
    return count_repeats();
}
