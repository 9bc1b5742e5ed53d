/* Why RADIUS is refused, over UDP and over TLS, and what the proxy of a trusted WLAN says. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_radius[LK_REASON_COUNT] = {
    [LK_REASON_RADIUS_MALFORMED] = {
        "radius.malformed", "RFC 2865 3", LK_BY_AAA | LK_BY_WLAN | LK_BY_UE,
        "The datagram is not a RADIUS packet.",
        "Check what sends to this port." },
    [LK_REASON_RADIUS_CLIENT_UNKNOWN] = {
        "radius.client-unknown", "RFC 2865 3", LK_BY_AAA | LK_BY_WLAN,
        "No client entry covers the address this came from.",
        "Add it with its secret: an access point, or a PoS (aaa.source), under radius.clients, or "
        "twap.clients where it asks a TWAP; who ends sessions under dynamic.clients." },
    [LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR] = {
        "radius.no-message-authenticator", "RFC 3579 3.2", LK_BY_AAA | LK_BY_WLAN | LK_BY_UE,
        "Access-Request without Message-Authenticator (BlastRADIUS, CVE-2024-3596).",
        "Update the access point, or switch Message-Authenticator on." },
    [LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG] = {
        "radius.message-authenticator-wrong", "RFC 3579 3.2", LK_BY_AAA | LK_BY_WLAN | LK_BY_UE,
        "Message-Authenticator does not verify: the shared secrets differ.",
        "Compare the secrets of both ends: of an access point, or aaa.secret in pos.points, with "
        "radius.clients, or twap.clients; over TLS secret in the row of radsec.peers, at both." },
    [LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG] = {
        "radius.accounting-authenticator-wrong", "RFC 2866 3", LK_BY_AAA | LK_BY_WLAN,
        "The Request Authenticator of the accounting request does not verify.",
        "Compare the accounting secret of the access point with radius.clients, or twap.clients; "
        "over TLS secret in the row of radsec.peers." },
    [LK_REASON_RADIUS_NO_EAP] = {
        "radius.no-eap", "RFC 3579 2", LK_BY_AAA,
        "Access-Request without EAP-Message.",
        "Configure the client for EAP (WPA-Enterprise); passwords are not served here." },
    [LK_REASON_RADIUS_CODE] = {
        "radius.code", "RFC 2865 4", LK_BY_AAA | LK_BY_WLAN,
        "This port does not serve RADIUS packets of this code.",
        "Send authentication to radius.port of the server, and accounting to "
        "radius.accounting_port." },
    [LK_REASON_RADIUS_RESPONSE_WRONG] = {
        "radius.response-wrong", "RFC 2865 3", LK_BY_WLAN | LK_BY_UE,
        "The answer's authenticator does not verify: the shared secrets differ.",
        "Compare what asks (--secret, ue.secret, secret in twap.servers, aaa.secret in pos.points) "
        "with radius.clients or twap.clients of the server; over TLS secret in the row of "
        "radsec.peers, at both." },
    [LK_REASON_RADIUS_NO_ANSWER] = {
        "radius.no-answer", "RFC 2865 2.4", LK_BY_WLAN | LK_BY_UE,
        "The server did not answer.",
        "Is it running, is the port right, is this address among its clients, is the "
        "secret the same? The server logs and counts what it drops." },
    [LK_REASON_RADIUS_PROXY_STATES] = {
        "radius.proxy-states", "RFC 2865 5.33", LK_BY_AAA | LK_BY_WLAN,
        "The request carries more Proxy-State than an answer of ours would echo (512 octets).",
        "Look for a proxy loop." },
    [LK_REASON_STATE_WRONG] = {
        "radius.state-wrong", "RFC 2865 5.24", LK_BY_AAA,
        "The State attribute does not open: altered, from another client, or from another "
        "node.",
        "Give all nodes the same key: latchkey node-key." },
    [LK_REASON_STATE_EXPIRED] = {
        "radius.state-expired", "RFC 2865 5.24", LK_BY_AAA,
        "The State attribute is past its lifetime.",
        "The peer took too long; it may start again." },
    [LK_REASON_REJECTED] = {
        "radius.rejected", "RFC 2865 4.3", LK_BY_UE,
        "The server answered Access-Reject.",
        "The server's log has the reason; latchkey trace explain FILE --k @file ranks causes." },
    [LK_REASON_WLCP_LEG_OPEN] = {
        "aaa.wlcp-leg-open", "TS 33.402 7.2.3.2.1", LK_BY_AAA,
        "Multi-connection mode was not offered: the TWAP's leg is neither TLS nor loopback, "
        "and others could read the WLCP key on it.",
        "Let the TWAP reach the AAA server over RadSec." },
    [LK_REASON_TWAN_ATTRIBUTES] = {
        "aaa.twan-attributes", "TS 29.273 5.2.3.25", LK_BY_AAA,
        "TWAN-Connection-Mode or TWAG-CP-Address of the request has another length, or is "
        "there twice: multi-connection mode was not offered.",
        "Send the mode once in four octets, and at most one IPv4 and one IPv6 address; check "
        "that radius.enterprise is the same at both ends." },
    [LK_REASON_RADIUS_DYNAMIC_AUTHENTICATOR_WRONG] = {
        "radius.dynamic-authenticator-wrong", "RFC 5176 2.3", LK_BY_WLAN,
        "The Request Authenticator of the Disconnect- or CoA-Request does not verify.",
        "Compare the secret at both ends." },
    [LK_REASON_RADIUS_PROXY_FULL] = {
        "radius.proxy-full", "RFC 2865 3", LK_BY_WLAN,
        "All identifiers towards this server are taken by requests that it has not answered.",
        "Look at the server; the access point asks again." },
    [LK_REASON_RADIUS_TOO_LONG] = {
        "radius.too-long", "RFC 2865 3", LK_BY_WLAN,
        "With what the proxy adds, the packet is longer than 4096 octets.",
        "Look at what the other end puts into it." },
    [LK_REASON_RADIUS_NO_ROUTE] = {
        "radius.no-route", "RFC 2865 2.3", LK_BY_WLAN,
        "No server is configured for the realm of this User-Name.",
        "Add the realm, or \"*\", under twap.realms." },
    [LK_REASON_RADIUS_SERVER_DOWN] = {
        "radius.server-down", "RFC 6613 2.6.1", LK_BY_WLAN,
        "No connection over TLS to this server is up; the request was not sent on.",
        "Look in the log for why (reason=radsec...); the access point asks again, here or "
        "elsewhere." },
    [LK_REASON_RADIUS_NOT_ASKED] = {
        "radius.not-asked", "RFC 2865 3", LK_BY_AAA | LK_BY_WLAN,
        "An answer came to which no request is out.",
        "Nothing, if it is late; else look for who sends it." },
    [LK_REASON_TWAP_NO_STATION] = {
        "twap.no-station", "RFC 3580 3.21", LK_BY_WLAN,
        "The AAA sent a WLCP key, and the access point had not said for which MAC address.",
        "Let the access point send Calling-Station-Id." },
    [LK_REASON_TWAP_KEY_UNUSABLE] = {
        "twap.key-unusable", "TS 29.273 5.2.3.33", LK_BY_WLAN,
        "The WLCP key or the IMSI beside it does not open, or is none.",
        "Compare the secret, and radius.enterprise, at both ends." },
    [LK_REASON_TWAP_KEY_IN_CLEAR] = {
        "twap.key-in-clear", "TS 33.402 7.2.3.2", LK_BY_WLAN,
        "A WLCP key came over a leg that is neither protected nor loopback.",
        "Use RadSec between TWAP and AAA." },
    [LK_REASON_TWAP_STALE] = {
        "twap.stale", "TS 33.402 7.2.3.2.2", LK_BY_WLAN,
        "An answer came to a request that something newer has overtaken; it changes no "
        "session.",
        "Nothing, when a device roams." },
    [LK_REASON_TWAP_REJECT] = {
        "twap.reject-of-another", "TS 24.244 5.1.5", LK_BY_WLAN,
        "On a device's MAC address the AAA rejected somebody whom it did not name as the "
        "subscriber of the session there; that stays.",
        "Nothing, or look for who takes MAC addresses of others." },
    [LK_REASON_TWAP_KEY_AGAIN] = {
        "twap.key-again", "TS 33.402 7.2.3.2.2", LK_BY_WLAN,
        "The AAA accepted an exchange again whose WLCP key was handed on before; the session "
        "stays as it is.",
        "Look for who sends the access point's requests once more, from another port." },
    [LK_REASON_TWAP_ACCOUNTING] = {
        "twap.accounting", "RFC 2869 5.3", LK_BY_WLAN,
        "An Accounting-Request that could be a recorded one, or of another session, ends no "
        "session.",
        "Compare the clocks of access point and TWAP; let the access point send Event-Timestamp "
        "and Class." },
    [LK_REASON_TWAP_FULL] = {
        "twap.full", "-", LK_BY_WLAN,
        "There is no room for another session.",
        "Raise twap.sessions_max." },
    [LK_REASON_TWAP_LINK_FULL] = {
        "twap.link-full", "RFC 5176 2.3", LK_BY_WLAN,
        "The gateway does not answer, and as many sessions wait for it as there are "
        "identifiers.",
        "Look at the gateway that twap.twag names; the device gets its key there when it "
        "authenticates again." },
    [LK_REASON_TWAP_LINK_DENIED] = {
        "twap.link-denied", "RFC 5176 3.5", LK_BY_WLAN,
        "This client may not tell the gateway who is attached.",
        "If it is a TWAP of this gateway, write twap: true to its row of radsec.peers." },
    [LK_REASON_RADIUS_DISCONNECT] = {
        "radius.disconnect-refused", "RFC 5176 3.5", LK_BY_WLAN,
        "A request to end or change a session was answered with a NAK.",
        "402: send Event-Timestamp, and User-Name, Calling-Station-Id or Acct-Session-Id. 401: "
        "nothing but those and NAS attributes. 503: latchkey session list shows who is there." },
    [LK_REASON_RADIUS_TIMESTAMP] = {
        "radius.timestamp", "RFC 5176 6.3", LK_BY_WLAN,
        "Event-Timestamp is not within the window around now.",
        "Compare the clocks of both ends; a captured request that is sent again looks like "
        "this too." },
    [LK_REASON_RADSEC_NO_CERTIFICATE] = {
        "radsec.no-certificate", "RFC 6614 2.3", LK_BY_AAA | LK_BY_WLAN,
        "The other end showed no certificate.",
        "Give it a certificate that our CA has signed." },
    [LK_REASON_RADSEC_UNTRUSTED] = {
        "radsec.certificate-untrusted", "RFC 6614 2.3", LK_BY_AAA | LK_BY_WLAN,
        "The certificate leads to no CA in radsec.ca, or is for another use.",
        "Compare who signed it with radsec.ca; a client wants the use clientAuth." },
    [LK_REASON_RADSEC_EXPIRED] = {
        "radsec.certificate-expired", "RFC 6614 2.3", LK_BY_AAA | LK_BY_WLAN,
        "The certificate is over, or not valid yet.",
        "Renew it; compare the clocks of both ends." },
    [LK_REASON_RADSEC_UNKNOWN] = {
        "radsec.certificate-unknown", "RFC 6614 2.3", LK_BY_AAA | LK_BY_WLAN,
        "The certificate names nobody who is expected here.",
        "Write its name, or sha256: and its fingerprint, to certificate of a row of "
        "radsec.peers." },
    [LK_REASON_RADSEC_VERSION] = {
        "radsec.tls-version", "RFC 9325 3.1", LK_BY_AAA | LK_BY_WLAN,
        "There is no TLS version or suite that both ends have.",
        "Let the other end use TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3." },
    [LK_REASON_RADSEC_NOT_TLS] = {
        "radsec.not-tls", "RFC 6614 2.2", LK_BY_AAA | LK_BY_WLAN,
        "What came is not TLS.",
        "Look for who speaks something else to this port." },
    [LK_REASON_RADSEC_TOO_SLOW] = {
        "radsec.too-slow", "-", LK_BY_AAA | LK_BY_WLAN,
        "No handshake came to its end within ten seconds.",
        "Look at the network; somebody may want to hold connections open." },
    [LK_REASON_RADSEC_TOO_MANY] = {
        "radsec.too-many", "-", LK_BY_AAA | LK_BY_WLAN,
        "More connections than one source, one client or all may have.",
        "Look for who opens them." },
    [LK_REASON_RADSEC_HANDSHAKE] = {
        "radsec.handshake-failed", "RFC 6614 2.3", LK_BY_AAA | LK_BY_WLAN,
        "The handshake broke off, or the other end refused us.",
        "Look into the log of the other end: it may not trust our certificate." },
    [LK_REASON_RADSEC_BACKED_UP] = {
        "radsec.backed-up", "RFC 6613 2.6.6", LK_BY_AAA | LK_BY_WLAN,
        "The other end asks and does not read the answers.",
        "Look at what hangs there." },
    [LK_REASON_RADSEC_FRAMING] = {
        "radsec.framing", "RFC 6613 2.6.3", LK_BY_AAA | LK_BY_WLAN,
        "A packet says a length that no RADIUS packet has.",
        "Look at the program at the other end." },
    [LK_REASON_RADSEC_UNREACHABLE] = {
        "radsec.unreachable", "-", LK_BY_AAA | LK_BY_WLAN,
        "Nobody takes the connection.",
        "Compare address and port with what the server listens on." },
    [LK_REASON_RADSEC_NO_ANSWER] = {
        "radsec.no-answer", "RFC 3539 3.4", LK_BY_WLAN,
        "The server takes the connection and does not answer Status-Server.",
        "Compare the secret at both ends; look into the log of the server." },
};
