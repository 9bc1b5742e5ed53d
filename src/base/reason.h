/* Reasons: why something was refused, for a human.
 *
 * The words stand by room, in reason_ROOM.c; one reason has its row in one of them.
 *
 * Each refusal of a machine, a role or a command names one row of this table. The code is stable:
 * it is what logs, metrics, --json and tests quote. The row carries the clause behind the rule and
 * the likely fix; the refusal itself adds what was expected and what came. Nothing secret goes into
 * a refusal, and nothing of it goes on the wire. */
#ifndef LK_BASE_REASON_H
#define LK_BASE_REASON_H

#include "base/check.h"

enum lk_reason {
    LK_REASON_NONE = 0,
    /* identities and subscribers */
    LK_REASON_IDENTITY_UNUSABLE,   /* no identity that names a subscriber, after every round */
    LK_REASON_IDENTITY_TOO_LONG,   /* does not fit the sealed State */
    LK_REASON_SUBSCRIBER_UNKNOWN,
    LK_REASON_SUBSCRIBER_ROW_BAD,  /* the sealed row does not open under our master key */
    LK_REASON_METHOD_REFUSED,      /* Nak without a method that we offer */
    /* AKA */
    LK_REASON_RES_WRONG,           /* AT_RES is not XRES: K or OPc differ */
    LK_REASON_MAC_WRONG,           /* AT_MAC does not verify: keys differ */
    LK_REASON_PEER_REJECTED_AUTN,  /* Authentication-Reject: the USIM did not accept AUTN */
    LK_REASON_AUTN_MAC_WRONG,      /* at the USIM: MAC-A differs */
    LK_REASON_USIM_NOT_KEPT,       /* at the device: what the USIM accepted is not durable */
    LK_REASON_AMF_SEPARATION,      /* EAP-AKA' with the separation bit clear */
    LK_REASON_NETWORK_NAME,        /* AT_KDF_INPUT is not the network the peer believes to be in */
    LK_REASON_KDF_NEGOTIATION,     /* no common KDF, or the list was changed on the way */
    LK_REASON_BIDDING_DOWN,        /* both ends do EAP-AKA', and EAP-AKA is running */
    LK_REASON_AUTS_WRONG,          /* AUTS does not verify for the RAND outstanding */
    LK_REASON_AUTS_TWICE,          /* a second synchronisation failure in one run */
    LK_REASON_CHECKCODE_WRONG,     /* identity rounds were tampered with */
    LK_REASON_COUNTER_TOO_SMALL,   /* re-authentication counter not fresh */
    LK_REASON_CLIENT_ERROR,        /* the peer sent Client-Error */
    LK_REASON_NOTIFIED_FAILURE,    /* the server notified a failure */
    LK_REASON_SUCCESS_TOO_EARLY,   /* EAP-Success before the method had keys (A11) */
    LK_REASON_EAP_MALFORMED,
    LK_REASON_EAP_UNEXPECTED,      /* parses, and has no place in this state */
    LK_REASON_VECTORS_TOO_FAST,    /* too many vectors for one subscriber at once */
    LK_REASON_SOURCE_TOO_FAST,     /* one source asks for too many, and proves nothing */
    LK_REASON_AUTS_STALE,          /* AUTS shows less than an earlier one did */
    LK_REASON_SQN_EXHAUSTED,       /* the 48 bits are used up */
    LK_REASON_SQN_FELL_TOO_OFTEN,  /* SEQ was set back as often as IND can tell apart */
    LK_REASON_CEILING_NOT_KEPT,    /* the vault cannot write its ceiling */
    LK_REASON_CREDENTIALS_UNUSABLE,
    LK_REASON_SEAL_DENIED,         /* a worker asked to seal */
    LK_REASON_VAULT_UNAVAILABLE,
    LK_REASON_STORE_UNAVAILABLE,
    /* RADIUS */
    LK_REASON_RADIUS_MALFORMED,
    LK_REASON_RADIUS_CLIENT_UNKNOWN,
    LK_REASON_RADIUS_NO_MESSAGE_AUTHENTICATOR,
    LK_REASON_RADIUS_MESSAGE_AUTHENTICATOR_WRONG,
    LK_REASON_RADIUS_ACCOUNTING_AUTHENTICATOR_WRONG,
    LK_REASON_RADIUS_NO_EAP,
    LK_REASON_RADIUS_CODE,         /* a code this port does not serve */
    LK_REASON_RADIUS_RESPONSE_WRONG,
    LK_REASON_RADIUS_NO_ANSWER,
    LK_REASON_RADIUS_PROXY_STATES, /* more Proxy-State than we echo */
    LK_REASON_STATE_WRONG,         /* State does not open: other client, other node, altered */
    LK_REASON_STATE_EXPIRED,
    /* mobility */
    LK_REASON_PMIP_MALFORMED,
    LK_REASON_PMIP_MAG_UNKNOWN,     /* the channel's name is that of no gateway of ours */
    LK_REASON_PMIP_OPTION_MISSING,  /* one that a request must have */
    LK_REASON_PMIP_TIME,            /* the timestamp is outside the window */
    LK_REASON_PMIP_STALE,           /* not newer than the last accepted */
    LK_REASON_PMIP_IDENTITY,        /* the identifier is no IMSI at a realm */
    LK_REASON_PMIP_SERVICE_UNKNOWN, /* no such access point name, or it is closed */
    LK_REASON_PMIP_NOT_OURS,        /* a subscriber of another network */
    LK_REASON_PMIP_TOKEN_MISSING,
    LK_REASON_PMIP_TOKEN_WRONG,     /* does not open: not made by an AAA of ours */
    LK_REASON_PMIP_TOKEN_IMSI,      /* T03: made for another subscriber */
    LK_REASON_PMIP_TOKEN_MAG,       /* T31: made for another gateway */
    LK_REASON_PMIP_ATTACH_OLD,      /* the device has attached elsewhere since */
    LK_REASON_PMIP_CARE_OF,         /* T12: a gateway names another's address as its own */
    LK_REASON_PMIP_PREFIX,          /* an address that is not this subscriber's */
    LK_REASON_PMIP_POOL_EMPTY,
    LK_REASON_PMIP_TABLE_FULL,
    LK_REASON_PMIP_MAG_KEY,         /* a handshake by who proved no gateway's key */
    LK_REASON_PMIP_REFUSED,         /* at the gateway: the anchor refused */
    LK_REASON_PMIP_NO_ANSWER,       /* at the gateway: the anchor does not answer */
    LK_REASON_REJECTED,            /* at the peer: Access-Reject, the server does not say why */
    /* trusted WLAN: what an Access-Accept withholds */
    LK_REASON_WLCP_LEG_OPEN,       /* others could read the WLCP key on its way */
    LK_REASON_TWAN_ATTRIBUTES,     /* what the TWAP says of its network cannot be read */
    LK_REASON_RADIUS_DYNAMIC_AUTHENTICATOR_WRONG,
    LK_REASON_RADIUS_PROXY_FULL,   /* as many requests are out as there are identifiers */
    LK_REASON_RADIUS_TOO_LONG,     /* forwarded, it would not fit a RADIUS packet */
    LK_REASON_RADIUS_NO_ROUTE,     /* no server for this realm */
    LK_REASON_RADIUS_SERVER_DOWN,  /* no connection to the server is up */
    LK_REASON_RADIUS_NOT_ASKED,    /* an answer to nothing that is out */
    /* the trusted WLAN's proxy */
    LK_REASON_TWAP_NO_STATION,     /* a WLCP key for a device without a MAC address */
    LK_REASON_TWAP_KEY_UNUSABLE,   /* it does not open, or is not one */
    LK_REASON_TWAP_KEY_IN_CLEAR,   /* it came over a leg that may not carry it */
    LK_REASON_TWAP_STALE,          /* an answer to what was asked before something newer */
    LK_REASON_TWAP_REJECT,         /* of somebody else on the address of a device with a session */
    LK_REASON_TWAP_KEY_AGAIN,      /* a WLCP key that was handed on before */
    LK_REASON_TWAP_ACCOUNTING,     /* neither known to be new nor of this session: a replay? */
    LK_REASON_TWAP_FULL,           /* no room for another session */
    LK_REASON_TWAP_LINK_FULL,      /* the gateway does not answer, and no more can wait for it */
    LK_REASON_TWAP_LINK_DENIED,    /* at the gateway: told of a session by who is no TWAP of it */
    LK_REASON_RADIUS_DISCONNECT,   /* a Disconnect-Request or CoA-Request got a NAK */
    LK_REASON_RADIUS_TIMESTAMP,    /* Event-Timestamp outside the window: a replay, or a clock */
    /* RADIUS over TLS */
    LK_REASON_RADSEC_NO_CERTIFICATE,
    LK_REASON_RADSEC_UNTRUSTED,    /* the certificate leads to no CA of ours, or has another use */
    LK_REASON_RADSEC_EXPIRED,
    LK_REASON_RADSEC_UNKNOWN,      /* the certificate is nobody's that is configured */
    LK_REASON_RADSEC_VERSION,      /* no TLS 1.2 or 1.3 with a suite of ours */
    LK_REASON_RADSEC_NOT_TLS,
    LK_REASON_RADSEC_TOO_SLOW,     /* no handshake within its time */
    LK_REASON_RADSEC_TOO_MANY,     /* connections, of one source or of one client */
    LK_REASON_RADSEC_HANDSHAKE,    /* failed otherwise, or given up by the other end */
    LK_REASON_RADSEC_BACKED_UP,    /* it asks and does not read */
    LK_REASON_RADSEC_FRAMING,      /* a length that no packet has */
    LK_REASON_RADSEC_UNREACHABLE,  /* at the client: nobody takes the connection */
    LK_REASON_RADSEC_NO_ANSWER,    /* at the client: Status-Server without an answer */
    /* the device's connection manager */
    LK_REASON_MANAGER_STRANGER,
    LK_REASON_MANAGER_NO_RIGHT,
    LK_REASON_MANAGER_APN,
    LK_REASON_MANAGER_NO_SUCH,
    LK_REASON_MANAGER_NOT_YOURS,   /* in the log only: the asker is told NO_SUCH */
    LK_REASON_MANAGER_BUSY,
    LK_REASON_MANAGER_NO_CHANNEL,
    LK_REASON_MANAGER_FULL,
    LK_REASON_MANAGER_ONE_PER_APN,
    LK_REASON_MANAGER_QUESTION,
    /* the device's access */
    LK_REASON_UE_NO_TWAG,
    LK_REASON_UE_NO_CHANNEL,
    LK_REASON_UE_CHANNEL_LOST,
    LK_REASON_UE_GATEWAY_SILENT,
    LK_REASON_UE_NO_CELL,
    /* WLCP */
    LK_REASON_WLCP_MALFORMED,
    LK_REASON_WLCP_UNEXPECTED,
    LK_REASON_WLCP_PTI,
    LK_REASON_WLCP_NO_SUCH_CONNECTION, /* of this device (T02) */
    LK_REASON_WLCP_APN_UNKNOWN,
    LK_REASON_WLCP_PDN_TYPE,
    LK_REASON_WLCP_QUOTA,
    LK_REASON_WLCP_TOO_FAST,
    LK_REASON_WLCP_ONE_PER_APN,
    LK_REASON_WLCP_NOT_SUPPORTED,
    LK_REASON_WLCP_CONGESTED,
    LK_REASON_WLCP_ANCHOR_REFUSED,
    LK_REASON_WLCP_ANCHOR_SILENT,
    LK_REASON_WLCP_NO_ANSWER,
    LK_REASON_WLCP_STATUS,
    LK_REASON_WLCP_REJECTED,      /* at the device */
    LK_REASON_WLCP_BACK_OFF,      /* at the device */
    LK_REASON_WLCP_SEMANTIC,      /* at the device: the answer does not fit the question */
    LK_REASON_WLCP_DISCONNECTED,  /* by the other end */
    LK_REASON_WLCP_LOST,          /* channel or link gone */
    LK_REASON_WLCP_SESSION_UNKNOWN,
    LK_REASON_WLCP_KEY_RETIRED,   /* T06 */
    LK_REASON_WLCP_SESSIONS_FULL,
    LK_REASON_WLCP_FRAME_FOREIGN, /* T33 */
    LK_REASON_WLCP_HANDSHAKE,     /* DTLS: no right key was proven */
    LK_REASON_WLCP_SOURCE_PORT,
    LK_REASON_WLAN_ANCHOR_DOWN,   /* at the gateway: no channel to the anchor */
    /* the handshakes of IEEE 802.11 */
    LK_REASON_RSN_NO_PMK,         /* an association before there is a key for it */
    LK_REASON_RSN_PMKID_UNKNOWN,  /* the other end names a PMK that is not here */
    LK_REASON_RSN_SUITE,          /* no CCMP, or another AKM than ours */
    LK_REASON_RSN_M2_MIC,         /* message 2 under another PMK: S3's option 1 */
    LK_REASON_RSN_MIC,            /* another message whose MIC is wrong */
    LK_REASON_RSN_RSNE_DIFFERS,   /* not what the association said */
    LK_REASON_RSN_NO_ANSWER,      /* to a message of the 4-way handshake */
    LK_REASON_RSN_GROUP_NO_ANSWER,
    LK_REASON_RSN_NOT_IN_PLACE,   /* A05: a re-key by association, as configured */
    /* LTE-WLAN aggregation */
    LK_REASON_LWA_XW_MALFORMED,   /* on Xw: cannot be read */
    LK_REASON_LWA_KEY,            /* at the WT: no key of 256 bits, or zeroes */
    LK_REASON_LWA_NOT_SERVING,    /* at the WT: of an eNB that does not serve the UE any more */
    LK_REASON_LWA_UE_UNKNOWN,     /* at the WT: named by an id that is nobody's */
    LK_REASON_LWA_BEARERS,        /* at the WT: none that can be served */
    LK_REASON_LWA_WT_FULL,
    LK_REASON_LWA_WT_LEAVING,     /* at the WT: it is about to release the UE */
    LK_REASON_LWA_CROSSED,        /* at the WT: its procedure gave way to the eNB's */
    LK_REASON_LWA_WT_REFUSED,     /* at the WT: the eNB refused what it required */
    LK_REASON_LWA_WT_NO_ANSWER,   /* at the WT: the eNB does not answer */
    LK_REASON_LWA_UE_AWAY,        /* at the WT: the UE was not there for so long */
    LK_REASON_LWA_STATION,        /* at the WT: a station that no eNB has announced */
    LK_REASON_RSN_REFUSED,        /* at the station: the access point does not let it in */
    LK_REASON_RSN_NO_ACCESS_POINT, /* at the station: nobody answers */
    LK_REASON_RSN_ENDED,          /* at the station: deauthenticated */
    LK_REASON_LWA_RRC_MAC,        /* at the UE: changed, played again, or of another key */
    LK_REASON_LWA_RRC_UNREADABLE, /* at the UE: the eNB's, with more in it than is known here */
    LK_REASON_LWA_KEY_CHANGE,     /* at the UE: a handover without keys, or of a new KASME */
    LK_REASON_LWA_INCOMPLETE,     /* at the UE: a set-up without a WLAN or without a key */
    LK_REASON_LWA_T351,           /* at the UE: no association in its time */
    LK_REASON_LWA_LINK_LOST,      /* at the UE: the same, where the eNB gave no time */
    LK_REASON_LWA_COUNT_END,      /* at the UE: SRB1 has no COUNT left */
    LK_REASON_LWA_CLEAR_FRAME,    /* at the UE: A05: in clear, while there are keys */
    LK_REASON_LWA_FRAME,          /* at the UE: a data frame that is dropped */
    LK_REASON_LWA_NO_LINK,        /* at the UE: data for a WLAN that there is not */
    LK_REASON_LWA_WT_FIRST,       /* T50: the wrong order outside a laboratory */
    LK_REASON_LWA_LOCK_SHORT,     /* T51: the lock would go before the WT has finished */
    LK_REASON_LWA_SETTING,        /* another setting of the eNB that it cannot work with */
    LK_REASON_LWA_LOCK_EXPIRED,   /* T51: the WT did not say that it has finished */
    LK_REASON_LWA_COUNTER_NOT_KEPT, /* T52: the WT Counter is not durable */
    LK_REASON_LWA_DEADLINE,       /* T53: UE and WT had different keys for that long */
    LK_REASON_LWA_UE_SILENT,      /* T53: no answer by RRC */
    LK_REASON_LWA_WT_SILENT,      /* T53: no answer on Xw */
    LK_REASON_LWA_WT_REJECTED,    /* at the eNB: addition or modification */
    LK_REASON_LWA_WT_RELEASED,    /* at the eNB: the WT gave the UE up */
    LK_REASON_LWA_NO_ASSOCIATION, /* T351, or nobody confirmed one */
    LK_REASON_LWA_WLAN_LOST,      /* the UE reports trouble with the WLAN */
    LK_REASON_LWA_ORDERED,        /* released because it was wanted */
    LK_REASON_LWA_HANDOVER_FAILED, /* the UE did not come to the target */
    LK_REASON_LWA_RRC_MALFORMED,  /* under the right key, and not a message that we read */
    LK_REASON_LWA_ELSEWHERE,      /* T13: at the WT: a frame of a place where its station is not */
    LK_REASON_LWA_MAC_HELD,       /* at the WT: another eNB's UE has that MAC address */
    LK_REASON_LWA_MAC_TAKEN,      /* at the WT: ... had it, and another eNB has it now */
    LK_REASON_LWA_NO_ECHO,        /* at the UE: data goes over the WLAN, and none comes back */
    LK_REASON_LWA_SSID,           /* at the WT: an association under another name than its own */
    LK_REASON_LWA_BSSID,          /* at the WT: an authentication that asks for another address */
    LK_REASON_RSN_REFUSED_AKM,    /* at the station: not let in, for its key management */
    LK_REASON_RSN_REFUSED_KEY,    /* at the station: not let in, as there is no key for it */
    /* an attach over LTE */
    LK_REASON_EPS_IDENTITY,         /* at the network: no IMSI */
    LK_REASON_EPS_CAPABILITY,       /* at the network: no algorithm of ours */
    LK_REASON_EPS_RES_WRONG,        /* at the network */
    LK_REASON_EPS_AUTN_REFUSED,     /* at the network: the device refuses the challenge */
    LK_REASON_EPS_AUTS_TWICE,       /* at either end: out of synchronisation again */
    LK_REASON_EPS_SECURITY_REJECTED, /* at the network: SECURITY MODE REJECT */
    LK_REASON_EPS_AS_REJECTED,      /* at the network: SecurityModeFailure */
    LK_REASON_EPS_NO_ANSWER,        /* at either end */
    LK_REASON_EPS_AUTN_MAC,         /* at the device: the card does not know the network */
    LK_REASON_EPS_SEPARATION,       /* at the device: a challenge that is not for E-UTRAN */
    LK_REASON_EPS_COMMAND_MAC,      /* at the device: SECURITY MODE COMMAND under another key */
    LK_REASON_EPS_BIDDING_DOWN,     /* at the device: its capabilities were changed on the way */
    LK_REASON_EPS_ALGORITHMS,       /* at the device: others, or another key set */
    LK_REASON_EPS_AS_COMMAND,       /* at the device: SecurityModeCommand is wrong */
    LK_REASON_EPS_REJECTED,         /* at the device: by the network */
    /* user planes */
    LK_REASON_PATH_UNPROVEN,      /* T13: traffic is to go where nobody has answered */
    LK_REASON_UE_LTE_LOST,        /* at the device: the cell has it no more */
    /* optimised establishment of an SA of MIS */
    LK_REASON_MIS_CHAIN_END,      /* T40: as many as one authentication carries */
    LK_REASON_MIS_COUNT_LIE,      /* T40: at the MN: a PoS tells less than was counted */
    LK_REASON_MIS_COUNT_NOT_KEPT, /* T40: at the MN: its count is not durable */
    LK_REASON_MIS_SA_TYPE,        /* T41: an SA that has no K, or may not have one */
    LK_REASON_MIS_NOT_CONFIRMED,  /* T42: at either end: AUTH is another's */
    LK_REASON_MIS_REPLAY,         /* T43: at the TPoS, or the SPoS: a Nonce-T that was there */
    LK_REASON_MIS_STRANGER,       /* T44: at the TPoS: not of a partner */
    LK_REASON_MIS_MARK,           /* T40: at the TPoS: no start mark of a home that it knows */
    LK_REASON_MIS_TARGET,         /* T45: at the MN: a target that the home is no partner of */
    LK_REASON_MIS_NO_TARGET,      /* at the SPoS: nobody to hand the MN to */
    LK_REASON_MIS_UNREACHABLE,    /* T46: at the SPoS: no protected link to the target, or silent */
    LK_REASON_MIS_SUITE,          /* at the TPoS: none in common */
    LK_REASON_MIS_MALFORMED,      /* a message without what it must have, or of another MN */
    LK_REASON_MIS_REFUSED,        /* at MN and SPoS: by the PoS that was asked */
    LK_REASON_MIS_NO_ANSWER,      /* at the MN */
    LK_REASON_MIS_HALF_OPEN,      /* at the TPoS: the MN did not come */
    LK_REASON_MIS_EAP,            /* at either end: EAP or ERP gave no keys */
    LK_REASON_MIS_OTHER_MN,       /* at the PoS: the home has authenticated another MN */
    LK_REASON_MIS_NOT_NOW,        /* at the MN: its owner asks for what has no place now */
    LK_REASON_MIS_FULL,           /* at the PoS: no place, or no identifier of RADIUS */
    LK_REASON_MIS_HOME_SILENT,    /* at the PoS: an Access-Accept without K or name */
    LK_REASON_MIS_HOME_REFUSES,   /* at the PoS: Access-Reject */
    LK_REASON_MIS_DISCOVERY,      /* at the MN */
    LK_REASON_MIS_NO_HOME,        /* at the SPoS: no link to a PoS of the MN's home */
    LK_REASON_MIS_NOT_OF_HOME,    /* at a PoS that is asked for a K of the home: not its MN */
    LK_REASON_MIS_AAA_SILENT,     /* at the PoS: RADIUS has no answer */
    LK_REASON_MIS_PSK,            /* at the MN: a PoS refuses the key of a channel */
    LK_REASON_MIS_LINK_UNREACHABLE, /* at a PoS: nobody takes the connection to a partner */
    LK_REASON_MIS_LINK_UNTRUSTED,   /* ... its certificate is not of our CA, or not of this time */
    LK_REASON_MIS_LINK_NAME,        /* ... its certificate has another name */
    LK_REASON_MIS_LINK_REFUSED,     /* ... it refuses us */
    LK_REASON_MIS_LINK_LOST,        /* ... the connection or its handshake broke off */
    LK_REASON_MIS_LINK_ID,          /* ... it is up, and speaks under another id than its row */
    LK_REASON_MIS_PUSH,           /* at the PoS: a link key that the MN does not get, or not take */
    LK_REASON_MIS_PUSHED_KEY,       /* at the MN: a link key that is not of this SA */
    /* ERP */
    LK_REASON_ERP_NAME,          /* at the server: a keyName-NAI of another realm, or none */
    LK_REASON_ERP_UNKNOWN,       /* at the server: no rRK of that name */
    LK_REASON_ERP_EXPIRED,       /* at either end: the rRK is past its lifetime, or its SEQ */
    LK_REASON_ERP_TAG,           /* at either end: under another rIK, or altered */
    LK_REASON_ERP_SEQ,           /* at the server: a SEQ that was there before */
    LK_REASON_ERP_SUITE,         /* at either end: no cryptosuite of ours */
    LK_REASON_ERP_EARLY,         /* at the server: a key for another, by who may not have it */
    LK_REASON_ERP_REFUSED,       /* at the peer: the server has said no */
    LK_REASON_ERP_NO_ANSWER,     /* at the peer */
    /* MIS, at the AAA: what an Access-Accept withholds */
    LK_REASON_MIS_LEG_OPEN,       /* others could read what a PoS is told */
    LK_REASON_MIS_POS,            /* it says another MISF ID than its row, or is no PoS */
    LK_REASON_ERP_CLIENT,         /* at the AAA: ERP through who is no PoS */
    /* bootstrapping, GBA */
    LK_REASON_GBA_MALFORMED,      /* at either end: a request or header that cannot be read */
    LK_REASON_GBA_REALM,          /* at either end: not the name of the BSF */
    LK_REASON_GBA_IMPI,           /* at the BSF: a name that no subscriber of ours has */
    LK_REASON_GBA_METHOD,         /* A21: at either end: an algorithm that is none of AKA */
    LK_REASON_GBA_QOP,            /* A21: at either end: the body is not protected */
    LK_REASON_GBA_OPAQUE,         /* at the BSF: a response to no challenge of ours */
    LK_REASON_GBA_RESPONSE,       /* at the BSF: not made with XRES */
    LK_REASON_GBA_AUTN_MAC,       /* at the UE: the card does not know the network */
    LK_REASON_GBA_UNPROVEN,       /* T29: at the UE: the last answer does not prove itself */
    LK_REASON_GBA_INFO,           /* at the UE: what the BSF says is not usable */
    LK_REASON_GBA_REFUSED,        /* at the UE: by the BSF */
    LK_REASON_GBA_NO_ANSWER,      /* at the UE */
    LK_REASON_GBA_NEWER,          /* at the BSF: the subscriber has bootstrapped since */
    LK_REASON_ZN_MALFORMED,       /* Zn, at the BSF: no question */
    LK_REASON_ZN_NAF,             /* T28: the NAF may not ask for that */
    LK_REASON_ZN_CERTIFICATE,     /* or nothing asked at all */
    LK_REASON_ZN_B_TID,           /* nobody's, or over */
    LK_REASON_ZN_SUBSCRIBER,      /* whose it was is none any more */
    LK_REASON_ZN_TOO_FAST,        /* one NAF asks too often */
    /* AKMA */
    LK_REASON_AKMA_MALFORMED,     /* at the AAnF: no request */
    LK_REASON_AKMA_AUSF,          /* at the AAnF: who registers is no AUSF */
    LK_REASON_AKMA_AF,            /* A20: at the AAnF: the AF may not ask for that */
    LK_REASON_AKMA_A_KID,         /* at the AAnF: nobody's, or over */
    LK_REASON_AKMA_RID,           /* at the AAnF: of another one */
    LK_REASON_AKMA_NO_CONTEXT,    /* at the AAnF: nothing to be removed */
    LK_REASON_AKMA_NEWER,         /* at the AAnF: the subscriber has authenticated since */
    LK_REASON_AKMA_TOO_FAST,      /* at the AAnF: one address asks too often */
    LK_REASON_AKMA_CERTIFICATE,   /* or nothing asked at all */
    LK_REASON_AKMA_NO_ANSWER,     /* at who asks it */
    LK_REASON_AKMA_REFUSED,       /* at who asks it */
    LK_REASON_AKMA_NOT_REGISTERED, /* at the AUSF: given up */
    LK_REASON_AKMA_NOT_ALLOWED,   /* at the AUSF: the operator wants none for this subscriber */
    LK_REASON_AKMA_NO_KEY,        /* at the UE */
    LK_REASON_AKMA_ONE_AF,        /* A20: at the UE: another AF was told this A-KID */
    /* end-to-end keys */
    LK_REASON_E2E_MALFORMED,      /* at either end: a message that cannot be read */
    LK_REASON_E2E_SERVER,         /* at the server: another is meant */
    LK_REASON_E2E_APP,            /* at the server: no application of ours */
    LK_REASON_E2E_POLICY,         /* T61: at either end: less than must go into a session */
    LK_REASON_E2E_POINT,          /* at either end: a point of small order */
    LK_REASON_E2E_REFLECTION,     /* A19: at either end: our own key */
    LK_REASON_E2E_KEYS,           /* at the server: no such P, N or ticket */
    LK_REASON_E2E_UNPROVEN,       /* T61: at either end: the other has not what it should */
    LK_REASON_E2E_REFUSED,        /* at the application: by the server */
    LK_REASON_E2E_NO_N,           /* at the server: the operator gives it no key */
    /* Ua, at an application server */
    LK_REASON_UA_MALFORMED,       /* credentials that cannot be read */
    LK_REASON_UA_REALM,           /* T28: they are for another server */
    LK_REASON_UA_METHOD,          /* an algorithm that was not offered */
    LK_REASON_UA_QOP,             /* without a count, or without the body where that must be */
    LK_REASON_UA_URI,             /* they are for another request */
    LK_REASON_UA_NONCE,           /* none of ours, or too old */
    LK_REASON_UA_REPLAY,          /* this very count has come before */
    LK_REASON_UA_B_TID,           /* the BSF knows none such: nobody's, or over */
    LK_REASON_UA_RESPONSE,        /* not made with Ks_NAF */
    LK_REASON_UA_IDENTITY,        /* TLS-PSK: the identity is none of GBA */
    LK_REASON_UA_TOO_FAST,        /* more new users in a second than the BSF is asked for */
    LK_REASON_UA_NO_ANSWER,       /* Zn: the BSF does not answer, or not so that it can be read */
    LK_REASON_UA_NOT_ALLOWED,     /* T28: Zn: the BSF gives us no such key */
    /* Mobile IP */
    LK_REASON_MIP_MALFORMED,      /* at any: no message that can be read */
    LK_REASON_MIP_EXTENSION,      /* at any: one below 128 that is not known */
    LK_REASON_MIP_VENDOR,         /* at any: a critical extension of a vendor */
    LK_REASON_MIP_AUTH_TWICE,     /* at any */
    LK_REASON_MIP_AUTH_MISSING,   /* T10: at any */
    LK_REASON_MIP_SPI,            /* T10: at any */
    LK_REASON_MIP_MN_AUTH,        /* T10: at any: Mobile-Home, Mobile-Foreign */
    LK_REASON_MIP_FA_AUTH,        /* T12: at either agent: Foreign-Home */
    LK_REASON_MIP_AAA_AUTH,       /* at who asks the AAA, and there: MN-AAA */
    LK_REASON_MIP_ORDER,          /* T25: at any */
    LK_REASON_MIP_TIME,           /* A22: at the home agent */
    LK_REASON_MIP_REPLAY,         /* A22: at the home agent */
    LK_REASON_MIP_NONCE,          /* A22: at the home agent */
    LK_REASON_MIP_QUARANTINE,     /* A22: at the home agent: it has just started */
    LK_REASON_MIP_AGENT,          /* at the home agent */
    LK_REASON_MIP_NODE,           /* at who knows subscribers */
    LK_REASON_MIP_NAI,            /* at either agent: no home address, and no NAI */
    LK_REASON_MIP_B_TID,          /* T27: at the AAA, or the home agent: of another */
    LK_REASON_MIP_HOME_ADDRESS,   /* T11: at the home agent: of another node */
    LK_REASON_MIP_CARE_OF,        /* T12: at either agent */
    LK_REASON_MIP_LIFETIME,       /* at the foreign agent */
    LK_REASON_MIP_ENCAPSULATION,  /* at either agent */
    LK_REASON_MIP_REVERSE,        /* at either agent */
    LK_REASON_MIP_UDP,            /* at the home agent */
    LK_REASON_MIP_BINDINGS,       /* at the home agent */
    LK_REASON_MIP_POOL_EMPTY,     /* at the home agent */
    LK_REASON_MIP_TABLE_FULL,     /* at either agent */
    LK_REASON_MIP_TOO_FAST,       /* T15: at either agent */
    LK_REASON_MIP_QUESTIONS,      /* T15: at who asks the BSF */
    LK_REASON_MIP_CHALLENGE,      /* A22: at the foreign agent: missing, unknown or stale */
    LK_REASON_MIP_HA_CHALLENGE,   /* at the foreign agent */
    LK_REASON_MIP_NO_MN_FA,       /* at the foreign agent: no association with the node */
    LK_REASON_MIP_UNREACHABLE,    /* at the foreign agent */
    LK_REASON_MIP_NOT_PENDING,    /* at node and foreign agent */
    LK_REASON_MIP_NO_ANSWER,      /* at node and foreign agent */
    LK_REASON_MIP_REFUSED,        /* at the node: the code of the reply */
    LK_REASON_MIP_KEY_MISSING,    /* T25: at the node */
    LK_REASON_MIP_KEY_UNUSABLE,   /* at the node */
    LK_REASON_MIP_NONCE_AGAIN,    /* T24: at node and home agent */
    LK_REASON_MIP_KEY_EXPIRED,    /* T30: at any: an association past its lifetime */
    LK_REASON_MIP_AAA_SILENT,     /* at who asks the AAA */
    LK_REASON_MIP_AAA_REFUSED,    /* at who asks the AAA */
    LK_REASON_MIP_LEG_OPEN,       /* T23: at the AAA: others could read the key */
    LK_REASON_MIP_REVOCATION,     /* at either agent, and the node */
    LK_REASON_MIP_REVOKED,        /* at the node */
    LK_REASON_MIP_ADVERTISEMENT,  /* at the node */
    LK_REASON_MIP_PLACE,          /* at the node */
    LK_REASON_MIP_NO_HOME_AGENT,  /* T29: at the node */
    LK_REASON_MIP_MESG_ID,        /* A22: at home agent and node, MIPv6 */
    LK_REASON_MIP_NOT_HOME,       /* at the home agent, MIPv6 */
    LK_REASON_MIP_CLIENT,         /* at the home AAA */
    LK_REASON_MIP_WAY,
    LK_REASON_MIP_FA_UNKNOWN,     /* T12: at the home agent */
    LK_REASON_MIP_COPY,           /* T12: at the home agent: what was accepted, from elsewhere */
    LK_REASON_MIP_TAKEN,          /* T10: at the foreign agent: a place that another has */
    LK_REASON_COUNT
};

/* Which processes of the daemon may count it, so that their metrics show it from the start. */
enum lk_reason_by {
    LK_BY_NOBODY = 0, /* it is only ever an answer to a command */
    LK_BY_AAA = 1 << 0,
    LK_BY_WLAN = 1 << 1,
    LK_BY_ANCHOR = 1 << 2,
    LK_BY_UE = 1 << 3,
    LK_BY_LWA = 1 << 4,
    LK_BY_POS = 1 << 5,
    LK_BY_BSF = 1 << 6,
    LK_BY_AANF = 1 << 7,
    LK_BY_AF = 1 << 8,
    LK_BY_NAF = 1 << 9,
    LK_BY_FA = 1 << 10,
};

struct lk_reason_row {
    const char *code;   /* stable, "eap-aka.res-wrong" */
    const char *clause; /* "RFC 4187 9.4" */
    unsigned by;        /* of enum lk_reason_by */
    const char *what;   /* one sentence: what is wrong */
    const char *fix;    /* one sentence: what to do */
};

/* Never NULL. */
const struct lk_reason_row *lk_reason_row(enum lk_reason reason);
/* By its code; NONE: no row has it. */
enum lk_reason lk_reason_named(const char *code);

enum { LK_REFUSAL_TEXT = 64 };

/* A refusal: a reason with what was expected and what came, in words without secrets. */
struct lk_refusal {
    enum lk_reason reason;
    char expected[LK_REFUSAL_TEXT];
    char came[LK_REFUSAL_TEXT];
};

/* A refusal with its two texts cut to fit; either may be NULL. */
struct lk_refusal lk_refusal_of(enum lk_reason reason, const char *expected, const char *came);

#endif
