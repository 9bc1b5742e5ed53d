/* Why a re-authentication by ERP was refused. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_erp[LK_REASON_COUNT] = {
    [LK_REASON_ERP_NAME] = {
        "erp.name", "RFC 6696 5.3.2", LK_BY_AAA,
        "A device re-authenticates by a key name that is none, or of another realm.",
        "Look at the realm of the device and at where its requests are sent." },
    [LK_REASON_ERP_UNKNOWN] = {
        "erp.unknown", "RFC 6696 5.2", LK_BY_AAA,
        "There is no re-authentication key of the name that the device uses.",
        "Nothing: it authenticates in full. Often: share the keys of servers of one realm." },
    [LK_REASON_ERP_EXPIRED] = {
        "erp.expired", "RFC 6696 5.2", LK_BY_AAA | LK_BY_UE,
        "The re-authentication key is past its lifetime, or has no sequence number left.",
        "Nothing: the device authenticates in full." },
    [LK_REASON_ERP_TAG] = {
        "erp.tag", "RFC 6696 5.3.4", LK_BY_AAA | LK_BY_UE,
        "The tag of a packet is wrong: another key, or it was altered on the way.",
        "Compare the EMSK of device and server; else look who else can send." },
    [LK_REASON_ERP_SEQ] = {
        "erp.seq", "RFC 6696 5.2", LK_BY_AAA,
        "A sequence number was used before: a replay, or a device with an old backup.",
        "Let the device authenticate in full." },
    [LK_REASON_ERP_SUITE] = {
        "erp.suite", "RFC 6696 5.3.2", LK_BY_AAA | LK_BY_UE,
        "Device and server have no cryptosuite in common.",
        "Allow HMAC-SHA256-128 at both." },
    [LK_REASON_ERP_EARLY] = {
        "erp.early", "RFC 6630 5.2", LK_BY_AAA,
        "A device's request for a key for another PoS came through one that is neither that PoS "
        "nor the home's, or it names none.",
        "Look at who sent it: it asks for a key that is not its own. The device authenticates in "
        "full." },
    [LK_REASON_ERP_CLIENT] = {
        "erp.client", "-", LK_BY_AAA,
        "A device re-authenticates by ERP through a client that is no point of service of MIS, or "
        "where aaa.erp is off.",
        "Nothing: it authenticates in full. If the client is a PoS, write its MISF ID as pos: to "
        "its row." },
    [LK_REASON_ERP_REFUSED] = {
        "erp.refused", "RFC 6696 5.1", LK_BY_UE,
        "The server refused the re-authentication, and proved that it was the server.",
        "Look at the server's log; the device authenticates in full." },
    [LK_REASON_ERP_NO_ANSWER] = {
        "erp.no-answer", "RFC 6696 5.1", LK_BY_UE,
        "The server does not answer a re-authentication.",
        "Look at the way to the server; the device authenticates in full." },
};
