#include "role/home_key.h"

_Static_assert(sizeof(struct lk_home_secret) == LK_KEY_FILE_OCTETS, "one key a file");

enum lk_status lk_home_secret_parse(struct lk_home_secret *secret, struct lk_span text)
{
    return lk_key_file_parse(secret->octets, text);
}

enum lk_status lk_home_secret_write(const struct lk_home_secret *secret, const char *path,
                                    char error[LK_KEY_FILE_ERROR_TEXT])
{
    return lk_key_file_write(secret->octets, "key of start marks", path, false, error);
}
