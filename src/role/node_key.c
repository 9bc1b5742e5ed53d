#include "role/node_key.h"

static const char what[] = "node key";

_Static_assert(sizeof(struct lk_node_key) == LK_KEY_FILE_OCTETS, "one key a file");

enum lk_status lk_node_key_read(struct lk_node_key *key, const char *path,
                                char error[LK_NODE_KEY_ERROR_TEXT])
{
    return lk_key_file_read(key->octets, what, path, error);
}

enum lk_status lk_node_key_write(const struct lk_node_key *key, const char *path, bool replace,
                                 char error[LK_NODE_KEY_ERROR_TEXT])
{
    return lk_key_file_write(key->octets, what, path, replace, error);
}
