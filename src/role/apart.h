/* Work that is done in a child process, so that what it leaves in memory ends with it.
 *
 * The libraries that read YAML, certificates and keys copy what they read, and free the copies as
 * they are. Every process of the daemon is forked from the supervisor, and would have them all. */
#ifndef LK_ROLE_APART_H
#define LK_ROLE_APART_H

#include "io/certificate.h"
#include "io/stream.h"
#include "role/kinds.h"

/* lk_config_load, apart. */
LK_MUST_CHECK enum lk_status lk_apart_config(struct lk_config *config,
                                             struct lk_config_report *report, const char *file,
                                             const char *const *sets, size_t set_count);
/* Whether certificate, key and ca can be read and fit. LK_E_CONFIG: error says what does not. */
LK_MUST_CHECK enum lk_status lk_apart_tls(const struct lk_stream_files *files,
                                          char error[LK_STREAM_ERROR_TEXT]);
/* The same for --check, of that section: unfit is the whole line. */
LK_MUST_CHECK bool lk_apart_tls_fits(const struct lk_config *config, const char *section,
                                     const struct lk_stream_files *files,
                                     char unfit[LK_KIND_UNFIT_TEXT]);

/* kind->fits, apart. */
LK_MUST_CHECK bool lk_apart_fits(const struct lk_process_kind *kind,
                                 const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT]);

/* lk_certificate_make_at, apart. LK_E_SYSTEM too when there is no process for it. */
LK_MUST_CHECK enum lk_status lk_apart_certificate(const struct lk_certificate_place *place,
                                                  char error[LK_CERTIFICATE_ERROR_TEXT]);

#endif
