/* Files that hold a reader up, are too large, or that others may read: refused at once by all who
 * read secrets and certificates. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/certificate.h"
#include "io/file_text.h"
#include "role/af_keys.h"
#include "role/key_file.h"

enum { MOST = 64, FIFO = -1, LINK = -2, FOLDER = -3, NOTHING = -4 };

static char dir[] = "/tmp/lk-file-XXXXXX", file[64], other[64];

static int begin(void **state)
{
    (void)state;
    alarm(20); /* whoever waits for a file, waits for ever */
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(file, sizeof file, "%s/file", dir);
    (void)snprintf(other, sizeof other, "%s/other", dir);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return rmdir(dir);
}

static void put(const char *path, int octets, mode_t mode)
{
    FILE *to = fopen(path, "w");

    assert_non_null(to);
    for (int i = 0; i < octets; i++)
        assert_int_equal(fputc('0', to), '0');
    assert_int_equal(fclose(to), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void make(int what, mode_t mode)
{
    if (what == FIFO) {
        assert_int_equal(mkfifo(file, mode), 0);
    } else if (what == LINK) {
        put(other, MOST, mode);
        assert_int_equal(symlink(other, file), 0);
    } else if (what == FOLDER) {
        assert_int_equal(mkdir(file, mode), 0);
    } else if (what >= 0) {
        put(file, what, mode);
    }
}

/* What is a link is refused where it is a secret, and so is what others may read. */
static void what_is_read_and_what_not(void **state)
{
    static const struct {
        int what;
        mode_t mode;
        enum lk_status as_secret;
        bool as_text;
    } rows[] = {
        { MOST, 0600, LK_OK, true },
        { 0, 0400, LK_OK, true },
        { MOST + 1, 0600, LK_E_FULL, true },
        { MOST, 0640, LK_E_DENIED, true },
        { MOST, 0604, LK_E_DENIED, true },
        { LK_FILE_OCTETS + 1, 0600, LK_E_FULL, false },
        { LINK, 0600, LK_E_SYSTEM, true },
        { FIFO, 0600, LK_E_VALUE, false },
        { FIFO, 0644, LK_E_VALUE, false },
        { FOLDER, 0700, LK_E_VALUE, false },
        { NOTHING, 0, LK_E_NOT_FOUND, false },
    };
    struct lk_file_text text;
    char why[LK_FILE_WHY];

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        make(rows[i].what, rows[i].mode);
        if (lk_file_private_read(&text, file, MOST, why) != rows[i].as_secret ||
            (why[0] == '\0') != (rows[i].as_secret == LK_OK))
            fail_msg("row %zu as a secret: %s", i, why);
        if (rows[i].as_secret == LK_OK)
            assert_int_equal(strlen((char *)text.octets), (size_t)rows[i].what);
        else
            assert_null(text.octets);
        lk_file_text_close(&text);
        if (lk_file_text_read(&text, file, why) != rows[i].as_text)
            fail_msg("row %zu as text: %s", i, why);
        lk_file_text_close(&text);
        (void)remove(file);
        (void)remove(other);
    }
}

static void nobody_waits_for_a_fifo(void **state)
{
    struct lk_af_users users = { .at = NULL };
    struct lk_af_keys keys = { .at = NULL };
    struct lk_certificate_wish wish = {
        .name = "a", .certificate = other, .key = other, .ca = file, .ca_key = file,
    };
    char users_error[LK_AF_USERS_ERROR_TEXT], key_error[LK_KEY_FILE_ERROR_TEXT];
    char certificate_error[LK_CERTIFICATE_ERROR_TEXT];
    uint8_t key[LK_KEY_FILE_OCTETS];

    (void)state;
    make(FIFO, 0600);
    assert_int_equal(lk_af_users_read(&users, file, users_error), LK_E_VALUE);
    assert_non_null(strstr(users_error, "/file: Not a regular file"));
    assert_int_equal(lk_af_keys_read(&keys, file, users_error), LK_E_VALUE);
    assert_non_null(strstr(users_error, "/file: Not a regular file"));
    assert_int_equal(lk_key_file_read(key, "a key", file, key_error), LK_E_VALUE);
    assert_non_null(strstr(key_error, "/file: Not a regular file"));
    assert_int_equal(lk_certificate_make(&wish, certificate_error), LK_E_CONFIG);
    assert_non_null(strstr(certificate_error, "/file: Not a regular file"));
    assert_int_equal(unlink(file), 0);
}

static void write_private(const char *text)
{
    int fd = open(file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

/* N is the same subscriber's by IMSI and by IMPI; a key too many is told, and not left out. */
static void keys_of_the_operator(void **state)
{
    enum { MANY = 1001, LINE = 100 };
    static char lines[MANY * LINE];
    struct lk_af_keys keys = { .at = NULL };
    struct lk_imsi imsi, same;
    char error[LK_AF_USERS_ERROR_TEXT];

    (void)state;
    assert_int_equal(lk_af_subscriber_read(&imsi, "001010000000001"), LK_OK);
    assert_int_equal(lk_af_subscriber_read(&same, "001010000000001@ims.example"), LK_OK);
    assert_true(lk_imsi_equal(&imsi, &same));
    assert_int_equal(lk_af_subscriber_read(&imsi, "ann@ims.example"), LK_E_VALUE);
    assert_int_equal(lk_af_subscriber_read(&imsi, ""), LK_E_VALUE);
    for (unsigned i = 0; i < MANY; i++) {
        size_t used = strlen(lines);

        (void)snprintf(lines + used, sizeof lines - used, "id%u k-af %064u%s\n", i, i,
                       i == 7 ? " 001010000000001@ims.example" : "");
        if (i != MANY - 2 && i != MANY - 1)
            continue;
        write_private(lines);
        if (i == MANY - 1) {
            assert_int_equal(lk_af_keys_read(&keys, file, error), LK_E_VALUE);
            assert_non_null(strstr(error, "/file:1001: expected "));
            assert_non_null(strstr(error, "at most 1000 keys"));
        } else {
            assert_int_equal(lk_af_keys_read(&keys, file, error), LK_OK);
            assert_true(lk_imsi_equal(&lk_af_keys_find(&keys, LK_E2E_K_AF, "id7")->subscriber,
                                      &same));
            assert_non_null(lk_af_keys_find(&keys, LK_E2E_K_AF, "id999"));
        }
        lk_af_keys_free(&keys);
    }
    assert_int_equal(unlink(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_and_what_not),
        cmocka_unit_test(nobody_waits_for_a_fifo),
        cmocka_unit_test(keys_of_the_operator),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
