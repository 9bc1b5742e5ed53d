/* The node key and its file (role/key_file.h).
 *
 * Nodes of one service hold the same: State, pseudonyms and Class that one has sealed open at the
 * others. It does not give access to K. */
#ifndef LK_ROLE_NODE_KEY_H
#define LK_ROLE_NODE_KEY_H

#include "keys/node.h"
#include "role/key_file.h"

enum { LK_NODE_KEY_ERROR_TEXT = LK_KEY_FILE_ERROR_TEXT };

LK_MUST_CHECK enum lk_status lk_node_key_read(struct lk_node_key *key, const char *path,
                                              char error[LK_NODE_KEY_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_node_key_write(const struct lk_node_key *key, const char *path,
                                               bool replace, char error[LK_NODE_KEY_ERROR_TEXT]);

#endif
