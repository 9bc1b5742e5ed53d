#include "base/mip_way.h"

#include "base/check.h"

const char *const lk_mip_way_words[LK_MIP_WAYS + 1] = {
    [LK_MIP_WAY_HA_NAF] = "ha-naf",
    [LK_MIP_WAY_AAA] = "aaa",
    [LK_MIP_WAY_PUSHED] = "pushed",
    [LK_MIP_WAY_BSF] = "bsf",
    [LK_MIP_WAYS] = NULL,
};

unsigned lk_mip_way_bit(enum lk_mip_way way)
{
    return 1u << way;
}

enum lk_mip_way lk_mip_way_of(struct lk_span word)
{
    enum lk_mip_way way = 0;

    while (way < LK_MIP_WAYS && !lk_span_equal(lk_span_text(lk_mip_way_words[way]), word))
        way++;
    return way;
}

static void put(struct lk_writer *w, const char *text)
{
    lk_put_span(w, lk_span_text(text));
}

const char *lk_mip_ways_text(char text[LK_MIP_WAYS_TEXT])
{
    struct lk_writer w = lk_writer_of((uint8_t *)text, LK_MIP_WAYS_TEXT);

    for (enum lk_mip_way way = 0; way < LK_MIP_WAYS; way++) {
        put(&w, way == 0 ? "" : way + 1 < LK_MIP_WAYS ? ", " : " or ");
        put(&w, lk_mip_way_words[way]);
    }
    lk_put_u8(&w, '\0');
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return text;
}
