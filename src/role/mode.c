#include "role/mode.h"

#include <string.h>

#include "base/hex.h"

/* Digits that the configuration has looked at. */
static size_t octets_of(uint8_t *octets, size_t cap, const char *digits)
{
    size_t len = 0;
    enum lk_status status = lk_hex_decode(octets, cap, &len, lk_span_text(digits));

    LK_ASSERT(status == LK_OK);
    return len;
}

void lk_wlcp_kdf_of(struct lk_wlcp_kdf *kdf, const struct lk_config *config)
{
    _Static_assert((int)LK_CONFIG_KDF_PARAMS == (int)LK_WLCP_KDF_PARAMS, "as many");
    _Static_assert(LK_CONFIG_KDF_PARAM == 2 * LK_WLCP_PARAM_MAX + 1, "as long");

    lk_wlcp_kdf_defaults(kdf);
    (void)octets_of(&kdf->fc, sizeof kdf->fc, config->wlcp.kdf.fc);
    kdf->count = config->wlcp.kdf.param_count;
    for (size_t i = 0; i < kdf->count; i++)
        kdf->param[i].len = octets_of(kdf->param[i].octets, sizeof kdf->param[i].octets,
                                      config->wlcp.kdf.params[i]);
}

void lk_mode_layout_of(struct lk_mode_layout *layout, const struct lk_config *config)
{
    uint8_t octets[LK_CONFIG_MODE_LAYOUT] = { 0 };
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));
    size_t len = octets_of(octets, sizeof octets, config->eap.conn_mode_layout);

    LK_ASSERT(len == sizeof octets);
    lk_get_copy(&r, layout->message, sizeof layout->message);
    layout->transparent = lk_get_u8(&r);
    layout->single = lk_get_u8(&r);
    layout->multi = lk_get_u8(&r);
    layout->cause = lk_get_u8(&r);
    layout->twag_ipv4 = lk_get_u8(&r);
    layout->twag_ipv6 = lk_get_u8(&r);
    layout->back_off = lk_get_u8(&r);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
}
