/* Explain, the part that looks: which message a run failed at, and which causes that leaves, by
 * what can be seen without any key. explain_proof.c then proves some and rules out others. */
#include "trace/explain.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/eap/identity.h"
#include "trace/run_keys.h"

static const struct lk_cause_row rows[LK_CAUSE_COUNT] = {
    [LK_CAUSE_KEYS] = { "k-or-opc", "The network does not use the K and OPc of this card.",
        "TS 33.102 6.3.3", "Write the same K and OPc into the card and the subscriber's row "
        "(latchkey subscriber add IMSI --replace ...); check that it is the right IMSI." },
    [LK_CAUSE_OP_AS_OPC] = { "op-as-opc", "OP is stored where OPc belongs.",
        "TS 35.206 8.2", "OPc is AES_K(OP) xor OP; latchkey keys milenage --op derives it. "
        "Store OPc on both sides, or OP on both." },
    [LK_CAUSE_SQN] = { "sqn-history", "The card has seen higher sequence numbers than the network "
        "offers.", "TS 33.102 6.3.5", "Resynchronisation mends it. If it comes back, two "
        "authentication centres serve this card, or its IND length is another." },
    [LK_CAUSE_AMF] = { "amf-separation", "The AMF separation bit is clear in an EAP-AKA' "
        "challenge.", "TS 33.402 6.2", "Set the AMF of the subscriber to 8000." },
    [LK_CAUSE_NETWORK_NAME] = { "network-name", "The two ends name the access network "
        "differently.", "RFC 9048 3.1", "Set eap.network_name of the server to what the device "
        "believes in; for Wi-Fi that is WLAN." },
    [LK_CAUSE_PRIME_TWICE] = { "ck-ik-prime-twice", "CK' and IK' were derived twice.",
        "TS 33.402 A.2", "Either the vector's source or the EAP server derives CK' and IK', "
        "not both." },
    [LK_CAUSE_PRIME_NEVER] = { "ck-ik-prime-never", "CK and IK were used where CK' and IK' "
        "belong.", "TS 33.402 A.2", "Derive CK' and IK' once, bound to the network name." },
    [LK_CAUSE_REALM] = { "realm", "Realm, MNC length or identity is not what the other end "
        "uses.", "TS 23.003 14.2", "The MNC in a realm has three digits (01 is mnc001); keys take "
        "the last identity sent, with its realm." },
    [LK_CAUSE_SUBSCRIBER] = { "subscriber-unknown", "The server has no subscriber with this IMSI.",
        "TS 33.402 6.2", "latchkey subscriber list shows them; latchkey subscriber add adds one." },
    [LK_CAUSE_METHOD] = { "method", "The two ends have no EAP method in common.",
        "RFC 3748 5.3.1", "Switch on AKA' or AKA at the device, and eap.methods at the server." },
    [LK_CAUSE_KDF] = { "kdf", "No key derivation function in common, or the list was changed.",
        "RFC 9048 3.2", "Both ends must offer AT_KDF 1." },
    [LK_CAUSE_BIDDING] = { "bidding-down", "EAP-AKA runs although both ends can do EAP-AKA'.",
        "RFC 9048 4", "Begin with an identity that starts with 6, or allow only EAP-AKA at the "
        "device." },
    [LK_CAUSE_TAMPERED] = { "changed-on-the-way", "A message was changed between the two ends.",
        "RFC 4187 10.13", "Look for a proxy that rewrites EAP." },
    [LK_CAUSE_SECRET] = { "radius-secret", "Access point and server have different RADIUS "
        "secrets.", "RFC 3579 3.2", "Compare the access point's secret with radius.clients." },
    [LK_CAUSE_SERVER_AWAY] = { "no-server", "Nothing that would answer gets the datagrams.",
        "RFC 2865 2.4", "Is the daemon running, is the port right, does radius.clients cover the "
        "access point's address?" },
    [LK_CAUSE_STATE] = { "state", "The server did not accept its State back.",
        "RFC 2865 5.24", "Nodes of one service need one node key (latchkey node-key); a challenge "
        "must be answered within eap.state_lifetime_s." },
    [LK_CAUSE_SERVER] = { "server-side", "Vault or store of the server were not available.",
        "TS 33.102 6.3", "latchkey status, and the daemon's log." },
    [LK_CAUSE_PEER_SILENT] = { "device-silent", "The device stopped answering.",
        "RFC 3748 4.1", "Look at the device's log; a challenge it drops silently is often one "
        "whose AT_MAC does not verify." },
    [LK_CAUSE_WLCP_KEY] = { "wlcp-key", "The two ends of the DTLS handshake do not hold the same "
        "WLCP key, or one of them holds none.", "TS 33.402 7.2.3.2.3", "Authenticate again: each "
        "authentication makes a new key. If it stays, compare wlcp.kdf of AAA server and device, "
        "and see that the TWAP gets WLCP-Key in the Access-Accept." },
    [LK_CAUSE_WLCP_CLEAR] = { "wlcp-in-clear", "WLCP came outside DTLS: a TWAG takes that from "
        "nobody, and answers nothing.", "TS 24.244 4.2.3.1", "Authenticate in multi-connection "
        "mode and open DTLS with the WLCP key first. Who has no key has no business here." },
    [LK_CAUSE_MIS_PSK] = { "mis-psk", "MN and PoS do not hold the same key of DTLS, or the PoS "
        "holds none (any more).", "IEEE 802.21 9.2", "Authenticate with that PoS by EAP: latchkey "
        "ue mis-attach pos=ID by=eap. A PoS that began anew, or ended the SA, has no key." },
    [LK_CAUSE_DTLS_PROFILE] = { "dtls-profile", "The two ends have no version or suite in common, "
        "or one of them lacks the extended master secret.", "TS 33.210 6.2.1", "DTLS 1.2 with the "
        "extended master secret and one of the PSK suites of docs/rooms/wlcp.md." },
    [LK_CAUSE_WT_FIRST] = { "wt-first", "The WT was told the new S-KWT before the UE was told its "
        "WT Counter: it began a handshake under a key that the UE did not have.",
        "S3 proposal 2", "Tell the UE first: RRCConnectionReconfiguration with the WT Counter, its "
        "Complete, then WT MODIFICATION REQUEST with the key." },
    [LK_CAUSE_S_KWT] = { "s-kwt", "UE and WT do not have the same S-KWT.", "TS 33.401 G.2",
        "Compare KeNB, WT Counter and the function code of S-KWT at eNB and UE." },
    [LK_CAUSE_STATION] = { "wlan-station", "The WT does not take this station.",
        "TS 33.401 G.2.1", "The eNB adds the UE with its WLAN address (WT ADDITION REQUEST) before "
        "the UE associates; suite and PMKID must be those of its S-KWT." },
    [LK_CAUSE_SSID] = { "wlan-ssid", "The WT has another SSID than the one that the device was "
        "told.", "IEEE 802.11 11.3.5", "Give enb.ssid the value of wt.ssid; where the eNB tells an "
        "address alone, ue.ssid." },
    [LK_CAUSE_AKM] = { "wlan-akm", "WT and device have no key management in common.",
        "IEEE 802.11 12.6.3", "Give ue.lte.akm the value of wt.akm." },
    [LK_CAUSE_WLAN_SILENT] = { "wlan-silent", "Device or WT stopped answering, or frames were "
        "lost.", "IEEE 802.11 12.7.6", "Look at the logs of both, and at the air between them; a "
        "MIC that is wrong is passed over in silence." },
    [LK_CAUSE_NO_ACCESS_POINT] = { "no-access-point", "Nobody has the address that the device asks "
        "to be let in.", "IEEE 802.11 11.3.4", "Compare enb.bssid with wt.bssid, and ue.lte.wt "
        "with wt.listen and wt.port; is the WT running?" },
    [LK_CAUSE_MIS_CHAIN] = { "mis-chain-limit", "The chain of optimised establishments is at its "
        "limit.", "IEEE 802.21.1 5.14.2", "Nothing to mend: authenticate in full, by EAP or ERP "
        "with the home; the MN does it in the background before its next handover. The limit is "
        "the least of those of SPoS, target, MN and home." },
    [LK_CAUSE_MIS_TRUST] = { "mis-no-trust", "The two PoS have no partnership, or the target does "
        "not trust the MN's home.", "IEEE 802.21.1 5.14.2", "Each lists the other's domain in "
        "pos.partners, and the target the home with its public key for start marks; until then "
        "the MN authenticates in full. latchkey pos links at the target: mis.link-id is a row "
        "with a wrong id." },
    [LK_CAUSE_MIS_UNKNOWN_MN] = { "mis-unknown-mn", "The PoS does not know this MN.",
        "IEEE 802.21.1 5.14.2", "The MN authenticates in full; compare its MISF ID with that in "
        "the SA and in the start mark." },
    [LK_CAUSE_MIS_SUITE] = { "mis-no-common-suite", "MN and PoS have no suite or PRF in common.",
        "IEEE 802.21 9.2", "Offer AES-CCM with HMAC-SHA-256 at both; suites that do not encrypt "
        "are off unless configured. Codes are a choice: both ends need the same." },
    [LK_CAUSE_MIS_EXPIRED] = { "mis-key-expired", "The SA, or the authentication that its chain "
        "stands on, is past its lifetime.", "IEEE 802.21 9.2", "Authenticate in full; if it comes "
        "too soon, compare lifetimes and clocks of home and PoS." },
    [LK_CAUSE_MIS_FULL] = { "mis-full-wanted", "The PoS wants an authentication in full.",
        "IEEE 802.21.1 5.14.2", "Its policy, or an SA by TLS, which never takes a K: authenticate "
        "by EAP or ERP." },
    [LK_CAUSE_MIS_UNREACHABLE] = { "mis-target-unreachable", "The SPoS has no link to the target, "
        "or that does not answer.", "IEEE 802.21.1 5.14.1", "latchkey pos links at both says why a "
        "link is down, or that it is up. Then the target's log says what it did with the "
        "question." },
    [LK_CAUSE_MIS_NO_TARGET] = { "mis-no-target", "No neighbour of the SPoS is the PoS that the MN "
        "names, or fits what it told of its target.", "IEEE 802.21.1 5.14.3", "A target is in "
        "pos.partners and in pos.neighbours of the SPoS. Compare what the MN tells with the "
        "latter: the PoS, networks, coverage, link types." },
    [LK_CAUSE_MIS_AUTH] = { "mis-auth-failed", "The MN did not prove itself, or its home "
        "gave the PoS no key.", "IEEE 802.21 9.2",
        "AUTH-N or AUTH-T covers nonces, names, offers, choice and chain: compare the MISF IDs, "
        "and what of it was changed on the way. The PoS's log says which; mis.home-silent is a PoS "
        "that the AAA has no row for." },
    [LK_CAUSE_MIS_AAA] = { "mis-aaa-silent", "The AAA of the PoS did not answer it.",
        "IEEE 802.21 9.2", "Compare aaa.server, aaa.source and aaa.secret of that point with "
        "radius.clients of the AAA, or radsec.peers; the PoS's log has mis.aaa-silent, the AAA's "
        "says whom it does not know." },
    [LK_CAUSE_MIS_REPLAY] = { "mis-replay", "The exchange was there before.",
        "IEEE 802.21.1 5.14.2", "Each attempt takes a new Nonce-T; if the MN's are new, somebody "
        "replays what he recorded." },
    [LK_CAUSE_MIS_SILENT] = { "mis-silent", "The PoS said nothing.", "IEEE 802.21 9", "It drops "
        "without a word what does not verify, what is of an SA that it does not have, and what is "
        "an old number; or nothing gets there: latchkey status, and its counters." },
    [LK_CAUSE_MIS_CLEAR] = { "mis-in-clear", "A preregistration outside an SA: a PoS takes that "
        "from nobody.", "IEEE 802.21.1 5.14.2", "Authenticate with the SPoS first; its SA protects "
        "the exchange." },
    [LK_CAUSE_MIS_COUNT] = { "mis-chain-count", "A PoS tells fewer optimised runs than there were.",
        "IEEE 802.21.1 5.14.2", "That PoS went back to an old state, or lies: take it off the list "
        "of partners. The MN holds its own count against it, and authenticates in full." },
    [LK_CAUSE_MIS_TARGET] = { "mis-target", "The MN takes no K for that target, which is no "
        "partner of its home.", "T45", "Compare ue.mis.partners of the MN with the neighbours of "
        "that SPoS; the MN's log says mis.target where that is it." },
};

const struct lk_cause_row *lk_cause_row(enum lk_cause cause)
{
    LK_ASSERT((unsigned)cause < LK_CAUSE_COUNT);
    return &rows[cause];
}

const char *lk_certainty_name(enum lk_certainty certainty)
{
    switch (certainty) {
    case LK_RULED_OUT:
        return "ruled out";
    case LK_POSSIBLE:
        return "possible";
    case LK_PROVEN:
        return "proven";
    }
    return "?";
}

/* What is known already is worth more. */
static bool beats(const struct lk_cause_found *found, enum lk_certainty certainty, unsigned weight)
{
    if (found->certainty == certainty)
        return found->weight >= weight;
    return certainty == LK_POSSIBLE || found->certainty == LK_PROVEN;
}

void lk_explain_add(struct lk_explanation *explanation, enum lk_cause cause,
                    enum lk_certainty certainty, unsigned weight, const char *format, ...)
{
    struct lk_cause_found *found = NULL;
    va_list args;

    for (size_t i = 0; i < explanation->count; i++)
        if (explanation->causes[i].cause == cause)
            found = &explanation->causes[i];
    if (found == NULL)
        found = &explanation->causes[explanation->count++];
    else if (beats(found, certainty, weight))
        return;
    found->cause = cause;
    found->certainty = certainty;
    found->weight = weight;
    va_start(args, format);
    vsnprintf(found->evidence, sizeof found->evidence, format, args);
    va_end(args);
}

/* ---- what can be seen ---- */

/* A realm whose MCC and MNC are not those of the IMSI, or that is none of 3GPP. */
static void look_at_identity(struct lk_explanation *e, const struct lk_trace_run *run,
                             unsigned weight)
{
    struct lk_nai nai;
    struct lk_imsi imsi;

    lk_nai_parse(&nai, run->identity);
    if (nai.kind != LK_IDENTITY_PERMANENT || lk_nai_imsi(&imsi, &nai) != LK_OK)
        return;
    if (nai.realm.len == 0)
        lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, weight, "the identity has no realm");
    else if (lk_realm_mnc_len(nai.realm, &imsi) == 0)
        lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, weight + 25,
                       "the realm %.*s does not hold the MCC and MNC of the IMSI, with an MNC of "
                       "two or of three digits",
                       (int)nai.realm.len, (const char *)nai.realm.at);
}

/* What the challenge shows in clear. */
static void look_at_challenge(struct lk_explanation *e, const struct lk_eap_packet *challenge,
                              const struct lk_explain_facts *facts, unsigned weight)
{
    const struct lk_aka_attributes *at = &challenge->at;
    struct lk_span wlan = lk_span_text("WLAN");

    if (challenge->type != LK_EAP_AKA_PRIME) {
        if (lk_aka_has(at, LK_AT_BIDDING) && (at->bidding & LK_AKA_BIDDING_D) != 0)
            lk_explain_add(e, LK_CAUSE_BIDDING, LK_POSSIBLE, weight,
                           "the challenge of EAP-AKA says in AT_BIDDING that the server prefers "
                           "EAP-AKA'");
        return;
    }
    if (at->autn.len == LK_AUTN_LEN && (at->autn.at[6] & 0x80) == 0)
        lk_explain_add(e, LK_CAUSE_AMF, LK_POSSIBLE, weight + 30,
                       "AUTN carries AMF %02x%02x: the first bit is clear", at->autn.at[6],
                       at->autn.at[7]);
    if (facts->network_name.len > 0 && !lk_span_equal(at->kdf_input, facts->network_name))
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, weight + 25,
                       "AT_KDF_INPUT names %.*s, the device believes in %.*s",
                       (int)at->kdf_input.len, (const char *)at->kdf_input.at,
                       (int)facts->network_name.len, (const char *)facts->network_name.at);
    else if (facts->network_name.len == 0 && !lk_span_equal(at->kdf_input, wlan))
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, weight + 15,
                       "AT_KDF_INPUT names %.*s; for Wi-Fi the name is WLAN",
                       (int)at->kdf_input.len, (const char *)at->kdf_input.at);
}

static void peer_rejected(struct lk_explanation *e, const struct lk_eap_packet *challenge,
                          const struct lk_explain_facts *facts)
{
    snprintf(e->where, sizeof e->where,
             "The device answered the challenge with Authentication-Reject: its card or its policy "
             "refused AUTN.");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 80,
                   "a card that computes another MAC-A answers so");
    lk_explain_add(e, LK_CAUSE_OP_AS_OPC, LK_POSSIBLE, 70,
                   "OP for OPc gives another MAC-A, and is the usual way to get there");
    lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, 25,
                   "a server that hides who is unknown challenges everybody, with random octets");
    if (challenge->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 40,
                       "a device that is somewhere else than AT_KDF_INPUT (%.*s) says answers so",
                       (int)challenge->at.kdf_input.len, (const char *)challenge->at.kdf_input.at);
        lk_explain_add(e, LK_CAUSE_KDF, LK_POSSIBLE, 10, "a device without AT_KDF 1 answers so");
    }
    look_at_challenge(e, challenge, facts, 70);
}

static void client_error(struct lk_explanation *e, const struct lk_trace_run *run,
                         const struct lk_eap_packet *before, const struct lk_eap_packet *error,
                         const struct lk_explain_facts *facts)
{
    bool challenge = before != NULL && before->subtype == LK_AKA_CHALLENGE;

    snprintf(e->where, sizeof e->where, "The device answered Client-Error %u: it could not process "
             "the message before.", error->at.client_error);
    if (!challenge) {
        lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 40, "the message before is no challenge");
        return;
    }
    if (before->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_PRIME_TWICE, LK_POSSIBLE, 60,
                       "AT_MAC of the challenge fails at a device whose CK' and IK' are others");
        lk_explain_add(e, LK_CAUSE_PRIME_NEVER, LK_POSSIBLE, 45, "the same");
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 50,
                       "the network name enters CK' and IK': AT_MAC fails");
    }
    lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, 55,
                   "the identity enters the keys: AT_MAC fails when the ends take different ones");
    lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 20, "AT_MAC or AT_CHECKCODE may have failed");
    look_at_identity(e, run, 60);
    look_at_challenge(e, before, facts, 50);
}

/* The last AUTS stood before the refusal. */
static void resync_failed(struct lk_explanation *e, bool twice)
{
    if (twice) {
        snprintf(e->where, sizeof e->where, "The card reported a synchronisation failure again, "
                 "after the server had treated the first one.");
        lk_explain_add(e, LK_CAUSE_SQN, LK_PROVEN, 90, "two AUTS in one run");
        return;
    }
    snprintf(e->where, sizeof e->where,
             "The server refused after the card's synchronisation failure.");
    lk_explain_add(e, LK_CAUSE_SQN, LK_PROVEN, 60,
                   "the card sent AUTS: it accepted MAC-A and not SQN");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 70,
                   "an AUTS that does not verify at the server comes from another K or OPc");
}

static void response_refused(struct lk_explanation *e, const struct lk_trace_run *run,
                             const struct lk_eap_packet *challenge,
                             const struct lk_explain_facts *facts)
{
    snprintf(e->where, sizeof e->where,
             "The server refused the device's answer to the challenge: AT_RES or AT_MAC was not "
             "what it expected.");
    lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, 60,
                   "the card accepted AUTN, so K and OPc agree; the identity enters the keys");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 30,
                   "AT_RES may be wrong although the card accepted AUTN");
    if (challenge->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_PRIME_TWICE, LK_POSSIBLE, 55, "CK' and IK' enter AT_MAC");
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 40, "the name enters CK' and IK'");
    }
    lk_explain_add(e, LK_CAUSE_STATE, LK_POSSIBLE, 20, "a State that does not open is refused so");
    lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 10, "AT_CHECKCODE may have failed");
    look_at_identity(e, run, 55);
    look_at_challenge(e, challenge, facts, 40);
}

static void identity_refused(struct lk_explanation *e, const struct lk_trace_run *run)
{
    struct lk_nai nai;

    snprintf(e->where, sizeof e->where,
             "The server refused before any challenge: after the identity %.*s.",
             (int)(run->identity.len < 100 ? run->identity.len : 100),
             (const char *)run->identity.at);
    lk_nai_parse(&nai, run->identity);
    lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, nai.kind == LK_IDENTITY_OTHER ? 40 : 80,
                   "no vector was made for this identity");
    if (nai.kind == LK_IDENTITY_OTHER)
        lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 70,
                       "the identity does not begin with 0, 2, 4 (EAP-AKA) or 6, 7, 8 (EAP-AKA')");
    lk_explain_add(e, LK_CAUSE_SERVER, LK_POSSIBLE, 30, "no vector was made for this identity");
    lk_explain_add(e, LK_CAUSE_STATE, LK_POSSIBLE, 10, "a State that does not open is refused so");
    look_at_identity(e, run, 60);
}

static void no_answer(struct lk_explanation *e, const struct lk_explain_facts *facts, bool at_first)
{
    if (facts->refusal != NULL && strstr(facts->refusal->came, "unreachable") != NULL)
        lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 95, "%s", facts->refusal->came);
    snprintf(e->where, sizeof e->where, "%s",
             at_first ? "The server answered nothing at all." :
                        "The server answered at first, and then nothing.");
    lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 60,
                   at_first ? "a request without an answer" : "it may have ended meanwhile");
    lk_explain_add(e, LK_CAUSE_SECRET, LK_POSSIBLE, at_first ? 70 : 5,
                   "a server that cannot verify Message-Authenticator says nothing");
}

/* The last response of the peer in the run that is a method's, or Nak. The answer to a notification
 * says nothing: what came before it was refused. */
static size_t last_response(const struct lk_trace *trace, size_t run)
{
    size_t last = LK_TRACE_NONE;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_RESPONSE, 0); i != LK_TRACE_NONE;
         i = lk_trace_find(trace, run, i + 1, LK_EAP_RESPONSE, 0))
        if (lk_trace_eap(&trace->messages[i])->subtype != LK_AKA_NOTIFICATION)
            last = i;
    return last;
}

static size_t last_request_before(const struct lk_trace *trace, size_t run, size_t before)
{
    size_t last = LK_TRACE_NONE;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_REQUEST, 0);
         i != LK_TRACE_NONE && i < before;
         i = lk_trace_find(trace, run, i + 1, LK_EAP_REQUEST, 0))
        last = i;
    return last;
}

static size_t count_syncs(const struct lk_trace *trace, size_t run)
{
    size_t count = 0;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_RESPONSE, LK_AKA_SYNCHRONIZATION_FAILURE);
         i != LK_TRACE_NONE; i = lk_trace_find(trace, run, i + 1, LK_EAP_RESPONSE,
                                               LK_AKA_SYNCHRONIZATION_FAILURE))
        count++;
    return count;
}

static void refused_at(struct lk_explanation *e, const struct lk_trace *trace, size_t run,
                       const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *r = &trace->runs[run];
    size_t response = last_response(trace, run);
    const struct lk_eap_packet *said, *before = NULL;
    size_t request;

    if (response == LK_TRACE_NONE) {
        identity_refused(e, r);
        return;
    }
    said = lk_trace_eap(&trace->messages[response]);
    request = last_request_before(trace, run, response);
    if (request != LK_TRACE_NONE)
        before = lk_trace_eap(&trace->messages[request]);
    e->at = response;
    if (said->type == LK_EAP_NAK) {
        snprintf(e->where, sizeof e->where, "The device refused the EAP method with Nak.");
        lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 90, "the device sent Nak");
    } else if (said->subtype == LK_AKA_AUTHENTICATION_REJECT && before != NULL) {
        peer_rejected(e, before, facts);
    } else if (said->subtype == LK_AKA_CLIENT_ERROR) {
        client_error(e, r, before, said, facts);
    } else if (said->subtype == LK_AKA_SYNCHRONIZATION_FAILURE) {
        resync_failed(e, count_syncs(trace, run) > 1);
    } else if (said->subtype == LK_AKA_CHALLENGE && before != NULL) {
        response_refused(e, r, before, facts);
    } else {
        identity_refused(e, r);
    }
}

/* What is proven explains the failure: suspicions beside it only distract. One stays: a network
 * that does not use this card's K may be one that does not know the card. */
static void drop_suspicions(struct lk_explanation *e)
{
    bool proven = false, keys = false;
    size_t kept = 0;

    for (size_t i = 0; i < e->count; i++) {
        proven = proven || e->causes[i].certainty == LK_PROVEN;
        keys = keys || (e->causes[i].certainty == LK_PROVEN && e->causes[i].cause == LK_CAUSE_KEYS);
    }
    for (size_t i = 0; i < e->count; i++)
        if (!proven || e->causes[i].certainty != LK_POSSIBLE
            || (keys && e->causes[i].cause == LK_CAUSE_SUBSCRIBER))
            e->causes[kept++] = e->causes[i];
    e->count = kept;
}

static int by_rank(const void *left, const void *right)
{
    const struct lk_cause_found *a = left, *b = right;

    if (a->certainty != b->certainty)
        return a->certainty < b->certainty ? 1 : -1;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return (int)a->cause - (int)b->cause;
}

/* An establishment of MIS that EAP has ended: what it shows of card and home is the same there. */
static bool is_refused_by_home(const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_run *r = &trace->runs[run];

    if (r->outcome != LK_TRACE_REJECTED || r->mis.optimised)
        return false;
    return (lk_run_is_eap(r) && r->mis.reason == LK_MIS_REASON_NONE) ||
           (r->mis.reason == LK_MIS_REASON_AUTH_FAILED &&
            lk_trace_find(trace, run, 0, LK_EAP_FAILURE, 0) != LK_TRACE_NONE);
}

void lk_explain(struct lk_explanation *explanation, const struct lk_trace *trace, size_t run,
                const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *r = &trace->runs[run];

    memset(explanation, 0, sizeof *explanation);
    explanation->run = run;
    explanation->at = r->last;
    explanation->failed = r->outcome != LK_TRACE_ACCEPTED;
    if (r->kind == LK_TRACE_ASSOCIATION) {
        lk_explain_association(explanation, trace);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_ESTABLISHMENT && !is_refused_by_home(trace, run)) {
        lk_explain_mis(explanation, trace);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_SESSION || r->kind == LK_TRACE_LINK || r->kind == LK_TRACE_CHANNEL) {
        lk_explain_connection(explanation, trace, facts);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_BOOTSTRAPPING) {
        lk_explain_ub(explanation, trace, facts);
        if (explanation->recomputed)
            drop_suspicions(explanation);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    switch (r->outcome) {
    case LK_TRACE_ACCEPTED:
        snprintf(explanation->where, sizeof explanation->where, "%s",
                 r->resync ? "Accepted, after one resynchronisation." : "Accepted.");
        if (r->resync)
            lk_explain_add(explanation, LK_CAUSE_SQN, LK_PROVEN, 60,
                           "the card sent AUTS, and accepted the next challenge");
        break;
    case LK_TRACE_SILENT:
        no_answer(explanation, facts,
                  r->count < 2 || lk_trace_find(trace, run, 0, LK_EAP_REQUEST, 0) == LK_TRACE_NONE);
        break;
    case LK_TRACE_OPEN:
        snprintf(explanation->where, sizeof explanation->where,
                 "The device did not answer the server's last message.");
        lk_explain_add(explanation, LK_CAUSE_PEER_SILENT, LK_POSSIBLE, 80,
                       "the run ends with a challenge outstanding");
        break;
    case LK_TRACE_REJECTED:
        refused_at(explanation, trace, run, facts);
        break;
    }
    explanation->provable = explanation->failed
                            && lk_trace_find(trace, run, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE)
                                   != LK_TRACE_NONE;
    lk_explain_prove(explanation, trace, facts);
    if (explanation->recomputed)
        drop_suspicions(explanation);
    qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
}

bool lk_explain_is_alike(const struct lk_explanation *a, const struct lk_explanation *b,
                         const struct lk_trace *trace)
{
    const struct lk_trace_run *one = &trace->runs[a->run], *other = &trace->runs[b->run];
    bool alike = one->kind == LK_TRACE_ASSOCIATION && other->kind == one->kind &&
                 a->failed && b->failed && a->count == b->count &&
                 lk_span_equal(LK_SPAN(one->association.station),
                               LK_SPAN(other->association.station)) &&
                 strcmp(a->where, b->where) == 0;

    for (size_t i = 0; alike && i < a->count; i++)
        alike = a->causes[i].cause == b->causes[i].cause &&
                a->causes[i].certainty == b->causes[i].certainty;
    return alike;
}

void lk_explain_print(FILE *to, const struct lk_explanation *explanation,
                      const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[explanation->run];
    size_t rank = 0;

    fprintf(to, "%s: %s\n  %s\n", run->title, lk_trace_outcome_name(run),
            explanation->where);
    for (size_t i = 0; i < explanation->count; i++) {
        const struct lk_cause_found *found = &explanation->causes[i];
        const struct lk_cause_row *row = lk_cause_row(found->cause);

        if (found->certainty == LK_RULED_OUT) {
            fprintf(to, "  ruled out: %s (%s)\n", row->code, found->evidence);
            continue;
        }
        fprintf(to, "  %zu. %-8s %s\n", ++rank, lk_certainty_name(found->certainty), row->code);
        fprintf(to, "     %s [%s]\n     evidence: %s\n     fix: %s\n", row->what, row->clause,
                found->evidence, row->fix);
    }
    if (explanation->provable && !explanation->recomputed)
        fprintf(to, "  With --k @file --opc @file the causes can be proven or ruled out.\n");
}
