/* latchkey subscriber import: all of a file or nothing of it.
 *
 * The text is read twice: once to judge every subscriber and to find the same one given twice, once
 * to seal and store, in one transaction. So a mistake in the last line changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/subscriber.h"
#include "base/secret.h"

enum { ERRORS_SHOWN = 20, PROGRESS_MS = 200 };

/* A file's text: mapped, or read from a pipe. Secret. */
struct text {
    uint8_t *at;
    size_t len, cap;
    bool mapped;
};

/* Where a subscriber stands in the file, to find it given twice. */
struct place_of {
    uint64_t digits;
    unsigned line;
};

struct import {
    const struct lk_subscriber_call *call;
    struct lk_subscriber_place place;
    enum lk_subscriber_format format;
    const char *path;
    struct text text;
    struct place_of *seen;
    size_t good, cap;
    size_t bad, twice; /* twice: at the front of seen after check_twice */
    uint64_t added, present;
    uint64_t from_ms, shown_ms;
};

static uint64_t mono_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the text ---- */

static bool text_read(struct text *text, int fd)
{
    for (;;) {
        ssize_t got;

        if (text->len == text->cap) {
            size_t cap = text->cap == 0 ? 1 << 16 : text->cap * 2;
            uint8_t *more = malloc(cap);

            if (more == NULL)
                return false;
            if (text->len > 0)
                memcpy(more, text->at, text->len);
            lk_wipe(text->at, text->len);
            free(text->at);
            text->at = more;
            text->cap = cap;
        }
        got = read(fd, text->at + text->len, text->cap - text->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        text->len += (size_t)got;
    }
}

static bool text_open(struct text *text, const char *path)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    bool done;

    if (fd < 0 || fstat(fd, &about) != 0)
        return false;
    if (S_ISREG(about.st_mode) && about.st_size > 0 && lseek(fd, 0, SEEK_CUR) == 0) {
        void *at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

        done = at != MAP_FAILED;
        if (done)
            *text = (struct text){ at, (size_t)about.st_size, 0, true };
    } else {
        done = text_read(text, fd);
    }
    if (fd != STDIN_FILENO)
        close(fd);
    return done;
}

static void text_close(struct text *text)
{
    if (text->mapped) {
        munmap(text->at, text->len);
    } else if (text->at != NULL) {
        lk_wipe(text->at, text->len);
        free(text->at);
    }
}

/* ---- looking ---- */

static void complain(struct import *im, unsigned line, const char *what)
{
    im->bad++;
    if (im->bad <= ERRORS_SHOWN)
        fprintf(stderr, "%s:%u: %s\n", im->path, line, what);
    else if (im->bad == ERRORS_SHOWN + 1)
        fprintf(stderr, "%s: and more\n", im->path);
}

static void progress(struct import *im, const char *what, uint64_t done, uint64_t all, bool end)
{
    enum { WIDTH = 32 };
    uint64_t now = mono_ms();
    char bar[WIDTH + 1];

    if (isatty(STDERR_FILENO) == 0 || (!end && now - im->shown_ms < PROGRESS_MS))
        return;
    if (end && im->shown_ms == im->from_ms)
        return; /* it was over before anything was shown */
    im->shown_ms = now;
    for (size_t i = 0; i < WIDTH; i++)
        bar[i] = all > 0 && i * all < done * WIDTH ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3u%%  %llu %s", what, bar,
            (unsigned)(all == 0 ? 100 : done * 100 / all), (unsigned long long)im->good,
            end ? "\n" : "");
}

static uint64_t digits_of(const struct lk_imsi *imsi)
{
    uint64_t value = 1;

    for (const char *digit = imsi->digits; *digit != '\0'; digit++)
        value = value * 10 + (uint64_t)(*digit - '0');
    return value;
}

static bool note(struct import *im, const struct lk_subscriber_entry *entry)
{
    if (im->good == im->cap) {
        size_t cap = im->cap == 0 ? 4096 : im->cap * 2;
        struct place_of *more = realloc(im->seen, cap * sizeof *more);

        if (more == NULL)
            return false;
        im->seen = more;
        im->cap = cap;
    }
    im->seen[im->good++] = (struct place_of){ digits_of(&entry->imsi), entry->line };
    return true;
}

static int by_digits(const void *a, const void *b)
{
    const struct place_of *x = a, *y = b;

    if (x->digits != y->digits)
        return x->digits < y->digits ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int by_line(const void *a, const void *b)
{
    const struct place_of *x = a, *y = b;

    return x->line < y->line ? -1 : x->line > y->line;
}

/* Leaves in seen the lines of those given again, in order. */
static void check_twice(struct import *im)
{
    unsigned first = 0;

    qsort(im->seen, im->good, sizeof *im->seen, by_digits);
    for (size_t i = 0; i < im->good; i++) {
        struct place_of one = im->seen[i];
        char what[80];

        if (i == 0 || one.digits != im->seen[i - 1].digits)
            first = one.line;
        if (first == one.line)
            continue;
        snprintf(what, sizeof what, "the subscriber of line %u again", first);
        complain(im, one.line, what);
    }
    for (size_t i = 0, previous = 0; i < im->good; i++) {
        struct place_of one = im->seen[i];

        if (i > 0 && one.digits == previous)
            im->seen[im->twice++] = one;
        previous = one.digits;
    }
    qsort(im->seen, im->twice, sizeof *im->seen, by_line);
}

static int look(struct import *im)
{
    struct lk_subscriber_reader reader;
    struct lk_subscriber_entry entry;
    enum lk_status status =
        lk_subscriber_reader_open(&reader, im->format, lk_span_of(im->text.at, im->text.len));

    while (status == LK_OK || status == LK_E_VALUE) {
        status = lk_subscriber_read(&reader, &entry);
        if (status == LK_OK && !note(im, &entry))
            status = LK_E_SYSTEM;
        if (status == LK_E_VALUE || status == LK_E_SHORT)
            complain(im, reader.error_line, reader.error);
        if ((im->good & 0xfff) == 0)
            progress(im, "reading", reader.at, im->text.len, false);
    }
    lk_subscriber_reader_close(&reader);
    lk_wipe(&entry, sizeof entry);
    if (status == LK_E_SYSTEM)
        return lk_subscriber_fail(im->call, LK_EXIT_SYSTEM, "no memory");
    check_twice(im);
    if (status == LK_E_SHORT || (im->bad > 0 && !im->call->skip_bad))
        return lk_subscriber_fail(
            im->call, LK_EXIT_REFUSED, "%zu of %zu are bad; nothing was imported%s", im->bad,
            im->good + im->bad - im->twice, status == LK_E_SHORT ? "" : " (see --skip-bad)");
    if (im->good == 0)
        return lk_subscriber_fail(im->call, LK_EXIT_REFUSED, "%s: no subscriber in it", im->path);
    return LK_EXIT_OK;
}

/* ---- storing ---- */

struct batch {
    struct lk_imsi imsis[LK_STORE_ADD_BATCH];
    struct lk_sealed_row rows[LK_STORE_ADD_BATCH];
    unsigned lines[LK_STORE_ADD_BATCH];
    bool there[LK_STORE_ADD_BATCH];
    bool says_mip[LK_STORE_ADD_BATCH];
    uint8_t mip_refused[LK_STORE_ADD_BATCH];
    size_t count;
};

/* What the row does not have: a new one is refused no way. */
static bool store_ways(struct import *im, const struct batch *batch, size_t i)
{
    return !batch->says_mip[i] || (!im->call->replace && batch->mip_refused[i] == 0) ||
           lk_store_set_mip(im->place.store, &batch->imsis[i], batch->mip_refused[i]) == LK_OK;
}

static int store_batch(struct import *im, struct batch *batch)
{
    const struct lk_subscriber_call *call = im->call;

    if (lk_store_add_rows(im->place.store, batch->imsis, batch->rows, batch->count, call->replace,
                          batch->there) != LK_OK)
        return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s; nothing was imported",
                                  lk_store_error(im->place.store));
    for (size_t i = 0; i < batch->count; i++) {
        if (call->replace || !batch->there[i]) {
            im->added++;
            if (!store_ways(im, batch, i))
                return lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s; nothing was imported",
                                          lk_store_error(im->place.store));
            continue;
        }
        im->present++;
        if (call->skip_bad)
            continue;
        fprintf(stderr, "%s:%u: %s is there already\n", im->path, batch->lines[i],
                batch->imsis[i].digits);
        return lk_subscriber_fail(call, LK_EXIT_REFUSED,
                                  "nothing was imported (see --replace and --skip-bad)");
    }
    batch->count = 0;
    return LK_EXIT_OK;
}

static int store_all(struct import *im, struct batch *batch)
{
    struct lk_subscriber_reader reader;
    struct lk_subscriber_entry entry;
    size_t next_twice = 0;
    int code = LK_EXIT_OK;
    enum lk_status status =
        lk_subscriber_reader_open(&reader, im->format, lk_span_of(im->text.at, im->text.len));

    while (code == LK_EXIT_OK && (status == LK_OK || status == LK_E_VALUE)) {
        status = lk_subscriber_read(&reader, &entry);
        if (status != LK_OK)
            continue;
        if (next_twice < im->twice && im->seen[next_twice].line == entry.line) {
            next_twice++;
            continue;
        }
        batch->imsis[batch->count] = entry.imsi;
        batch->lines[batch->count] = entry.line;
        batch->says_mip[batch->count] = entry.says_mip;
        batch->mip_refused[batch->count] = entry.mip_refused;
        status = lk_subscriber_seal(&im->place, &batch->rows[batch->count], &entry.imsi,
                                    &entry.credentials, entry.akma);
        if (status == LK_OK && ++batch->count == LK_STORE_ADD_BATCH) {
            code = store_batch(im, batch);
            progress(im, "storing", im->added + im->present, im->good, false);
        }
    }
    lk_subscriber_reader_close(&reader);
    lk_wipe(&entry, sizeof entry);
    if (code == LK_EXIT_OK && status != LK_E_NOT_FOUND)
        code =
            lk_subscriber_fail(im->call, LK_EXIT_SYSTEM, "%s changed while it was read", im->path);
    return code == LK_EXIT_OK ? store_batch(im, batch) : code;
}

static int store(struct import *im)
{
    struct batch *batch = calloc(1, sizeof *batch);
    int code = LK_EXIT_OK;

    if (batch == NULL)
        return lk_subscriber_fail(im->call, LK_EXIT_SYSTEM, "no memory");
    if (lk_store_begin(im->place.store) != LK_OK)
        code = lk_subscriber_fail(im->call, LK_EXIT_SYSTEM, "%s", lk_store_error(im->place.store));
    if (code == LK_EXIT_OK)
        code = store_all(im, batch);
    if (code == LK_EXIT_OK && lk_store_commit(im->place.store) != LK_OK)
        code = lk_subscriber_fail(im->call, LK_EXIT_SYSTEM, "%s; nothing was imported",
                                  lk_store_error(im->place.store));
    if (code != LK_EXIT_OK)
        lk_store_rollback(im->place.store);
    progress(im, "storing", im->added + im->present, im->good, true);
    free(batch);
    return code;
}

static void tell(const struct import *im)
{
    double seconds = (double)(mono_ms() - im->from_ms) / 1000;
    uint64_t skipped = im->present + im->bad;
    uint64_t imported = im->call->dry_run ? im->good - im->twice : im->added;

    if (im->call->json)
        printf("{\"imported\": %llu, \"skipped\": %llu, \"dry_run\": %s, \"seconds\": %.2f}\n",
               (unsigned long long)imported, (unsigned long long)skipped,
               im->call->dry_run ? "true" : "false", seconds);
    else
        printf("%llu %s, %llu skipped, %.2f s\n", (unsigned long long)imported,
               im->call->dry_run ? "would be imported" : "imported", (unsigned long long)skipped,
               seconds);
}

int lk_subscriber_import(const struct lk_subscriber_call *call)
{
    static struct import im;
    int code;

    im = (struct import){ .call = call, .path = call->words[0], .from_ms = mono_ms() };
    im.shown_ms = im.from_ms;
    im.format =
        call->format == NULL ? (enum lk_subscriber_format)0 : lk_subscriber_format_of(call->format);
    if (im.format == (enum lk_subscriber_format)0)
        return lk_subscriber_fail(call, LK_EXIT_USAGE,
                                  "--format: hostapd, srsran, open5gs, ueransim or latchkey");
    if (!text_open(&im.text, im.path)) {
        code = lk_subscriber_fail(call, LK_EXIT_SYSTEM, "%s: %s", im.path, strerror(errno));
        text_close(&im.text);
        return code;
    }
    code = look(&im);
    if (code == LK_EXIT_OK && !call->dry_run) {
        code = lk_subscriber_open(&im.place, call, true);
        if (code == LK_EXIT_OK)
            code = lk_subscriber_need_key(&im.place);
        if (code == LK_EXIT_OK)
            code = store(&im);
        lk_subscriber_close(&im.place);
    }
    if (code == LK_EXIT_OK)
        tell(&im);
    text_close(&im.text);
    free(im.seen);
    return code;
}
