#include "app/journey_naf.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/ue_naf_key.h"
#include "base/secret.h"
#include "io/control.h"

enum { ASK_MS = 15000, PATH = 160, SAID = 8192, WORDS = 24, LINE = 512 };

extern char **environ;

static const char *word_of(const struct lk_journey_call *words, const char *name)
{
    return lk_journey_argument_of(words, name, "");
}

/* ---- the key ---- */

/* As an application asks the device. NULL: answer has why. */
static json_t *ask_key(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                       const struct lk_journey_place *place)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:s}", "op", "naf-key", "as",
                                word_of(words, "as"), "naf", word_of(words, "naf"), "ua",
                                word_of(words, "ua"));
    char path[PATH], why[LK_CONTROL_ERROR_TEXT];
    json_t *told = NULL;

    (void)snprintf(path, sizeof path, "%s/ue.sock", place->device_dir);
    if (lk_control_ask(&told, path, request, ASK_MS, why) != LK_OK)
        (void)snprintf(answer->failure, sizeof answer->failure, "naf-key: %.200s", why);
    else if (json_string_value(json_object_get(told, "ks_naf")) == NULL)
        (void)snprintf(answer->failure, sizeof answer->failure, "naf-key: %.200s",
                       json_string_value(json_object_get(told, "error")));
    json_decref(request);
    if (answer->failure[0] == '\0')
        return told;
    json_decref(told);
    return NULL;
}

/* Another one: its last digit differs. */
static void spoil(json_t *told)
{
    char text[2 * 32 + 1];
    size_t len;

    (void)snprintf(text, sizeof text, "%s", json_string_value(json_object_get(told, "ks_naf")));
    len = strlen(text);
    text[len - 1] = text[len - 1] == '0' ? '1' : '0';
    (void)json_object_set_new(told, "ks_naf", json_string(text));
    lk_wipe(text, sizeof text);
}

/* ---- the program ---- */

/* Its words, cut at spaces in place. */
static void cut(char *argv[WORDS + 1], char *line)
{
    size_t count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(line, " \n", &rest); word != NULL && count < WORDS;
         word = strtok_r(NULL, " \n", &rest))
        argv[count++] = word;
    argv[count] = NULL;
}

/* Its words, and what it reads: curl takes the key from there, openssl from its words. */
static void words_of(char line[LINE], char input[LINE], const struct lk_journey_call *words,
                     const struct lk_journey_place *place, const json_t *told)
{
    char key[LINE];

    if (strcmp(word_of(words, "do"), "curl") == 0) {
        lk_ue_naf_key_text(input, LINE, LK_UE_NAF_KEY_CURL, told);
        (void)snprintf(line, LINE, "curl -sS --max-time 10 --digest -K - http://%s:%s/",
                       place->address, word_of(words, "port"));
        return;
    }
    input[0] = '\0';
    lk_ue_naf_key_text(key, sizeof key, LK_UE_NAF_KEY_OPENSSL, told);
    (void)snprintf(line, LINE, "openssl s_client -quiet -tls1_3 -connect %s:%s %.300s",
                   place->address, word_of(words, "port"), key);
    lk_wipe(key, sizeof key);
}

static bool start(pid_t *pid, char *argv[], const int in[2], const int out[2])
{
    posix_spawn_file_actions_t actions;
    bool fine = posix_spawn_file_actions_init(&actions) == 0;

    fine = fine && posix_spawn_file_actions_adddup2(&actions, in[0], 0) == 0 &&
           posix_spawn_file_actions_adddup2(&actions, out[1], 1) == 0 &&
           posix_spawn_file_actions_adddup2(&actions, out[1], 2) == 0 &&
           posix_spawnp(pid, argv[0], &actions, NULL, argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return fine;
}

/* What it says, terminated. False: it cannot be started. */
static bool run(char said[SAID], char line[LINE], const char *input)
{
    int in[2], out[2] = { -1, -1 };
    char *argv[WORDS + 1];
    size_t len = 0;
    ssize_t got;
    pid_t pid;
    bool started;

    if (pipe2(in, O_CLOEXEC) != 0)
        return false;
    cut(argv, line);
    started = pipe2(out, O_CLOEXEC) == 0 && start(&pid, argv, in, out);
    (void)close(in[0]);
    if (started && input[0] != '\0' && write(in[1], input, strlen(input)) < 0)
        started = started && errno == EPIPE;
    (void)close(in[1]);
    (void)close(out[1]);
    while (started && len < SAID - 1 && (got = read(out[0], said + len, SAID - 1 - len)) > 0)
        len += (size_t)got;
    said[len] = '\0';
    (void)close(out[0]);
    if (started)
        (void)waitpid(pid, NULL, 0);
    return started;
}

/* ---- the step ---- */

static bool visit(char said[SAID], struct lk_journey_lab *answer,
                  const struct lk_journey_call *words, const struct lk_journey_place *place,
                  const json_t *told)
{
    char line[LINE], input[LINE], known[LINE];
    bool ran;

    words_of(line, input, words, place, told);
    ran = run(said, line, input);
    lk_wipe(line, sizeof line);
    lk_wipe(input, sizeof input);
    if (!ran)
        (void)snprintf(answer->failure, sizeof answer->failure, "%s cannot be started: install it",
                       word_of(words, "do"));
    (void)snprintf(known, sizeof known, "b-tid: %.400s\n",
                   json_string_value(json_object_get(told, "b_tid")));
    return ran && strstr(said, known) != NULL;
}

void lk_journey_naf(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                    const struct lk_journey_place *place)
{
    json_t *told = ask_key(answer, words, place);
    bool known, known_by_another;
    char said[SAID];

    if (told == NULL)
        return;
    (void)signal(SIGPIPE, SIG_IGN);
    known = visit(said, answer, words, place, told);
    spoil(told);
    known_by_another = visit(said, answer, words, place, told);
    json_decref(told);
    lk_journey_lab_put(answer, "result", "done");
    lk_journey_lab_put(answer, "known", known ? "yes" : "no");
    lk_journey_lab_put(answer, "known-by-another-key", known_by_another ? "yes" : "no");
    (void)snprintf(answer->result, sizeof answer->result, "%s: %s", word_of(words, "do"),
                   known ? "the server knows who it is" : "the server does not know who it is");
}
