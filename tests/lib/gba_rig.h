/* A UE and a BSF at Ub, with a card and the vault's own authentication centre, and what went
 * between them last, which a test may alter. Entropy is counted, time is the test's. */
#ifndef LK_TEST_GBA_RIG_H
#define LK_TEST_GBA_RIG_H

#include "proto/eap/usim.h"
#include "proto/gba/bsf.h"
#include "proto/gba/ue.h"
#include "vault/auc.h"

#define GBA_BSF "bsf.mnc001.mcc001.pub.3gppnetwork.org"
#define GBA_REALM "ims.mnc001.mcc001.3gppnetwork.org"
#define GBA_IMSI "001010000000001"
#define GBA_IMPI GBA_IMSI "@" GBA_REALM

struct gba_octets {
    size_t len;
    uint8_t at[LK_HTTP_DIGEST_MAX];
};

struct gba {
    struct lk_gba_bsf bsf;
    struct lk_gba_bsf_config bsf_config;
    struct lk_gba_bsf_outbox bsf_out;
    struct lk_seal_keys keys;
    struct lk_gba_ue ue;
    struct lk_gba_ue_config ue_config;
    struct lk_gba_ue_outbox ue_out;
    struct lk_usim usim;
    struct lk_auc auc;
    struct lk_sealed_row row;
    void *memory; /* of the SQNs handed out in this tick */
    uint64_t now_ms;
    uint32_t entropy;
    bool known;             /* the BSF's home has the subscriber */
    enum lk_reason refuses; /* the vault does; NONE: it does not */
    char tmpi[LK_TMPI_MAX + 1]; /* whom the BSF knows by it */
    /* what went last */
    struct gba_octets sent;
    struct {
        unsigned status;
        struct gba_octets challenge, info, body;
        uint64_t expires_s;
    } answer;
    /* what came of it */
    enum lk_reason bsf_failed, ue_failed;
    bool kept, granted;
    struct lk_gba_session keep, grant;
    unsigned vectors, resyncs, names, nobodies; /* that were asked for */
};
extern struct gba gba;

/* Before and after each test. */
int gba_open(void **state);
int gba_close(void **state);
struct lk_span gba_span(const struct gba_octets *octets);
void gba_set(struct gba_octets *octets, struct lk_span from);
/* The UE begins; its request is in sent. */
void gba_start(const char *tmpi);
/* The BSF gets that Authorization; its answer is in answer. */
void gba_ask(struct lk_span authorization);
/* The UE gets what is in answer: true when it has sent once more. */
bool gba_tell(void);
/* All of it; requests that it took. */
unsigned gba_run(const char *tmpi);
/* The card has seen SQNs up to there: what is below is out of range. */
void gba_card_ahead(uint8_t by);
/* As far as the second request, which is in sent. */
void gba_respond(void);

#endif
