/* The answer to naf-key in the words of those who use it: --format of latchkey ue naf-key. */
#ifndef LK_APP_UE_NAF_KEY_H
#define LK_APP_UE_NAF_KEY_H

#include <jansson.h>
#include <stdbool.h>

enum lk_ue_naf_key_form { LK_UE_NAF_KEY_JSON, LK_UE_NAF_KEY_CURL, LK_UE_NAF_KEY_OPENSSL };

/* Takes --format and its word out of argv, if they are there. False: it is no such word, and stderr
 * says so. */
bool lk_ue_naf_key_form(enum lk_ue_naf_key_form *form, int *argc, char **argv);
/* A line for curl or openssl, terminated; secret. False: there is no key in the answer, or no room
 * for it, and text is empty. */
bool lk_ue_naf_key_text(char *text, size_t cap, enum lk_ue_naf_key_form form,
                        const json_t *answer);
/* On stdout, or as it is where there is no key: for a file or a pipe of the caller's. */
void lk_ue_naf_key_tell(enum lk_ue_naf_key_form form, const json_t *answer);

#endif
