/* Why a handshake of IEEE 802.11 did not come to keys, or an association to a handshake. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_rsn[LK_REASON_COUNT] = {
    [LK_REASON_RSN_NO_PMK] = {
        "rsn.no-pmk", "IEEE 802.11 12.6.10", LK_BY_LWA,
        "A station associates and there is no key for it.",
        "Let the eNB send the S-KWT before the station is told to come." },
    [LK_REASON_RSN_PMKID_UNKNOWN] = {
        "rsn.pmkid-unknown", "IEEE 802.11 12.7.6.2", LK_BY_LWA,
        "The other end means a PMK that is not here.",
        "Give enb.s_kwt_fc and ue.lte.s_kwt_fc one value; in a re-key, let the RRC message with "
        "the WT Counter come before the WT modification." },
    [LK_REASON_RSN_SUITE] = {
        "rsn.suite", "IEEE 802.11 12.6.3", LK_BY_LWA,
        "The station offers no CCMP, or another key management than the access point's.",
        "Give both ends the same AKM suite: wt.akm and ue.lte.akm." },
    [LK_REASON_RSN_M2_MIC] = {
        "rsn.m2-mic", "IEEE 802.11 12.7.6.3", LK_BY_LWA,
        "Message 2 has a MIC under another PMK than the WT's, or was forged.",
        "Give enb.s_kwt_fc and ue.lte.s_kwt_fc one value; in a re-key, let the RRC message with "
        "the WT Counter come before the WT modification." },
    [LK_REASON_RSN_MIC] = {
        "rsn.mic", "IEEE 802.11 12.7.6", LK_BY_LWA,
        "A message of a handshake has a wrong MIC.",
        "Nothing, when it stays one: it was dropped. Else look for who forges." },
    [LK_REASON_RSN_RSNE_DIFFERS] = {
        "rsn.rsne-differs", "IEEE 802.11 12.7.6", LK_BY_LWA,
        "The RSN element of the handshake is not that of the association: one was forged.",
        "Look for somebody between station and access point." },
    [LK_REASON_RSN_NO_ANSWER] = {
        "rsn.no-answer", "IEEE 802.11 12.7.6", LK_BY_LWA,
        "The 4-way handshake did not end in its time.",
        "Look at the link, and at the device's log: with another enb.s_kwt_fc than "
        "ue.lte.s_kwt_fc it has another PMK." },
    [LK_REASON_RSN_GROUP_NO_ANSWER] = {
        "rsn.group-no-answer", "IEEE 802.11 12.7.7", LK_BY_LWA,
        "The station did not answer the group key handshake.",
        "Look at the link." },
    [LK_REASON_RSN_NOT_IN_PLACE] = {
        "rsn.not-in-place", "IEEE 802.11 12.7.6", LK_BY_LWA,
        "A new key is due, and this end changes keys by a new association.",
        "Nothing; or configure re-keys in place, where the radio can." },
    [LK_REASON_RSN_REFUSED] = {
        "rsn.refused", "IEEE 802.11 11.3", LK_BY_LWA,
        "The access point refused authentication or association, with a status.",
        "With status 1 compare enb.ssid with wt.ssid; else look at the access point's own "
        "reason." },
    [LK_REASON_RSN_REFUSED_AKM] = {
        "rsn.refused-akm", "IEEE 802.11 12.6.3", LK_BY_LWA,
        "The access point refused the association for its key management.",
        "Give ue.lte.akm the value of wt.akm." },
    [LK_REASON_RSN_REFUSED_KEY] = {
        "rsn.refused-key", "IEEE 802.11 12.6.10", LK_BY_LWA,
        "The access point refused the association, as it has no key for the station.",
        "Look at the WT's log: no eNB has announced this MAC address, or its key has not come." },
    [LK_REASON_RSN_NO_ACCESS_POINT] = {
        "rsn.no-access-point", "IEEE 802.11 11.3", LK_BY_LWA,
        "The access point answers neither authentication nor association.",
        "Give enb.bssid the value of wt.bssid, and ue.lte.wt that of wt.listen and wt.port; else "
        "look at the link." },
    [LK_REASON_RSN_ENDED] = {
        "rsn.ended", "IEEE 802.11 11.3", LK_BY_LWA,
        "The access point, or somebody in its name, ended the association.",
        "Look at the access point's own reason; without one, look for who forges." },
};
