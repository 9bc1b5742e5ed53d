#include "role/dtls_config.h"

/* In the order of the words of dtls.suites. */
static const enum lk_channel_suite suites[LK_CONFIG_SUITES] = {
    LK_CHANNEL_ECDHE_PSK_CHACHA20,
    LK_CHANNEL_ECDHE_PSK_AES128_CBC,
    LK_CHANNEL_PSK_AES128_GCM,
    LK_CHANNEL_PSK_AES256_GCM,
};

void lk_dtls_setup_of(struct lk_channel_setup *setup, const struct lk_config *config)
{
    _Static_assert((int)LK_CONFIG_SUITES == (int)LK_CHANNEL_SUITES, "as many");

    lk_channel_setup_defaults(setup);
    if (config->dtls.suite_count == 0)
        return;
    setup->suites = config->dtls.suite_count;
    for (size_t i = 0; i < setup->suites; i++)
        setup->suite[i] = suites[config->dtls.suites[i]];
}
