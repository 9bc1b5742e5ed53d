/* Names of AKMA as this configuration has them. */
#ifndef LK_ROLE_AKMA_NAMES_H
#define LK_ROLE_AKMA_NAMES_H

#include "keys/akma.h"
#include "role/config_akma.h"

/* As lk_a_kid_say. */
LK_MUST_CHECK enum lk_status lk_akma_a_kid(char a_kid[LK_A_KID_MAX + 1],
                                           const struct lk_config_akma *config,
                                           const struct lk_a_tid *a_tid);
/* "af.example/0100000007": the way that this project writes an AF_ID. fqdn: terminated, as
 * lk_host_lower has it. LK_E_VALUE: it is none. */
LK_MUST_CHECK enum lk_status lk_af_id_read(char fqdn[LK_FQDN_MAX + 1], struct lk_ua_id *ua,
                                           const char *text);

/* A SUPI of an IMSI as services have it, "imsi-" and its digits; terminated. */
enum { LK_SUPI_TEXT = 5 + LK_IMSI_MAX_DIGITS + 1 };
void lk_supi_say(char supi[LK_SUPI_TEXT], const struct lk_imsi *imsi);
/* LK_E_VALUE: it is none of an IMSI. */
LK_MUST_CHECK enum lk_status lk_supi_read(struct lk_imsi *imsi, const char *supi);

#endif
