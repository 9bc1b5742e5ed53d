#include "role/ue_slots.h"

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
    HEAD_LEN = 8 + LK_IMSI_MAX_DIGITS + 1,
};

_Static_assert((int)HEAD_LEN + (int)LK_UE_SLOTS_DATA_MAX + (int)LK_SHA256_LEN <= (int)SLOT_LEN,
               "it fits");

static void digest_of(uint8_t digest[LK_SHA256_LEN], const uint8_t *slot, size_t len)
{
    const struct lk_span body = lk_span_of(slot, HEAD_LEN + len);

    lk_sha256(digest, &body, 1);
}

static void put_slot(uint8_t slot[SLOT_LEN], const struct lk_ue_slots *slots, struct lk_span data)
{
    struct lk_writer w = lk_writer_of(slot, HEAD_LEN + data.len);
    char digits[LK_IMSI_MAX_DIGITS + 1] = "";

    memset(slot, 0, SLOT_LEN);
    (void)snprintf(digits, sizeof digits, "%s", slots->imsi.digits);
    lk_put_be64(&w, slots->written);
    lk_put_octets(&w, digits, sizeof digits);
    lk_put_span(&w, data);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    digest_of(slot + HEAD_LEN + data.len, slot, data.len);
}

/* How often it was written; 0: it is torn, or was never written. */
static uint64_t written_of(char digits[LK_IMSI_MAX_DIGITS + 1], const uint8_t *slot, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(slot, HEAD_LEN));
    uint8_t digest[LK_SHA256_LEN];
    uint64_t written = lk_get_be64(&r);
    struct lk_span text = lk_get_span(&r, LK_IMSI_MAX_DIGITS + 1);

    digest_of(digest, slot, len);
    if (lk_reader_end(&r) != LK_OK ||
        !lk_span_equal(LK_SPAN(digest), lk_span_of(slot + HEAD_LEN + len, LK_SHA256_LEN)))
        return 0;
    memcpy(digits, text.at, text.len);
    digits[LK_IMSI_MAX_DIGITS] = '\0';
    return written;
}

static enum lk_status load(struct lk_ue_slots *slots, uint8_t *data, size_t len, const char *path,
                           const char *key, char error[LK_UE_SLOTS_ERROR_TEXT])
{
    uint8_t slot[SLOTS][SLOT_LEN] = { { 0 } };
    ssize_t got = pread(slots->fd, slot, sizeof slot, 0);

    for (size_t i = 0; i < SLOTS && got > 0; i++) {
        char digits[LK_IMSI_MAX_DIGITS + 1];
        uint64_t written = written_of(digits, slot[i], len);

        if (written <= slots->written)
            continue;
        if (strcmp(digits, slots->imsi.digits) != 0) {
            (void)snprintf(error, LK_UE_SLOTS_ERROR_TEXT,
                           "%s: %.150s is another card's; give another file, or remove it", key,
                           path);
            return LK_E_DENIED;
        }
        slots->written = written;
        memcpy(data, slot[i] + HEAD_LEN, len);
    }
    if (got < 0 || (got > 0 && slots->written == 0)) {
        (void)snprintf(error, LK_UE_SLOTS_ERROR_TEXT, "%s: %.150s does not hold what it should; "
                       "remove it, and it begins at zero", key, path);
        return LK_E_VALUE;
    }
    return LK_OK;
}

enum lk_status lk_ue_slots_open(struct lk_ue_slots *slots, const struct lk_imsi *imsi,
                                uint8_t *data, size_t len, const char *path, const char *key,
                                char error[LK_UE_SLOTS_ERROR_TEXT])
{
    enum lk_status status = LK_E_SYSTEM;

    LK_ASSERT(len <= LK_UE_SLOTS_DATA_MAX);
    *slots = (struct lk_ue_slots){ .imsi = *imsi };
    slots->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (slots->fd < 0)
        (void)snprintf(error, LK_UE_SLOTS_ERROR_TEXT, "%s: %.150s: %s", key, path, strerror(errno));
    else if (flock(slots->fd, LOCK_EX | LOCK_NB) != 0)
        (void)snprintf(error, LK_UE_SLOTS_ERROR_TEXT, "%s: %.150s is in use by another process",
                       key, path);
    else
        status = load(slots, data, len, path, key, error);
    if (status == LK_OK && lk_ue_slots_write(slots, lk_span_of(data, len)) != LK_OK) {
        (void)snprintf(error, LK_UE_SLOTS_ERROR_TEXT, "%s: %.150s: %s", key, path, strerror(errno));
        status = LK_E_SYSTEM;
    }
    if (status != LK_OK)
        lk_ue_slots_close(slots);
    return status;
}

enum lk_status lk_ue_slots_write(struct lk_ue_slots *slots, struct lk_span data)
{
    uint8_t slot[SLOT_LEN];

    if (slots->fd < 0)
        return LK_E_SYSTEM;
    slots->written++;
    put_slot(slot, slots, data);
    if (pwrite(slots->fd, slot, sizeof slot, (off_t)(slots->written % SLOTS * SLOT_LEN)) !=
            (ssize_t)sizeof slot ||
        fdatasync(slots->fd) != 0)
        return LK_E_SYSTEM;
    return LK_OK;
}

void lk_ue_slots_close(struct lk_ue_slots *slots)
{
    if (slots->fd >= 0)
        (void)close(slots->fd);
    slots->fd = -1;
}
