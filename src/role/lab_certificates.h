/* What a laboratory makes for itself at its first start, so that nothing has to be made beforehand:
 * certificates of points of service, BSF and NAF, AAnF, AUSF and AF. Nothing that is there is
 * touched. */
#ifndef LK_ROLE_LAB_CERTIFICATES_H
#define LK_ROLE_LAB_CERTIFICATES_H

#include "io/certificate.h"
#include "io/stream.h"
#include "role/config.h"

/* The start will make them: no laboratory has to have these files. */
bool lk_lab_makes(const struct lk_config *config, const struct lk_stream_files *files);

/* With laboratory: true, for each of them whose certificate is not there, and is to lie at
 * DIR/NAME.crt, with NAME.key and ca.crt beside it: as latchkey certificate makes it. made says how
 * many. error says why not. */
LK_MUST_CHECK enum lk_status lk_lab_certificates(size_t *made, const struct lk_config *config,
                                                 int64_t now_s,
                                                 char error[LK_CERTIFICATE_ERROR_TEXT]);

#endif
