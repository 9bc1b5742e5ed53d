/* Why an attach over LTE did not come about. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_eps[LK_REASON_COUNT] = {
    [LK_REASON_EPS_IDENTITY] = {
        "eps.identity", "TS 24.301 5.5.1.2.5", LK_BY_LWA,
        "A device asks to be attached under something that is no IMSI.",
        "Attach with the IMSI: there are no temporary identities here." },
    [LK_REASON_EPS_CAPABILITY] = {
        "eps.capability", "TS 33.401 5.1.4", LK_BY_LWA,
        "A device can do neither of the algorithms that are used here.",
        "Let it have 128-EIA2 and EEA0." },
    [LK_REASON_EPS_RES_WRONG] = {
        "eps.res-wrong", "TS 24.301 5.4.2.5", LK_BY_LWA,
        "The device's RES is not the one that the card would give.",
        "Compare K and OPc of card and subscriber." },
    [LK_REASON_EPS_AUTN_REFUSED] = {
        "eps.autn-refused", "TS 24.301 5.4.2.7", LK_BY_LWA,
        "The device refuses the challenge.",
        "Compare K, OPc and the AMF's separation bit of card and subscriber." },
    [LK_REASON_EPS_AUTS_TWICE] = {
        "eps.auts-twice", "TS 24.301 5.4.2.7", LK_BY_LWA | LK_BY_UE,
        "The card is out of synchronisation again, after it had been heard.",
        "Look at who else makes vectors for this subscriber." },
    [LK_REASON_EPS_SECURITY_REJECTED] = {
        "eps.security-rejected", "TS 24.301 5.4.3.5", LK_BY_LWA,
        "The device refuses the security of NAS.",
        "Compare the serving network of both ends; its own log says what was wrong." },
    [LK_REASON_EPS_AS_REJECTED] = {
        "eps.as-rejected", "TS 36.331 5.3.4.3", LK_BY_LWA,
        "The device refuses the security of the radio bearer.",
        "Look at the device's log: the KeNBs differ, or the algorithms." },
    [LK_REASON_EPS_NO_ANSWER] = {
        "eps.no-answer", "TS 24.301 5.4.2.7", LK_BY_LWA | LK_BY_UE,
        "The other end does not answer.",
        "At the device compare ue.lte.cells with enb.cells, and see that the eNB runs; else look "
        "at the link between device and cell." },
    [LK_REASON_EPS_AUTN_MAC] = {
        "eps.autn-mac", "TS 33.102 6.3.3", LK_BY_UE,
        "The card does not know the network that challenges it.",
        "Compare K and OPc of card and subscriber, if it is one (latchkey subscriber list); or the "
        "network is an impostor." },
    [LK_REASON_EPS_SEPARATION] = {
        "eps.separation", "TS 33.401 6.1.1", LK_BY_UE,
        "The challenge is not for an attach over LTE: its separation bit is 0.",
        "Set the first bit of the AMF in vectors for EPS." },
    [LK_REASON_EPS_COMMAND_MAC] = {
        "eps.command-mac", "TS 24.301 5.4.3.5", LK_BY_UE,
        "The network begins the security of NAS under another key.",
        "Compare the serving network of both ends; or it is an impostor." },
    [LK_REASON_EPS_BIDDING_DOWN] = {
        "eps.bidding-down", "TS 33.401 7.2.4.4", LK_BY_UE,
        "The network heard other capabilities than the device told.",
        "Look at who is between them: somebody tries to make the security less." },
    [LK_REASON_EPS_ALGORITHMS] = {
        "eps.algorithms", "TS 24.301 5.4.3.5", LK_BY_UE,
        "The network chose algorithms that the device does not have, or another key set.",
        "Let the network use 128-EIA2 and EEA0." },
    [LK_REASON_EPS_AS_COMMAND] = {
        "eps.as-command", "TS 36.331 5.3.4.3", LK_BY_UE,
        "The radio bearer's security begins under another key, or with other algorithms.",
        "Compare the KeNB of both ends with latchkey keys kenb." },
    [LK_REASON_EPS_REJECTED] = {
        "eps.rejected", "TS 24.301 5.5.1.2.5", LK_BY_UE,
        "The network does not attach the device.",
        "Look at the eNB's log: it tells the device no reason." },
};
