#include "role/akma_names.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/host.h"

#define SUPI_IMSI "imsi-"

enum { MCC = 3 };

enum lk_status lk_akma_a_kid(char a_kid[LK_A_KID_MAX + 1], const struct lk_config_akma *config,
                             const struct lk_a_tid *a_tid)
{
    char mcc[MCC + 1];
    const struct lk_a_kid_home home = { config->rid, mcc, config->plmn + MCC };

    if (strlen(config->plmn) < MCC)
        return LK_E_VALUE;
    (void)snprintf(mcc, sizeof mcc, "%.3s", config->plmn);
    return lk_a_kid_say(a_kid, config->a_kid, a_tid, &home);
}

enum lk_status lk_af_id_read(char fqdn[LK_FQDN_MAX + 1], struct lk_ua_id *ua, const char *text)
{
    const char *slash = strrchr(text, '/');
    size_t name = slash == NULL ? 0 : (size_t)(slash - text), len = 0;

    if (name == 0 || name > LK_FQDN_MAX ||
        lk_hex_decode(ua->octets, sizeof ua->octets, &len, lk_span_text(slash + 1)) != LK_OK ||
        len != sizeof ua->octets)
        return LK_E_VALUE;
    memcpy(fqdn, text, name);
    fqdn[name] = '\0';
    lk_host_lower(fqdn);
    return lk_host_is_name(fqdn) ? LK_OK : LK_E_VALUE;
}

void lk_supi_say(char supi[LK_SUPI_TEXT], const struct lk_imsi *imsi)
{
    (void)snprintf(supi, LK_SUPI_TEXT, SUPI_IMSI "%s", imsi->digits);
}

enum lk_status lk_supi_read(struct lk_imsi *imsi, const char *supi)
{
    const size_t prefix = strlen(SUPI_IMSI);

    if (strncmp(supi, SUPI_IMSI, prefix) != 0)
        return LK_E_VALUE;
    return lk_imsi_parse(imsi, lk_span_text(supi + prefix)) == LK_OK ? LK_OK : LK_E_VALUE;
}
