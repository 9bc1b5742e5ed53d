#include "proto/e2e/ticket.h"

#include "base/secret.h"

enum { PLAIN = LK_E2E_TICKET_LEN - LK_SEAL_OVERHEAD,
       HOLDER_MAX = 3 + LK_E2E_FQDN_MAX + LK_E2E_APP_MAX + 255 + LK_NOISE_KEY + 32 };

static struct lk_span holder_of(uint8_t octets[HOLDER_MAX], const struct lk_e2e_holder *holder)
{
    struct lk_writer w = lk_writer_of(octets, HOLDER_MAX);

    lk_put_lv8(&w, holder->scope.fqdn);
    lk_put_lv8(&w, holder->scope.app);
    lk_put_lv8(&w, holder->identity);
    lk_put_span(&w, LK_SPAN(holder->client_key.octets));
    lk_put_span(&w, LK_SPAN(holder->row));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_writer_span(&w);
}

void lk_e2e_ticket_seal(uint8_t out[LK_E2E_TICKET_LEN], const struct lk_seal_keys *keys,
                        const struct lk_e2e_holder *holder, const struct lk_e2e_ticket *ticket)
{
    uint8_t plain[PLAIN], additional[HOLDER_MAX];
    struct lk_writer w = lk_writer_of(plain, sizeof plain);

    lk_put_u8(&w, ticket->flags);
    lk_put_be64(&w, ticket->expires_ms);
    lk_put_span(&w, LK_SPAN(ticket->resumption.octets));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    lk_seal(out, keys, holder_of(additional, holder), lk_writer_span(&w));
    lk_wipe(plain, sizeof plain);
}

enum lk_status lk_e2e_ticket_open(struct lk_e2e_ticket *ticket, const struct lk_seal_keys *keys,
                                  const struct lk_e2e_holder *holder, struct lk_span sealed,
                                  uint64_t now_ms)
{
    uint8_t plain[PLAIN], additional[HOLDER_MAX];
    struct lk_reader r;
    enum lk_status status;

    if (sealed.len != LK_E2E_TICKET_LEN)
        return LK_E_LENGTH;
    status = lk_unseal(plain, keys, holder_of(additional, holder), sealed);
    if (status == LK_OK) {
        r = lk_reader_of(LK_SPAN(plain));
        ticket->flags = lk_get_u8(&r);
        ticket->expires_ms = lk_get_be64(&r);
        lk_get_copy(&r, ticket->resumption.octets, sizeof ticket->resumption.octets);
        LK_ASSERT(lk_reader_end(&r) == LK_OK);
        if (now_ms >= ticket->expires_ms)
            status = LK_E_EXPIRED;
    }
    if (status != LK_OK)
        lk_wipe(ticket, sizeof *ticket);
    lk_wipe(plain, sizeof plain);
    return status;
}
