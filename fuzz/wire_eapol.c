/* Octets as an 802.1X PDU, as key data, and as an RSN element: what decodes is written again, as
 * the same octets where nothing may be passed over, and else as octets that say the same; whatever
 * message a frame is, one made from nothing has its key information. */
#include "fuzz.h"

#include "wire/eapol.h"

static void lies_inside(struct lk_span part, struct lk_span whole)
{
    LK_ASSERT(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static void read_rsne(struct lk_span octets)
{
    uint8_t room[LK_RSNE_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_rsne rsne;

    if (lk_rsne_decode(&rsne, octets) != LK_OK)
        return;
    lies_inside(rsne.pmkid, octets);
    lies_inside(rsne.later, octets);
    LK_ASSERT(rsne.pairwise.len > 0 && rsne.akm.len > 0);
    LK_ASSERT(!lk_rsne_has_suite(rsne.akm, 0) || rsne.akm.len % 4 == 0);
    if (rsne.pmkid.len > 0)
        LK_ASSERT(lk_rsne_has_pmkid(&rsne, rsne.pmkid.at));
    LK_ASSERT(lk_rsne_encode(&w, &rsne) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), octets));
}

static void read_key_data(struct lk_span octets)
{
    uint8_t room[LK_RSNE_MAX + 22 + 40];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_eapol_key_data data, again;

    if (lk_eapol_key_data_decode(&data, octets) != LK_OK)
        return;
    lies_inside(data.rsne, octets);
    lies_inside(data.pmkid, octets);
    lies_inside(data.gtk.key, octets);
    LK_ASSERT(lk_eapol_key_data_encode(&w, &data) == LK_OK && w.len <= octets.len);
    LK_ASSERT(lk_eapol_key_data_decode(&again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(lk_span_equal(again.rsne, data.rsne) && lk_span_equal(again.pmkid, data.pmkid));
    LK_ASSERT(lk_span_equal(again.gtk.key, data.gtk.key));
    LK_ASSERT(again.gtk.key_id == data.gtk.key_id && again.gtk.transmit == data.gtk.transmit);
    read_rsne(data.rsne);
}

static void name(const struct lk_eapol_key *key)
{
    enum lk_eapol_message message = lk_eapol_key_message(key);
    const uint16_t reserved = 0xe030;
    bool rekey = (key->info & LK_KEY_INFO_SECURE) != 0;

    if (message != LK_EAPOL_NO_MESSAGE)
        LK_ASSERT(lk_eapol_key_of(message, key->info & LK_KEY_INFO_VERSION, rekey).info ==
                  (key->info & ~reserved));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    uint8_t room[LK_EAPOL_KEY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_span all = lk_span_of(octets, len);
    struct lk_eapol eapol, eapol_again;
    struct lk_eapol_key key, again;

    read_key_data(all);
    read_rsne(all);
    if (lk_eapol_decode(&eapol, all) != LK_OK)
        return 0;
    lies_inside(eapol.whole, all);
    if (lk_eapol_key_decode(&key, &eapol) != LK_OK)
        return 0;
    lies_inside(key.data, eapol.whole);
    name(&key);
    read_key_data(key.data);
    LK_ASSERT(lk_eapol_key_encode(&w, &key) == LK_OK && w.len == eapol.whole.len);
    LK_ASSERT(lk_eapol_decode(&eapol_again, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(lk_eapol_key_decode(&again, &eapol_again) == LK_OK);
    LK_ASSERT(again.version == key.version && again.info == key.info);
    LK_ASSERT(again.key_len == key.key_len && again.replay == key.replay);
    LK_ASSERT(lk_span_equal(LK_SPAN(again.nonce), LK_SPAN(key.nonce)));
    LK_ASSERT(lk_span_equal(LK_SPAN(again.rsc), LK_SPAN(key.rsc)));
    LK_ASSERT(lk_span_equal(LK_SPAN(again.mic), LK_SPAN(key.mic)));
    LK_ASSERT(lk_span_equal(again.data, key.data));
    return 0;
}
