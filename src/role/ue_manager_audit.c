/* The audit log of the connection manager: who asked for what, and what came of it (T01).
 *
 *     {"at": 1790000000, "uid": 1000, "application": "browser", "what": "connect", "pdn": 1,
 *      "came": "done"}
 *
 * Whoever can reach the socket can have lines written, so each user has a share. What is over it is
 * counted, and the user's next line says how many were left out. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "io/log.h"
#include "role/ue_manager.h"

enum {
    LINE_MS = 60000 / LK_UE_AUDIT_PER_MINUTE,
    MOST_MS = LK_UE_AUDIT_BURST * LINE_MS,
    NOBODYS_UID = -1, /* the network's doing */
};

bool lk_ue_manager_audit_open(struct lk_ue_manager *ue, const char *path)
{
    mode_t mask = umask(0177);

    ue->audit = fopen(path, "ae");
    (void)umask(mask);
    if (ue->audit != NULL)
        (void)setvbuf(ue->audit, NULL, _IOLBF, 0);
    return ue->audit != NULL;
}

/* The user's row, or that of the user who was silent for longest: nobody is hurt by a new share for
 * somebody who has had none for that long. */
static struct lk_ue_audited *row_of(struct lk_ue_manager *ue, uid_t uid, uint64_t now_ms)
{
    struct lk_ue_audited *oldest = &ue->audited[0];

    for (size_t i = 0; i < LK_UE_AUDIT_USERS; i++) {
        if (ue->audited[i].used && ue->audited[i].uid == uid)
            return &ue->audited[i];
        if (oldest->used && (!ue->audited[i].used || ue->audited[i].at_ms < oldest->at_ms))
            oldest = &ue->audited[i];
    }
    *oldest = (struct lk_ue_audited){ .used = true, .uid = uid, .at_ms = now_ms,
                                      .left_ms = MOST_MS };
    return oldest;
}

static bool may_write(struct lk_ue_audited *row, uint64_t now_ms)
{
    row->left_ms += now_ms - row->at_ms;
    row->at_ms = now_ms;
    if (row->left_ms > MOST_MS)
        row->left_ms = MOST_MS;
    if (row->left_ms < LINE_MS) {
        row->left_out++;
        return false;
    }
    row->left_ms -= LINE_MS;
    return true;
}

static void put_line(struct lk_ue_manager *ue, json_t *line)
{
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    bool fails = text == NULL || fprintf(ue->audit, "%s\n", text) < 0;

    clearerr(ue->audit);
    if (fails && !ue->audit_fails)
        LK_LOG(LK_LOG_ERROR, "audit-not-written", { "file", ue->process.config->ue.audit },
               { "fix", "make room where it is, or give ue.audit another place" });
    ue->audit_fails = fails;
    free(text);
    json_decref(line);
}

void lk_ue_manager_audit(struct lk_ue_manager *ue, uint8_t application, const char *what,
                         uint32_t ref, const struct lk_refusal *refusal)
{
    bool known = application < ue->rules.application_count;
    json_int_t uid = ue->asking ? (json_int_t)ue->who.uid :
                     known ? (json_int_t)ue->uids[application] : NOBODYS_UID;
    struct lk_ue_audited *row = NULL;
    uint64_t now_ms = lk_mono_ms();
    struct timespec now;
    json_t *line;

    if (ue->asking) {
        row = row_of(ue, ue->who.uid, now_ms);
        if (!may_write(row, now_ms))
            return;
    }
    LK_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    line = json_pack("{s:I, s:I, s:s, s:s, s:I, s:s}", "at", (json_int_t)now.tv_sec, "uid", uid,
                     "application", known ? ue->rules.application[application].name : "-", "what",
                     what, "pdn", (json_int_t)ref, "came",
                     refusal->reason == LK_REASON_NONE ? "done" :
                                                         lk_reason_row(refusal->reason)->code);
    if (row != NULL && row->left_out > 0 && line != NULL)
        json_object_set_new(line, "left_out", json_integer((json_int_t)row->left_out));
    if (row != NULL)
        row->left_out = 0;
    put_line(ue, line);
}
