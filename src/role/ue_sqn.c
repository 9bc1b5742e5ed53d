#include "role/ue_sqn.h"

enum { DATA_LEN = 8 * LK_USIM_ARRAY };

_Static_assert((int)DATA_LEN <= (int)LK_UE_SLOTS_DATA_MAX, "it fits");

static void put_seq(uint8_t data[DATA_LEN], const struct lk_usim *usim)
{
    struct lk_writer w = lk_writer_of(data, DATA_LEN);

    for (size_t i = 0; i < LK_USIM_ARRAY; i++)
        lk_put_be64(&w, usim->seq[i]);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

enum lk_status lk_ue_sqn_open(struct lk_ue_slots *sqn, struct lk_usim *usim,
                              const struct lk_imsi *imsi, const char *path,
                              char error[LK_UE_SQN_ERROR_TEXT])
{
    uint8_t data[DATA_LEN] = { 0 };
    struct lk_reader r = lk_reader_of(LK_SPAN(data));
    enum lk_status status;

    put_seq(data, usim);
    status = lk_ue_slots_open(sqn, imsi, data, sizeof data, path, "ue.sqn", error);
    for (size_t i = 0; status == LK_OK && i < LK_USIM_ARRAY; i++)
        usim->seq[i] = lk_get_be64(&r);
    return status;
}

enum lk_status lk_ue_sqn_write(struct lk_ue_slots *sqn, const struct lk_usim *usim)
{
    uint8_t data[DATA_LEN] = { 0 };

    put_seq(data, usim);
    return lk_ue_slots_write(sqn, LK_SPAN(data));
}
