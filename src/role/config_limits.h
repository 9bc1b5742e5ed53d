/* How much of each there may be in a configuration. */
#ifndef LK_ROLE_CONFIG_LIMITS_H
#define LK_ROLE_CONFIG_LIMITS_H

enum {
    LK_CONFIG_PATH = 512,
    LK_CONFIG_LISTENS = 4,
    LK_CONFIG_CLIENTS = 256,
    LK_CONFIG_SECRET = 128,
    LK_CONFIG_MISF_ID = 128,
    LK_CONFIG_UE_POINTS = 16,
    LK_CONFIG_UE_PARTNERS = 16,
    LK_CONFIG_NAME = 64,
    LK_CONFIG_WORKERS = 32,
    LK_CONFIG_PROBLEMS = 16,
    LK_CONFIG_PROBLEM_TEXT = 512,
    LK_CONFIG_SERVERS = 8,
    LK_CONFIG_REALMS = 32,
    LK_CONFIG_PEERS = 32,
    LK_CONFIG_MAGS = 32,
    LK_CONFIG_POOLS = 8,
    LK_CONFIG_PLMNS = 8,
    LK_CONFIG_APNS = 8,
    LK_CONFIG_APN = 101, /* as text, terminated: TS 23.003 lets it be 100 octets long */
    LK_CONFIG_APPLICATIONS = 16,
    LK_CONFIG_KDF_PARAMS = 4,
    LK_CONFIG_KDF_PARAM = 65, /* 32 octets in hex, terminated */
    LK_CONFIG_NUMBERS = 32,
    LK_CONFIG_SUITES = 4,
    LK_CONFIG_LTE_CELLS = 8,
    LK_CONFIG_MODE_LAYOUT = 10, /* octets */
    LK_CONFIG_ENBS = 32,
    LK_CONFIG_CELLS = 8,
    LK_CONFIG_POINTS = 8,
    LK_CONFIG_HOMES = 8,
    LK_CONFIG_PARTNERS = 16,
    LK_CONFIG_NEIGHBOURS = 64,
    LK_CONFIG_MIS_SUITES = 4, /* as many as there are */
    LK_CONFIG_COVER = 192,    /* text of what a network covers */
    LK_CONFIG_ADDRESS = 64,
    LK_CONFIG_FQDN = 254, /* a name of a host, terminated */
    LK_CONFIG_FILE = 512,
    LK_CONFIG_NAFS = 32,
    LK_CONFIG_UA_IDS = 8,
    LK_CONFIG_OWN_NAFS = 8,
    LK_CONFIG_NAF = 265, /* "naf.example/0100000002", terminated */
    LK_CONFIG_UA_ID = 11, /* five octets in hex, terminated */
    LK_CONFIG_BSF_USERS = 256,
    LK_CONFIG_GAA_SERVICES = 8,
    LK_CONFIG_GAA_SERVICE = 48, /* "1:1,2", terminated */
    LK_CONFIG_AUSFS = 8,
    LK_CONFIG_RIDS = 16,
    LK_CONFIG_RID = 5, /* terminated */
    LK_CONFIG_MIP_NODES = 64,
    LK_CONFIG_MIP_AGENTS = 16,
    LK_CONFIG_MIP_ADDRESSES = 4, /* of a foreign agent */
    LK_CONFIG_NAI = 128, /* terminated */
    LK_CONFIG_UE_PLACES = 8, /* of a mobile node */
};

#endif
