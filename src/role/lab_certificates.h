/* What a laboratory makes for itself at its first start, so that nothing has to be made beforehand:
 * the certificates of .tls of the kinds that run. Nothing that is there is touched. */
#ifndef LK_ROLE_LAB_CERTIFICATES_H
#define LK_ROLE_LAB_CERTIFICATES_H

#include "io/certificate.h"
#include "role/kinds.h"

/* --check: whether they fit, or the start will make them. False: unfit says which do not. */
LK_MUST_CHECK bool lk_lab_tls_fits(const struct lk_process_kind *kind,
                                   const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT]);

/* With laboratory: true, for each of them whose certificate is not there, and is to lie at
 * DIR/NAME.crt, with NAME.key and ca.crt beside it: as latchkey certificate makes it. made says how
 * many. error says why not. */
LK_MUST_CHECK enum lk_status lk_lab_certificates(size_t *made, const struct lk_config *config,
                                                 int64_t now_s,
                                                 char error[LK_CERTIFICATE_ERROR_TEXT]);

#endif
