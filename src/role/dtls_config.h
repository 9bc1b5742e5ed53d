/* What the configuration says of DTLS, for all channels of the daemon. */
#ifndef LK_ROLE_DTLS_CONFIG_H
#define LK_ROLE_DTLS_CONFIG_H

#include "io/channel.h"
#include "role/config.h"

/* The defaults of a channel, with the suites of the configuration. */
void lk_dtls_setup_of(struct lk_channel_setup *setup, const struct lk_config *config);

#endif
