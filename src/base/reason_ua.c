/* Why a user of an application server was refused (Ua), and why its BSF could not be asked (Zn). */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_ua[LK_REASON_COUNT] = {
    [LK_REASON_UA_MALFORMED] = {
        "ua.malformed", "RFC 7616 3.4", LK_BY_NAF,
        "The credentials cannot be read: no HTTP Digest with a B-TID for a username.",
        "Ask the device for the key of this server, and use HTTP Digest with the B-TID for a "
        "username." },
    [LK_REASON_UA_REALM] = {
        "ua.realm", "TS 24.109 5.2.4", LK_BY_NAF,
        "The credentials are for another server: the realm is not 3GPP-bootstrapping@ and our "
        "name.",
        "Look where the client believes to be, and who else can write on that way." },
    [LK_REASON_UA_METHOD] = {
        "ua.algorithm", "RFC 7616 3.4", LK_BY_NAF,
        "The credentials are of an algorithm that was not offered.",
        "Use that of the challenge, or let the server offer more." },
    [LK_REASON_UA_QOP] = {
        "ua.qop", "RFC 7616 3.4", LK_BY_NAF,
        "The credentials have no qop, or one that was not offered: they could be used again, or"
        " with another body.",
        "Use a client that knows qop, as any of this century does." },
    [LK_REASON_UA_URI] = {
        "ua.uri", "RFC 7616 3.4.6", LK_BY_NAF,
        "The credentials are for another request: their uri is not what was asked for.",
        "Look whether something between client and server rewrites the path." },
    [LK_REASON_UA_NONCE] = {
        "ua.nonce", "RFC 7616 3.3", LK_BY_NAF,
        "The nonce is too old, or was not made by this server.",
        "Nothing, if the client goes on with the new one that it was sent, as it should." },
    [LK_REASON_UA_REPLAY] = {
        "ua.replay", "RFC 7616 3.4", LK_BY_NAF,
        "A request with this nonce and count has come before.",
        "Look who else sees what this client sends; else the client has to count." },
    [LK_REASON_UA_B_TID] = {
        "ua.b-tid", "TS 29.109 6.2", LK_BY_NAF,
        "The BSF knows no such B-TID: it is nobody's, or its key is over or was replaced.",
        "Let the device bootstrap again: latchkey ue naf-key ... not=B-TID gives another key of "
        "this server." },
    [LK_REASON_UA_RESPONSE] = {
        "ua.response", "TS 24.109 5.2.4", LK_BY_NAF,
        "The response is not made with the key of such a user for this server and protocol.",
        "latchkey ue naf-key ... not=B-TID gives another key, if this one is over; compare the "
        "server's name and protocol (Ua) at device and server; the password is base64 of Ks_NAF." },
    [LK_REASON_UA_IDENTITY] = {
        "ua.identity", "TS 33.222 5.4", LK_BY_NAF,
        "The identity of TLS-PSK is none of GBA.",
        "Use 3GPP-bootstrapping;B-TID for the identity." },
    [LK_REASON_UA_TOO_FAST] = {
        "ua.too-fast", "TS 33.220 4.5.3", LK_BY_NAF | LK_BY_ANCHOR | LK_BY_FA,
        "More users that are not known yet come in a second than the BSF is asked for.",
        "Look whether they are users; else raise questions a second." },
    [LK_REASON_UA_NO_ANSWER] = {
        "ua.no-answer", "TS 29.109 5.2", LK_BY_NAF | LK_BY_ANCHOR | LK_BY_FA,
        "The BSF does not answer at Zn, or not so that it can be read. Users that were here "
        "before go on.",
        "Look at the way to the BSF, its bsf.zn_port, and the certificates of both ends." },
    [LK_REASON_UA_NOT_ALLOWED] = {
        "ua.not-allowed", "TS 29.109 6.2", LK_BY_NAF | LK_BY_ANCHOR | LK_BY_FA,
        "The BSF gives this server no such key: its name, certificate and protocol are not in "
        "one row.",
        "Compare name and certificate of the server with bsf.nafs at the BSF, and the Ua "
        "protocol with its ua_ids." },
};
