/* An empty store for a test, in either engine: LK_TEST_STORE names one that may be emptied; without
 * it, a SQLite file of its own. */
#ifndef LK_TEST_STORE_RIG_H
#define LK_TEST_STORE_RIG_H

#include "store/store.h"

/* Empties it and opens the first handle. */
struct lk_store *store_rig_setup(void);
void store_rig_teardown(struct lk_store *store);
/* One more handle on the same store. */
struct lk_store *store_rig_open(void);
bool store_rig_is_postgres(void);
/* Where its file is: of SQLite alone. */
const char *store_rig_path(void);
/* Runs text beside the handles. */
void store_rig_sql(const char *text);

#endif
