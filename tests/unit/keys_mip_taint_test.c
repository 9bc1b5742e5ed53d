/* Y22: keys/mip has no branch and no address that depends on a key or an authenticator: as in
 * crypto_taint_test, which has the control. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys/mip.h"
#include "taint.h"

/* T22: neither key nor authenticator is compared octet by octet. */
static void the_mobile_ip_proofs(void **state)
{
    static const enum lk_mip_algorithm algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1,
                                                        LK_MIP_HMAC_SHA256 };
    struct lk_span covered = lk_span_text("covered");
    struct lk_mip_association a = { .spi = 256, .secret = { { 7 }, sizeof a.secret.octets } };
    struct lk_mip6_covered header = { .header = covered };
    uint8_t mac[LK_MIP_AUTHENTICATOR_MAX];
    struct lk_mip_chap chap;
    enum lk_status status[4];

    taint(a.secret.octets, sizeof a.secret.octets);
    lk_mip_chap_of(&chap, covered, lk_span_text("challenge"));
    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++) {
        a.algorithm = (uint16_t)algorithms[i];
        (void)lk_mip_authenticate(mac, &a, covered);
        lk_mip_chap_authenticate(mac, &chap, &a.secret);
        lk_mip6_mn_ha(mac, &a.secret, &header);
        lk_mip6_mn_aaa(mac, &a.secret, &header);
        assert_int_equal(reports(), 0);
        declassify(mac, sizeof mac); /* it goes on the air */
        status[0] = lk_mip_verify(&a, covered,
                                  lk_span_of(mac, lk_mip_authenticator_len(a.algorithm)));
        status[1] = lk_mip_chap_verify(&chap, &a.secret, lk_span_of(mac, LK_MIP_CHAP_LEN));
        status[2] = lk_mip6_mn_ha_verify(&a.secret, &header, lk_span_of(mac, LK_MIP6_MN_HA_LEN));
        status[3] = lk_mip6_mn_aaa_verify(&a.secret, &header, lk_span_of(mac, LK_MIP6_MN_AAA_LEN));
        assert_true(reports() <= 4); /* the verdicts */
        declassify(status, sizeof status);
        assert_int_equal(status[0], LK_E_MAC);
        assert_int_equal(status[1], LK_E_MAC);
        assert_int_equal(status[2], LK_E_MAC);
        assert_int_equal(status[3], LK_OK); /* it was made last */
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mobile_ip_proofs),
    };

    return taint_run(argv) != 0 ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
