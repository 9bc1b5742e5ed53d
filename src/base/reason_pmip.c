/* Why a gateway or the anchor refuses a binding. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_pmip[LK_REASON_COUNT] = {
    [LK_REASON_PMIP_MALFORMED] = {
        "pmip.malformed", "RFC 6275 9.2", LK_BY_ANCHOR,
        "The message is no proxy binding update that can be read.",
        "Capture it, and look with tshark where its options end." },
    [LK_REASON_PMIP_MAG_UNKNOWN] = {
        "pmip.mag-unknown", "RFC 5213 4.1", LK_BY_ANCHOR,
        "The channel's name is that of no gateway in the configuration.",
        "Add it under anchor.mags, with the name that its pre-shared key has." },
    [LK_REASON_PMIP_OPTION_MISSING] = {
        "pmip.option-missing", "RFC 5213 5.3.1", LK_BY_ANCHOR,
        "An option is missing that a proxy binding update must carry.",
        "Send identifier, prefix or IPv4 request, handoff indicator, access technology and "
        "timestamp." },
    [LK_REASON_PMIP_TIME] = {
        "pmip.time", "RFC 5213 5.5", LK_BY_ANCHOR,
        "The timestamp is further from the anchor's clock than the window allows.",
        "Synchronise the clocks of gateway and anchor." },
    [LK_REASON_PMIP_STALE] = {
        "pmip.stale", "RFC 5213 5.5", LK_BY_ANCHOR,
        "The request is not newer than the last that was accepted.",
        "Nothing, when it was late; else look for a gateway whose clock is behind." },
    [LK_REASON_PMIP_IDENTITY] = {
        "pmip.identity", "RFC 4283 3.1", LK_BY_ANCHOR,
        "The mobile node identifier is not 0, an IMSI, @ and a realm.",
        "Let the gateway send the identity that the AAA gave it." },
    [LK_REASON_PMIP_SERVICE_UNKNOWN] = {
        "pmip.service-unknown", "RFC 5149 4", LK_BY_ANCHOR,
        "The anchor serves no access point name like this.",
        "Add it under anchor.services." },
    [LK_REASON_PMIP_NOT_OURS] = {
        "pmip.not-ours", "RFC 5213 5.3.1", LK_BY_ANCHOR,
        "The subscriber belongs to a network that this anchor does not serve.",
        "Add the network under anchor.plmns, or send the device to its own anchor." },
    [LK_REASON_PMIP_TOKEN_MISSING] = {
        "pmip.token-missing", "RFC 5213 4.1", LK_BY_ANCHOR,
        "The request does not say which attachment it is for: the AAA's token is missing.",
        "Let the gateway pass Class of the Access-Accept on." },
    [LK_REASON_PMIP_TOKEN_WRONG] = {
        "pmip.token-wrong", "RFC 5213 4.1", LK_BY_ANCHOR,
        "The token does not open: it was altered, or made by an AAA with another node key.",
        "Give AAA and anchor the same node key: latchkey node-key." },
    [LK_REASON_PMIP_TOKEN_IMSI] = {
        "pmip.token-imsi", "RFC 5213 4.1", LK_BY_ANCHOR,
        "The AAA made the token for another subscriber than the request names.",
        "Look at the gateway: it mixes sessions, or is captured." },
    [LK_REASON_PMIP_TOKEN_MAG] = {
        "pmip.token-mag", "RFC 5213 4.1", LK_BY_ANCHOR,
        "The AAA saw this device attach at another gateway than the one that asks.",
        "Look at the gateway: it is captured, or radius.clients names the wrong mag." },
    [LK_REASON_PMIP_ATTACH_OLD] = {
        "pmip.attach-old", "RFC 5213 5.4.1", LK_BY_ANCHOR,
        "The device has attached elsewhere since the attachment that the request is for.",
        "Nothing, when it was late; else look at the gateway." },
    [LK_REASON_PMIP_CARE_OF] = {
        "pmip.care-of", "RFC 6275 6.2.5", LK_BY_ANCHOR,
        "The request names another care-of address than the one that the gateway's channel "
        "comes from.",
        "Look at the gateway: it is captured, or behind address translation." },
    [LK_REASON_PMIP_PREFIX] = {
        "pmip.prefix", "RFC 5213 5.3.1", LK_BY_ANCHOR,
        "The request names an address that is not this subscriber's.",
        "Ask for none: the anchor gives the subscriber's own." },
    [LK_REASON_PMIP_POOL_EMPTY] = {
        "pmip.pool-empty", "RFC 5213 5.3.2", LK_BY_ANCHOR,
        "The pool of this access point name has no address left.",
        "Give anchor.ipv4 and anchor.ipv6 larger networks." },
    [LK_REASON_PMIP_TABLE_FULL] = {
        "pmip.table-full", "RFC 5213 5.1", LK_BY_ANCHOR,
        "The table has no row left for one more subscriber.",
        "Raise anchor.bindings_max." },
    [LK_REASON_PMIP_MAG_KEY] = {
        "pmip.mag-key", "RFC 5213 4", LK_BY_ANCHOR,
        "Somebody wanted to be a gateway of ours and did not prove a gateway's key.",
        "Compare mag.name and mag.psk of the gateway with its row of anchor.mags." },
    [LK_REASON_PMIP_REFUSED] = {
        "pmip.refused", "RFC 5213 6.9.1.2", LK_BY_WLAN,
        "The anchor refused the registration.",
        "The anchor's log says why." },
    [LK_REASON_PMIP_NO_ANSWER] = {
        "pmip.no-answer", "RFC 5213 6.9.4", LK_BY_WLAN,
        "The anchor did not answer, however often it was asked.",
        "Check that it runs, and the path to it." },
};
