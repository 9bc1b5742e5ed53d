/* A decoded Mobile IPv4 message written again: for tests and fuzz targets. */
#ifndef LK_TEST_MIP_AGAIN_H
#define LK_TEST_MIP_AGAIN_H

#include "wire/mip.h"

static inline void mip_extension_again(struct lk_writer *w, enum lk_mip_extension which,
                                       const struct lk_mip_extensions *e)
{
    const struct lk_mip_auth *auth;

    if (which >= LK_MIP_AUTH_COUNT) {
        lk_mip_extension_put(w, which, e);
        return;
    }
    auth = &e->auth[which];
    (void)lk_mip_auth_put(w, which, auth->spi, auth->authenticator.len);
    lk_put_span(w, auth->authenticator);
}

/* What we know of its extensions, in the order in which they came. */
static inline void mip_extensions_again(struct lk_writer *w, const struct lk_mip_extensions *e)
{
    for (size_t place = 1; place <= e->count; place++)
        for (int which = 0; which < LK_MIP_EXTENSION_COUNT; which++)
            if (e->place[which] == place)
                mip_extension_again(w, (enum lk_mip_extension)which, e);
}

/* Of one type of message: octets to a struct, and that to octets. */
static inline enum lk_status mip_message_again(struct lk_writer *w, struct lk_span datagram)
{
    struct lk_mip_request request;
    struct lk_mip_reply reply;
    struct lk_mip_revocation revocation;
    const struct lk_mip_extensions *e = &revocation.extensions;
    enum lk_status status = LK_E_UNKNOWN;

    switch (lk_mip_type_of(datagram)) {
    case LK_MIP_REQUEST:
        status = lk_mip_request_decode(&request, datagram);
        lk_mip_request_put(w, &request);
        e = &request.extensions;
        break;
    case LK_MIP_REPLY:
        status = lk_mip_reply_decode(&reply, datagram);
        lk_mip_reply_put(w, &reply);
        e = &reply.extensions;
        break;
    case LK_MIP_REVOCATION:
        status = lk_mip_revocation_decode(&revocation, datagram);
        lk_mip_revocation_put(w, &revocation);
        break;
    case LK_MIP_REVOCATION_ACK:
        status = lk_mip_revocation_ack_decode(&revocation, datagram);
        lk_mip_revocation_ack_put(w, &revocation);
        break;
    default: return status;
    }
    if (status == LK_OK)
        mip_extensions_again(w, e);
    return status;
}

#endif
