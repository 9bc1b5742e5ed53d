#include "app/ue_naf_key.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/secret.h"
#include "keys/types.h"

enum { LINE = 512 };

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

bool lk_ue_naf_key_text(char *text, size_t cap, enum lk_ue_naf_key_form form,
                        const json_t *answer)
{
    const char *b_tid = json_string_value(json_object_get(answer, "b_tid"));
    const char *key = json_string_value(json_object_get(answer, "ks_naf"));
    struct lk_writer w = lk_writer_of(text, cap);
    struct lk_ks_naf octets;
    size_t len = 0;
    bool fine = form != LK_UE_NAF_KEY_JSON && b_tid != NULL && key != NULL &&
                lk_hex_decode(octets.octets, sizeof octets.octets, &len, lk_span_text(key)) ==
                    LK_OK;

    if (fine && form == LK_UE_NAF_KEY_CURL) {
        /* spec: TS 24.109 5.2.4 - the B-TID and base64(Ks_NAF), for curl's -K. */
        lk_put_span(&w, lk_span_text("user = \""));
        lk_put_span(&w, lk_span_text(b_tid));
        lk_put_u8(&w, ':');
        lk_base64_put(&w, lk_span_of(octets.octets, len));
        lk_put_span(&w, lk_span_text("\"\n"));
    } else if (fine) {
        /* spec: TS 24.109 F.3 - the identity of TLS-PSK. */
        lk_put_span(&w, lk_span_text("-psk "));
        lk_put_span(&w, lk_span_text(key));
        lk_put_span(&w, lk_span_text(" -psk_identity 3GPP-bootstrapping;"));
        lk_put_span(&w, lk_span_text(b_tid));
        lk_put_u8(&w, '\n');
    }
    lk_put_u8(&w, '\0');
    lk_wipe(&octets, sizeof octets);
    fine = fine && lk_writer_end(&w) == LK_OK;
    if (!fine)
        text[0] = '\0';
    return fine;
}

void lk_ue_naf_key_tell(enum lk_ue_naf_key_form form, const json_t *answer)
{
    char text[LINE];

    if (lk_ue_naf_key_text(text, sizeof text, form, answer)) {
        (void)fputs(text, stdout);
    } else {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
        (void)putchar('\n');
    }
    lk_wipe(text, sizeof text);
}
