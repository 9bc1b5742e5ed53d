#include "app/ue_naf_key.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/secret.h"
#include "keys/types.h"

bool lk_ue_naf_key_form(enum lk_ue_naf_key_form *form, int *argc, char **argv)
{
    static const char *const words[] = { "json", "curl", "openssl" };

    *form = LK_UE_NAF_KEY_JSON;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--format") != 0)
            continue;
        for (size_t word = 0; word < LK_COUNT_OF(words) && i + 1 < *argc; word++)
            if (strcmp(argv[i + 1], words[word]) == 0) {
                *form = (enum lk_ue_naf_key_form)word;
                memmove(&argv[i], &argv[i + 2], (size_t)(*argc - i - 1) * sizeof *argv);
                *argc -= 2;
                return true;
            }
        fprintf(stderr, "latchkey ue: expected --format curl, openssl or json\n");
        return false;
    }
    return true;
}

/* spec: TS 24.109 5.2.4 - the B-TID and base64(Ks_NAF), for curl's -K. */
static bool tell_curl(const char *b_tid, const struct lk_ks_naf *key)
{
    char password[LK_BASE64_LEN(sizeof key->octets) + 1];
    struct lk_writer w = lk_writer_of(password, sizeof password);
    bool fits;

    lk_base64_put(&w, LK_SPAN(key->octets));
    lk_put_u8(&w, '\0');
    fits = lk_writer_end(&w) == LK_OK;
    if (fits)
        printf("user = \"%s:%s\"\n", b_tid, password);
    lk_wipe(password, sizeof password);
    return fits;
}

void lk_ue_naf_key_tell(enum lk_ue_naf_key_form form, const json_t *answer)
{
    const char *b_tid = json_string_value(json_object_get(answer, "b_tid"));
    const char *text = json_string_value(json_object_get(answer, "ks_naf"));
    struct lk_ks_naf key;
    size_t len = 0;

    if (form == LK_UE_NAF_KEY_JSON || b_tid == NULL || text == NULL ||
        lk_hex_decode(key.octets, sizeof key.octets, &len, lk_span_text(text)) != LK_OK) {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
        (void)putchar('\n');
    } else if (form == LK_UE_NAF_KEY_OPENSSL) {
        /* spec: TS 24.109 F.3 - the identity of TLS-PSK. */
        printf("-psk %s -psk_identity 3GPP-bootstrapping;%s\n", text, b_tid);
    } else if (!tell_curl(b_tid, &key)) {
        fprintf(stderr, "latchkey ue: the key cannot be written\n");
    }
    lk_wipe(&key, sizeof key);
}
