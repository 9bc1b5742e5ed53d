#include "proto/e2e/record.h"

#include <string.h>

#include "base/secret.h"

static void epoch_start(struct lk_e2e_epoch *epoch, const uint8_t key[LK_NOISE_KEY])
{
    *epoch = (struct lk_e2e_epoch){ .is = true };
    memcpy(epoch->key, key, sizeof epoch->key);
}

static void epoch_next(struct lk_e2e_epoch *epoch)
{
    lk_noise_rekey(epoch->key);
    epoch->number++;
    epoch->next = 0;
    epoch->window = 0;
}

void lk_e2e_channel_start(struct lk_e2e_channel *channel, bool datagrams,
                          const uint8_t sends[LK_NOISE_KEY], const uint8_t takes[LK_NOISE_KEY],
                          uint64_t now_ms)
{
    *channel = (struct lk_e2e_channel){ .datagrams = datagrams,
                                        .rekey_records = LK_E2E_REKEY_RECORDS,
                                        .rekey_ms = LK_E2E_REKEY_MS,
                                        .rekeyed_ms = now_ms };
    epoch_start(&channel->sends, sends);
    epoch_start(&channel->takes, takes);
}

enum lk_status lk_e2e_channel_say(struct lk_e2e_channel *channel, struct lk_writer *w,
                                  enum lk_e2e_type type, struct lk_span text, uint64_t now_ms)
{
    uint8_t sealed[LK_E2E_DATA_MAX + LK_E2E_TAG], header[LK_E2E_RECORD_HEADER];
    struct lk_e2e_epoch *sends = &channel->sends;

    if (text.len > LK_E2E_DATA_MAX)
        return LK_E_LENGTH;
    if (sends->next >= channel->rekey_records ||
        now_ms >= channel->rekeyed_ms + channel->rekey_ms) {
        if (sends->number == LK_E2E_EPOCH_LAST)
            return LK_E_EXPIRED;
        epoch_next(sends);
        channel->rekeyed_ms = now_ms;
    }
    lk_e2e_sealed_header(header, type, sends->number, sends->next, text.len + LK_E2E_TAG);
    lk_noise_seal(sealed, sends->key, sends->next, LK_SPAN(header), text);
    sends->next++; /* also when w is full: a number goes once */
    lk_put_span(w, LK_SPAN(header));
    lk_put_span(w, lk_span_of(sealed, text.len + LK_E2E_TAG));
    return lk_writer_end(w);
}

/* Whether the number may be taken: in a stream the next one alone. */
static enum lk_status is_new(const struct lk_e2e_epoch *epoch, uint64_t number, bool datagrams)
{
    if (!datagrams)
        return number == epoch->next ? LK_OK : LK_E_UNEXPECTED;
    if (number >= epoch->next)
        return number == UINT64_MAX ? LK_E_VALUE : LK_OK;
    if (epoch->next - 1 - number >= LK_E2E_WINDOW)
        return LK_E_TWICE;
    return (epoch->window >> (epoch->next - 1 - number) & 1) != 0 ? LK_E_TWICE : LK_OK;
}

static void note(struct lk_e2e_epoch *epoch, uint64_t number)
{
    if (number >= epoch->next) {
        uint64_t by = number + 1 - epoch->next;

        epoch->window = by < LK_E2E_WINDOW ? epoch->window << by : 0;
        epoch->next = number + 1;
    }
    epoch->window |= UINT64_C(1) << (epoch->next - 1 - number);
}

/* The epoch that a record is of, made of those that we have. */
static enum lk_status epoch_of(struct lk_e2e_epoch *epoch, const struct lk_e2e_channel *channel,
                               uint16_t number)
{
    const unsigned ahead = channel->datagrams ? LK_E2E_EPOCHS_LOST : 1;

    if (channel->before.is && number == channel->before.number) {
        *epoch = channel->before;
        return LK_OK;
    }
    if (number < channel->takes.number)
        return LK_E_TWICE;
    if (number - channel->takes.number > (int)ahead)
        return LK_E_UNEXPECTED;
    *epoch = channel->takes;
    while (epoch->number < number)
        epoch_next(epoch);
    return LK_OK;
}

static void commit(struct lk_e2e_channel *channel, const struct lk_e2e_epoch *epoch)
{
    if (channel->before.is && epoch->number == channel->before.number) {
        channel->before = *epoch;
        return;
    }
    if (epoch->number == channel->takes.number + 1 && channel->datagrams)
        channel->before = channel->takes;
    else if (epoch->number != channel->takes.number)
        lk_wipe(&channel->before, sizeof channel->before);
    channel->takes = *epoch;
}

enum lk_status lk_e2e_channel_take(struct lk_e2e_channel *channel, uint8_t *out, size_t *len,
                                   const struct lk_e2e_frame *frame)
{
    uint8_t header[LK_E2E_RECORD_HEADER];
    struct lk_e2e_sealed sealed;
    struct lk_e2e_epoch epoch;
    enum lk_status status = lk_e2e_sealed_decode(&sealed, frame->body);

    if (status == LK_OK)
        status = epoch_of(&epoch, channel, sealed.epoch);
    if (status != LK_OK)
        return status;
    status = is_new(&epoch, sealed.number, channel->datagrams);
    if (status == LK_OK) {
        lk_e2e_sealed_header(header, frame->type, sealed.epoch, sealed.number, sealed.sealed.len);
        status = lk_noise_open(out, epoch.key, sealed.number, LK_SPAN(header), sealed.sealed);
    }
    if (status == LK_OK) {
        *len = sealed.sealed.len - LK_E2E_TAG;
        note(&epoch, sealed.number);
        commit(channel, &epoch);
    }
    lk_wipe(&epoch, sizeof epoch);
    return status;
}
