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
        "Let the RRC message with the WT Counter come before the WT modification." },
    [LK_REASON_RSN_SUITE] = {
        "rsn.suite", "IEEE 802.11 12.6.3", LK_BY_LWA,
        "The station offers no CCMP, or another key management than the access point's.",
        "Give both ends the same AKM suite." },
    [LK_REASON_RSN_M2_MIC] = {
        "rsn.m2-mic", "IEEE 802.11 12.7.6.3", LK_BY_LWA,
        "Message 2 has a MIC under another PMK than the WT's, or was forged.",
        "Let the RRC message with the WT Counter come before the WT modification." },
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
        "Look at the link, and whether both ends have the same PMK." },
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
        "Look at the access point's own reason: no key for this station yet, mostly." },
    [LK_REASON_RSN_NO_ACCESS_POINT] = {
        "rsn.no-access-point", "IEEE 802.11 11.3", LK_BY_LWA,
        "The access point answers neither authentication nor association.",
        "Look at the link, and at the address that the device was told." },
    [LK_REASON_RSN_ENDED] = {
        "rsn.ended", "IEEE 802.11 11.3", LK_BY_LWA,
        "The access point, or somebody in its name, ended the association.",
        "Look at the access point's own reason; without one, look for who forges." },
};
