/* What a device keeps between calls, as a JSON file: the USIM's sequence numbers, the pseudonym,
 * the re-authentication context. It holds keys (not K), so nobody else may read it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/hex.h"
#include "base/secret.h"
#include "io/file_text.h"
#include "role/ue.h"

enum { STATE_VERSION = 1 };

/* ---- writing ---- */

static json_t *hex_json(const void *octets, size_t len)
{
    char text[2 * 64 + 1];
    json_t *made;

    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK);
    made = json_string(text);
    lk_wipe(text, sizeof text);
    return made;
}

static json_t *reauth_json(const struct lk_eap_kept *kept)
{
    const struct lk_reauth_context *r = &kept->reauth;
    json_t *made = json_object();

    json_object_set_new(made, "id", json_stringn_nocheck(kept->reauth_id, kept->reauth_len));
    json_object_set_new(made, "type", json_integer(r->eap_type));
    json_object_set_new(made, "counter", json_integer(r->counter));
    json_object_set_new(made, "mk", hex_json(r->mk.octets, sizeof r->mk.octets));
    json_object_set_new(made, "k_encr", hex_json(r->k_encr.octets, sizeof r->k_encr.octets));
    json_object_set_new(made, "k_aut", hex_json(r->k_aut.octets, r->k_aut.len));
    json_object_set_new(made, "k_re", hex_json(r->k_re.octets, sizeof r->k_re.octets));
    return made;
}

static json_t *state_json(const struct lk_ue *ue, const struct lk_imsi *imsi)
{
    const struct lk_eap_kept *kept = &ue->peer.kept;
    json_t *made = json_object(), *seq = json_array();

    for (size_t i = 0; i < LK_USIM_ARRAY; i++)
        json_array_append_new(seq, json_integer((json_int_t)ue->usim.seq[i]));
    json_object_set_new(made, "version", json_integer(STATE_VERSION));
    json_object_set_new(made, "imsi", json_string(imsi->digits));
    json_object_set_new(made, "seq", seq);
    if (kept->pseudonym_type != 0) {
        json_object_set_new(made, "pseudonym_type", json_integer(kept->pseudonym_type));
        json_object_set_new(made, "pseudonym",
                            json_stringn_nocheck(kept->pseudonym, kept->pseudonym_len));
    }
    if (kept->has_reauth)
        json_object_set_new(made, "reauth", reauth_json(kept));
    return made;
}

/* A new file in place of the old one: never half of it, never readable by others. */
static enum lk_status replace(const char *path, const char *text)
{
    char beside[4096];
    size_t len = strlen(text);
    enum lk_status status = LK_E_SYSTEM;
    int fd;

    if (snprintf(beside, sizeof beside, "%s.%d.new", path, (int)getpid()) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return LK_E_SYSTEM;
    }
    fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return LK_E_SYSTEM;
    if (write(fd, text, len) == (ssize_t)len && fsync(fd) == 0 && rename(beside, path) == 0)
        status = LK_OK;
    else
        (void)unlink(beside);
    (void)close(fd);
    return status;
}

enum lk_status lk_ue_save(const struct lk_ue *ue, const struct lk_imsi *imsi, const char *path)
{
    json_t *state = state_json(ue, imsi);
    char *text = json_dumps(state, JSON_INDENT(1));
    enum lk_status status = text != NULL ? replace(path, text) : LK_E_VALUE;

    if (text != NULL)
        lk_wipe(text, strlen(text));
    free(text);
    json_decref(state);
    return status;
}

/* ---- reading ---- */

static bool read_hex(void *octets, size_t cap, size_t *len, const json_t *from, const char *name)
{
    const char *text = json_string_value(json_object_get(from, name));

    return text != NULL && lk_hex_decode(octets, cap, len, lk_span_text(text)) == LK_OK;
}

static bool read_text(char *text, uint8_t *len, const json_t *value)
{
    size_t found = json_string_length(value);

    if (!json_is_string(value) || found == 0 || found > LK_EAP_IDENTITY_MAX)
        return false;
    memcpy(text, json_string_value(value), found);
    *len = (uint8_t)found;
    return true;
}

static bool read_reauth(struct lk_eap_kept *kept, const struct lk_imsi *imsi, const json_t *from)
{
    struct lk_reauth_context *r = &kept->reauth;
    json_int_t counter = json_integer_value(json_object_get(from, "counter"));
    size_t mk, k_encr, k_re;

    r->eap_type = (uint8_t)json_integer_value(json_object_get(from, "type"));
    r->imsi = *imsi;
    r->counter = (uint16_t)counter;
    kept->has_reauth = read_text(kept->reauth_id, &kept->reauth_len, json_object_get(from, "id"))
                       && counter >= 0 && counter <= UINT16_MAX
                       && read_hex(r->mk.octets, sizeof r->mk.octets, &mk, from, "mk")
                       && read_hex(r->k_encr.octets, sizeof r->k_encr.octets, &k_encr, from,
                                   "k_encr")
                       && read_hex(r->k_aut.octets, sizeof r->k_aut.octets, &r->k_aut.len, from,
                                   "k_aut")
                       && read_hex(r->k_re.octets, sizeof r->k_re.octets, &k_re, from, "k_re")
                       && mk == sizeof r->mk.octets && k_encr == sizeof r->k_encr.octets
                       && k_re == sizeof r->k_re.octets
                       && (r->k_aut.len == 16 || r->k_aut.len == 32);
    return kept->has_reauth;
}

static enum lk_status read_state(struct lk_ue *ue, const struct lk_imsi *imsi, const json_t *from)
{
    const json_t *seq = json_object_get(from, "seq"), *reauth = json_object_get(from, "reauth");
    const char *whose = json_string_value(json_object_get(from, "imsi"));
    struct lk_eap_kept kept = { 0 };
    const json_t *pseudonym = json_object_get(from, "pseudonym");
    bool good = json_integer_value(json_object_get(from, "version")) == STATE_VERSION
                && json_array_size(seq) == LK_USIM_ARRAY && whose != NULL;

    if (good && strcmp(whose, imsi->digits) != 0)
        return LK_E_DENIED;
    for (size_t i = 0; good && i < LK_USIM_ARRAY; i++) {
        json_int_t value = json_integer_value(json_array_get(seq, i));

        good = value >= 0 && value < (json_int_t)1 << 43;
        ue->usim.seq[i] = (uint64_t)value;
    }
    if (good && pseudonym != NULL) {
        kept.pseudonym_type = (uint8_t)json_integer_value(json_object_get(from, "pseudonym_type"));
        good = read_text(kept.pseudonym, &kept.pseudonym_len, pseudonym);
    }
    if (good && reauth != NULL)
        good = read_reauth(&kept, imsi, reauth);
    if (good)
        ue->peer.kept = kept;
    lk_wipe(&kept, sizeof kept);
    return good ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_ue_load(struct lk_ue *ue, const struct lk_imsi *imsi, const char *path)
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    enum lk_status status = lk_file_private_read(&text, path, LK_FILE_OCTETS, why);
    json_t *state;

    if (status != LK_OK)
        return status;
    state = json_loadb((char *)text.octets, text.len, JSON_REJECT_DUPLICATES, NULL);
    status = state != NULL ? read_state(ue, imsi, state) : LK_E_VALUE;
    json_decref(state);
    lk_file_text_close(&text);
    return status;
}
