/* Questions and answers in JSON over HTTP (io/http.h), and who among configured application servers
 * asks them over HTTPS. */
#ifndef LK_ROLE_HTTP_JSON_H
#define LK_ROLE_HTTP_JSON_H

#include <jansson.h>

#include "base/reason.h"
#include "io/http.h"
#include "role/config_gba.h"

/* An object or an array. NULL: text is none, or says something twice. */
json_t *lk_json_read(struct lk_span text);
/* Answers with what it takes over, which may be secret. */
void lk_http_json_answer(struct lk_http_request *request, unsigned status, json_t *answer);

/* ProblemDetails (RFC 9457): the reason's code as its cause, what is wrong, and what to do. */
void lk_http_json_problem(struct lk_http_request *request, unsigned status,
                          enum lk_reason reason);

/* T28: one that is configured, with this protocol (of that security, in hex), and whose certificate
 * has that very name. NULL: none. subject: whose the certificate says that it is. */
const struct lk_config_naf *lk_naf_asks(const struct lk_http_request *request,
                                        const struct lk_config_naf *nafs, size_t count,
                                        const char *fqdn, const char *ua_id,
                                        char subject[LK_STREAM_DETAIL]);

#endif
