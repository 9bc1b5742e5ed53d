/* The store in PostgreSQL, or what speaks its protocol: for nodes that share subscribers.
 *
 * Batches are one statement each (ANY, unnest), so that a batch costs one round trip. */
#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "store/postgres_link.h"

/* ---- values ---- */

int64_t lk_postgres_int64(const PGresult *result, int row, int column)
{
    uint64_t value = 0;

    if (PQgetlength(result, row, column) == (int)sizeof value)
        memcpy(&value, PQgetvalue(result, row, column), sizeof value);
    return (int64_t)be64toh(value);
}

static enum lk_status get_row(struct lk_postgres *s, struct lk_sealed_row *row,
                              const PGresult *result, int at)
{
    int len = PQgetlength(result, at, 1);

    if (len < 0 || len > LK_ROW_MAX)
        return lk_store_fail(&s->store, LK_E_STORE, "postgresql: a row of %d octets", len);
    row->len = (uint16_t)len;
    memcpy(row->octets, PQgetvalue(result, at, 1), (size_t)len);
    row->akma = PQgetisnull(result, at, 2)           ? LK_AKMA_UNSAID
                : *PQgetvalue(result, at, 2) != '\0' ? LK_AKMA_ALLOWED
                                                     : LK_AKMA_REFUSED;
    row->mip_refused =
        PQgetlength(result, at, 3) == 4 ? (uint8_t)PQgetvalue(result, at, 3)[3] : 0;
    return LK_OK;
}

/* An array of one dimension in PostgreSQL's binary form. */
void lk_postgres_array(struct lk_writer *w, uint32_t type, size_t count)
{
    lk_put_be32(w, 1); /* dimensions */
    lk_put_be32(w, 0); /* no NULL in it */
    lk_put_be32(w, type);
    lk_put_be32(w, (uint32_t)count);
    lk_put_be32(w, 1); /* numbered from 1 */
}

enum { ARRAY_HEAD = LK_PG_ARRAY_HEAD, KEY_OCTETS = 12 };

static void number_put(struct lk_writer *w, uint64_t number)
{
    lk_put_be32(w, 8);
    lk_put_be64(w, number);
}

static void keys_put(struct lk_writer *w, const struct lk_imsi *imsis, size_t count)
{
    lk_postgres_array(w, LK_PG_INT8, count);
    for (size_t i = 0; i < count; i++)
        number_put(w, (uint64_t)lk_store_key(&imsis[i]));
}

/* ---- the operations ---- */

static enum lk_status postgres_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                    size_t count, struct lk_sealed_row *rows, bool *found)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint8_t keys[ARRAY_HEAD + KEY_OCTETS * LK_STORE_BATCH];
    struct lk_writer w = lk_writer_of(keys, sizeof keys);
    const char *values[] = { (const char *)keys };
    PGresult *result;
    enum lk_status status;
    int lens[1];

    keys_put(&w, imsis, count);
    lens[0] = (int)w.len;
    status = lk_postgres_execute(s, LK_PG_ROWS, 1, values, lens, &result);
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result); at++) {
        int64_t key = lk_postgres_int64(result, at, 0);

        for (size_t i = 0; status == LK_OK && i < count; i++) {
            if (lk_store_key(&imsis[i]) != key)
                continue;
            status = get_row(s, &rows[i], result, at);
            found[i] = status == LK_OK;
        }
    }
    PQclear(result);
    return status;
}

static enum lk_status postgres_swap_row(struct lk_store *store, const struct lk_imsi *imsi,
                                        const struct lk_sealed_row *old,
                                        const struct lk_sealed_row *row)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    const char *values[] = { (const char *)&key, (const char *)old->octets,
                             (const char *)row->octets };
    const int lens[] = { sizeof key, old->len, row->len };
    bool one = false;
    enum lk_status status = lk_postgres_changed_one(s, LK_PG_SWAP, 3, values, lens, &one);

    if (status != LK_OK || one)
        return status;
    status = lk_postgres_changed_one(s, LK_PG_EXISTS, 1, values, lens, &one);
    if (status != LK_OK)
        return status;
    return one ? lk_store_fail(store, LK_E_CONFLICT, "the row was changed by another")
               : lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
}

/* What came back was written; what did not was there. */
static void mark_there(const PGresult *result, const struct lk_imsi *imsis, size_t count,
                       bool *there)
{
    int written = PQntuples(result), at = 0;

    for (size_t i = 0; i < count; i++) {
        there[i] = at >= written || lk_postgres_int64(result, at, 0) != lk_store_key(&imsis[i]);
        if (!there[i])
            at++;
    }
}

static enum lk_status postgres_add_rows(struct lk_store *store, const struct lk_imsi *imsis,
                                        const struct lk_sealed_row *rows, size_t count,
                                        bool replace, bool *there)
{
    enum { ROW_OCTETS = 4 + LK_ROW_MAX };
    static const size_t keys_cap = ARRAY_HEAD + KEY_OCTETS * LK_STORE_ADD_BATCH;
    static const size_t rows_cap = ARRAY_HEAD + ROW_OCTETS * LK_STORE_ADD_BATCH;
    struct lk_postgres *s = lk_postgres_of(store);
    uint8_t *room = malloc(2 * keys_cap + rows_cap);
    struct lk_writer k = lk_writer_of(room, keys_cap);
    struct lk_writer a = lk_writer_of(room + keys_cap, keys_cap);
    struct lk_writer r = lk_writer_of(room + 2 * keys_cap, rows_cap);
    const char *values[] = { (const char *)room, (const char *)(room + 2 * keys_cap),
                             (const char *)(room + keys_cap) };
    PGresult *result;
    enum lk_status status;
    int lens[3];

    if (room == NULL)
        return LK_E_SYSTEM;
    keys_put(&k, imsis, count);
    lk_postgres_array(&r, LK_PG_BYTEA, count);
    lk_postgres_array(&a, LK_PG_INT8, count);
    for (size_t i = 0; i < count; i++) {
        lk_put_be32(&r, rows[i].len);
        lk_put_octets(&r, rows[i].octets, rows[i].len);
        number_put(&a, rows[i].akma);
    }
    lens[0] = (int)k.len;
    lens[1] = (int)r.len;
    lens[2] = (int)a.len;
    status = lk_postgres_execute(s, replace ? LK_PG_REPLACE : LK_PG_ADD, 3, values, lens, &result);
    if (status == LK_OK) {
        if (!replace)
            mark_there(result, imsis, count, there);
        PQclear(result);
    }
    free(room);
    return status;
}

static enum lk_status postgres_remove(struct lk_store *store, const struct lk_imsi *imsi)
{
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    const char *values[] = { (const char *)&key };
    const int lens[] = { sizeof key };
    bool one = false;
    enum lk_status status =
        lk_postgres_changed_one(lk_postgres_of(store), LK_PG_REMOVE, 1, values, lens, &one);

    if (status == LK_OK && !one)
        return lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
    return status;
}

static enum lk_status postgres_set_akma(struct lk_store *store, const struct lk_imsi *imsi,
                                        bool allowed)
{
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    uint32_t on = htonl(allowed), kind = htonl(LK_SESSION_AKMA);
    const char *values[] = { (const char *)&key, (const char *)&on, (const char *)&kind };
    const int lens[] = { sizeof key, sizeof on, sizeof kind };
    bool one = false;
    enum lk_status status =
        lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SET_AKMA, 3, values, lens, &one);

    if (status == LK_OK && !one)
        return lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
    return status;
}

static enum lk_status postgres_set_mip(struct lk_store *store, const struct lk_imsi *imsi,
                                       uint8_t refused)
{
    uint64_t key = htobe64((uint64_t)lk_store_key(imsi));
    uint32_t bits = htonl(refused);
    const char *values[] = { (const char *)&key, (const char *)&bits };
    const int lens[] = { sizeof key, sizeof bits };
    bool one = false;
    enum lk_status status =
        lk_postgres_changed_one(lk_postgres_of(store), LK_PG_SET_MIP, 2, values, lens, &one);

    if (status == LK_OK && !one)
        return lk_store_fail(store, LK_E_NOT_FOUND, "no such subscriber");
    return status;
}

static enum lk_status postgres_count(struct lk_store *store, uint64_t *count)
{
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_COUNT, 0, NULL, NULL, &result);

    if (status != LK_OK)
        return status;
    *count = PQntuples(result) == 1 ? (uint64_t)lk_postgres_int64(result, 0, 0) : 0;
    PQclear(result);
    return LK_OK;
}

static enum lk_status postgres_page(struct lk_store *store, int64_t after, struct lk_imsi *imsis,
                                    struct lk_sealed_row *rows, size_t *count)
{
    struct lk_postgres *s = lk_postgres_of(store);
    uint64_t key = htobe64((uint64_t)after);
    uint32_t limit = htonl(LK_STORE_BATCH);
    const char *values[] = { (const char *)&key, (const char *)&limit };
    const int lens[] = { sizeof key, sizeof limit };
    PGresult *result;
    enum lk_status status = lk_postgres_execute(s, LK_PG_PAGE, 2, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; status == LK_OK && at < PQntuples(result); at++, (*count)++) {
        if (lk_store_key_imsi(&imsis[at], lk_postgres_int64(result, at, 0)) != LK_OK)
            status = lk_store_fail(store, LK_E_STORE, "postgresql: a subscriber without an IMSI");
        else
            status = get_row(s, &rows[at], result, at);
    }
    PQclear(result);
    return status;
}

static enum lk_status postgres_begin(struct lk_store *store)
{
    struct lk_postgres *s = lk_postgres_of(store);
    enum lk_status status = lk_postgres_connected(s);

    if (status == LK_OK)
        status = lk_postgres_command(s, "BEGIN");
    s->in_transaction = status == LK_OK;
    return status;
}

/* A COMMIT of a transaction that failed answers ROLLBACK, and is a failure to us. */
static enum lk_status postgres_commit(struct lk_store *store)
{
    struct lk_postgres *s = lk_postgres_of(store);
    PGresult *result;
    enum lk_status status;

    if (!s->in_transaction || s->connection == NULL)
        return lk_store_fail(store, LK_E_STORE, "postgresql: the transaction was lost");
    s->in_transaction = false;
    if (PQsendQuery(s->connection, "COMMIT") == 0)
        return lk_store_fail(store, LK_E_STORE, "postgresql: %.200s",
                             PQerrorMessage(s->connection));
    status = lk_postgres_take(s, &result);
    if (status != LK_OK)
        return status;
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        status = lk_store_fail(store, LK_E_STORE, "postgresql: the transaction had failed");
    PQclear(result);
    return status;
}

static void postgres_rollback(struct lk_store *store)
{
    struct lk_postgres *s = lk_postgres_of(store);
    char why[LK_STORE_ERROR_TEXT];

    memcpy(why, store->error, sizeof why);
    if (s->in_transaction && s->connection != NULL && lk_postgres_command(s, "ROLLBACK") == LK_OK)
        memcpy(store->error, why, sizeof why);
    s->in_transaction = false;
}

/* Text columns hold UTF-8 there, and the wire may bring anything: what is not printable ASCII is
 * replaced. */
static const char *clean(char *to, const char *text, size_t cap)
{
    size_t i;

    for (i = 0; i + 1 < cap && text[i] != '\0'; i++)
        to[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    to[i] = '\0';
    return to;
}

static enum lk_status postgres_account(struct lk_store *store, const struct lk_accounting *a)
{
    struct lk_accounting text;
    char at[24], kind[24], in[24], out[24], seconds[24], cause[24];
    const char *values[] = { at,
                             kind,
                             clean(text.client, a->client, sizeof a->client),
                             clean(text.session, a->session, sizeof a->session),
                             clean(text.user, a->user, sizeof a->user),
                             clean(text.called, a->called, sizeof a->called),
                             clean(text.calling, a->calling, sizeof a->calling),
                             clean(text.imsi.digits, a->imsi.digits, sizeof a->imsi.digits),
                             in,
                             out,
                             seconds,
                             cause };
    PGresult *result;
    enum lk_status status;

    snprintf(at, sizeof at, "%" PRIu64, a->at_ms);
    snprintf(kind, sizeof kind, "%" PRIu32, a->kind);
    snprintf(in, sizeof in, "%" PRIu64, a->input_octets);
    snprintf(out, sizeof out, "%" PRIu64, a->output_octets);
    snprintf(seconds, sizeof seconds, "%" PRIu64, a->session_s);
    snprintf(cause, sizeof cause, "%" PRIu32, a->terminate_cause);
    status = lk_postgres_execute(lk_postgres_of(store), LK_PG_ACCOUNT, LK_COUNT_OF(values), values,
                                 NULL, &result);
    if (status == LK_OK)
        PQclear(result);
    return status;
}

static void get_text(char *to, size_t cap, const PGresult *result, int row, int column)
{
    snprintf(to, cap, "%s", PQgetvalue(result, row, column));
}

static uint64_t get_number(const PGresult *result, int row, int column)
{
    return strtoull(PQgetvalue(result, row, column), NULL, 10);
}

static enum lk_status postgres_accounts(struct lk_store *store, int64_t *after,
                                        struct lk_accounting *records, size_t *count)
{
    uint64_t number = htobe64((uint64_t)*after);
    uint32_t limit = htonl(LK_STORE_BATCH);
    const char *values[] = { (const char *)&number, (const char *)&limit };
    const int lens[] = { sizeof number, sizeof limit };
    PGresult *result;
    enum lk_status status =
        lk_postgres_execute(lk_postgres_of(store), LK_PG_ACCOUNTS, 2, values, lens, &result);

    *count = 0;
    if (status != LK_OK)
        return status;
    for (int at = 0; at < PQntuples(result); at++) {
        struct lk_accounting *a = &records[(*count)++];

        memset(a, 0, sizeof *a);
        *after = (int64_t)get_number(result, at, 0);
        a->at_ms = get_number(result, at, 1);
        a->kind = (uint32_t)get_number(result, at, 2);
        get_text(a->client, sizeof a->client, result, at, 3);
        get_text(a->session, sizeof a->session, result, at, 4);
        get_text(a->user, sizeof a->user, result, at, 5);
        get_text(a->called, sizeof a->called, result, at, 6);
        get_text(a->calling, sizeof a->calling, result, at, 7);
        get_text(a->imsi.digits, sizeof a->imsi.digits, result, at, 8);
        a->input_octets = get_number(result, at, 9);
        a->output_octets = get_number(result, at, 10);
        a->session_s = get_number(result, at, 11);
        a->terminate_cause = (uint32_t)get_number(result, at, 12);
    }
    PQclear(result);
    return LK_OK;
}

static void postgres_close(struct lk_store *store)
{
    struct lk_postgres *s = lk_postgres_of(store);

    PQfinish(s->connection);
    if (s->url != NULL)
        lk_wipe(s->url, strlen(s->url)); /* it may hold a password */
    free(s->url);
    free(s);
}

static const struct lk_store_backend postgres_backend = {
    .close = postgres_close,
    .rows = postgres_rows,
    .swap_row = postgres_swap_row,
    .add_rows = postgres_add_rows,
    .remove = postgres_remove,
    .set_akma = postgres_set_akma,
    .set_mip = postgres_set_mip,
    .count = postgres_count,
    .page = postgres_page,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .account = postgres_account,
    .accounts = postgres_accounts,
    .put_marks = lk_postgres_put_marks,
    .page_marks = lk_postgres_page_marks,
    .log_newest = lk_postgres_log_newest,
    .log_append = lk_postgres_log_append,
    .log_forget = lk_postgres_log_forget,
    .log_read = lk_postgres_log_read,
    .counter_save = lk_postgres_counter_save,
    .counter_read = lk_postgres_counter_read,
    .session_keep = lk_postgres_session_keep,
    .session_find = lk_postgres_session_find,
    .session_end = lk_postgres_session_end,
    .session_remove = lk_postgres_session_remove,
    .session_sweep = lk_postgres_session_sweep,
    .session_page = lk_postgres_session_page,
};

enum lk_status lk_store_postgres_open(struct lk_store **store, const char *url,
                                      char error[LK_STORE_ERROR_TEXT])
{
    struct lk_postgres *s = calloc(1, sizeof *s);
    enum lk_status status;

    if (s == NULL)
        return LK_E_SYSTEM;
    s->store.backend = &postgres_backend;
    s->url = strdup(url);
    status = s->url == NULL ? LK_E_SYSTEM : lk_postgres_connect(s);
    if (status == LK_OK) {
        *store = &s->store;
        return LK_OK;
    }
    memcpy(error, s->store.error, LK_STORE_ERROR_TEXT);
    postgres_close(&s->store);
    return status;
}
