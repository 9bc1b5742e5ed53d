#include "role/kind_tun.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/log.h"
#include "role/ask.h"

/* A file without a name, which all of the kind's processes can read and nobody else. */
static int write_sheet(const struct lk_tun_apart_answer *answer)
{
    int fd = memfd_create("latchkey-namespace", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, answer, sizeof *answer) == (ssize_t)sizeof *answer)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static enum lk_status here(const struct lk_kind_tun *wanted, lk_prepared_add *add, void *context,
                           char error[LK_KIND_ERROR_TEXT])
{
    int fd;
    enum lk_status status = lk_tun_open(&fd, &wanted->setup, error, LK_KIND_ERROR_TEXT);

    return status == LK_OK ? add(context, wanted->setup.name, fd, wanted->tun) : status;
}

static void say_unavailable(const struct lk_kind_tun *wanted,
                            const struct lk_tun_apart_answer *answer)
{
    LK_LOG(LK_LOG_WARNING, "no-namespace", { "key", wanted->key }, { "why", answer->error },
           { "what", "there is no TUN device, and no program runs behind it; all else serves" });
}

enum lk_status lk_kind_tun_prepare(const struct lk_kind_tun *wanted, lk_prepared_add *add,
                                   void *context, char error[LK_KIND_ERROR_TEXT])
{
    const char *name = wanted->setup.name;
    struct lk_tun_apart_answer answer;
    struct lk_tun_apart apart;
    enum lk_status status;
    int sheet;

    if (name[0] == '\0')
        return LK_OK;
    if (wanted->in == LK_CONFIG_TUN_HERE)
        return here(wanted, add, context, error);
    status = lk_tun_apart_open(&apart, &answer, &wanted->setup);
    if (status == LK_E_DENIED && wanted->in == LK_CONFIG_TUN_IF_ALLOWED) {
        say_unavailable(wanted, &answer);
        status = LK_OK;
    }
    sheet = write_sheet(&answer);
    if (status != LK_OK || sheet < 0) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "%s: %.160s", wanted->key, answer.error);
        lk_tun_apart_close(&apart);
        if (sheet >= 0)
            (void)close(sheet);
        return status != LK_OK ? status : LK_E_SYSTEM;
    }
    status = add(context, name, sheet, wanted->sheet);
    if (status == LK_OK && apart.tun >= 0)
        status = add(context, name, apart.tun, wanted->tun);
    if (status == LK_OK && apart.line >= 0)
        status = add(context, name, apart.line, wanted->line);
    return status;
}

json_t *lk_kind_tun_where(int sheet, const char *key)
{
    struct lk_tun_apart_answer answer;
    json_t *told;

    if (sheet < 0 || pread(sheet, &answer, sizeof answer, 0) != (ssize_t)sizeof answer) {
        told = lk_ask_refusal("there is no network namespace here", "");
        (void)json_object_set_new(told, "fix",
                                  json_sprintf("set %s: apart, and the name of a TUN device beside "
                                               "it", key));
        return told;
    }
    if (answer.status != LK_OK) {
        told = lk_ask_refusal(answer.error, "start the daemon where network namespaces and "
                              "/dev/net/tun are allowed, or as root");
        (void)json_object_set_new(told, "unavailable", json_true());
        return told;
    }
    return json_pack("{s:b, s:i, s:I, s:I}", "ok", 1, "pid", (int)answer.place.pid, "user",
                     (json_int_t)answer.place.user, "net", (json_int_t)answer.place.net);
}
