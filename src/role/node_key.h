/* The node key file: 64 hexadecimal digits and a line end, mode 0600.
 *
 * Nodes of one service hold the same: State, pseudonyms and Class that one has sealed open at the
 * others. It does not give access to K. */
#ifndef LK_ROLE_NODE_KEY_H
#define LK_ROLE_NODE_KEY_H

#include "keys/node.h"

enum { LK_NODE_KEY_ERROR_TEXT = 640 };

/* LK_E_NOT_FOUND, LK_E_DENIED (others may read it), LK_E_VALUE, LK_E_SYSTEM; error says what to
 * do. */
LK_MUST_CHECK enum lk_status lk_node_key_read(struct lk_node_key *key, const char *path,
                                              char error[LK_NODE_KEY_ERROR_TEXT]);
/* Writes the key to path, atomically. With replace false LK_E_EXISTS when there is one. */
LK_MUST_CHECK enum lk_status lk_node_key_write(const struct lk_node_key *key, const char *path,
                                               bool replace, char error[LK_NODE_KEY_ERROR_TEXT]);
/* 64 digits, spaces around them allowed. LK_E_VALUE, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_node_key_parse(struct lk_node_key *key, struct lk_span text);

#endif
