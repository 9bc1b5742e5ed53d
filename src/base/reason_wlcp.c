/* Why the gateway of a trusted WLAN refuses, or the connection manager of a device. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_wlcp[LK_REASON_COUNT] = {
    [LK_REASON_MANAGER_STRANGER] = {
        "manager.stranger", "TS 33.402 7.2.3.2", LK_BY_UE,
        "Who asks is no application that the connection manager knows.",
        "Name it, with its user, under ue.applications." },
    [LK_REASON_MANAGER_NO_RIGHT] = {
        "manager.no-right", "TS 33.402 7.2.3.2", LK_BY_UE,
        "The application may not do that.",
        "Add the right to its row of ue.applications." },
    [LK_REASON_MANAGER_APN] = {
        "manager.apn", "TS 33.402 7.2.3.2", LK_BY_UE,
        "The application may not use that access point name.",
        "Add it to apns of its row of ue.applications." },
    [LK_REASON_MANAGER_NO_SUCH] = {
        "manager.no-such-connection", "-", LK_BY_UE,
        "The application has no such connection.",
        "latchkey ue list shows those it has." },
    [LK_REASON_MANAGER_NOT_YOURS] = {
        "manager.not-yours", "TS 33.402 7.2.3.2", LK_BY_UE,
        "An application named a connection of another one; it was told that there is none.",
        "Find out what that application is doing." },
    [LK_REASON_MANAGER_BUSY] = {
        "manager.busy", "-", LK_BY_UE,
        "Another question about that connection waits for its answer.",
        "Ask again when it has been answered." },
    [LK_REASON_MANAGER_NO_CHANNEL] = {
        "manager.no-channel", "TS 24.244 4.1", LK_BY_UE,
        "There is no protected channel to the TWAG.",
        "latchkey ue state says why; latchkey ue reattach tries again." },
    [LK_REASON_MANAGER_FULL] = {
        "manager.full", "-", LK_BY_UE,
        "The device has as many connections as it may have.",
        "Disconnect one, or raise ue.pdn_max." },
    [LK_REASON_MANAGER_ONE_PER_APN] = {
        "manager.one-per-apn", "TS 24.301 6.5.1.4", LK_BY_UE,
        "The device has a connection to that access point name.",
        "Wait for its end, or ask for another name." },
    [LK_REASON_MANAGER_QUESTION] = {
        "manager.question", "-", LK_BY_UE,
        "The question makes no sense.",
        "latchkey ue list --help shows what each takes." },
    [LK_REASON_UE_NO_TWAG] = {
        "ue.no-twag", "TS 24.302 8.2.3", LK_BY_UE,
        "The network named no TWAG.",
        "Set ue.twag, or wlcp.cp_address at the AAA." },
    [LK_REASON_UE_NO_CHANNEL] = {
        "ue.no-channel", "TS 33.402 7.2.3.2.3", LK_BY_UE,
        "The TWAG opened no channel under the WLCP key.",
        "Look at its log; compare wlcp.kdf and wlcp.port at both ends." },
    [LK_REASON_UE_CHANNEL_LOST] = {
        "ue.channel-lost", "TS 24.244 4.1", LK_BY_UE,
        "The TWAG has closed the channel.",
        "Nothing: the device attaches again by itself." },
    [LK_REASON_UE_GATEWAY_SILENT] = {
        "ue.gateway-silent", "TS 24.244 5.1.1", LK_BY_UE,
        "The TWAG did not answer a WLCP request.",
        "Nothing: the device attaches again by itself." },
    [LK_REASON_UE_NO_CELL] = {
        "ue.no-cell", "TS 36.331 5.3.5.4", LK_BY_UE,
        "The eNB hands the device over to a cell that it cannot reach.",
        "Add that cell to ue.lte.cells, with its PCI." },
    [LK_REASON_UE_LTE_LOST] = {
        "ue.lte-lost", "TS 36.331 5.3.11.3", LK_BY_UE,
        "The cell has this device no more: it began anew, or has dropped it.",
        "Nothing: the device attaches again by itself." },
    [LK_REASON_WLCP_MALFORMED] = {
        "wlcp.malformed", "TS 24.244 6", LK_BY_WLAN | LK_BY_UE,
        "The WLCP message is broken: too short, or an element that must be there is missing "
        "or wrong.",
        "Compare the message tables of both ends (wlcp.numbers); a capture shows which "
        "element." },
    [LK_REASON_WLCP_UNEXPECTED] = {
        "wlcp.unexpected", "TS 24.244 6.4", LK_BY_UE,
        "The WLCP message is known and has no place in this state.",
        "Late repeats look like this and do no harm; anything else is a fault of the other "
        "end." },
    [LK_REASON_WLCP_PTI] = {
        "wlcp.pti", "TS 24.244 6.3", LK_BY_WLAN | LK_BY_UE,
        "The procedure transaction identity is reserved, in use, or of no procedure.",
        "Let each procedure have an identity of its own, from 1 to 254." },
    [LK_REASON_WLCP_NO_SUCH_CONNECTION] = {
        "wlcp.no-such-connection", "TS 24.244 6.3", LK_BY_WLAN | LK_BY_UE,
        "The device has no PDN connection of that identity.",
        "A device that was restarted may ask so; otherwise somebody tries another one's "
        "connection." },
    [LK_REASON_WLCP_APN_UNKNOWN] = {
        "wlcp.apn-unknown", "TS 24.244 5.2.4", LK_BY_WLAN,
        "No network of that access point name is served here.",
        "Add it to wlcp.apns, or correct it on the device." },
    [LK_REASON_WLCP_PDN_TYPE] = {
        "wlcp.pdn-type", "TS 24.244 5.2.4", LK_BY_WLAN,
        "The PDN type asked for is unknown, or not served for that APN.",
        "Ask for IPv4, IPv6 or IPv4v6 as the network has it." },
    [LK_REASON_WLCP_QUOTA] = {
        "wlcp.quota", "TS 24.244 5.2.4", LK_BY_WLAN,
        "The device has as many PDN connections as it may have.",
        "Disconnect one, or raise wlcp.pdn_max." },
    [LK_REASON_WLCP_TOO_FAST] = {
        "wlcp.too-fast", "TS 24.244 5.1.1", LK_BY_WLAN,
        "The device sends more WLCP messages than wlcp.rate_per_s allows.",
        "Find out which application on the device does that." },
    [LK_REASON_WLCP_ONE_PER_APN] = {
        "wlcp.one-per-apn", "TS 24.301 9.9.4.4", LK_BY_WLAN,
        "The device has a PDN connection to that APN already.",
        "Share it, or disconnect it first." },
    [LK_REASON_WLCP_NOT_SUPPORTED] = {
        "wlcp.not-supported", "TS 24.244 5.2.4", LK_BY_WLAN,
        "The request type is not served: emergency needs a network that has it.",
        "Ask for an initial connection or a handover." },
    [LK_REASON_WLCP_CONGESTED] = {
        "wlcp.congested", "TS 24.244 5.1.6", LK_BY_WLAN,
        "The APN is congested; the device was told how long to wait.",
        "Nothing, or take the mark of congestion away." },
    [LK_REASON_WLCP_ANCHOR_REFUSED] = {
        "wlcp.anchor-refused", "TS 24.244 5.2.4", LK_BY_WLAN,
        "The anchor refused the binding.",
        "The anchor's log has its reason." },
    [LK_REASON_WLCP_ANCHOR_SILENT] = {
        "wlcp.anchor-silent", "TS 24.244 5.2.4", LK_BY_WLAN,
        "The anchor did not answer in time.",
        "See that the anchor runs and its leg is up (latchkey status)." },
    [LK_REASON_WLCP_NO_ANSWER] = {
        "wlcp.no-answer", "TS 24.301 10.3", LK_BY_WLAN | LK_BY_UE,
        "The other end did not answer a request and its repeats.",
        "See whether the device is still there, and whether UDP 36411 passes." },
    [LK_REASON_WLCP_STATUS] = {
        "wlcp.status", "TS 24.244 5.5", LK_BY_WLAN | LK_BY_UE,
        "The other end reported an error in STATUS.",
        "The cause says which; compare the message tables of both ends." },
    [LK_REASON_WLCP_REJECTED] = {
        "wlcp.rejected", "TS 24.244 5.2.4", LK_BY_WLAN | LK_BY_UE,
        "The gateway rejected the request.",
        "The cause says why; the gateway's log has the reason." },
    [LK_REASON_WLCP_BACK_OFF] = {
        "wlcp.back-off", "TS 24.244 5.1.6", LK_BY_UE,
        "The gateway told this device to wait before it asks for that APN again.",
        "Wait for Tw1 to end." },
    [LK_REASON_WLCP_SEMANTIC] = {
        "wlcp.semantic", "TS 24.301 7.8", LK_BY_UE,
        "The gateway's answer does not fit what was asked.",
        "Compare APN and PDN type on both ends." },
    [LK_REASON_WLCP_DISCONNECTED] = {
        "wlcp.disconnected", "TS 24.244 5.3", LK_BY_UE,
        "The other end disconnected the PDN connection.",
        "The cause says why." },
    [LK_REASON_WLCP_LOST] = {
        "wlcp.lost", "TS 24.244 4.1", LK_BY_WLAN | LK_BY_UE,
        "The channel or the WLAN link is gone, and all PDN connections with it.",
        "Authenticate and connect again." },
    [LK_REASON_WLCP_SESSION_UNKNOWN] = {
        "wlcp.session-unknown", "TS 33.402 7.2.3.2", LK_BY_WLAN,
        "No session of the AAA is behind that channel or event.",
        "Let the device authenticate again; see that AAA proxy and gateway reach each other." },
    [LK_REASON_WLCP_KEY_RETIRED] = {
        "wlcp.key-retired", "TS 33.402 7.2.3.2.2", LK_BY_WLAN,
        "The WLCP key was replaced by a re-authentication and no longer counts.",
        "Connect with the new key." },
    [LK_REASON_WLCP_SESSIONS_FULL] = {
        "wlcp.sessions-full", "TS 33.402 7.2.3.2", LK_BY_WLAN,
        "The gateway has as many sessions as it is sized for.",
        "Raise wlcp.sessions_max, or add a gateway." },
    [LK_REASON_WLCP_FRAME_FOREIGN] = {
        "wlcp.frame-foreign", "TS 23.402 16.1", LK_BY_WLAN,
        "A frame of the user plane carries an address that is not the device's.",
        "Somebody uses another one's address, or the device kept an old one." },
    [LK_REASON_WLCP_HANDSHAKE] = {
        "wlcp.handshake", "TS 33.402 7.2.3.2", LK_BY_WLAN,
        "A DTLS handshake ended without the proof of a WLCP key.",
        "Let the device attach first, through this gateway's TWAP (latchkey session list); then "
        "compare wlcp.kdf of network and device." },
    [LK_REASON_WLCP_SOURCE_PORT] = {
        "wlcp.source-port", "TS 24.244 4.2.2", LK_BY_WLAN,
        "A datagram for WLCP does not come from the protocol's port.",
        "Let the device send from wlcp.port (openssl s_client: -bind ADDRESS:36411), or set "
        "wlcp.any_source_port for devices behind NAT." },
    [LK_REASON_WLAN_ANCHOR_DOWN] = {
        "wlan.anchor-down", "RFC 5213 6.9", LK_BY_WLAN,
        "The gateway has no channel to its anchor, so no connection can be set up.",
        "Compare mag.anchor, mag.port, mag.name and mag.psk with anchor.mags; pmip.mag-key in the "
        "anchor's log says which of them it did not take." },
    [LK_REASON_PATH_UNPROVEN] = {
        "path.unproven", "RFC 4555 3.7", LK_BY_WLAN | LK_BY_ANCHOR,
        "Packets come from a port that does not answer, so none are sent to it.",
        "Let the other end send back the tokens that it gets; else somebody forges its "
        "address." },
};
