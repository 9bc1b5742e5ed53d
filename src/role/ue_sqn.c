#include "role/ue_sqn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"

enum {
    SLOTS = 2,
    SLOT_LEN = 512, /* a sector each */
    BODY_LEN = 8 + LK_IMSI_MAX_DIGITS + 1 + 8 * LK_USIM_ARRAY,
    USED_LEN = BODY_LEN + LK_SHA256_LEN,
};

_Static_assert((int)USED_LEN <= (int)SLOT_LEN, "it fits");

static void digest_of(uint8_t digest[LK_SHA256_LEN], const uint8_t *slot)
{
    const struct lk_span body = lk_span_of(slot, BODY_LEN);

    lk_sha256(digest, &body, 1);
}

static void put_slot(uint8_t slot[SLOT_LEN], const struct lk_ue_sqn *sqn,
                     const struct lk_usim *usim)
{
    struct lk_writer w = lk_writer_of(slot, BODY_LEN);
    char digits[LK_IMSI_MAX_DIGITS + 1] = "";

    memset(slot, 0, SLOT_LEN);
    (void)snprintf(digits, sizeof digits, "%s", sqn->imsi.digits);
    lk_put_be64(&w, sqn->written);
    lk_put_octets(&w, digits, sizeof digits);
    for (size_t i = 0; i < LK_USIM_ARRAY; i++)
        lk_put_be64(&w, usim->seq[i]);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    digest_of(slot + BODY_LEN, slot);
}

/* False: it is torn, or was never written. */
static bool take_slot(uint64_t *written, char digits[LK_IMSI_MAX_DIGITS + 1],
                      uint64_t seq[LK_USIM_ARRAY], const uint8_t slot[SLOT_LEN])
{
    struct lk_reader r = lk_reader_of(lk_span_of(slot, BODY_LEN));
    uint8_t digest[LK_SHA256_LEN];
    struct lk_span text;

    digest_of(digest, slot);
    if (!lk_span_equal(LK_SPAN(digest), lk_span_of(slot + BODY_LEN, LK_SHA256_LEN)))
        return false;
    *written = lk_get_be64(&r);
    text = lk_get_span(&r, LK_IMSI_MAX_DIGITS + 1);
    for (size_t i = 0; i < LK_USIM_ARRAY; i++)
        seq[i] = lk_get_be64(&r);
    if (lk_reader_end(&r) != LK_OK || *written == 0)
        return false;
    memcpy(digits, text.at, text.len);
    digits[LK_IMSI_MAX_DIGITS] = '\0';
    return true;
}

static enum lk_status load(struct lk_ue_sqn *sqn, struct lk_usim *usim, const char *path,
                           char error[LK_UE_SQN_ERROR_TEXT])
{
    uint8_t slot[SLOTS][SLOT_LEN] = { { 0 } };
    ssize_t got = pread(sqn->fd, slot, sizeof slot, 0);

    for (size_t i = 0; i < SLOTS && got > 0; i++) {
        char digits[LK_IMSI_MAX_DIGITS + 1];
        uint64_t seq[LK_USIM_ARRAY], written;

        if (!take_slot(&written, digits, seq, slot[i]) || written <= sqn->written)
            continue;
        if (strcmp(digits, sqn->imsi.digits) != 0) {
            (void)snprintf(error, LK_UE_SQN_ERROR_TEXT,
                           "ue.sqn: %.150s is another card's; give another file, or remove it",
                           path);
            return LK_E_DENIED;
        }
        sqn->written = written;
        memcpy(usim->seq, seq, sizeof seq);
    }
    if (got < 0 || (got > 0 && sqn->written == 0)) {
        (void)snprintf(error, LK_UE_SQN_ERROR_TEXT, "ue.sqn: %.150s does not hold what it should; "
                       "remove it, and the card begins at zero", path);
        return LK_E_VALUE;
    }
    return LK_OK;
}

enum lk_status lk_ue_sqn_open(struct lk_ue_sqn *sqn, struct lk_usim *usim,
                              const struct lk_imsi *imsi, const char *path,
                              char error[LK_UE_SQN_ERROR_TEXT])
{
    enum lk_status status = LK_E_SYSTEM;

    *sqn = (struct lk_ue_sqn){ .imsi = *imsi };
    sqn->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (sqn->fd < 0)
        (void)snprintf(error, LK_UE_SQN_ERROR_TEXT, "ue.sqn: %.150s: %s", path, strerror(errno));
    else if (flock(sqn->fd, LOCK_EX | LOCK_NB) != 0)
        (void)snprintf(error, LK_UE_SQN_ERROR_TEXT,
                       "ue.sqn: %.150s is in use by another process", path);
    else
        status = load(sqn, usim, path, error);
    if (status == LK_OK && lk_ue_sqn_write(sqn, usim) != LK_OK) {
        (void)snprintf(error, LK_UE_SQN_ERROR_TEXT, "ue.sqn: %.150s: %s", path, strerror(errno));
        status = LK_E_SYSTEM;
    }
    if (status != LK_OK)
        lk_ue_sqn_close(sqn);
    return status;
}

enum lk_status lk_ue_sqn_write(struct lk_ue_sqn *sqn, const struct lk_usim *usim)
{
    uint8_t slot[SLOT_LEN];

    if (sqn->fd < 0)
        return LK_E_SYSTEM;
    sqn->written++;
    put_slot(slot, sqn, usim);
    if (pwrite(sqn->fd, slot, sizeof slot, (off_t)(sqn->written % SLOTS * SLOT_LEN)) !=
            (ssize_t)sizeof slot ||
        fdatasync(sqn->fd) != 0)
        return LK_E_SYSTEM;
    return LK_OK;
}

void lk_ue_sqn_close(struct lk_ue_sqn *sqn)
{
    if (sqn->fd >= 0)
        (void)close(sqn->fd);
    sqn->fd = -1;
}
