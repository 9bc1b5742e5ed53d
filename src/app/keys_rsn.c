/* `latchkey keys ptk`: the PTK of a 4-way handshake, and the PMKID of its PMK. */
#include <string.h>

#include "app/commands.h"
#include "app/derivation.h"
#include "base/secret.h"
#include "crypto/crypto.h"
#include "keys/rsn.h"

static const char expansion[] = "Pairwise key expansion";

static const struct lk_input ptk_inputs[] = {
    { "pmk", LK_INPUT_HEX, true, 32, 32, "PMK; in LTE-WLAN aggregation S-KWT" },
    { "aa", LK_INPUT_HEX, true, LK_STATION_LEN, LK_STATION_LEN, "address of the access point" },
    { "spa", LK_INPUT_HEX, true, LK_STATION_LEN, LK_STATION_LEN, "address of the station" },
    { "anonce", LK_INPUT_HEX, true, LK_RSN_NONCE_LEN, LK_RSN_NONCE_LEN, "ANonce" },
    { "snonce", LK_INPUT_HEX, true, LK_RSN_NONCE_LEN, LK_RSN_NONCE_LEN, "SNonce" },
    { "akm", LK_INPUT_NUMBER, true, 1, 6, "N of 00-0F-AC:N: 1 or 2 (SHA-1), 5 or 6 (SHA-256)" },
    { NULL, LK_INPUT_HEX, false, 0, 0, NULL },
};

static void give_pmkid(struct lk_derivation *d, const struct lk_pmk *pmk, enum lk_akm akm)
{
    static const char clause[] = "IEEE 802.11 12.7.1.3";
    bool sha1 = lk_akm_key_version(akm) == LK_KEY_VERSION_SHA1;
    struct lk_step *step = lk_step(d, sha1 ? LK_FN_HMAC_SHA1 : LK_FN_HMAC_SHA256, clause);
    struct lk_span result;
    uint8_t pmkid[LK_PMKID_LEN];

    lk_piece(step, LK_PIECE_KEY, "PMK", lk_in_span(d, "pmk"));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text("PMK Name"));
    lk_piece(step, LK_PIECE_INPUT, "AA", lk_in_span(d, "aa"));
    lk_piece(step, LK_PIECE_INPUT, "SPA", lk_in_span(d, "spa"));
    result = lk_step_result(step, "hash", sha1 ? LK_SHA1_LEN : LK_SHA256_LEN);
    lk_pmkid_derive(pmkid, akm, pmk, lk_in_span(d, "aa").at, lk_in_span(d, "spa").at);
    lk_give(d, "pmkid", LK_SPAN(pmkid), lk_span_of(result.at, sizeof pmkid), "octets 0..15",
            clause);
}

/* Two public values of a length, the lesser first. */
static void put_pair(struct lk_derivation *d, struct lk_step *step, const char *a, const char *b)
{
    struct lk_span one = lk_in_span(d, a), other = lk_in_span(d, b);
    bool swap = false;

    for (size_t i = one.len; i > 0; i--)
        if (one.at[i - 1] != other.at[i - 1])
            swap = one.at[i - 1] > other.at[i - 1];
    lk_piece(step, LK_PIECE_INPUT, swap ? b : a, swap ? other : one);
    lk_piece(step, LK_PIECE_INPUT, swap ? a : b, swap ? one : other);
}

/* One block of PRF or KDF, number counting from 0. */
static struct lk_span block(struct lk_derivation *d, bool sha1, unsigned number)
{
    static const char *const gives[] = { "R0", "R1", "R2" };
    struct lk_step *step = sha1 ? lk_step(d, LK_FN_HMAC_SHA1, "IEEE 802.11 12.7.1.2")
                                : lk_step(d, LK_FN_HMAC_SHA256, "IEEE 802.11 12.7.1.7.2");
    uint8_t i[2] = { (uint8_t)(sha1 ? number : number + 1), 0 };

    lk_piece(step, LK_PIECE_KEY, "PMK", lk_in_span(d, "pmk"));
    if (!sha1)
        lk_piece(step, LK_PIECE_INPUT, "i", LK_SPAN(i));
    lk_piece_text(step, LK_PIECE_INPUT, "label", lk_span_text(expansion));
    if (sha1)
        lk_piece(step, LK_PIECE_INPUT, "00", lk_span_of("", 1));
    put_pair(d, step, "aa", "spa");
    put_pair(d, step, "anonce", "snonce");
    if (sha1)
        lk_piece(step, LK_PIECE_INPUT, "i", lk_span_of(i, 1));
    else
        lk_piece(step, LK_PIECE_INPUT, "length in bits", lk_span_of("\x80\x01", 2));
    return lk_step_result(step, sha1 ? gives[number] : gives[number + 1],
                          sha1 ? LK_SHA1_LEN : LK_SHA256_LEN);
}

static void give_ptk(struct lk_derivation *d, const struct lk_ptk *ptk, bool sha1)
{
    static const char clause[] = "IEEE 802.11 12.7.1.3";
    struct lk_span blocks[3], all;
    size_t count = sha1 ? 3 : 2, len = 0;
    struct lk_step *step;

    for (unsigned i = 0; i < count; i++)
        blocks[i] = block(d, sha1, i);
    step = lk_step(d, LK_FN_CONCAT, clause);
    step->note = "the first 48 octets are the PTK";
    for (size_t i = 0; i < count; i++) {
        lk_piece(step, LK_PIECE_INPUT, "block", blocks[i]);
        len += blocks[i].len;
    }
    all = lk_step_result(step, "PTK", len);
    lk_give(d, "kck", LK_SPAN(ptk->kck.octets), lk_span_of(all.at, 16), "PTK[0..15]", clause);
    lk_give(d, "kek", LK_SPAN(ptk->kek.octets), lk_span_of(all.at + 16, 16), "PTK[16..31]", clause);
    lk_give(d, "tk", LK_SPAN(ptk->tk.octets), lk_span_of(all.at + 32, 16), "PTK[32..47]", clause);
}

static int run_ptk(struct lk_derivation *d)
{
    uint64_t number = lk_in_number(d, "akm", 0);
    enum lk_akm akm = (enum lk_akm)number;
    struct lk_ptk_input input;
    struct lk_pmk pmk;
    struct lk_ptk ptk;

    if (number == 3 || number == 4)
        return lk_in_refuse("--akm wants 1, 2, 5 or 6");
    memcpy(pmk.octets, lk_in_span(d, "pmk").at, sizeof pmk.octets);
    memcpy(input.aa, lk_in_span(d, "aa").at, sizeof input.aa);
    memcpy(input.spa, lk_in_span(d, "spa").at, sizeof input.spa);
    memcpy(input.anonce, lk_in_span(d, "anonce").at, sizeof input.anonce);
    memcpy(input.snonce, lk_in_span(d, "snonce").at, sizeof input.snonce);
    lk_ptk_derive(&ptk, akm, &pmk, &input);
    give_ptk(d, &ptk, lk_akm_key_version(akm) == LK_KEY_VERSION_SHA1);
    give_pmkid(d, &pmk, akm);
    lk_wipe(&pmk, sizeof pmk);
    lk_wipe(&ptk, sizeof ptk);
    return LK_EXIT_OK;
}

const struct lk_key_name lk_key_ptk = {
    .name = "ptk",
    .summary = "the PTK of a 4-way handshake, and its PMKID",
    .clause = "IEEE 802.11 12.7.1.3",
    .prints = "kck kek tk pmkid",
    .inputs = ptk_inputs,
    .run = run_ptk,
};
