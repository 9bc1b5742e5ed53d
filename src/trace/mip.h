/* Mobile IP in a trace: Registration Requests and Replies, revocation, tunnel data of RFC 3519
 * (port 434), and MIPv6's Binding Updates and Acknowledgements in the UDP of RFC 5555 (port 4191).
 * A run is a registration: from who asks to what is granted, with every retry, on either side of a
 * foreign agent, and then the packets in its tunnel. A move or a renewal begins the next one. */
#ifndef LK_TRACE_MIP_H
#define LK_TRACE_MIP_H

#include "keys/mip.h"
#include "trace/protocol.h"
#include "wire/mip6.h"

/* Neither is kept with the message: they are read again. False: it is none, or does not decode. */
bool lk_mip_seen_request(struct lk_mip_request *request, const struct lk_trace_message *m);
bool lk_mip_seen_reply(struct lk_mip_reply *reply, const struct lk_trace_message *m);
/* Revocation, or what acknowledges it. */
bool lk_mip_seen_revocation(struct lk_mip_revocation *revocation,
                            const struct lk_trace_message *m);
/* The extensions of any of these. */
bool lk_mip_seen_extensions(struct lk_mip_extensions *extensions,
                            const struct lk_trace_message *m);
/* The B-TID of a request, under any proof of the node; or an empty span. */
struct lk_span lk_mip_seen_b_tid(const struct lk_mip_extensions *extensions);
bool lk_mip_seen_mobility(struct lk_mip6_packet *packet, struct lk_mobility_message *message,
                          const struct lk_trace_message *m);
/* "Mobile-Home", "MN-AAA", ... */
const char *lk_mip_seen_proof_name(enum lk_mip_extension which);
/* "0.0.0.0 (asked for)" is for who asks for one. */
void lk_mip_seen_home_text(char text[LK_ADDRESS_TEXT + 16], const struct lk_address *home);

/* ---- mip_place.c ---- */

bool lk_mip_seen_is(const struct lk_trace_message *m);
bool lk_mip_seen_is_at(const struct lk_capture_end *end, const struct lk_address *address);
/* The two are of one mobile node, by its name, or where one has none by its home address. */
bool lk_mip_seen_is_same_node(const struct lk_trace_message *a, const struct lk_trace_message *b);
/* It says no, and who gets it does not ask again as it is. */
bool lk_mip_seen_is_final(const struct lk_trace_message *m);
enum lk_status lk_mip_seen_place(struct lk_trace *trace, size_t index);
void lk_mip_seen_sum_up(struct lk_trace_run *run, const struct lk_trace_message *m);
void lk_mip_seen_rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index);

/* ---- mip_fields.c ---- */

void lk_mip_seen_fields(const struct lk_teller *t, const struct lk_trace_message *m);
/* ", calculated again: the same" where the keys of the capture say something of it. */
const char *lk_mip_seen_judged(uint8_t judged);
/* What a proof is made with. */
const char *lk_mip_seen_algorithm(size_t octets);

/* ---- mip_keys.c ---- */

/* An association of the capture's key log. Secret. */
struct lk_mip_seen_key {
    struct lk_span who;
    uint32_t spi, spi_back;
    struct lk_mip_association association;
};

/* The one of that number; false: it is none of Mobile IP. The caller wipes key. */
bool lk_mip_seen_key(struct lk_mip_seen_key *key, const struct lk_trace *trace, size_t number);
/* Those of nonces in a reply, where a key of the capture with the home AAA makes what proves it:
 * they are kept as if they were in the log. LK_E_SYSTEM. */
LK_MUST_CHECK enum lk_status lk_mip_seen_learn(struct lk_trace *trace, size_t index);
/* The key that aaa and a nonce of that reply make; which: LK_MIP_MN_HA_AUTH or LK_MIP_MN_FA_AUTH.
 * False: there is no nonce, or the key does not prove the reply. The caller wipes made. */
bool lk_mip_seen_of_nonce(struct lk_mip_seen_key *made, const struct lk_mip_seen_key *aaa,
                          const struct lk_trace *trace, size_t index,
                          enum lk_mip_extension which);
/* Which kind of association proves by that extension. */
enum lk_app_key_log_kind lk_mip_seen_kind_of(enum lk_mip_extension which);
/* What the keys of the capture say of each authenticator of the message. */
void lk_mip_seen_judge(const struct lk_trace *trace, struct lk_trace_message *m);
/* How many authenticators of the capture that key makes again; run: of the first. */
size_t lk_mip_seen_count(const struct lk_trace *trace, size_t number, size_t *run);
/* Whether that association made that authenticator; by: algorithm, 0 for the association's. */
bool lk_mip_seen_proves(const struct lk_mip_seen_key *key, const struct lk_mip_extensions *all,
                        enum lk_mip_extension which, uint16_t by);
bool lk_mip_seen_proves6(const struct lk_mip_seen_key *key, const struct lk_trace_message *m,
                         const struct lk_mobility_auth *auth);

#endif
