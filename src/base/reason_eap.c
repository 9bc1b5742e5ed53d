/* Why an authentication is refused: identities, AKA, the vault and the store behind it. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_eap[LK_REASON_COUNT] = {
    [LK_REASON_IDENTITY_UNUSABLE] = {
        "eap.identity-unusable", "RFC 4187 4.1.4", LK_BY_AAA | LK_BY_UE,
        "The peer gave no identity that names a subscriber, in any identity round.",
        "Check that the client sends 0<IMSI>@realm (EAP-AKA) or 6<IMSI>@realm (EAP-AKA')." },
    [LK_REASON_IDENTITY_TOO_LONG] = {
        "eap.identity-too-long", "RFC 2865 5.24", LK_BY_AAA,
        "The identity does not fit into the sealed State attribute.",
        "Use a shorter realm; wlan.mncMMM.mccCCC.3gppnetwork.org fits." },
    [LK_REASON_SUBSCRIBER_UNKNOWN] = {
        "aaa.subscriber-unknown", "TS 33.402 6.2", LK_BY_AAA,
        "No subscriber has this IMSI.",
        "Add it: latchkey subscriber add IMSI --k @file --opc @file." },
    [LK_REASON_SUBSCRIBER_ROW_BAD] = {
        "vault.row-bad", "TS 33.102 6.3", LK_BY_AAA,
        "The subscriber's sealed row does not open under the master key of this vault.",
        "Use the master key the row was sealed under, or import the subscriber again." },
    [LK_REASON_METHOD_REFUSED] = {
        "eap.method-refused", "RFC 3748 5.3.1", LK_BY_AAA,
        "The peer refused EAP-AKA and EAP-AKA' and asked for another method.",
        "Set the client's method to AKA' or AKA." },
    [LK_REASON_RES_WRONG] = {
        "eap-aka.res-wrong", "RFC 4187 9.4", LK_BY_AAA,
        "AT_RES is not the XRES of the vector: the USIM computed with another K or OPc.",
        "Compare K and OPc on both sides; check that OP was not stored as OPc." },
    [LK_REASON_MAC_WRONG] = {
        "eap-aka.mac-wrong", "RFC 4187 10.15", LK_BY_AAA | LK_BY_UE,
        "AT_MAC does not verify: the two ends hold different keys or changed octets.",
        "Check the identity that enters the key derivation, the network name, and that CK', "
        "IK' are derived once." },
    [LK_REASON_PEER_REJECTED_AUTN] = {
        "eap-aka.autn-rejected", "RFC 4187 6.3.1", LK_BY_AAA,
        "The peer answered Authentication-Reject: its USIM or its policy refused our "
        "challenge.",
        "Check K and OPc first, then the AMF separation bit, then the network name." },
    [LK_REASON_AUTN_MAC_WRONG] = {
        "usim.mac-wrong", "TS 33.102 6.3.3", LK_BY_UE,
        "MAC-A in AUTN is not what this USIM computes: the network has another K or OPc.",
        "Compare K and OPc on both sides; check that OP was not stored as OPc." },
    [LK_REASON_USIM_NOT_KEPT] = {
        "usim.not-kept", "TS 33.102 6.3.3", LK_BY_UE,
        "The sequence number that this USIM accepted could not be written; nothing was "
        "answered, or the challenge could be used again after a restart.",
        "Look at the file that ue.sqn names: rights, and room on its disk." },
    [LK_REASON_AMF_SEPARATION] = {
        "eap-aka-prime.amf-separation", "TS 33.402 6.2", LK_BY_UE,
        "The AMF separation bit is clear in an EAP-AKA' challenge.",
        "Set the subscriber's AMF to 8000." },
    [LK_REASON_NETWORK_NAME] = {
        "eap-aka-prime.network-name", "RFC 9048 3.1", LK_BY_UE,
        "AT_KDF_INPUT does not name the network that the peer believes to be in.",
        "Use the same network name at both ends; for WLAN it is WLAN." },
    [LK_REASON_KDF_NEGOTIATION] = {
        "eap-aka-prime.kdf", "RFC 9048 3.2", LK_BY_AAA | LK_BY_UE,
        "The two ends have no key derivation function in common, or the list was altered.",
        "Offer AT_KDF 1 at both ends." },
    [LK_REASON_BIDDING_DOWN] = {
        "eap-aka.bidding-down", "RFC 9048 4", LK_BY_UE,
        "Both ends can do EAP-AKA', yet EAP-AKA is running.",
        "Use a 6... identity, or switch EAP-AKA' off at the peer." },
    [LK_REASON_AUTS_WRONG] = {
        "aka.auts-wrong", "TS 33.102 6.3.5", LK_BY_AAA,
        "AUTS does not verify for the RAND of the outstanding challenge.",
        "Compare K and OPc; an AUTS taken from another run is refused by design." },
    [LK_REASON_AUTS_TWICE] = {
        "aka.auts-twice", "RFC 4187 6.3.1", LK_BY_AAA,
        "The USIM reported a synchronisation failure again after resynchronisation, or the "
        "RADIUS client said one again.",
        "Check that the subscriber has one AuC only, and the USIM's SQN profile (IND length); and "
        "the RADIUS client, where many come of one station." },
    [LK_REASON_CHECKCODE_WRONG] = {
        "eap-aka.checkcode-wrong", "RFC 4187 10.13", LK_BY_AAA | LK_BY_UE,
        "AT_CHECKCODE does not match the identity rounds: a message was changed on the way.",
        "Look for a proxy that rewrites EAP." },
    [LK_REASON_COUNTER_TOO_SMALL] = {
        "eap-aka.counter-too-small", "RFC 4187 5.1", LK_BY_AAA,
        "The re-authentication counter is not above the last one used.",
        "Nothing: a full authentication follows." },
    [LK_REASON_CLIENT_ERROR] = {
        "eap-aka.client-error", "RFC 4187 9.9", LK_BY_AAA,
        "The peer answered Client-Error: it could not process our message.",
        "Look at the message before it in the trace." },
    [LK_REASON_NOTIFIED_FAILURE] = {
        "eap-aka.notified-failure", "RFC 4187 6.1", LK_BY_UE,
        "The server notified a failure.",
        "Look into the server's log for its reason." },
    [LK_REASON_SUCCESS_TOO_EARLY] = {
        "eap.success-too-early", "RFC 3748 4.2", LK_BY_UE,
        "EAP-Success came before the method had authenticated the server.",
        "Somebody injects packets, or the server's policy is wrong." },
    [LK_REASON_EAP_MALFORMED] = {
        "eap.malformed", "RFC 4187 8.1", LK_BY_AAA | LK_BY_UE,
        "The EAP packet does not parse.",
        "Look at its octets in the trace." },
    [LK_REASON_EAP_UNEXPECTED] = {
        "eap.unexpected", "RFC 4187 6.3", LK_BY_AAA | LK_BY_UE,
        "The EAP packet parses but has no place in this state of the exchange.",
        "Look for retransmissions that overtook each other, or a peer that is out of step." },
    [LK_REASON_VECTORS_TOO_FAST] = {
        "vault.too-fast", "TS 33.102 C.1.2", LK_BY_AAA,
        "Too many vectors were asked for one subscriber within a moment.",
        "Wait a second; look for a client that loops." },
    [LK_REASON_SOURCE_TOO_FAST] = {
        "vault.source-too-fast", "TS 33.102 6.3.2", LK_BY_AAA,
        "From one place a subscriber was named too often without proof, or from many together.",
        "Look for a client that loops, or somebody who names others: client, station, from." },
    [LK_REASON_AUTS_STALE] = {
        "vault.auts-stale", "TS 33.102 6.3.5", LK_BY_AAA,
        "AUTS verifies, and shows a lower SQN than an earlier AUTS of the same card did.",
        "If the card was programmed anew, add the subscriber again with its SQN." },
    [LK_REASON_SQN_EXHAUSTED] = {
        "vault.sqn-exhausted", "TS 33.102 C.3", LK_BY_AAA,
        "The sequence number of this subscriber is at the end of its 48 bits.",
        "Give the card another K, and add the subscriber again." },
    [LK_REASON_SQN_FELL_TOO_OFTEN] = {
        "vault.sqn-falls", "TS 33.102 C.3", LK_BY_AAA,
        "The sequence number of this subscriber was set back seven times; once more could "
        "repeat one.",
        "Add the subscriber again with the SQN that the card shows, or with another K." },
    [LK_REASON_CEILING_NOT_KEPT] = {
        "vault.ceiling", "TS 33.102 C.3", LK_BY_AAA,
        "The vault cannot write its ceiling file, and hands out nothing that it might repeat.",
        "Look at the disk that holds the state directory: full, read-only or failing." },
    [LK_REASON_CREDENTIALS_UNUSABLE] = {
        "subscriber.credentials", "TS 33.102 6.3", LK_BY_AAA,
        "The credentials do not fit the algorithm.",
        "Milenage: K and OPc of 16 octets. TUAK: K of 16 or 32, TOPc of 32." },
    [LK_REASON_SEAL_DENIED] = {
        "vault.seal-denied", "-", LK_BY_NOBODY,
        "A worker asked the vault to seal a row; the supervisor alone may.",
        "Add subscribers with latchkey subscriber; look at what made the worker ask." },
    [LK_REASON_VAULT_UNAVAILABLE] = {
        "vault.unavailable", "TS 33.102 6.3", LK_BY_AAA,
        "The vault does not answer.",
        "Look at latchkey status; the daemon restarts a vault that ended." },
    [LK_REASON_STORE_UNAVAILABLE] = {
        "store.unavailable", "-", LK_BY_AAA,
        "The subscriber store does not answer.",
        "Check the disk (SQLite) or the server (PostgreSQL) named in store.url." },
};
