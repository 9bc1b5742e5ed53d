/* A client of the AAnF (TS 33.535): the AUSF, which registers keys, and an AF, which asks for its
 * own. JSON over HTTPS, HTTP/1.1, certificates at both ends; docs/rooms/akma.md has the messages.
 * One question at a time, on the process's own loop; the connection is kept. Its process needs
 * LK_FORBID_SOCKETS, and may read its three files. */
#ifndef LK_ROLE_AANF_CLIENT_H
#define LK_ROLE_AANF_CLIENT_H

#include "base/reason.h"
#include "io/fetch.h"
#include "keys/akma.h"

enum { LK_AANF_DETAIL = 128 };
/* apiRoot is the AAnF's name and port. */
#define LK_AANF_API "/naanf-akma/v1/"
#define LK_AANF_REGISTER LK_AANF_API "register-anchorkey"
#define LK_AANF_RETRIEVE LK_AANF_API "retrieve-applicationkey"
#define LK_AANF_REMOVE LK_AANF_API "remove-context"

struct lk_aanf_answer {
    enum lk_reason reason;       /* NONE: it went well. AKMA_NO_ANSWER: worth another try */
    bool says_later;             /* 429 or 503: it says nothing of what was asked */
    char detail[LK_AANF_DETAIL]; /* of a refusal, for the log */
    struct lk_k_af key;          /* of get; secret: it is wiped behind done */
    uint64_t expires_s;          /* of get */
    struct lk_imsi imsi;         /* of get, where this AF may know; count 0: it may not */
};
/* May ask the next question. */
typedef void lk_aanf_done(void *context, const struct lk_aanf_answer *answer);

struct lk_aanf_client_setup {
    uv_loop_t *loop;
    const char *name, *address; /* its name, as in its certificate; where it is */
    unsigned port, timeout_ms;
    struct lk_stream_files files; /* ours; they outlive the client, as the rest of this does */
    lk_aanf_done *done;
    void *context;
};

struct lk_aanf_client;
/* NULL: no memory. */
struct lk_aanf_client *lk_aanf_client_new(const struct lk_aanf_client_setup *setup);
/* Without a word more, and not from within done. Turn the loop once more after it. */
void lk_aanf_client_free(struct lk_aanf_client *client);

/* Each: LK_E_EXISTS, one is under way; LK_E_SYSTEM, no memory. done is not called then. */

/* made_ms: of the authentication, so that an older one never replaces a newer. */
LK_MUST_CHECK enum lk_status lk_aanf_register(struct lk_aanf_client *client,
                                              const struct lk_imsi *imsi, const char *a_kid,
                                              const struct lk_k_akma *key, uint64_t made_ms);
/* The key of the AF with that name in its certificate, for that protocol. anonymous: whose it is,
 * is not told, whatever this AF may know. */
LK_MUST_CHECK enum lk_status lk_aanf_get(struct lk_aanf_client *client, struct lk_span a_kid,
                                         const char *fqdn, const struct lk_ua_id *ua,
                                         bool anonymous);

#endif
