/* Why an SA of MIS did not come about, and what the home withheld. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_mis[LK_REASON_COUNT] = {
    [LK_REASON_MIS_CHAIN_END] = {
        "mis.chain-end", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "As many SAs stand on one authentication as are allowed.",
        "Authenticate in full with the target; the count begins anew then." },
    [LK_REASON_MIS_COUNT_LIE] = {
        "mis.count-lie", "T40", LK_BY_UE,
        "A PoS counts fewer optimised establishments than the MN itself.",
        "Take that PoS for captured, or restored from a backup; the MN authenticates in full." },
    [LK_REASON_MIS_COUNT_NOT_KEPT] = {
        "mis.count-not-kept", "T40", LK_BY_UE,
        "The MN's count of optimised establishments could not be written down.",
        "Look at the MN's store; until it can write, every handover authenticates in full." },
    [LK_REASON_MIS_SA_TYPE] = {
        "mis.sa-type", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "An SA is over, hides nothing, or is of a type that has no K or that policy refuses.",
        "Authenticate by EAP; an SA by TLS, or in a suite that hides nothing, takes no K." },
    [LK_REASON_MIS_NOT_CONFIRMED] = {
        "mis.not-confirmed", "T42", LK_BY_POS | LK_BY_UE,
        "AUTH is not of what this end heard and said: another K, or something was altered.",
        "Compare ue.mis.realm with aaa.realm, and suites and mis.codes of both ends; else somebody "
        "alters messages." },
    [LK_REASON_MIS_REPLAY] = {
        "mis.replay", "T43", LK_BY_POS,
        "A Nonce-T of that MN was there before.",
        "Let the MN ask again with a fresh one; if it goes on, somebody plays it back." },
    [LK_REASON_MIS_STRANGER] = {
        "mis.stranger", "IEEE 802.21.1 5.14.1", LK_BY_POS,
        "A PoS that is no partner hands over an MN.",
        "Name its realm among the partners, if it is one." },
    [LK_REASON_MIS_MARK] = {
        "mis.mark", "T40", LK_BY_POS,
        "There is no start mark, or no home that is known here has signed it, or it is over.",
        "Give this PoS the home's public key; compare the clocks of both." },
    [LK_REASON_MIS_TARGET] = {
        "mis.target", "T45", LK_BY_UE,
        "The SPoS named a target that is not among the partners of the MN's home.",
        "Compare the home's list of partners at the MN with the neighbours of that SPoS." },
    [LK_REASON_MIS_NO_TARGET] = {
        "mis.no-target", "IEEE 802.21.1 5.14.3", LK_BY_POS,
        "No neighbour that is a partner is the PoS that the MN names, or fits what it told.",
        "Look at pos.neighbours: who is in it, link types, coverage; and at pos.partners." },
    [LK_REASON_MIS_UNREACHABLE] = {
        "mis.unreachable", "T46", LK_BY_POS,
        "There is no protected link to the target, or it does not answer.",
        "Look at the link between the two PoS, latchkey pos links; without one nothing is sent." },
    [LK_REASON_MIS_SUITE] = {
        "mis.suite", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "MN and TPoS have no suite or no PRF in common.",
        "Compare suites, prfs and mis.codes of both." },
    [LK_REASON_MIS_MALFORMED] = {
        "mis.malformed", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "A message of preregistration lacks what it must have, or names another MN or PoS.",
        "Compare mis.codes of both ends." },
    [LK_REASON_MIS_REFUSED] = {
        "mis.refused", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "The PoS that was asked refuses.",
        "What came is its answer; its log says more." },
    [LK_REASON_MIS_NO_ANSWER] = {
        "mis.no-answer", "IEEE 802.21.1 5.14.2", LK_BY_POS | LK_BY_UE,
        "A PoS does not answer the MN: it is not there, or has forgotten it (a restart).",
        "Compare ue.mis.points with pos.points there (address, port); look whether it runs, and "
        "whether mis.codes are the same; where there was an SA, the MN authenticates anew." },
    [LK_REASON_MIS_HALF_OPEN] = {
        "mis.half-open", "T43", LK_BY_POS,
        "An MN for which an SA was prepared did not come.",
        "Nothing, unless it is frequent: then look at the MN's way to this PoS." },
    [LK_REASON_MIS_LEG_OPEN] = {
        "aaa.mis-leg-open", "-", LK_BY_AAA,
        "A PoS asked for the MIS service over a leg that is neither TLS nor loopback, and others "
        "could read its keys there: it got none.",
        "Let the PoS reach the AAA server over RadSec." },
    [LK_REASON_MIS_POS] = {
        "aaa.mis-pos", "-", LK_BY_AAA,
        "A client asked for the MIS service under a MISF ID that is not in its row: it got nothing "
        "of it.",
        "If it is that PoS, write its MISF ID as pos: to its row of radsec.peers, or "
        "radius.clients." },
    [LK_REASON_MIS_EAP] = {
        "mis.eap", "IEEE 802.21 9.2", LK_BY_POS | LK_BY_UE,
        "EAP or ERP between MN and home gave no keys.",
        "Look at the home's log, and at the device's." },
    [LK_REASON_MIS_OTHER_MN] = {
        "mis.other-mn", "T40", LK_BY_POS,
        "The home has authenticated another MN than the one that asks for an SA.",
        "Compare the MN's MISF ID with the name that its home has; else somebody claims it." },
    [LK_REASON_MIS_NOT_NOW] = {
        "mis.not-now", "IEEE 802.21.1 5.14", LK_BY_UE,
        "The MN is asked for something that has no place now.",
        "Ask for its status: attach first, and let a handover end before the next." },
    [LK_REASON_MIS_FULL] = {
        "mis.full", "T44", LK_BY_POS,
        "The PoS has no place for one more.",
        "Look at who asks: sources, partners, half-open SAs; or give it more places." },
    [LK_REASON_MIS_HOME_SILENT] = {
        "mis.home-silent", "IEEE 802.21 9.2", LK_BY_POS,
        "The AAA accepts, but gives no key, or does not say whom it has authenticated.",
        "Write the PoS's MISF ID as pos: to its row at the AAA, and protect the way there." },
    [LK_REASON_MIS_DISCOVERY] = {
        "mis.discovery", "RFC 5679 2", LK_BY_UE,
        "DNS names no point of service of that domain.",
        "Ask it for NAPTR (MIHCS+M2T, MIHCS+M2U) and SRV (_MIHCS._tcp, _MIHCS._udp); compare "
        "ue.mis.domain, dns." },
    [LK_REASON_MIS_HOME_REFUSES] = {
        "mis.home-refuses", "IEEE 802.21 9.2", LK_BY_POS,
        "The AAA refuses the MN.",
        "Nobody added the subscriber, or K or OPc of card and home differ: its log says why." },
    [LK_REASON_MIS_NO_HOME] = {
        "mis.no-home", "IEEE 802.21.1 5.14.2", LK_BY_POS,
        "An MN asks for a K of its home, and no PoS of that home is linked here.",
        "Link this PoS with one of the MN's home: partners, on both sides. The MN goes on with a K "
        "of the chain, or in full." },
    [LK_REASON_MIS_NOT_OF_HOME] = {
        "mis.not-of-home", "IEEE 802.21.1 5.14.2", LK_BY_POS,
        "A PoS asks for a K of the home for an MN of another home, or for another target than the "
        "MN's request names.",
        "Look at the PoS that asks: the MN's home does not give such a K." },
    [LK_REASON_MIS_AAA_SILENT] = {
        "mis.aaa-silent", "RFC 5080 2.2.1", LK_BY_POS,
        "The AAA server does not answer the PoS.",
        "Compare aaa of that row of pos.points with the AAA: over UDP server, port, secret, and "
        "source with its row of radius.clients; over TLS server, tls_port, and certificates with "
        "radsec and its peers. The AAA's log says which." },
    [LK_REASON_MIS_PSK] = {
        "mis.psk", "IEEE 802.21 9.2", LK_BY_POS | LK_BY_UE,
        "The PoS refuses the key of a channel: it does not know it (any more), or has another.",
        "Make a new one: latchkey ue mis-attach pos=ID by=eap. A PoS that began anew has none." },
    [LK_REASON_MIS_LINK_UNREACHABLE] = {
        "mis.link-unreachable", "T46", LK_BY_POS,
        "Nobody takes the connection to a partner.",
        "Compare address and link_port of that partner with listen and link_port of its own "
        "daemon; look whether that runs." },
    [LK_REASON_MIS_LINK_UNTRUSTED] = {
        "mis.link-untrusted", "T46", LK_BY_POS,
        "A partner's certificate leads to no CA of ours, is over or not valid yet, or is for "
        "another use.",
        "Compare who signed its certificate with ca of this point; compare the clocks." },
    [LK_REASON_MIS_LINK_NAME] = {
        "mis.link-name", "T46", LK_BY_POS,
        "A partner's certificate does not have the name that is expected.",
        "Compare name in that row of partners with the certificate of that point of service." },
    [LK_REASON_MIS_LINK_REFUSED] = {
        "mis.link-refused", "T46", LK_BY_POS,
        "A partner refuses the link.",
        "Look for pos-link-stranger in its log; its partners need a row with our id, and as name "
        "that of our certificate, which its ca has signed." },
    [LK_REASON_MIS_LINK_LOST] = {
        "mis.link-lost", "T46", LK_BY_POS,
        "The connection to a partner broke off, or its handshake did.",
        "Look at its log, whether it runs, and at the network in between." },
    [LK_REASON_MIS_LINK_ID] = {
        "mis.link-id", "T44", LK_BY_POS,
        "A partner speaks under another MISF ID than its row has: nothing of it is taken.",
        "Compare id in that row of partners with id of that point of service." },
    [LK_REASON_MIS_PUSH] = {
        "mis.push", "IEEE 802.21 8.6", LK_BY_POS,
        "The mobile node gets no link key of this PoS, or did not take it.",
        "latchkey pos mns tells who has an SA here, and of which type: one by EAP or an SPoS makes "
        "link keys, and they go only under a suite that encrypts; one that speaks over a channel "
        "gets them when it has attached again (mis-attach by=eap)." },
    [LK_REASON_MIS_PUSHED_KEY] = {
        "mis.pushed-key", "IEEE 802.21 8.6", LK_BY_UE,
        "A PoS gives a link key that the MSRK of the SA does not make, so it is not taken.",
        "Both ends need the same names, PRF and mis.codes; of a PoS that has them, suspect it." },
};
