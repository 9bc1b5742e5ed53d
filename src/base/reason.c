#include "base/reason.h"

#include <string.h>

/* One row a reason. The words are for somebody who has to mend it within the minute. */
static const struct lk_reason_row rows[LK_REASON_COUNT] = {
    [LK_REASON_NONE] = { "none", "-", "Nothing was refused.", "Nothing to do." },
    [LK_REASON_IDENTITY_UNUSABLE] = { "eap.identity-unusable", "RFC 4187 4.1.4",
                                      "The peer gave no identity that names a subscriber, in any "
                                      "identity round.",
                                      "Check that the client sends 0<IMSI>@realm (EAP-AKA) or "
                                      "6<IMSI>@realm (EAP-AKA')." },
    [LK_REASON_IDENTITY_TOO_LONG] = { "eap.identity-too-long", "RFC 2865 5.24",
                                      "The identity does not fit into the sealed State attribute.",
                                      "Use a shorter realm; wlan.mncMMM.mccCCC.3gppnetwork.org "
                                      "fits." },
    [LK_REASON_SUBSCRIBER_UNKNOWN] = { "aaa.subscriber-unknown", "TS 33.402 6.2",
                                       "No subscriber has this IMSI.",
                                       "Add it: latchkey subscriber add IMSI --k @file --opc "
                                       "@file." },
    [LK_REASON_SUBSCRIBER_ROW_BAD] = { "vault.row-bad", "TS 33.102 6.3",
                                       "The subscriber's sealed row does not open under the master "
                                       "key of this vault.",
                                       "Use the master key the row was sealed under, or import the "
                                       "subscriber again." },
    [LK_REASON_METHOD_REFUSED] = { "eap.method-refused", "RFC 3748 5.3.1",
                                   "The peer refused EAP-AKA and EAP-AKA' and asked for another "
                                   "method.",
                                   "Set the client's method to AKA' or AKA." },
    [LK_REASON_RES_WRONG] = { "eap-aka.res-wrong", "RFC 4187 9.4",
                              "AT_RES is not the XRES of the vector: the USIM computed with "
                              "another K or OPc.",
                              "Compare K and OPc on both sides; check that OP was not stored as "
                              "OPc." },
    [LK_REASON_MAC_WRONG] = { "eap-aka.mac-wrong", "RFC 4187 10.15",
                              "AT_MAC does not verify: the two ends hold different keys or changed "
                              "octets.",
                              "Check the identity that enters the key derivation, the network "
                              "name, and that CK', IK' "
                              "are derived once." },
    [LK_REASON_PEER_REJECTED_AUTN] = { "eap-aka.autn-rejected", "RFC 4187 6.3.1",
                                       "The peer answered Authentication-Reject: its USIM or its "
                                       "policy refused our challenge.",
                                       "Check K and OPc first, then the AMF separation bit, then "
                                       "the network name." },
    [LK_REASON_AUTN_MAC_WRONG] = { "usim.mac-wrong", "TS 33.102 6.3.3",
                                   "MAC-A in AUTN is not what this USIM computes: the network has "
                                   "another K or OPc.",
                                   "Compare K and OPc on both sides; check that OP was not stored "
                                   "as OPc." },
    [LK_REASON_AUTN_SQN_RANGE] = { "usim.sqn-range", "TS 33.102 C.2.2",
                                   "The sequence number is not in the range this USIM accepts; it "
                                   "sent AUTS.",
                                   "Nothing, if the next challenge is accepted: this is "
                                   "resynchronisation." },
    [LK_REASON_USIM_NOT_KEPT] = { "usim.not-kept", "TS 33.102 6.3.3",
                                  "The sequence number that this USIM accepted could not be "
                                  "written; nothing was answered, or the challenge could be used "
                                  "again after a restart.",
                                  "Look at the file that ue.sqn names: rights, and room on its "
                                  "disk." },
    [LK_REASON_AMF_SEPARATION] = { "eap-aka-prime.amf-separation", "TS 33.402 6.2",
                                   "The AMF separation bit is clear in an EAP-AKA' challenge.",
                                   "Set the subscriber's AMF to 8000." },
    [LK_REASON_NETWORK_NAME] = { "eap-aka-prime.network-name", "RFC 9048 3.1",
                                 "AT_KDF_INPUT does not name the network that the peer believes to "
                                 "be in.",
                                 "Use the same network name at both ends; for WLAN it is WLAN." },
    [LK_REASON_KDF_NEGOTIATION] = { "eap-aka-prime.kdf", "RFC 9048 3.2",
                                    "The two ends have no key derivation function in common, or "
                                    "the list was altered.",
                                    "Offer AT_KDF 1 at both ends." },
    [LK_REASON_BIDDING_DOWN] = { "eap-aka.bidding-down", "RFC 9048 4",
                                 "Both ends can do EAP-AKA', yet EAP-AKA is running.",
                                 "Use a 6... identity, or switch EAP-AKA' off at the peer." },
    [LK_REASON_AUTS_WRONG] = { "aka.auts-wrong", "TS 33.102 6.3.5",
                               "AUTS does not verify for the RAND of the outstanding challenge.",
                               "Compare K and OPc; an AUTS taken from another run is refused by "
                               "design." },
    [LK_REASON_AUTS_TWICE] = { "aka.auts-twice", "RFC 4187 6.3.1",
                               "The USIM reported a synchronisation failure again after "
                               "resynchronisation.",
                               "Check that the subscriber has one AuC only, and the USIM's SQN "
                               "profile (IND length)." },
    [LK_REASON_CHECKCODE_WRONG] = { "eap-aka.checkcode-wrong", "RFC 4187 10.13",
                                    "AT_CHECKCODE does not match the identity rounds: a message "
                                    "was changed on the way.",
                                    "Look for a proxy that rewrites EAP." },
    [LK_REASON_COUNTER_TOO_SMALL] = { "eap-aka.counter-too-small", "RFC 4187 5.1",
                                      "The re-authentication counter is not above the last one "
                                      "used.",
                                      "Nothing: a full authentication follows." },
    [LK_REASON_CLIENT_ERROR] = { "eap-aka.client-error", "RFC 4187 9.9",
                                 "The peer answered Client-Error: it could not process our "
                                 "message.",
                                 "Look at the message before it in the trace." },
    [LK_REASON_NOTIFIED_FAILURE] = { "eap-aka.notified-failure", "RFC 4187 6.1",
                                     "The server notified a failure.",
                                     "Look into the server's log for its reason." },
    [LK_REASON_SUCCESS_TOO_EARLY] = { "eap.success-too-early", "RFC 3748 4.2",
                                      "EAP-Success came before the method had authenticated the "
                                      "server.",
                                      "Somebody injects packets, or the server's policy is "
                                      "wrong." },
    [LK_REASON_EAP_MALFORMED] = { "eap.malformed", "RFC 4187 8.1", "The EAP packet does not parse.",
                                  "Look at its octets in the trace." },
    [LK_REASON_EAP_UNEXPECTED] = { "eap.unexpected", "RFC 4187 6.3",
                                   "The EAP packet parses but has no place in this state of the "
                                   "exchange.",
                                   "Look for retransmissions that overtook each other, or a peer "
                                   "that is out of step." },
    [LK_REASON_VECTORS_TOO_FAST] = { "vault.too-fast", "TS 33.102 C.1.2",
                                     "Too many vectors were asked for one subscriber within a "
                                     "moment.",
                                     "Wait a second; look for a client that loops." },
    [LK_REASON_AUTS_STALE] = { "vault.auts-stale", "TS 33.102 6.3.5",
                               "AUTS verifies, and shows a lower SQN than an earlier AUTS of the "
                               "same card did.",
                               "If the card was programmed anew, add the subscriber again with its "
                               "SQN." },
    [LK_REASON_SQN_EXHAUSTED] = { "vault.sqn-exhausted", "TS 33.102 C.3",
                                  "The sequence number of this subscriber is at the end of its 48 "
                                  "bits.",
                                  "Give the card another K, and add the subscriber again." },
    [LK_REASON_SQN_FELL_TOO_OFTEN] = { "vault.sqn-falls", "TS 33.102 C.3",
                                       "The sequence number of this subscriber was set back seven "
                                       "times; once more could repeat one.",
                                       "Add the subscriber again with the SQN that the card shows, "
                                       "or with another K." },
    [LK_REASON_CEILING_NOT_KEPT] = { "vault.ceiling", "TS 33.102 C.3",
                                     "The vault cannot write its ceiling file, and hands out "
                                     "nothing that it might repeat.",
                                     "Look at the disk that holds the state directory: full, "
                                     "read-only or failing." },
    [LK_REASON_CREDENTIALS_UNUSABLE] = { "subscriber.credentials", "TS 33.102 6.3",
                                         "The credentials do not fit the algorithm.",
                                         "Milenage: K and OPc of 16 octets. TUAK: K of 16 or 32, "
                                         "TOPc of 32." },
    [LK_REASON_SEAL_DENIED] = { "vault.seal-denied", "-",
                                "A worker asked the vault to seal a row; the supervisor alone may.",
                                "Add subscribers with latchkey subscriber; look at what made the "
                                "worker ask." },
    [LK_REASON_VAULT_UNAVAILABLE] = { "vault.unavailable", "TS 33.102 6.3",
                                      "The vault does not answer.",
                                      "Look at latchkey status; the daemon restarts a vault that "
                                      "ended." },
    [LK_REASON_STORE_UNAVAILABLE] = { "store.unavailable", "-",
                                      "The subscriber store does not answer.",
                                      "Check the disk (SQLite) or the server (PostgreSQL) named in "
                                      "store.url." },
    [LK_REASON_RADIUS_MALFORMED] = { "radius.malformed", "RFC 2865 3",
                                     "The datagram is not a RADIUS packet.",
                                     "Check what sends to this port." },
    [LK_REASON_RADIUS_CLIENT_UNKNOWN] = { "radius.client-unknown", "RFC 2865 3",
                                          "No client entry covers the address this came from.",
                                          "Add it under radius.clients with its secret." },
    [LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR] = { "radius.no-message-authenticator",
                                                    "RFC 3579 3.2",
                                                    "Access-Request without Message-Authenticator "
                                                    "(BlastRADIUS, CVE-2024-3596).",
                                                    "Update the access point, or switch "
                                                    "Message-Authenticator on." },
    [LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG] = { "radius.message-authenticator-wrong",
                                                       "RFC 3579 3.2",
                                                       "Message-Authenticator does not verify: the "
                                                       "shared secrets differ.",
                                                       "Compare the secret of the access point "
                                                       "with radius.clients." },
    [LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG] = { "radius.accounting-authenticator-wrong",
                                                          "RFC 2866 3",
                                                          "The Request Authenticator of the "
                                                          "accounting request does not verify.",
                                                          "Compare the accounting secret of the "
                                                          "access point with radius.clients." },
    [LK_REASON_RADIUS_NO_EAP] = { "radius.no-eap", "RFC 3579 2",
                                  "Access-Request without EAP-Message.",
                                  "Configure the client for EAP (WPA-Enterprise); passwords are "
                                  "not served here." },
    [LK_REASON_RADIUS_CODE] = { "radius.code", "RFC 2865 4",
                                "This port does not serve RADIUS packets of this code.",
                                "Send authentication to radius.port of the server, and "
                                "accounting to radius.accounting_port." },
    [LK_REASON_RADIUS_RESPONSE_WRONG] = { "radius.response-wrong", "RFC 2865 3",
                                          "The answer's authenticator does not verify: the shared "
                                          "secrets differ.",
                                          "Compare --secret with radius.clients of the server." },
    [LK_REASON_RADIUS_NO_ANSWER] = { "radius.no-answer", "RFC 2865 2.4",
                                     "The server did not answer.",
                                     "Is it running, is the port right, is this address among "
                                     "radius.clients, is the secret "
                                     "the same? The server logs and counts what it drops." },
    [LK_REASON_RADIUS_PROXY_STATES] = { "radius.proxy-states", "RFC 2865 5.33",
                                        "The request carries more Proxy-State than an answer of "
                                        "ours would echo (512 octets).",
                                        "Look for a proxy loop." },
    [LK_REASON_STATE_WRONG] = { "radius.state-wrong", "RFC 2865 5.24",
                                "The State attribute does not open: altered, from another client, "
                                "or from another node.",
                                "Give all nodes the same key: latchkey node-key." },
    [LK_REASON_STATE_EXPIRED] = { "radius.state-expired", "RFC 2865 5.24",
                                  "The State attribute is past its lifetime.",
                                  "The peer took too long; it may start again." },
    [LK_REASON_PMIP_MALFORMED] = {
        "pmip.malformed", "RFC 6275 9.2",
        "The message is no proxy binding update that can be read.",
        "Capture it, and look with tshark where its options end." },
    [LK_REASON_PMIP_MAG_UNKNOWN] = {
        "pmip.mag-unknown", "RFC 5213 4.1",
        "The channel's name is that of no gateway in the configuration.",
        "Add it under anchor.mags, with the name that its pre-shared key "
        "has." },
    [LK_REASON_PMIP_BUDGET] = {
        "pmip.budget", "RFC 5213 11",
        "The gateway, or all of them together, sent more requests than the "
        "anchor serves.",
        "Look for a loop at the gateway; raise anchor.mag_rate or "
        "anchor.rate." },
    [LK_REASON_PMIP_OPTION_MISSING] = {
        "pmip.option-missing", "RFC 5213 5.3.1",
        "An option is missing that a proxy binding update must carry.",
        "Send identifier, prefix or IPv4 request, handoff indicator, access "
        "technology and timestamp." },
    [LK_REASON_PMIP_TIME] = {
        "pmip.time", "RFC 5213 5.5",
        "The timestamp is further from the anchor's clock than the window "
        "allows.",
        "Synchronise the clocks of gateway and anchor." },
    [LK_REASON_PMIP_STALE] = {
        "pmip.stale", "RFC 5213 5.5",
        "The request is not newer than the last that was accepted.",
        "Nothing, when it was late; else look for a gateway whose clock is "
        "behind." },
    [LK_REASON_PMIP_IDENTITY] = {
        "pmip.identity", "RFC 4283 3.1",
        "The mobile node identifier is not 0, an IMSI, @ and a realm.",
        "Let the gateway send the identity that the AAA gave it." },
    [LK_REASON_PMIP_SERVICE_UNKNOWN] = {
        "pmip.service-unknown", "RFC 5149 4",
        "The anchor serves no access point name like this.",
        "Add it under anchor.services." },
    [LK_REASON_PMIP_NOT_OURS] = {
        "pmip.not-ours", "RFC 5213 5.3.1",
        "The subscriber belongs to a network that this anchor does not "
        "serve.",
        "Add the network under anchor.plmns, or send the device to its own "
        "anchor." },
    [LK_REASON_PMIP_TOKEN_MISSING] = {
        "pmip.token-missing", "RFC 5213 4.1",
        "The request does not say which attachment it is for: the AAA's "
        "token is missing.",
        "Let the gateway pass Class of the Access-Accept on." },
    [LK_REASON_PMIP_TOKEN_WRONG] = {
        "pmip.token-wrong", "RFC 5213 4.1",
        "The token does not open: it was altered, or made by an AAA with "
        "another node key.",
        "Give AAA and anchor the same node key: latchkey node-key." },
    [LK_REASON_PMIP_TOKEN_IMSI] = {
        "pmip.token-imsi", "RFC 5213 4.1",
        "The AAA made the token for another subscriber than the request "
        "names.",
        "Look at the gateway: it mixes sessions, or is captured." },
    [LK_REASON_PMIP_TOKEN_MAG] = {
        "pmip.token-mag", "RFC 5213 4.1",
        "The AAA saw this device attach at another gateway than the one "
        "that asks.",
        "Look at the gateway: it is captured, or radius.clients names the "
        "wrong mag." },
    [LK_REASON_PMIP_ATTACH_OLD] = {
        "pmip.attach-old", "RFC 5213 5.4.1",
        "The device has attached elsewhere since the attachment that the "
        "request is for.",
        "Nothing, when it was late; else look at the gateway." },
    [LK_REASON_PMIP_CARE_OF] = {
        "pmip.care-of", "RFC 6275 6.2.5",
        "The request names another care-of address than the one that the "
        "gateway's channel comes from.",
        "Look at the gateway: it is captured, or behind address "
        "translation." },
    [LK_REASON_PMIP_PREFIX] = {
        "pmip.prefix", "RFC 5213 5.3.1",
        "The request names an address that is not this subscriber's.",
        "Ask for none: the anchor gives the subscriber's own." },
    [LK_REASON_PMIP_POOL_EMPTY] = {
        "pmip.pool-empty", "RFC 5213 5.3.2",
        "The pool of this access point name has no address left.",
        "Give anchor.ipv4 and anchor.ipv6 larger networks." },
    [LK_REASON_PMIP_TABLE_FULL] = {
        "pmip.table-full", "RFC 5213 5.1",
        "The table has no row left for one more subscriber.",
        "Raise anchor.bindings_max." },
    [LK_REASON_PMIP_REFUSED] = {
        "pmip.refused", "RFC 5213 6.9.1.2",
        "The anchor refused the registration.",
        "The anchor's log says why." },
    [LK_REASON_PMIP_NO_ANSWER] = {
        "pmip.no-answer", "RFC 5213 6.9.4",
        "The anchor did not answer, however often it was asked.",
        "Check that it runs, and the path to it." },
    [LK_REASON_REJECTED] = { "radius.rejected", "RFC 2865 4.3",
                             "The server answered Access-Reject.",
                             "The server's log has the reason; latchkey trace explain FILE --k "
                             "@file ranks causes." },
    [LK_REASON_WLCP_LEG_OPEN] = { "aaa.wlcp-leg-open", "TS 33.402 7.2.3.2.1",
                                  "Multi-connection mode was not offered: the TWAP's leg is "
                                  "neither TLS nor loopback, and others could read the WLCP key "
                                  "on it.",
                                  "Let the TWAP reach the AAA server over RadSec." },
    [LK_REASON_TWAN_ATTRIBUTES] = { "aaa.twan-attributes", "TS 29.273 5.2.3.25",
                                    "TWAN-Connection-Mode or TWAG-CP-Address of the request has "
                                    "another length, or is there twice: multi-connection mode was "
                                    "not offered.",
                                    "Send the mode once in four octets, and at most one IPv4 and "
                                    "one IPv6 address; check that radius.enterprise is the same at "
                                    "both ends." },
    [LK_REASON_RADIUS_DYNAMIC_AUTHENTICATOR_WRONG] = { "radius.dynamic-authenticator-wrong",
                                                       "RFC 5176 2.3",
                                                       "The Request Authenticator of the "
                                                       "Disconnect- or CoA-Request does not "
                                                       "verify.",
                                                       "Compare the secret at both ends." },
    [LK_REASON_RADIUS_PROXY_FULL] = { "radius.proxy-full", "RFC 2865 3",
                                      "All identifiers towards this server are taken by requests "
                                      "that it has not answered.",
                                      "Look at the server; the access point asks again." },
    [LK_REASON_RADIUS_TOO_LONG] = { "radius.too-long", "RFC 2865 3",
                                    "With what the proxy adds, the packet is longer than 4096 "
                                    "octets.",
                                    "Look at what the other end puts into it." },
    [LK_REASON_RADIUS_NO_ROUTE] = { "radius.no-route", "RFC 2865 2.3",
                                    "No server is configured for the realm of this User-Name.",
                                    "Add the realm, or \"*\", under twap.realms." },
    [LK_REASON_RADIUS_SERVER_DOWN] = { "radius.server-down", "RFC 6613 2.6.1",
                                       "No connection over TLS to this server is up; the request "
                                       "was not sent on.",
                                       "Look in the log for why (reason=radsec...); the access "
                                       "point asks again, here or elsewhere." },
    [LK_REASON_RADIUS_NOT_ASKED] = { "radius.not-asked", "RFC 2865 3",
                                     "An answer came to which no request is out.",
                                     "Nothing, if it is late; else look for who sends it." },
    [LK_REASON_TWAP_NO_STATION] = { "twap.no-station", "RFC 3580 3.21",
                                    "The AAA sent a WLCP key, and the access point had not said "
                                    "for which MAC address.",
                                    "Let the access point send Calling-Station-Id." },
    [LK_REASON_TWAP_KEY_UNUSABLE] = { "twap.key-unusable", "TS 29.273 5.2.3.33",
                                      "The WLCP key or the IMSI beside it does not open, or is "
                                      "none.",
                                      "Compare the secret, and radius.enterprise, at both ends." },
    [LK_REASON_TWAP_KEY_IN_CLEAR] = { "twap.key-in-clear", "TS 33.402 7.2.3.2",
                                      "A WLCP key came over a leg that is neither protected nor "
                                      "loopback.",
                                      "Use RadSec between TWAP and AAA." },
    [LK_REASON_TWAP_STALE] = { "twap.stale", "TS 33.402 7.2.3.2.2",
                               "An answer came to a request that something newer has overtaken; it "
                               "changes no session.",
                               "Nothing, when a device roams." },
    [LK_REASON_TWAP_KEY_AGAIN] = { "twap.key-again", "TS 33.402 7.2.3.2.2",
                                   "The AAA accepted an exchange again whose WLCP key was handed "
                                   "on before; the session stays as it is.",
                                   "Look for who sends the access point's requests once more, from "
                                   "another port." },
    [LK_REASON_TWAP_FULL] = { "twap.full", "-",
                              "There is no room for another session.",
                              "Raise twap.sessions_max." },
    [LK_REASON_TWAP_LINK_FULL] = { "twap.link-full", "RFC 5176 2.3",
                                   "The gateway does not answer, and as many sessions wait for it "
                                   "as there are identifiers.",
                                   "Look at the gateway that twap.twag names; the device gets its "
                                   "key there when it authenticates again." },
    [LK_REASON_TWAP_LINK_DENIED] = { "twap.link-denied", "RFC 5176 3.5",
                                     "This client may not tell the gateway who is attached.",
                                     "If it is a TWAP of this gateway, write twap: true to its row "
                                     "of radsec.peers." },
    [LK_REASON_RADIUS_TIMESTAMP] = { "radius.timestamp", "RFC 5176 6.3",
                                     "Event-Timestamp is not within the window around now.",
                                     "Compare the clocks of both ends; a captured request that is "
                                     "sent again looks like this too." },
    [LK_REASON_RADSEC_NO_CERTIFICATE] = { "radsec.no-certificate", "RFC 6614 2.3",
                                          "The other end showed no certificate.",
                                          "Give it a certificate that our CA has signed." },
    [LK_REASON_RADSEC_UNTRUSTED] = { "radsec.certificate-untrusted", "RFC 6614 2.3",
                                     "The certificate leads to no CA in radsec.ca, or is for "
                                     "another use.",
                                     "Compare who signed it with radsec.ca; a client wants the "
                                     "use clientAuth." },
    [LK_REASON_RADSEC_EXPIRED] = { "radsec.certificate-expired", "RFC 6614 2.3",
                                   "The certificate is over, or not valid yet.",
                                   "Renew it; compare the clocks of both ends." },
    [LK_REASON_RADSEC_UNKNOWN] = { "radsec.certificate-unknown", "RFC 6614 2.3",
                                   "The certificate names nobody who is expected here.",
                                   "Write its name, or sha256: and its fingerprint, to "
                                   "certificate of a row of radsec.peers." },
    [LK_REASON_RADSEC_VERSION] = { "radsec.tls-version", "RFC 9325 3.1",
                                   "There is no TLS version or suite that both ends have.",
                                   "Let the other end use TLS 1.2 with ECDHE and AES-GCM, or "
                                   "TLS 1.3." },
    [LK_REASON_RADSEC_NOT_TLS] = { "radsec.not-tls", "RFC 6614 2.2",
                                   "What came is not TLS.",
                                   "Look for who speaks something else to this port." },
    [LK_REASON_RADSEC_TOO_SLOW] = { "radsec.too-slow", "-",
                                    "No handshake came to its end within ten seconds.",
                                    "Look at the network; somebody may want to hold connections "
                                    "open." },
    [LK_REASON_RADSEC_TOO_MANY] = { "radsec.too-many", "-",
                                    "More connections than one source, one client or all may "
                                    "have.",
                                    "Look for who opens them." },
    [LK_REASON_RADSEC_HANDSHAKE] = { "radsec.handshake-failed", "RFC 6614 2.3",
                                     "The handshake broke off, or the other end refused us.",
                                     "Look into the log of the other end: it may not trust our "
                                     "certificate." },
    [LK_REASON_RADSEC_BACKED_UP] = { "radsec.backed-up", "RFC 6613 2.6.6",
                                     "The other end asks and does not read the answers.",
                                     "Look at what hangs there." },
    [LK_REASON_RADSEC_FRAMING] = { "radsec.framing", "RFC 6613 2.6.3",
                                   "A packet says a length that no RADIUS packet has.",
                                   "Look at the program at the other end." },
    [LK_REASON_RADSEC_UNREACHABLE] = { "radsec.unreachable", "-",
                                       "Nobody takes the connection.",
                                       "Compare address and port with what the server listens "
                                       "on." },
    [LK_REASON_RADSEC_NO_ANSWER] = { "radsec.no-answer", "RFC 3539 3.4",
                                     "The server takes the connection and does not answer "
                                     "Status-Server.",
                                     "Compare the secret at both ends; look into the log of the "
                                     "server." },
    [LK_REASON_MANAGER_STRANGER] = {
        "manager.stranger", "TS 33.402 7.2.3.2",
        "Who asks is no application that the connection manager knows.",
        "Name it, with its user, under ue.applications." },
    [LK_REASON_MANAGER_NO_RIGHT] = { "manager.no-right", "TS 33.402 7.2.3.2",
                                     "The application may not do that.",
                                     "Add the right to its row of ue.applications." },
    [LK_REASON_MANAGER_APN] = { "manager.apn", "TS 33.402 7.2.3.2",
                                "The application may not use that access point name.",
                                "Add it to apns of its row of ue.applications." },
    [LK_REASON_MANAGER_NO_SUCH] = { "manager.no-such-connection", "-",
                                    "The application has no such connection.",
                                    "latchkey ue list shows those it has." },
    [LK_REASON_MANAGER_NOT_YOURS] = {
        "manager.not-yours", "TS 33.402 7.2.3.2",
        "An application named a connection of another one; it was told that there is none.",
        "Find out what that application is doing." },
    [LK_REASON_MANAGER_BUSY] = { "manager.busy", "-",
                                 "Another question about that connection waits for its answer.",
                                 "Ask again when it has been answered." },
    [LK_REASON_MANAGER_NO_CHANNEL] = { "manager.no-channel", "TS 24.244 4.1",
                                       "There is no protected channel to the TWAG.",
                                       "Let the device attach first." },
    [LK_REASON_MANAGER_FULL] = { "manager.full", "-",
                                 "The device has as many connections as it may have.",
                                 "Disconnect one, or raise ue.pdn_max." },
    [LK_REASON_WLCP_MALFORMED] = {
        "wlcp.malformed", "TS 24.244 6",
        "The WLCP message is broken: too short, or an element that must be there is missing or "
        "wrong.",
        "Compare the message tables of both ends (wlcp.numbers); a capture shows which element." },
    [LK_REASON_WLCP_UNEXPECTED] = {
        "wlcp.unexpected", "TS 24.244 6.4",
        "The WLCP message is known and has no place in this state.",
        "Late repeats look like this and do no harm; anything else is a fault of the other end." },
    [LK_REASON_WLCP_PTI] = {
        "wlcp.pti", "TS 24.244 6.3",
        "The procedure transaction identity is reserved, in use, or of no procedure.",
        "Let each procedure have an identity of its own, from 1 to 254." },
    [LK_REASON_WLCP_NO_SUCH_CONNECTION] = {
        "wlcp.no-such-connection", "TS 24.244 6.3",
        "The device has no PDN connection of that identity.",
        "A device that was restarted may ask so; otherwise somebody tries another one's "
        "connection." },
    [LK_REASON_WLCP_APN_UNKNOWN] = {
        "wlcp.apn-unknown", "TS 24.244 5.2.4",
        "No network of that access point name is served here.",
        "Add it to wlcp.apns, or correct it on the device." },
    [LK_REASON_WLCP_PDN_TYPE] = {
        "wlcp.pdn-type", "TS 24.244 5.2.4",
        "The PDN type asked for is unknown, or not served for that APN.",
        "Ask for IPv4, IPv6 or IPv4v6 as the network has it." },
    [LK_REASON_WLCP_QUOTA] = {
        "wlcp.quota", "TS 24.244 5.2.4",
        "The device has as many PDN connections as it may have.",
        "Disconnect one, or raise wlcp.pdn_max." },
    [LK_REASON_WLCP_TOO_FAST] = {
        "wlcp.too-fast", "TS 24.244 5.1.1",
        "The device sends more WLCP messages than wlcp.rate_per_s allows.",
        "Find out which application on the device does that." },
    [LK_REASON_WLCP_ONE_PER_APN] = {
        "wlcp.one-per-apn", "TS 24.301 9.9.4.4",
        "The device has a PDN connection to that APN already.",
        "Share it, or disconnect it first." },
    [LK_REASON_WLCP_NOT_SUPPORTED] = {
        "wlcp.not-supported", "TS 24.244 5.2.4",
        "The request type is not served: emergency needs a network that has it.",
        "Ask for an initial connection or a handover." },
    [LK_REASON_WLCP_CONGESTED] = {
        "wlcp.congested", "TS 24.244 5.1.6",
        "The APN is congested; the device was told how long to wait.",
        "Nothing, or take the mark of congestion away." },
    [LK_REASON_WLCP_ANCHOR_REFUSED] = {
        "wlcp.anchor-refused", "TS 24.244 5.2.4",
        "The anchor refused the binding.",
        "The anchor's log has its reason." },
    [LK_REASON_WLCP_ANCHOR_SILENT] = {
        "wlcp.anchor-silent", "TS 24.244 5.2.4",
        "The anchor did not answer in time.",
        "See that the anchor runs and its leg is up (latchkey status)." },
    [LK_REASON_WLCP_NO_ANSWER] = {
        "wlcp.no-answer", "TS 24.301 10.3",
        "The other end did not answer a request and its repeats.",
        "See whether the device is still there, and whether UDP 36411 passes." },
    [LK_REASON_WLCP_STATUS] = {
        "wlcp.status", "TS 24.244 5.5",
        "The other end reported an error in STATUS.",
        "The cause says which; compare the message tables of both ends." },
    [LK_REASON_WLCP_REJECTED] = {
        "wlcp.rejected", "TS 24.244 5.2.4",
        "The gateway rejected the request.",
        "The cause says why; the gateway's log has the reason." },
    [LK_REASON_WLCP_BACK_OFF] = {
        "wlcp.back-off", "TS 24.244 5.1.6",
        "The gateway told this device to wait before it asks for that APN again.",
        "Wait for Tw1 to end." },
    [LK_REASON_WLCP_SEMANTIC] = {
        "wlcp.semantic", "TS 24.301 7.8",
        "The gateway's answer does not fit what was asked.",
        "Compare APN and PDN type on both ends." },
    [LK_REASON_WLCP_DISCONNECTED] = {
        "wlcp.disconnected", "TS 24.244 5.3",
        "The other end disconnected the PDN connection.",
        "The cause says why." },
    [LK_REASON_WLCP_LOST] = {
        "wlcp.lost", "TS 24.244 4.1",
        "The channel or the WLAN link is gone, and all PDN connections with it.",
        "Authenticate and connect again." },
    [LK_REASON_WLCP_SESSION_UNKNOWN] = {
        "wlcp.session-unknown", "TS 33.402 7.2.3.2",
        "No session of the AAA is behind that channel or event.",
        "Let the device authenticate again; see that AAA proxy and gateway reach each other." },
    [LK_REASON_WLCP_KEY_RETIRED] = {
        "wlcp.key-retired", "TS 33.402 7.2.3.2.2",
        "The WLCP key was replaced by a re-authentication and no longer counts.",
        "Connect with the new key." },
    [LK_REASON_WLCP_SESSIONS_FULL] = {
        "wlcp.sessions-full", "TS 33.402 7.2.3.2",
        "The gateway has as many sessions as it is sized for.",
        "Raise wlcp.sessions_max, or add a gateway." },
    [LK_REASON_WLCP_FRAME_FOREIGN] = {
        "wlcp.frame-foreign", "TS 23.402 16.1",
        "A frame of the user plane carries an address that is not the device's.",
        "Somebody uses another one's address, or the device kept an old one." },
    [LK_REASON_PATH_UNPROVEN] = {
        "path.unproven", "RFC 4555 3.7",
        "Packets come from a port that does not answer, so none are sent to it.",
        "Let the other end send back the tokens that it gets; else somebody "
        "forges its address." },
};

const struct lk_reason_row *lk_reason_row(enum lk_reason reason)
{
    LK_ASSERT((unsigned)reason < LK_REASON_COUNT);
    return &rows[reason];
}

static void copy_cut(char to[LK_REFUSAL_TEXT], const char *from)
{
    size_t len = from != NULL ? strnlen(from, LK_REFUSAL_TEXT - 1) : 0;

    memset(to, 0, LK_REFUSAL_TEXT);
    if (len > 0)
        memcpy(to, from, len);
}

struct lk_refusal lk_refusal_of(enum lk_reason reason, const char *expected, const char *came)
{
    struct lk_refusal refusal = { .reason = reason };

    copy_cut(refusal.expected, expected);
    copy_cut(refusal.came, came);
    return refusal;
}
