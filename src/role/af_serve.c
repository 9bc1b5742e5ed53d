/* What role af serves: lines, which come back as they were; and to "who", who asks. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "role/af_process.h"

void lk_af_with_text(char text[LK_AF_WITH_TEXT], unsigned with)
{
    (void)snprintf(text, LK_AF_WITH_TEXT, "%s%s%s", (with & LK_E2E_NEEDS_N) != 0 ? "n " : "",
                   (with & LK_E2E_NEEDS_P) != 0 ? "p " : "",
                   (with & LK_E2E_NEEDS_CLIENT_KEY) != 0 ? "client-key " : "");
    if (text[0] != '\0')
        text[strlen(text) - 1] = '\0';
}

static bool say(struct lk_af_session *session, const char *text, size_t len)
{
    return lk_e2e_write(session->end, text, len) && lk_e2e_write(session->end, "\n", 1);
}

static bool tell_who(const struct lk_af_process *af, struct lk_af_session *session)
{
    char fingerprint[LK_AF_FINGERPRINT], with[LK_AF_WITH_TEXT], *text;
    json_t *answer;
    bool said;

    lk_af_fingerprint(fingerprint, session->end);
    lk_af_with_text(with, session->with);
    answer = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}", "server", af->process.config->af.name,
                       "app", af->process.config->af.apps[session->app].app, "identity",
                       session->identity, "with", with, "resumed", session->resumed, "fingerprint",
                       fingerprint);
    text = json_dumps(answer, JSON_PRESERVE_ORDER);
    json_decref(answer);
    said = text != NULL && say(session, text, strlen(text));
    free(text);
    return said;
}

static bool answer(struct lk_af_process *af, struct lk_af_session *session)
{
    const bool who = lk_span_equal(lk_span_of(session->line, session->line_len),
                                   lk_span_text("who"));
    bool said = who ? tell_who(af, session) : say(session, session->line, session->line_len);

    lk_process_count(&af->process, LK_AF_OWN_ANSWERS);
    lk_wipe(session->line, session->line_len);
    session->line_len = 0;
    return said;
}

bool lk_af_serve(struct lk_af_process *af, struct lk_af_session *session)
{
    char data[LK_AF_LINE];
    bool good = true;
    size_t len = 0;

    while (good && (len = lk_e2e_read(session->end, data, sizeof data)) > 0) {
        for (size_t i = 0; i < len && good; i++) {
            if (data[i] == '\n')
                good = answer(af, session);
            else if (session->line_len == sizeof session->line)
                good = false;
            else
                session->line[session->line_len++] = data[i];
        }
    }
    lk_wipe(data, sizeof data);
    return good;
}
