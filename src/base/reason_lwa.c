/* Why LTE-WLAN aggregation did not come about, or ended. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_lwa[LK_REASON_COUNT] = {
    [LK_REASON_LWA_XW_MALFORMED] = {
        "lwa.xw-malformed", "TS 36.463 10", LK_BY_LWA,
        "A message on Xw cannot be read.",
        "Compare the editions of XwAP of eNB and WT." },
    [LK_REASON_LWA_KEY] = {
        "lwa.key", "TS 33.401 G.2.1", LK_BY_LWA,
        "The WT was given a key that is not one of 256 bits, or one of zeroes.",
        "Look at how the eNB derives the S-KWT." },
    [LK_REASON_LWA_NOT_SERVING] = {
        "lwa.not-serving", "TS 36.463 8.9", LK_BY_LWA,
        "An eNB asks for a UE that another one serves by now.",
        "Nothing, after a handover: the newer eNB goes on." },
    [LK_REASON_LWA_UE_UNKNOWN] = {
        "lwa.ue-unknown", "TS 36.463 8.8", LK_BY_LWA,
        "An eNB names a UE that the WT does not have.",
        "Add the UE again: the WT was restarted, or has released it." },
    [LK_REASON_LWA_BEARERS] = {
        "lwa.bearers", "TS 36.463 8.8", LK_BY_LWA,
        "The WT can serve none of the bearers.",
        "Ask for one to four, each with a number of its own." },
    [LK_REASON_LWA_WT_FULL] = {
        "lwa.wt-full", "TS 36.463 8.8", LK_BY_LWA,
        "The WT has as many UEs as it may have.",
        "Let it have more, or release some." },
    [LK_REASON_LWA_WT_LEAVING] = {
        "lwa.wt-leaving", "TS 36.463 8.12", LK_BY_LWA,
        "The WT is about to release the UE.",
        "Let the release end; then add the UE again." },
    [LK_REASON_LWA_CROSSED] = {
        "lwa.crossed", "TS 36.463 8.10.4", LK_BY_LWA,
        "The WT's own procedure met the eNB's, and gave way to it.",
        "Nothing: ask the WT again, if it is still wanted." },
    [LK_REASON_LWA_WT_REFUSED] = {
        "lwa.wt-refused", "TS 36.463 8.10", LK_BY_LWA,
        "The eNB refused what the WT required.",
        "Look at the cause; ask again when the eNB's own procedure is over." },
    [LK_REASON_LWA_WT_NO_ANSWER] = {
        "lwa.wt-no-answer", "TS 36.463 8.10", LK_BY_LWA,
        "The eNB does not answer the WT.",
        "Look at the Xw link." },
    [LK_REASON_LWA_UE_AWAY] = {
        "lwa.ue-away", "TS 36.463 8.12", LK_BY_LWA,
        "The UE was not associated for so long that the WT gives it up.",
        "Nothing, when it went away; else look why it cannot associate." },
    [LK_REASON_LWA_STATION] = {
        "lwa.station", "TS 33.401 G.2.1", LK_BY_LWA,
        "A station wants to associate that no eNB has announced.",
        "Let the eNB add the UE with this MAC address first." },
    [LK_REASON_LWA_SSID] = {
        "lwa.ssid", "IEEE 802.11 11.3.5", LK_BY_LWA,
        "A station wants to associate under another SSID than the WT's.",
        "Give enb.ssid the value of wt.ssid; where the eNB tells an address alone, ue.ssid." },
    [LK_REASON_LWA_BSSID] = {
        "lwa.bssid", "IEEE 802.11 11.3.4", LK_BY_LWA,
        "A station asks to be let in by an access point of another address.",
        "Give enb.bssid the value of wt.bssid." },
    [LK_REASON_LWA_RRC_MAC] = {
        "lwa.rrc-mac", "TS 36.323 5.7", LK_BY_LWA,
        "A message of SRB1 was changed, came again, or is under another key.",
        "Compare the KeNB of both ends; else look for who forges." },
    [LK_REASON_LWA_RRC_UNREADABLE] = {
        "lwa.rrc-unreadable", "TS 36.331 5.3.5.5", LK_BY_LWA,
        "The eNB's message has something in it that this device does not know.",
        "Let the eNB ask for what wire/rrc.h lists, and nothing else." },
    [LK_REASON_LWA_KEY_CHANGE] = {
        "lwa.key-change", "TS 36.331 5.3.5.4", LK_BY_LWA,
        "A handover brings no security, or wants a KeNB of a new KASME.",
        "Hand over with an NCC; for a new KASME give the device a new context." },
    [LK_REASON_LWA_INCOMPLETE] = {
        "lwa.incomplete", "TS 36.331 5.6.14.2", LK_BY_LWA,
        "LWA is set up without a WLAN that has address and name, or without a counter.",
        "Send a BSSID or the WT's address, and the counter, with the first set-up." },
    [LK_REASON_LWA_T351] = {
        "lwa.t351", "TS 36.331 5.6.15.4", LK_BY_LWA,
        "The device could not associate before T351 was over, and has stopped.",
        "Look why the WT did not let it in; set LWA up anew, or release it." },
    [LK_REASON_LWA_LINK_LOST] = {
        "lwa.link-lost", "TS 36.331 5.6.15.2", LK_BY_LWA,
        "The device could not associate in its own time, and has stopped.",
        "Look why the WT did not let it in; set LWA up anew, or release it." },
    [LK_REASON_LWA_COUNT_END] = {
        "lwa.count-end", "TS 36.323 5.1", LK_BY_LWA,
        "SRB1 has no COUNT left under this key.",
        "Refresh the KeNB by a handover within the cell." },
    [LK_REASON_LWA_CLEAR_FRAME] = {
        "lwa.clear-frame", "IEEE 802.11 12.5.3", LK_BY_LWA,
        "A data frame without protection came while the association had keys.",
        "Nothing, when it stays one: it was dropped. Else look for who forges." },
    [LK_REASON_LWA_FRAME] = {
        "lwa.frame", "TS 36.300 22A.1.2", LK_BY_LWA,
        "A frame on the WLAN was altered, came again, or is of no kind that LWA has.",
        "Nothing, when it stays one: it was dropped. Else compare the ends." },
    [LK_REASON_LWA_NO_LINK] = {
        "lwa.no-link", "TS 36.300 22A.1.2", LK_BY_LWA,
        "Data is to go over the WLAN, and there is no association with keys.",
        "Send it over LTE." },
    [LK_REASON_LWA_NO_ECHO] = {
        "lwa.no-echo", "TS 36.300 22A.1.2", LK_BY_NOBODY,
        "Nothing of the data that went over the WLAN came back.",
        "Is the WT running, with wt.echo: true, and is drb a bearer that the eNB gave it (1)?" },
    [LK_REASON_LWA_WT_FIRST] = {
        "lwa.wt-first", "TS 36.331 5.6.14.2", LK_BY_LWA,
        "The WT is to have a new key before the UE, outside a laboratory.",
        "Leave the order at rrc-first: the other one is S3's option 1, and loses associations." },
    [LK_REASON_LWA_LOCK_SHORT] = {
        "lwa.lock-short", "TS 33.401 G.2.4", LK_BY_LWA,
        "The lock of a re-key ends before the last try of the WT's handshake.",
        "Let lock_ms outlast twice the WT's tries." },
    [LK_REASON_LWA_SETTING] = {
        "lwa.setting", "TS 36.331 6.3.6", LK_BY_LWA,
        "A setting of the eNB has a value that it cannot work with.",
        "Give it one within its limits." },
    [LK_REASON_LWA_LOCK_EXPIRED] = {
        "lwa.lock-expired", "TS 36.463 8.13", LK_BY_LWA,
        "The WT has the new key and did not say in time that UE and WT use it.",
        "Nothing, while the UE is away from the WLAN; else look at the WT." },
    [LK_REASON_LWA_COUNTER_NOT_KEPT] = {
        "lwa.counter-not-kept", "TS 33.401 G.2.4", LK_BY_LWA,
        "The next WT Counter could not be written down, so no key was made of it.",
        "Look at the store." },
    [LK_REASON_LWA_DEADLINE] = {
        "lwa.deadline", "TS 33.401 G.2.4", LK_BY_LWA,
        "UE and WT had different keys for as long as they may.",
        "Look at the Xw link: LWA is set up again when the WT answers." },
    [LK_REASON_LWA_UE_SILENT] = {
        "lwa.ue-silent", "TS 36.331 5.3.5", LK_BY_LWA,
        "The UE does not answer by RRC.",
        "Look at the radio link." },
    [LK_REASON_LWA_WT_SILENT] = {
        "lwa.wt-silent", "TS 36.463 8.8", LK_BY_LWA,
        "The WT does not answer on Xw.",
        "Look at the Xw link and at the WT." },
    [LK_REASON_LWA_WT_REJECTED] = {
        "lwa.wt-rejected", "TS 36.463 8.9", LK_BY_LWA,
        "The WT rejected the UE, or its new key.",
        "Look at the cause, and at the WT's own reason." },
    [LK_REASON_LWA_WT_RELEASED] = {
        "lwa.wt-released", "TS 36.463 8.12", LK_BY_LWA,
        "The WT has released the UE.",
        "Look at the cause, and at the WT's own reason." },
    [LK_REASON_LWA_NO_ASSOCIATION] = {
        "lwa.no-association", "TS 36.331 5.6.15", LK_BY_LWA,
        "The UE did not associate with the WLAN in its time.",
        "Look at the WLAN's reach, and at what the WT says of the station." },
    [LK_REASON_LWA_WLAN_LOST] = {
        "lwa.wlan-lost", "TS 36.331 5.6.15", LK_BY_LWA,
        "The UE reports that its WLAN is gone or suspended.",
        "Nothing, when it comes back; else look at the WLAN." },
    [LK_REASON_LWA_ORDERED] = {
        "lwa.ordered", "TS 36.331 5.6.14.2", LK_BY_LWA,
        "LWA was released because that was ordered.",
        "Nothing." },
    [LK_REASON_LWA_HANDOVER_FAILED] = {
        "lwa.handover-failed", "TS 36.331 5.3.5", LK_BY_LWA,
        "The UE did not come to the cell that it was sent to.",
        "Look at the target cell." },
    [LK_REASON_LWA_RRC_MALFORMED] = {
        "lwa.rrc-malformed", "TS 36.331 6.2", LK_BY_LWA,
        "The UE sent by RRC what is not read here.",
        "Look at the edition of RRC in the UE." },
    [LK_REASON_LWA_ELSEWHERE] = {
        "lwa.elsewhere", "IEEE 802.11 11.3", LK_BY_LWA,
        "A frame comes from another place than the association of the station that it names.",
        "If the station has moved, let it associate again; else somebody forges its address." },
    [LK_REASON_LWA_MAC_HELD] = {
        "lwa.mac-held", "TS 36.463 8.8", LK_BY_LWA,
        "An eNB adds a UE by a MAC address that the UE of another eNB has.",
        "Give each device a MAC address of its own; one that has moved waits for wt.hold_s." },
    [LK_REASON_LWA_MAC_TAKEN] = {
        "lwa.mac-taken", "TS 36.463 8.8", LK_BY_LWA,
        "The UE that had the MAC address was gone, and the UE of another eNB has it now.",
        "Nothing, when the device has moved; else look for two with one address." },
};
