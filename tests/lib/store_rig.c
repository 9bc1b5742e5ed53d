#include "store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>

static char folder[64], url[512];

bool store_rig_is_postgres(void)
{
    return strncmp(url, "sqlite:", 7) != 0;
}

const char *store_rig_path(void)
{
    LK_ASSERT(!store_rig_is_postgres());
    return url + strlen("sqlite:");
}

struct lk_store *store_rig_open(void)
{
    struct lk_store *store = NULL;
    char error[LK_STORE_ERROR_TEXT] = "";

    if (lk_store_open(&store, url, error) != LK_OK)
        fail_msg("%s", error);
    return store;
}

void store_rig_sql(const char *text)
{
    if (store_rig_is_postgres()) {
        PGconn *connection = PQconnectdb(url);

        PQclear(PQexec(connection, text));
        PQfinish(connection);
    } else {
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(store_rig_path(), &db), SQLITE_OK);
        sqlite3_exec(db, text, NULL, NULL, NULL);
        sqlite3_close(db);
    }
}

struct lk_store *store_rig_setup(void)
{
    const char *given = getenv("LK_TEST_STORE");

    if (given != NULL && strlen(given) < sizeof url) {
        snprintf(url, sizeof url, "%s", given);
        store_rig_sql("DROP TABLE IF EXISTS subscriber; DROP TABLE IF EXISTS accounting;"
                      "DROP TABLE IF EXISTS wt_counter; DROP TABLE IF EXISTS key_session;"
                      "DROP TABLE IF EXISTS binding_log; DROP TABLE IF EXISTS epoch_mark");
    } else {
        snprintf(folder, sizeof folder, "/tmp/lk-store-XXXXXX");
        assert_non_null(mkdtemp(folder));
        snprintf(url, sizeof url, "sqlite:%s/store.db", folder);
    }
    return store_rig_open();
}

void store_rig_teardown(struct lk_store *store)
{
    static const char *const files[] = { "store.db", "store.db-wal", "store.db-shm" };
    char path[128];

    lk_store_close(store);
    for (size_t i = 0; folder[0] != '\0' && i < LK_COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
    folder[0] = '\0';
}
