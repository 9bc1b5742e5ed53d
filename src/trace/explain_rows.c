/* Causes: what each is called, what it means, and how it is mended. */
#include "trace/explain.h"

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
    /* ---- Mobile IP ---- */
    [LK_CAUSE_MIP_KEY] = { "mip-key", "Mobile node and home agent do not have the same key under "
        "this SPI.", "RFC 5944 3.5.1", "Compare key and SPI of ue.mip with anchor.mip.nodes; of a "
        "bootstrapped key the names: ue.mip.home_agent_name and anchor.mip.naf.name make it, with "
        "the protocol of Ua. The log of who refused has mip.authenticator." },
    [LK_CAUSE_MIP_OLD_KEY] = { "mip-key-of-before", "It is signed by a key that has been replaced.",
        "S4 7.3", "A key that was replaced ends when the next one was used (T26): register under "
        "the new one. If the node has none, its renewal did not reach it." },
    [LK_CAUSE_MIP_ALTERED] = { "mip-altered", "The message was altered between who signed it and "
        "who refused it.", "S4 7.1", "Nothing to mend at the two ends: who alters messages is "
        "on the way between them. A translator changes addresses of headers, and none in the "
        "message." },
    [LK_CAUSE_MIP_ALGORITHM] = { "mip-algorithm", "It is signed by another algorithm than is "
        "agreed "
        "for this SPI.", "RFC 5944 3.5.1", "An SPI has one algorithm (T22): give both ends the "
        "same: ue.mip and anchor.mip.nodes[].algorithm or anchor.mip.naf.algorithm." },
    [LK_CAUSE_MIP_SPI] = { "mip-spi", "The home agent has no association of this SPI for the "
        "mobile "
        "node, so it may answer nothing.", "RFC 5944 3.8.2.1", "anchor.mip.nodes lists "
        "associations; "
        "a bootstrapped node must send its B-TID, and the BSF must know it for this home agent "
        "(bsf.nafs). The anchor's log has mip.spi-unknown or mip.b-tid." },
    [LK_CAUSE_MIP_CLOCK] = { "mip-clock", "The clocks of mobile node and home agent are further "
        "apart "
        "than the window.", "RFC 5944 5.7.1", "The answer has the agent's time, and the node asks "
        "again by it; if it comes back, mend the clock that is wrong, or see what holds messages "
        "up." },
    [LK_CAUSE_MIP_REPLAY] = { "mip-replay", "The request was there before, or is older than one "
        "that "
        "was accepted.", "RFC 5944 5.7", "Somebody sends again what was recorded, or the node's "
        "clock went back. The binding stays as it is (T11)." },
    [LK_CAUSE_MIP_NONCE] = { "mip-nonce", "The Identification has not the nonce that the home "
        "agent "
        "gave last.", "RFC 5944 5.7.2", "The answer has the nonce: the node asks again with it." },
    [LK_CAUSE_MIP_QUARANTINE] = { "mip-quarantine", "The home agent has begun anew and takes "
        "nothing "
        "that may be older than that.", "RFC 5944 5.7", "It passes after one window "
        "(anchor.mip.window_ms), or never begins with a store: anchor.durable (A22)." },
    [LK_CAUSE_MIP_CARE_OF] = { "mip-care-of", "The care-of address is not where the request came "
        "from, nor one that may be used.", "RFC 5944 3.8.2.1", "A node may name its own address, "
        "or "
        "that of a foreign agent in anchor.mip.agents (T12). Behind a translator it asks for the "
        "UDP tunnel." },
    [LK_CAUSE_MIP_HOME] = { "mip-home-address", "The home address is another one's, or none of "
        "this "
        "home agent.", "RFC 5944 3.8.2.1", "Ask with 0.0.0.0 (or ::) for the address that is the "
        "node's own." },
    [LK_CAUSE_MIP_AGENT_KEY] = { "mip-agent-key", "Foreign agent and home agent do not have the "
        "same "
        "key.", "RFC 5944 3.5.4", "Compare fa.home_agents with anchor.mip.agents: SPI, key and "
        "algorithm." },
    [LK_CAUSE_MIP_HOME_AGENT] = { "mip-home-agent", "The request names another home agent than "
        "the one that got it.", "RFC 5944 3.8.3.2", "The answer has the right address; compare "
        "ue.mip.home_agent with anchor.mip.address." },
    [LK_CAUSE_MIP_TUNNEL] = { "mip-tunnel", "The agent does not serve the tunnel that is asked "
        "for, or "
        "wants one that is not.", "RFC 3024 3", "Ask for IP in IP or the UDP tunnel, in both "
        "directions (D and T); anchor.mip.reverse says whether it is a must." },
    [LK_CAUSE_MIP_LIFETIME] = { "mip-lifetime", "The lifetime is longer than the foreign agent "
        "gives.", "RFC 5944 3.7.2", "Nothing to mend: the answer has the longest one, and the node "
        "asks again with it." },
    [LK_CAUSE_MIP_HA_SILENT] = { "mip-home-agent-silent", "The home agent did not answer the "
        "foreign agent.", "RFC 5944 3.7.3", "Is the anchor up, is its port that of "
        "fa.home_agents? It answers nothing to whom it has no association with: look for "
        "mip.spi-unknown "
        "in its log." },
    [LK_CAUSE_MIP_CHALLENGE] = { "mip-challenge", "The challenge of the foreign agent is missing, "
        "or none that may be used any more.", "RFC 4721 3", "The node takes the newest challenge "
        "from an advertisement or from the answer; each is good once." },
    [LK_CAUSE_MIP_MN_FA] = { "mip-mn-fa-key", "Mobile node and foreign agent have no key in "
        "common, "
        "or not the same.", "RFC 3957 6", "The node asks for one (extension 40) and proves itself "
        "to its home AAA." },
    [LK_CAUSE_MIP_AAA] = { "mip-aaa", "The home AAA refused the mobile node, or did not answer.",
        "RFC 4721 5", "Compare the key with the home AAA: of a bootstrapped one ue.mip.aaa_name "
        "and "
        "the name that the AAA has at the BSF; the AAA's log says why." },
    [LK_CAUSE_MIP_POOR] = { "mip-poorly-formed", "The message lacks something, or has what its "
        "reader cannot take.", "RFC 5944 3.8.2.1", "See its fields in the ladder; the refusing "
        "agent's log names what." },
    [LK_CAUSE_MIP_POLICY] = { "mip-policy", "The agent does not want it, or has no room.",
        "RFC 5944 3.4", "The agent's log says why; anchor.bindings_max, anchor.pools." },
    [LK_CAUSE_MIP_ORDER] = { "mip-extension-order", "A nonce stands where no authenticator covers "
        "it, or an extension where it has no effect.", "RFC 3957 6", "Nonce replies stand before "
        "Mobile-Home and Mobile-Foreign (T25): whoever sends it otherwise is wrong, or altered "
        "it." },
    [LK_CAUSE_MIP_TWICE] = { "mip-authenticator-twice", "An authentication extension comes twice.",
        "RFC 5944 3.8.2.1", "One of them was put there on the way, or by a foreign agent that "
        "signs "
        "what is signed." },
    [LK_CAUSE_MIP_NONCE_AGAIN] = { "mip-nonce-again", "A nonce that keys are made of was there "
        "before, or stands for two keys.", "RFC 3957 5", "Keys of one nonce are one key (T24): "
        "look "
        "at who makes nonces, and at who may have sent an old answer again." },
    [LK_CAUSE_MIP_KEYS_DUE] = { "mip-no-nonce", "A key was asked for, and the answer has no "
        "nonce of "
        "one.", "RFC 3957 6", "The home AAA gave none: its log says why." },
    [LK_CAUSE_MIP_MESG_ID] = { "mip-mesg-id", "The update has no MESG-ID, which is a must.",
        "RFC 4285 6", "The node puts the time in each Binding Update." },
    [LK_CAUSE_MIP_SILENT] = { "mip-silent", "Nobody answered.", "RFC 5944 3.6.3", "Is an agent "
        "there, at this port? It says nothing to what does not decode, and to whom it has no "
        "association with; and to a place that had an answer in the last 20 s it says no refusal: "
        "latchkey status, anchor_mip_silent_total." },
    [LK_CAUSE_MIP_AAA_SILENT] = { "mip-aaa-silent", "The home AAA did not answer the agent.",
        "RFC 3957 3", "Does the AAA run at that address and port, with that secret, and has it the "
        "agent among its clients? The agent's log says mip.aaa-silent." },
    [LK_CAUSE_MIP_AAA_SPI] = { "mip-aaa-spi", "The home AAA has no key of that SPI for the "
        "subscriber.", "RFC 4721 5", "Compare IMSI and SPI with aaa.mip.nodes. Of a bootstrapping: "
        "the B-TID stands before the proof, and the AAA is a NAF (aaa.mip.naf), or asks in the "
        "agent's name (aaa.mip.push)." },
    [LK_CAUSE_MIP_B_TID] = { "mip-b-tid", "B-TID and NAI are of two subscribers, or the BSF has "
        "the B-TID no more.", "TS 33.220 4.5.3", "Let the node bootstrap again; if it remains, "
        "look at who sends it (T27)." },
    [LK_CAUSE_MIP_WAY] = { "mip-way", "The subscriber may not come to keys of Mobile IP by this "
        "way.", "S4 7.3", "latchkey subscriber show IMSI says which ways he may use, subscriber "
        "mip sets them; or set ue.mip.way." },
    [LK_CAUSE_MIP_CLIENT] = { "mip-client", "The RADIUS client asks as an agent that its row in "
        "the configuration is not, or for another agent's key.", "RFC 3957 7", "Write agent, and "
        "agent_is: home for a home agent, into its row in radius.clients or radsec.peers, or "
        "correct anchor.mip.aaa.name, fa.aaa.name." },
    [LK_CAUSE_MIP_LEG_OPEN] = { "mip-leg-open", "A key is asked for over a leg that others read.",
        "RFC 3957 7", "RADIUS over TLS, or loopback (T23)." },
    [LK_CAUSE_MIP_NODE] = { "mip-node", "The NAI names no subscriber of this home.",
        "RFC 2794 2", "Compare ue.mip.realm and the IMSI; latchkey subscriber list." },
    [LK_CAUSE_MIP_NAF] = { "mip-naf", "The node has made its key for another NAF than the other "
        "end is, or asks for.", "TS 33.220 B.3", "One name and one protocol at both ends (T28): "
        "ue.mip.home_agent_name, aaa_name, ua with anchor.mip.naf, aaa.mip.naf, fa.naf." },
};

const struct lk_cause_row *lk_cause_row(enum lk_cause cause)
{
    LK_ASSERT((unsigned)cause < LK_CAUSE_COUNT);
    return &rows[cause];
}
