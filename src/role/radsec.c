#include "role/radsec.h"

#include <stdio.h>

#include "io/log.h"

bool lk_radsec_is_on(const struct lk_config *config)
{
    return config->radsec.certificate[0] != '\0';
}

bool lk_radsec_listens(const struct lk_config *config)
{
    return lk_radsec_is_on(config) && config->radsec.port != 0;
}

struct lk_stream_files lk_radsec_files(const struct lk_config *config)
{
    return (struct lk_stream_files){ config->radsec.certificate, config->radsec.key,
                                     config->radsec.ca };
}

enum lk_status lk_radsec_streams(struct lk_streams **streams, struct lk_stream_trust **trust,
                                 uv_loop_t *loop, const struct lk_stream_files *files,
                                 const struct lk_stream_calls *calls,
                                 char error[LK_RADSEC_ERROR_TEXT])
{
    enum lk_status status = lk_stream_trust_load(trust, files, error);
    struct lk_streams_setup setup;

    if (status != LK_OK)
        return status;
    lk_streams_setup_defaults(&setup);
    setup.calls = *calls;
    setup.trust = *trust;
    *streams = lk_streams_new(loop, &setup);
    return *streams == NULL ? LK_E_SYSTEM : LK_OK;
}

enum lk_reason lk_radsec_reason(enum lk_stream_down why)
{
    static const enum lk_reason reasons[LK_STREAM_DOWN_REASONS] = {
        [LK_STREAM_DOWN_CLOSED] = LK_REASON_NONE,
        [LK_STREAM_DOWN_BROKEN] = LK_REASON_RADSEC_HANDSHAKE,
        [LK_STREAM_DOWN_UNREACHABLE] = LK_REASON_RADSEC_UNREACHABLE,
        [LK_STREAM_DOWN_NO_CERTIFICATE] = LK_REASON_RADSEC_NO_CERTIFICATE,
        [LK_STREAM_DOWN_UNTRUSTED] = LK_REASON_RADSEC_UNTRUSTED,
        [LK_STREAM_DOWN_EXPIRED] = LK_REASON_RADSEC_EXPIRED,
        [LK_STREAM_DOWN_UNKNOWN] = LK_REASON_RADSEC_UNKNOWN,
        [LK_STREAM_DOWN_VERSION] = LK_REASON_RADSEC_VERSION,
        [LK_STREAM_DOWN_NOT_TLS] = LK_REASON_RADSEC_NOT_TLS,
        [LK_STREAM_DOWN_TOO_SLOW] = LK_REASON_RADSEC_TOO_SLOW,
        [LK_STREAM_DOWN_PUSHED_OUT] = LK_REASON_RADSEC_TOO_MANY,
        [LK_STREAM_DOWN_TOO_MANY] = LK_REASON_RADSEC_TOO_MANY,
        [LK_STREAM_DOWN_ALERT] = LK_REASON_RADSEC_HANDSHAKE,
        [LK_STREAM_DOWN_BACKED_UP] = LK_REASON_RADSEC_BACKED_UP,
        [LK_STREAM_DOWN_ENGINE] = LK_REASON_RADSEC_HANDSHAKE,
    };

    return why < LK_STREAM_DOWN_REASONS ? reasons[why] : LK_REASON_RADSEC_HANDSHAKE;
}

void lk_radsec_note(struct lk_counters *count, const struct lk_peer *peer, const char *name,
                    enum lk_reason reason, const char *detail)
{
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, NULL);
    char address[LK_ADDRESS_TEXT];
    char port[8];

    if (reason == LK_REASON_NONE)
        return;
    lk_count(&count->refused[reason]);
    if (!lk_log_wanted(LK_LOG_WARNING))
        return;
    lk_address_text(address, &peer->address);
    (void)snprintf(port, sizeof port, "%u", peer->port);
    {
        const struct lk_log_field fields[] = {
            { "peer", address },
            { "port", port },
            { "peer_name", name },
            { "detail", detail },
        };

        lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
    }
}
