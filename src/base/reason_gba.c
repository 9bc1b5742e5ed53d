/* Why a bootstrapping of GBA was refused. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_gba[LK_REASON_COUNT] = {
    [LK_REASON_GBA_MALFORMED] = {
        "gba.malformed", "TS 24.109 4.3", LK_BY_BSF | LK_BY_UE,
        "A message of Ub cannot be read: no GET with a username, or a header of Digest that is "
        "none.",
        "Look at the message in a capture; often a client of HTTP that knows no GBA." },
    [LK_REASON_GBA_REALM] = {
        "gba.realm", "TS 24.109 4.2", LK_BY_BSF | LK_BY_UE,
        "The realm is not the name of the BSF: who answers or asks means another.",
        "Compare the name of the BSF in the configurations of both ends." },
    [LK_REASON_GBA_IMPI] = {
        "gba.impi", "TS 33.220 4.5.2", LK_BY_BSF,
        "A UE names itself as no subscriber of this network would: not an IMSI at its realm.",
        "Compare the PLMN of UE and BSF, and how the UE makes its IMPI." },
    [LK_REASON_GBA_METHOD] = {
        "gba.method", "TS 33.220 L", LK_BY_BSF | LK_BY_UE,
        "The other end wants an algorithm that is not based on AKA, or not the one agreed on.",
        "Look who else can write on that way; else allow AKAv1-MD5 at both." },
    [LK_REASON_GBA_QOP] = {
        "gba.qop", "TS 24.109 4.3", LK_BY_BSF | LK_BY_UE,
        "The other end does not protect the body: qop is not auth-int.",
        "Look who else can write on that way; else mend the other end." },
    [LK_REASON_GBA_OPAQUE] = {
        "gba.opaque", "RFC 7616 3.3", LK_BY_BSF,
        "The response is to no challenge of this BSF: altered, for another name, or of a node "
        "with another node key.",
        "Share the node key among the nodes of one BSF; else look who else can send." },
    [LK_REASON_GBA_RESPONSE] = {
        "gba.response", "RFC 3310 3.3", LK_BY_BSF,
        "The response is not made with the XRES of this subscriber.",
        "Compare K and OPc of card and subscriber." },
    [LK_REASON_GBA_AUTN_MAC] = {
        "gba.autn-mac", "TS 33.102 6.3.3", LK_BY_UE,
        "The USIM does not accept the challenge: the BSF does not know its keys, or does not know "
        "the subscriber at all.",
        "Compare K and OPc of card and subscriber, and look whether the subscriber is there." },
    [LK_REASON_GBA_UNPROVEN] = {
        "gba.unproven", "TS 24.109 4.3", LK_BY_UE,
        "The last answer does not prove itself: the body was altered, or it is not of the BSF.",
        "Look who else can write on that way. Nothing of the answer was used." },
    [LK_REASON_GBA_INFO] = {
        "gba.info", "TS 24.109 C.1", LK_BY_UE,
        "The BSF has proven itself, but what it says is not usable: no B-TID, or a lifetime that "
        "is over.",
        "Compare the clocks of both ends, and look at the BSF's answer." },
    [LK_REASON_GBA_REFUSED] = {
        "gba.refused", "TS 24.109 4.3", LK_BY_UE,
        "The BSF refuses.",
        "Look at the log of the BSF, which says why." },
    [LK_REASON_GBA_NO_ANSWER] = {
        "gba.no-answer", "TS 24.109 4.2", LK_BY_UE,
        "The BSF does not answer, or who answers is none.",
        "Look whether the BSF runs, and whether it is where it is asked: --bsf URL, or "
        "ue.gba.address and ue.gba.port." },
    [LK_REASON_GBA_NEWER] = {
        "gba.newer", "TS 33.220 4.5.2", LK_BY_BSF,
        "The subscriber has bootstrapped since with a later challenge, or with another of the same "
        "second: this session is not kept.",
        "Nothing, if the device goes on with the newer one; it may bootstrap again." },
    [LK_REASON_ZN_MALFORMED] = {
        "zn.malformed", "TS 29.109 5.2", LK_BY_BSF,
        "A question at Zn cannot be read: no transactionIdentifier, or no nafId.",
        "Look at what the application server sends; docs/rooms/gba.md has the form." },
    [LK_REASON_ZN_NAF] = {
        "zn.naf", "TS 33.220 4.5.3", LK_BY_BSF,
        "An application server asks for a key that is not its own: its certificate has another "
        "name, or it has no row with that protocol.",
        "Compare the certificate's DNS name, nafFqdn and uaSecProtId with bsf.nafs." },
    [LK_REASON_ZN_CERTIFICATE] = {
        "zn.certificate", "TS 33.220 4.4.5", LK_BY_BSF,
        "Who came to Zn left before a question: it shows no certificate of our CA, does not trust "
        "ours, or speaks no TLS.",
        "Let the CA in bsf.ca sign its certificate, and give it that CA (in a laboratory: latchkey "
        "certificate make with --out of the same directory)." },
    [LK_REASON_ZN_B_TID] = {
        "zn.b-tid", "TS 29.109 6.2", LK_BY_BSF,
        "The B-TID is nobody's, or its key is over, or was replaced.",
        "Let the device bootstrap again: latchkey ue naf-key ... not=B-TID." },
    [LK_REASON_ZN_SUBSCRIBER] = {
        "zn.subscriber", "TS 29.109 6.2", LK_BY_BSF,
        "The subscriber who bootstrapped is none any more.",
        "Nothing, if that was meant; else add the subscriber." },
    [LK_REASON_ZN_TOO_FAST] = {
        "zn.too-fast", "TS 29.109 5.2", LK_BY_BSF,
        "One application server asks for too many keys.",
        "Let it keep the key that it was given, or raise bsf.zn_rate." },
};
