/* Y22: no branch and no address of ours depends on a secret.
 *
 * Run under valgrind (the program starts itself there): secrets are marked undefined, and memcheck
 * then reports each branch or address that depends on one. The only reports allowed are the
 * verdicts, one for each call that opens something; what the result of lk_same_secret says is no
 * secret. Tables inside the library of primitives are named in crypto_taint.supp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "crypto/aka.h"
#include "crypto/crypto.h"
#include "keys/akma.h"
#include "keys/digest.h"
#include "keys/e2e.h"
#include "keys/eap.h"
#include "keys/eps.h"
#include "keys/mis.h"
#include "keys/rsn.h"
#include "proto/e2e/record.h"
#include "proto/e2e/ticket.h"
#include "proto/gba/ua.h"
#include "proto/mis/sa.h"
#include "taint.h"

/* If this fails, the others prove nothing. */
static void a_branch_on_a_secret_is_reported(void **state)
{
    volatile uint8_t secret = 1;
    volatile int seen = 0;

    (void)reports();
    taint((void *)&secret, 1);
    if (secret == 1)
        seen = 1;
    assert_int_equal(reports(), 1);
    assert_int_equal(seen, 1);
}

static void comparing_secrets(void **state)
{
    uint8_t a[64], b[64];
    bool same;

    memset(a, 5, sizeof a);
    memset(b, 5, sizeof b);
    for (size_t differ = 0; differ <= sizeof a; differ++) {
        if (differ < sizeof a)
            b[differ] ^= 1;
        taint(a, sizeof a);
        taint(b, sizeof b);
        same = lk_same_secret(a, b, sizeof a);
        assert_int_equal(reports(), 0);
        declassify(&same, sizeof same);
        declassify(a, sizeof a);
        declassify(b, sizeof b);
        assert_int_equal(same, differ == sizeof a);
        if (differ < sizeof a)
            b[differ] ^= 1;
    }
    assert_int_equal(reports(), 0);
}

static struct lk_aka_card tainted_card(enum lk_aka_algorithm algorithm)
{
    struct lk_aka_card card = { .algorithm = algorithm,
                                .k = { 1, 2, 3 },
                                .k_len = 16,
                                .topc = { 4, 5 },
                                .res_len = 8,
                                .keccak_iterations = 1 };

    taint(card.k, sizeof card.k);
    taint(card.topc, sizeof card.topc);
    return card;
}

static void the_aka_functions(void **state)
{
    static const enum lk_aka_algorithm algorithms[] = { LK_AKA_MILENAGE, LK_AKA_TUAK };
    uint8_t rand[16] = { 6 }, amf[2] = { 0x80 }, op[32] = { 7 };

    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++) {
        struct lk_aka_card card = tainted_card(algorithms[i]);
        uint8_t sqn[6] = { 0, 0, 0, 0, 1 }, mac[8], autn[16], auts[14], ak_star[6];
        struct lk_aka_output out;
        enum lk_status status;

        taint(op, sizeof op);
        taint(sqn, sizeof sqn);
        status = lk_aka_card_check(&card);
        assert_int_equal(status, LK_OK);
        lk_aka_topc_derive(&card, op);
        lk_aka_f1(mac, &card, rand, sqn, amf);
        lk_aka_f1_star(mac, &card, rand, sqn, amf);
        lk_aka_f2345(&out, &card, rand);
        lk_aka_f5_star(ak_star, &card, rand);
        lk_aka_autn(autn, sqn, out.ak, amf, mac);
        lk_aka_vector(&out, autn, &card, rand, sqn, amf);
        lk_aka_auts(auts, &card, rand, sqn);
        assert_int_equal(reports(), 0);

        declassify(auts, sizeof auts); /* it travels in clear */
        status = lk_aka_auts_open(sqn, &card, rand, auts);
        assert_true(reports() <= 1); /* the verdict */
        declassify(&status, sizeof status);
        assert_int_equal(status, LK_OK);
        auts[13] ^= 1;
        status = lk_aka_auts_open(sqn, &card, rand, auts);
        assert_true(reports() <= 1);
        declassify(&status, sizeof status);
        assert_int_equal(status, LK_E_AUTH);
    }
}

static void the_eap_keys(void **state)
{
    struct lk_ck ck = { { 1 } };
    struct lk_ik ik = { { 2 } };
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_eap_keys keys;
    struct lk_mk mk;
    uint8_t autn[16] = { 3 }, nonce_s[16] = { 4 };
    struct lk_span identity = lk_span_text("0001010000000001@nai.epc");

    taint(&ck, sizeof ck);
    taint(&ik, sizeof ik);
    taint(nonce_s, sizeof nonce_s);
    lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, lk_span_text("WLAN"), autn);
    lk_eap_aka_prime_keys_derive(&keys, &ck_prime, &ik_prime, identity);
    lk_eap_aka_prime_reauth_derive(&keys.msk, &keys.emsk, &keys.k_re, identity, 1, nonce_s);
    lk_eap_aka_mk_derive(&mk, &ck, &ik, identity);
    lk_eap_aka_keys_derive(&keys, &mk);
    lk_eap_aka_reauth_derive(&keys.msk, &keys.emsk, &mk, identity, 1, nonce_s);
    lk_wipe(&keys, sizeof keys);
    assert_int_equal(reports(), 0);
}

/* From CK, IK to a TK, and what is protected on the way; nonces and addresses are in clear. */
static void the_lwa_keys(void **state)
{
    static const enum lk_akm akms[] = { LK_AKM_PSK, LK_AKM_PSK_SHA256 };
    static const struct lk_eps_cell cell = { 32, 561 };
    static const struct lk_eia_input eia = { 1, 0, LK_EIA_DOWNLINK };
    static const struct lk_ptk_input input = { .aa = { 2 }, .anonce = { 1 } };
    uint8_t sqn_xor_ak[6] = { 3 }, mac_i[4], pmkid[16], pdu[120] = { 2, 3 };
    struct lk_span message = lk_span_text("message");
    struct lk_ck ck = { { 1 } };
    struct lk_ik ik = { { 2 } };
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    struct lk_nh nh;
    struct lk_k_rrc_int rrc_int;
    struct lk_s_kwt s_kwt;
    struct lk_pmk pmk;
    struct lk_ptk ptk;
    enum lk_status status;

    taint(&ck, sizeof ck);
    taint(&ik, sizeof ik);
    lk_kasme_derive(&kasme, &ck, &ik, (const uint8_t[3]){ 0, 0xf1, 0x10 }, sqn_xor_ak);
    lk_kenb_derive(&kenb, &kasme, 0);
    lk_nh_first(&nh, &kasme, &kenb);
    lk_kenb_star_vertical(&kenb, &nh, &cell);
    lk_k_rrc_int_derive(&rrc_int, &kenb, 2);
    lk_rrc_mac_i(mac_i, &rrc_int, &eia, message);
    lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, 1);
    lk_pmk_of_s_kwt(&pmk, &s_kwt);
    assert_int_equal(reports(), 0);
    mac_i[0] ^= 1;
    status = lk_rrc_mac_i_check(mac_i, &rrc_int, &eia, message);
    assert_true(reports() <= 1); /* the verdict */
    declassify(&status, sizeof status);
    assert_int_equal(status, LK_E_MAC);
    for (size_t i = 0; i < LK_COUNT_OF(akms); i++) {
        lk_pmkid_derive(pmkid, akms[i], &pmk, input.aa, input.spa);
        lk_ptk_derive(&ptk, akms[i], &pmk, &input);
        assert_int_equal(reports(), 0);
        status = lk_eapol_mic_check(&ptk.kck, lk_akm_key_version(akms[i]), LK_SPAN(pdu));
        assert_true(reports() <= 1);
        declassify(&status, sizeof status);
        assert_int_equal(status, LK_E_MAC);
    }
}

static void opening_what_is_sealed(void **state)
{
    static const uint8_t nonce[LK_GCM_NONCE_LEN];
    static const uint8_t ccm_nonce[LK_CCM_NONCE_LEN];
    enum { CCM_TAG = 16 };
    uint8_t key[32] = { 1, 2, 3 }, plain[48] = { 4 }, sealed[48 + 16], back[48];
    struct lk_span none = lk_span_of(NULL, 0);
    struct lk_siv_key siv;
    struct lk_aes128 aes;
    enum lk_status status[4];

    taint(key, sizeof key);
    taint(plain, sizeof plain);
    lk_siv_set_key(&siv, key);
    lk_siv_seal(sealed, &siv, none, LK_SPAN(plain));
    assert_int_equal(reports(), 0);
    declassify(sealed, sizeof sealed);
    sealed[20] ^= 1;
    status[0] = lk_siv_open(back, &siv, none, LK_SPAN(sealed));
    assert_true(reports() <= 1);

    lk_gcm256_seal(sealed, key, nonce, none, LK_SPAN(plain));
    assert_int_equal(reports(), 0);
    declassify(sealed, sizeof sealed);
    sealed[20] ^= 1;
    status[1] = lk_gcm256_open(back, key, nonce, none, LK_SPAN(sealed));
    assert_true(reports() <= 1);

    status[2] = lk_aes128_wrap(sealed, key, LK_SPAN(plain));
    assert_int_equal(reports(), 0);
    declassify(sealed, sizeof sealed);
    sealed[20] ^= 1;
    status[2] = lk_aes128_unwrap(back, key, lk_span_of(sealed, sizeof plain + 8));
    assert_true(reports() <= 1);

    lk_aes128_set_key(&aes, key);
    lk_ccm128_seal(sealed, &aes, ccm_nonce, CCM_TAG, none, LK_SPAN(plain));
    assert_int_equal(reports(), 0);
    declassify(sealed, sizeof sealed);
    sealed[20] ^= 1;
    status[3] = lk_ccm128_open(back, &aes, ccm_nonce, CCM_TAG, none,
                               lk_span_of(sealed, sizeof plain + CCM_TAG));
    assert_true(reports() <= 1);
    declassify(status, sizeof status);
    for (size_t i = 0; i < LK_COUNT_OF(status); i++)
        assert_int_equal(status[i], LK_E_MAC);
}

static void mac_with_a_kept_key(void **state)
{
    uint8_t key[20] = { 1 }, out[32];
    struct lk_hmac_sha256_key sha256;
    struct lk_hmac_md5_key md5;
    struct lk_span part = lk_span_text("part");

    taint(key, sizeof key);
    lk_hmac_sha1(out, LK_SPAN(key), &part, 1);
    lk_hmac_md5_set_key(&md5, LK_SPAN(key));
    lk_hmac_md5(out, &md5, &part, 1);
    lk_hmac_sha256_set_key(&sha256, LK_SPAN(key));
    lk_hmac_sha256_keyed(out, &sha256, &part, 1);
    lk_cmac_aes128(out, key, &part, 1);
    assert_int_equal(reports(), 0);
}

/* K to a PDU that does not verify, in every suite with every PRF: one verdict. */
static void the_mis_keys(void **state)
{
    static const uint8_t nonce[LK_MIS_NONCE_LEN] = { 1 }, id[4] = { 2 }, iv[LK_MIS_IV_LEN] = { 3 };
    static struct lk_mis_opened opened;

    for (unsigned i = 0; i < LK_MIS_SUITE_COUNT * LK_MIS_PRF_COUNT; i++) {
        struct lk_mis_agreed agreed = { (enum lk_mis_suite)(i % LK_MIS_SUITE_COUNT),
                                        (enum lk_mis_prf)(i / LK_MIS_SUITE_COUNT), 1, 1 };
        struct lk_mis_sa_start start = { .self = lk_span_text("mn"),
                                         .peer = lk_span_text("mn"),
                                         .said = { LK_MIS_SA_EAP, LK_SPAN(id) },
                                         .agreed = agreed,
                                         .expires_ms = 1 };
        struct lk_mis_header header = { .id = 0x3601 };
        uint8_t th[LK_MIS_TH_LEN] = { 5 }, frame[256];
        struct lk_writer w = lk_writer_of(frame, sizeof frame);
        struct lk_mis_k k = { { 6 }, LK_MIS_K_MAX };
        enum lk_status verified, status;
        struct lk_mis_keys keys;
        struct lk_mis_auth auth, right;
        bool proven;
        struct lk_mis_sa sa;
        struct lk_mis_pdu pdu;

        taint(k.octets, sizeof k.octets);
        lk_mis_keys_derive(&keys, &agreed, &k, nonce, nonce);
        lk_mis_auth_make(&auth, LK_MIS_NETWORK, agreed.prf, &keys.miak, th);
        assert_int_equal(reports(), 0);
        th[0] ^= 1;
        lk_mis_auth_make(&right, LK_MIS_NETWORK, agreed.prf, &keys.miak, th);
        assert_int_equal(reports(), 0);
        proven = lk_mis_auth_same(&right, LK_SPAN(auth.octets));
        assert_int_equal(reports(), 0);
        start.keys = &keys;
        status = lk_mis_sa_init(&sa, &start);
        assert_int_equal(status, LK_OK);
        status = lk_mis_protect(&sa, &w, &header, lk_span_text("\x03\x01\x00"), iv, 0,
                                &lk_mis_codes_default);
        assert_int_equal(reports(), 0);
        assert_int_equal(status, LK_OK);
        declassify(frame, sizeof frame); /* it goes on the air */
        frame[w.len - 4] ^= 1;
        status = lk_mis_decode(&pdu, lk_writer_span(&w), &lk_mis_codes_default);
        assert_int_equal(status, LK_OK);
        sa.role = LK_MIS_ANSWERED;
        verified = lk_mis_unprotect(&sa, &opened, &pdu, 0, &lk_mis_codes_default);
        assert_true(reports() <= 3); /* the verdict, and what follows from it alone */
        declassify(&proven, sizeof proven);
        declassify(&verified, sizeof verified);
        assert_false(proven);
        assert_int_equal(verified, LK_E_MAC);
    }
}

/* ---- GBA, AKMA ---- */

static void the_gba_keys(void **state)
{
    static const uint8_t rand[LK_RAND_LEN] = { 3 };
    const struct lk_span impi = lk_span_text("user@ims.example"), bsf = lk_span_text("bsf.example");
    char tmpi[LK_TMPI_MAX + 1], a_kid[LK_A_KID_MAX + 1];
    const struct lk_a_kid_home home = { "1", "001", "01" };
    struct lk_ck ck = { { 1 } };
    struct lk_ik ik = { { 2 } };
    struct lk_emsk emsk = { { 3 } };
    struct lk_ks_int_naf ks_int_naf;
    struct lk_ks_naf ks_naf;
    struct lk_k_ausf k_ausf;
    struct lk_k_akma k_akma;
    struct lk_a_tid a_tid;
    struct lk_naf_id naf;
    struct lk_k_af k_af;
    struct lk_ks ks;
    enum lk_status status;

    taint(&ck, sizeof ck);
    taint(&ik, sizeof ik);
    taint(&emsk, sizeof emsk);
    lk_naf_id_of(&naf, lk_span_text("naf.example"), &lk_ua_id_http_digest);
    lk_ks_of(&ks, &ck, &ik);
    lk_ks_naf_derive(&ks_naf, &ks, rand, impi, &naf);
    lk_ks_int_naf_derive(&ks_int_naf, &ks, rand, impi, &naf);
    lk_tmpi_derive(tmpi, &ks, rand, impi, bsf);
    lk_k_ausf_of_5g_aka(&k_ausf, &ck, &ik, impi, rand);
    lk_k_ausf_of_emsk(&k_ausf, &emsk);
    lk_k_akma_derive(&k_akma, &k_ausf, impi);
    lk_a_tid_derive(&a_tid, &k_ausf, impi);
    lk_k_af_derive(&k_af, &k_akma, &naf);
    assert_int_equal(reports(), 0);
    declassify(&a_tid, sizeof a_tid); /* a name, told to everybody */
    status = lk_a_kid_say(a_kid, LK_A_KID_TEMPLATE, &a_tid, &home);
    assert_int_equal(status, LK_OK);
    assert_int_equal(reports(), 0);
}

/* From RES, IK, CK or Ks_NAF to the verdict on a response that is right but for its last digit. */
static void the_digest(void **state)
{
    static const enum lk_digest_hash hashes[] = { LK_DIGEST_MD5, LK_DIGEST_SHA256 };
    struct lk_digest_password password[3];
    struct lk_ks_naf ks_naf = { { 1 } };
    struct lk_ck ck = { { 2 } };
    struct lk_ik ik = { { 3 } };
    uint8_t res[8] = { 4 };

    taint(&ks_naf, sizeof ks_naf);
    taint(&ck, sizeof ck);
    taint(&ik, sizeof ik);
    taint(res, sizeof res);
    lk_digest_password_akav1(&password[0], LK_SPAN(res));
    lk_digest_password_akav2(&password[1], LK_SPAN(res), &ik, &ck);
    lk_digest_password_naf(&password[2], &ks_naf);
    for (size_t i = 0; i < LK_COUNT_OF(password) * LK_COUNT_OF(hashes); i++) {
        const struct lk_digest_input input = {
            .hash = hashes[i % LK_COUNT_OF(hashes)], .username = lk_span_text("user"),
            .realm = lk_span_text("realm"), .nonce = lk_span_text("nonce"),
            .uri = lk_span_text("/"), .qop = lk_span_text("auth-int"),
            .nc = lk_span_text("00000001"), .cnonce = lk_span_text("c"),
            .method = lk_span_text("GET"), .body = lk_span_text("body") };
        struct lk_digest_text response, came;
        bool same;

        lk_digest_response(&response, &input, &password[i / LK_COUNT_OF(hashes)]);
        assert_int_equal(reports(), 0);
        came = response;
        declassify(came.at, sizeof came.at); /* it travels in clear */
        came.at[came.len - 1] ^= 1;
        same = lk_digest_same(&response, lk_span_of(came.at, came.len));
        assert_int_equal(reports(), 0);
        declassify(&same, sizeof same);
        assert_false(same);
    }
}

/* Ua: whether a nonce is of that server, whose last octet is another. */
static void the_nonce_of_ua(void **state)
{
    struct lk_ua_config config = { .fqdn = lk_span_text("naf.example"), .hashes = 3,
                                   .nonce_ms = 1000, .nonce_key = { 1 } };
    const struct lk_ua_nonce nonce = { .made_ms = 1 };
    struct lk_ua_request request = { .method = lk_span_text("GET"), .uri = lk_span_text("/") };
    char challenge[512], header[1024], text[64] = "";
    struct lk_writer w = lk_writer_of(challenge, sizeof challenge - 1);
    struct lk_ua_claim claim;
    enum lk_reason reason[2];
    const char *at;
    enum lk_status status;

    taint(config.nonce_key, sizeof config.nonce_key);
    status = lk_ua_challenge(&w, &config, LK_DIGEST_SHA256, false, &nonce);
    assert_int_equal(status, LK_OK);
    (void)reports(); /* it quotes what travels in clear */
    declassify(challenge, sizeof challenge);
    challenge[w.len] = '\0';
    assert_non_null(at = strstr(challenge, "nonce=\""));
    assert_int_equal(sscanf(at, "nonce=\"%60[^\"]\"", text), 1);
    for (size_t i = 0; i < 2; i++) {
        const size_t last = strcspn(text, "=") - 1;

        if (i == 1)
            text[last - 1] = text[last - 1] == 'A' ? 'B' : 'A';
        (void)snprintf(header, sizeof header,
                       "Digest username=\"b\", realm=\"3GPP-bootstrapping@naf.example\", "
                       "nonce=\"%s\", uri=\"/\", qop=auth, nc=00000001, cnonce=\"c\", "
                       "algorithm=SHA-256, response=\"%064d\"", text, 0);
        request.authorization = lk_span_text(header);
        reason[i] = lk_ua_read(&claim, &config, &request, 2);
        assert_true(reports() <= 1); /* the verdict */
    }
    declassify(reason, sizeof reason);
    assert_int_equal(reason[0], LK_REASON_NONE); /* the control: it comes as far as that */
    assert_int_equal(reason[1], LK_REASON_UA_NONCE);
}

/* ---- end to end ---- */

static void the_e2e_keys(void **state)
{
    const struct lk_e2e_scope scope = { lk_span_text("app.example"), lk_span_text("notes") };
    uint8_t ck[32] = { 1 }, h[32] = { 2 }, out[40];
    struct lk_e2e_p p = { .octets = { 3 }, .len = 32 };
    struct lk_ks_naf ks_naf = { { 4 } };
    struct lk_k_af k_af = { { 5 } };
    struct lk_e2e_resumption resumption;
    struct lk_e2e_exporter exporter;
    struct lk_e2e_psk psk;
    struct lk_e2e_n n;

    taint(ck, sizeof ck);
    taint(p.octets, sizeof p.octets);
    taint(&ks_naf, sizeof ks_naf);
    taint(&k_af, sizeof k_af);
    lk_e2e_n_of_k_af(&n, &k_af, &scope, &lk_ua_id_http_digest);
    lk_e2e_n_of_ks_naf(&n, &ks_naf, &scope, &lk_ua_id_http_digest);
    lk_e2e_exporter_derive(&exporter, ck, h);
    lk_e2e_resumption_derive(&resumption, &exporter, &scope, 7);
    lk_e2e_psk_combine(&psk, &scope, &p, &n, &resumption);
    lk_e2e_export(out, sizeof out, &exporter, lk_span_text("label"), lk_span_of(NULL, 0));
    assert_int_equal(reports(), 0);
}

static enum lk_status noise_go(struct lk_noise *noise, uint8_t *products)
{
    uint8_t shared[LK_NOISE_KEY] = { 0 }, psk[LK_NOISE_KEY] = { 9 };
    enum lk_noise_need need = LK_NOISE_DONE;
    enum lk_status status;

    taint(psk, sizeof psk);
    while ((status = lk_noise_go(noise, &need)) == LK_OK && need != LK_NOISE_DONE) {
        if (need == LK_NOISE_PSK) {
            lk_noise_psk(noise, psk);
            continue;
        }
        shared[0] = ++*products; /* both ends come to the same, one after the other */
        taint(shared, sizeof shared);
        lk_noise_dh(noise, shared);
        declassify(shared, sizeof shared);
    }
    return status;
}

/* Both ends of a handshake: products and psk are secret, what is sent is not; and a record. */
static void the_e2e_handshake(void **state)
{
    static const struct lk_noise_point e = { { 1 } }, f = { { 2 } }, c = { { 3 } }, s = { { 4 } };
    uint8_t products[2] = { 0, 0 }, keys[2][LK_NOISE_KEY], octets[128], text[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_noise ends[2];
    struct lk_e2e_channel channel;
    struct lk_e2e_frame frame;
    enum lk_status status[3];
    size_t len;

    lk_noise_start(&ends[0], LK_NOISE_IKPSK2, true, lk_span_text("prologue"), &e, &c, &s);
    lk_noise_start(&ends[1], LK_NOISE_IKPSK2, false, lk_span_text("prologue"), &f, &s, NULL);
    for (unsigned i = 0; i < 2; i++) {
        struct lk_noise *says = &ends[i], *takes = &ends[1 - i];

        status[0] = lk_noise_say(says, lk_span_text("payload"));
        assert_int_equal(status[0], LK_OK);
        status[0] = noise_go(says, &products[i]);
        assert_int_equal(reports(), 0);
        assert_int_equal(status[0], LK_OK);
        declassify(says->out.octets, sizeof says->out.octets);
        declassify(says->h, sizeof says->h);
        status[1] = lk_noise_take(takes, lk_span_of(says->out.octets, says->out.len));
        assert_int_equal(status[1], LK_OK);
        status[1] = noise_go(takes, &products[1 - i]);
        assert_true(reports() <= 4); /* of s, where it is sealed, and of the payload */
        declassify(&status[1], sizeof status[1]);
        assert_int_equal(status[1], LK_OK);
        declassify(&takes->rs, sizeof takes->rs);
    }
    lk_noise_split(&ends[0], keys[0], keys[1]);
    lk_noise_rekey(keys[0]);
    lk_e2e_channel_start(&channel, false, keys[0], keys[0], 0);
    status[0] = lk_e2e_channel_say(&channel, &w, LK_E2E_DATA, lk_span_text("text"), 0);
    assert_int_equal(reports(), 0);
    assert_int_equal(status[0], LK_OK);
    declassify(octets, sizeof octets);
    octets[w.len - 1] ^= 1;
    status[0] = lk_e2e_frame_decode(&frame, lk_writer_span(&w));
    assert_int_equal(status[0], LK_OK);
    status[2] = lk_e2e_channel_take(&channel, text, &len, &frame);
    assert_true(reports() <= 2);
    declassify(&status[2], sizeof status[2]);
    assert_int_equal(status[2], LK_E_MAC);
}

static void an_e2e_ticket(void **state)
{
    struct lk_node_key key = { { 1 } };
    struct lk_e2e_ticket ticket = { 7, 1000, { { 2 } } }, opened;
    struct lk_e2e_holder holder = { .scope = { lk_span_text("app.example"),
                                               lk_span_text("notes") },
                                    .identity = lk_span_text("ann"), .row = { 3 } };
    uint8_t sealed[LK_E2E_TICKET_LEN];
    struct lk_seal_keys keys;
    enum lk_status status;

    taint(&key, sizeof key);
    taint(&ticket.resumption, sizeof ticket.resumption);
    taint(holder.row, sizeof holder.row);
    lk_seal_keys_derive(&keys, &key, LK_E2E_TICKET_LABEL, 1);
    lk_e2e_ticket_seal(sealed, &keys, &holder, &ticket);
    assert_int_equal(reports(), 0);
    declassify(sealed, sizeof sealed);
    sealed[sizeof sealed - 1] ^= 1;
    status = lk_e2e_ticket_open(&opened, &keys, &holder, LK_SPAN(sealed), 0);
    assert_true(reports() <= 2); /* the verdict, and what follows from it alone */
    declassify(&status, sizeof status);
    assert_int_equal(status, LK_E_MAC);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_on_a_secret_is_reported),
        cmocka_unit_test(comparing_secrets),
        cmocka_unit_test(the_aka_functions),
        cmocka_unit_test(the_eap_keys),
        cmocka_unit_test(the_lwa_keys),
        cmocka_unit_test(opening_what_is_sealed),
        cmocka_unit_test(mac_with_a_kept_key),
        cmocka_unit_test(the_mis_keys),
        cmocka_unit_test(the_gba_keys),
        cmocka_unit_test(the_digest),
        cmocka_unit_test(the_nonce_of_ua),
        cmocka_unit_test(the_e2e_keys),
        cmocka_unit_test(the_e2e_handshake),
        cmocka_unit_test(an_e2e_ticket),
    };

    return taint_run(argv) != 0 ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
