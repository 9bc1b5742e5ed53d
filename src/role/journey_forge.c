#include "role/journey_forge.h"

#include <string.h>

#include "base/base64.h"
#include "base/ntp.h"
#include "base/secret.h"
#include "keys/gba.h"
#include "proto/pmip/identity.h"
#include "role/shared.h"
#include "trace/trace.h"
#include "wire/mip.h"

enum { ENTERPRISE = 32473, V4_AT = 12, V4_LEN = 4 };
/* As conf/lab.yaml and conf/phone.yaml have them. */
static const char nai_realm[] = "nai.epc.mnc001.mcc001.3gppnetwork.org";
static const char impi_realm[] = "ims.mnc001.mcc001.3gppnetwork.org";
static const char agent_name[] = "ha.example";
static const struct lk_ua_id agent_ua = { { 0x01, 0x00, 0x00, 0x00, 0xf1 } };

static enum lk_status put_name(struct lk_writer *w, const struct lk_journey_forgery *forgery)
{
    struct lk_mip_extensions to = { .count = 0 };
    uint8_t nai[LK_JOURNEY_TEXT];
    struct lk_writer name = lk_writer_of(nai, sizeof nai);
    struct lk_imsi imsi;
    enum lk_status status = lk_imsi_parse(&imsi, lk_span_text(forgery->imsi));

    if (status == LK_OK)
        status = lk_pmip_nai_put(&name, &imsi, lk_span_text(nai_realm));
    if (status != LK_OK)
        return status;
    to.nai = lk_writer_span(&name);
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    to.vendor_count = 1;
    to.vendor[0] = (struct lk_mip_vendor){ .id = ENTERPRISE, .type = LK_MIP_VENDOR_B_TID,
                                           .value = lk_span_text(forgery->b_tid) };
    lk_mip_extension_put(w, LK_MIP_NAI, &to);
    if (forgery->udp)
        lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
    if (forgery->b_tid[0] != '\0')
        lk_mip_extension_put(w, LK_MIP_VENDOR, &to);
    return LK_OK;
}

enum lk_status lk_journey_forge(struct lk_writer *w, const struct lk_journey_forgery *forgery)
{
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = forgery->lifetime_s,
        .home = forgery->home, .agent = forgery->agent, .care_of = forgery->care_of,
        .identification = lk_ntp_of(lk_wall_ms(), (uint32_t)lk_mono_us()),
    };
    uint8_t made[LK_MIP_AUTHENTICATOR_MAX];
    enum lk_status status;
    struct lk_span covered;

    lk_mip_request_put(w, &request);
    status = put_name(w, forgery);
    covered = lk_mip_auth_put(w, LK_MIP_MN_HA_AUTH, forgery->with.spi,
                              lk_mip_authenticator_len(forgery->with.algorithm));
    if (status == LK_OK && w->status == LK_OK)
        lk_put_octets(w, made, lk_mip_authenticate(made, &forgery->with, covered));
    return status != LK_OK ? status : w->status;
}

enum lk_status lk_journey_forge_key(struct lk_mip_secret *key, const struct lk_recompute_card *card,
                                    const char *imsi, const char *b_tid)
{
    const struct lk_span rand64 = lk_span_of((const uint8_t *)b_tid, strcspn(b_tid, "@"));
    char impi[LK_JOURNEY_TEXT];
    uint8_t rand[LK_RAND_LEN];
    struct lk_aka_output output;
    struct lk_ks_naf made;
    struct lk_naf_id naf;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_ks ks;
    size_t len;
    enum lk_status status = lk_base64_decode(rand, sizeof rand, &len, rand64);

    if (status != LK_OK || len != sizeof rand)
        return LK_E_VALUE;
    (void)snprintf(impi, sizeof impi, "%s@%s", imsi, impi_realm);
    lk_naf_id_of(&naf, lk_span_text(agent_name), &agent_ua);
    lk_aka_f2345(&output, &card->card, rand);
    memcpy(ck.octets, output.ck, sizeof ck.octets);
    memcpy(ik.octets, output.ik, sizeof ik.octets);
    lk_ks_of(&ks, &ck, &ik);
    lk_ks_naf_derive(&made, &ks, rand, lk_span_text(impi), &naf);
    status = lk_mip_secret_set(key, LK_SPAN(made.octets));
    lk_wipe(&made, sizeof made);
    lk_wipe(&ks, sizeof ks);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(&output, sizeof output);
    return status;
}

static bool is_his(const struct lk_trace_message *m, const struct lk_journey_forgery *forgery)
{
    const size_t digits = strlen(forgery->imsi);
    struct lk_mip_request request;
    struct lk_span nai;

    if (m->protocol != LK_TRACE_MIP || m->to.v6 ||
        memcmp(m->to.address, forgery->agent.octets + V4_AT, V4_LEN) != 0 || /* tidy: no secret */
        lk_mip_request_decode(&request, m->octets) != LK_OK)
        return false;
    nai = request.extensions.nai;
    return !lk_address_equal(&request.care_of, &forgery->care_of) && nai.len > digits + 1 &&
           memcmp(nai.at + 1, forgery->imsi, digits) == 0; /* tidy: no secret */
}

enum lk_status lk_journey_forge_heard(struct lk_writer *w, const char *capture,
                                      const struct lk_journey_forgery *forgery)
{
    struct lk_trace trace;
    enum lk_status status = lk_trace_load(&trace, capture);
    size_t at = 0;

    if (status != LK_OK)
        return status;
    while (at < trace.count && !is_his(&trace.messages[at], forgery))
        at++;
    if (at < trace.count)
        lk_put_octets(w, trace.messages[at].octets.at, trace.messages[at].octets.len);
    status = at < trace.count ? w->status : LK_E_NOT_FOUND;
    lk_trace_free(&trace);
    return status;
}
