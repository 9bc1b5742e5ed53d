/* What the display calls codes and attributes: the names of the documents that define them. */
#include "wire/radius.h"

struct code_row {
    uint8_t code;
    const char *name;
};

static const struct code_row codes[] = {
    { 1, "Access-Request" },      { 2, "Access-Accept" },        { 3, "Access-Reject" },
    { 4, "Accounting-Request" },  { 5, "Accounting-Response" },  { 11, "Access-Challenge" },
    { 12, "Status-Server" },      { 13, "Status-Client" },       { 40, "Disconnect-Request" },
    { 41, "Disconnect-ACK" },     { 42, "Disconnect-NAK" },      { 43, "CoA-Request" },
    { 44, "CoA-ACK" },            { 45, "CoA-NAK" },
};

struct attribute_row {
    uint8_t type;
    enum lk_radius_form form;
    const char *name;
};

static const struct attribute_row attributes[] = {
    { 1, LK_RADIUS_TEXT, "User-Name" },
    { 2, LK_RADIUS_SECRET, "User-Password" },
    { 3, LK_RADIUS_SECRET, "CHAP-Password" },
    { 4, LK_RADIUS_ADDRESS, "NAS-IP-Address" },
    { 5, LK_RADIUS_NUMBER, "NAS-Port" },
    { 6, LK_RADIUS_NUMBER, "Service-Type" },
    { 7, LK_RADIUS_NUMBER, "Framed-Protocol" },
    { 8, LK_RADIUS_ADDRESS, "Framed-IP-Address" },
    { 11, LK_RADIUS_TEXT, "Filter-Id" },
    { 12, LK_RADIUS_NUMBER, "Framed-MTU" },
    { 18, LK_RADIUS_TEXT, "Reply-Message" },
    { 24, LK_RADIUS_OCTETS, "State" },
    { 25, LK_RADIUS_OCTETS, "Class" },
    { 26, LK_RADIUS_VENDOR, "Vendor-Specific" },
    { 27, LK_RADIUS_NUMBER, "Session-Timeout" },
    { 28, LK_RADIUS_NUMBER, "Idle-Timeout" },
    { 29, LK_RADIUS_NUMBER, "Termination-Action" },
    { 30, LK_RADIUS_TEXT, "Called-Station-Id" },
    { 31, LK_RADIUS_TEXT, "Calling-Station-Id" },
    { 32, LK_RADIUS_TEXT, "NAS-Identifier" },
    { 33, LK_RADIUS_OCTETS, "Proxy-State" },
    { 40, LK_RADIUS_NUMBER, "Acct-Status-Type" },
    { 41, LK_RADIUS_NUMBER, "Acct-Delay-Time" },
    { 42, LK_RADIUS_NUMBER, "Acct-Input-Octets" },
    { 43, LK_RADIUS_NUMBER, "Acct-Output-Octets" },
    { 44, LK_RADIUS_TEXT, "Acct-Session-Id" },
    { 45, LK_RADIUS_NUMBER, "Acct-Authentic" },
    { 46, LK_RADIUS_NUMBER, "Acct-Session-Time" },
    { 47, LK_RADIUS_NUMBER, "Acct-Input-Packets" },
    { 48, LK_RADIUS_NUMBER, "Acct-Output-Packets" },
    { 49, LK_RADIUS_NUMBER, "Acct-Terminate-Cause" },
    { 50, LK_RADIUS_TEXT, "Acct-Multi-Session-Id" },
    { 51, LK_RADIUS_NUMBER, "Acct-Link-Count" },
    { 52, LK_RADIUS_NUMBER, "Acct-Input-Gigawords" },
    { 53, LK_RADIUS_NUMBER, "Acct-Output-Gigawords" },
    { 55, LK_RADIUS_TIME, "Event-Timestamp" },
    { 61, LK_RADIUS_NUMBER, "NAS-Port-Type" },
    { 64, LK_RADIUS_OCTETS, "Tunnel-Type" },
    { 65, LK_RADIUS_OCTETS, "Tunnel-Medium-Type" },
    { 77, LK_RADIUS_TEXT, "Connect-Info" },
    { 79, LK_RADIUS_EAP, "EAP-Message" },
    { 80, LK_RADIUS_OCTETS, "Message-Authenticator" },
    { 81, LK_RADIUS_OCTETS, "Tunnel-Private-Group-Id" },
    { 85, LK_RADIUS_NUMBER, "Acct-Interim-Interval" },
    { 87, LK_RADIUS_TEXT, "NAS-Port-Id" },
    { 89, LK_RADIUS_OCTETS, "Chargeable-User-Identity" },
    { 95, LK_RADIUS_OCTETS, "NAS-IPv6-Address" },
    { 97, LK_RADIUS_OCTETS, "Framed-IPv6-Prefix" },
    { 101, LK_RADIUS_NUMBER, "Error-Cause" },
    { 102, LK_RADIUS_OCTETS, "EAP-Key-Name" },
    { 126, LK_RADIUS_TEXT, "Operator-Name" },
    { 177, LK_RADIUS_NUMBER, "Mobility-Domain-Id" },
    { 186, LK_RADIUS_NUMBER, "WLAN-Pairwise-Cipher" },
    { 187, LK_RADIUS_NUMBER, "WLAN-Group-Cipher" },
    { 188, LK_RADIUS_NUMBER, "WLAN-AKM-Suite" },
    { 189, LK_RADIUS_NUMBER, "WLAN-Group-Mgmt-Cipher" },
};

const char *lk_radius_code_name(uint8_t code)
{
    for (size_t i = 0; i < LK_COUNT_OF(codes); i++)
        if (codes[i].code == code)
            return codes[i].name;
    return "?";
}

static const struct attribute_row *row_of(uint8_t type)
{
    static const struct attribute_row unknown = { 0, LK_RADIUS_OCTETS, "?" };

    for (size_t i = 0; i < LK_COUNT_OF(attributes); i++)
        if (attributes[i].type == type)
            return &attributes[i];
    return &unknown;
}

const char *lk_radius_attribute_name(uint8_t type)
{
    return row_of(type)->name;
}

enum lk_radius_form lk_radius_attribute_form(uint8_t type)
{
    return row_of(type)->form;
}

const char *lk_radius_vendor_attribute_name(uint32_t vendor, uint8_t type)
{
    enum { MN_HA_SPI = 57, MN_HA_SHARED_KEY = 58, OF_3GPP2 = 5535 };

    if (vendor == OF_3GPP2)
        return type == MN_HA_SPI          ? "MN-HA-SPI"
               : type == MN_HA_SHARED_KEY ? "MN-HA-Shared-Key"
                                          : "?";
    if (vendor != LK_RADIUS_MICROSOFT)
        return "?";
    switch (type) {
    case LK_RADIUS_MS_MPPE_SEND_KEY:
        return "MS-MPPE-Send-Key";
    case LK_RADIUS_MS_MPPE_RECV_KEY:
        return "MS-MPPE-Recv-Key";
    default:
        return "?";
    }
}
