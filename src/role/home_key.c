#include "role/home_key.h"

#include <string.h>

#include "base/secret.h"

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

/* RFC 8032 7.1, test 1. */
static const uint8_t known[LK_KEY_FILE_OCTETS] = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
};

bool lk_home_secret_is_known(const struct lk_home_secret *secret)
{
    return lk_same_secret(secret->octets, known, sizeof known);
}

bool lk_home_key_is_known(const struct lk_home_key *key)
{
    struct lk_home_secret secret;
    struct lk_home_key other;

    memcpy(secret.octets, known, sizeof known);
    lk_home_key_derive(&other, &secret);
    return memcmp(other.octets, key->octets, sizeof other.octets) == 0; /* tidy: no secret */
}
