#include "base/status.h"

#include "base/check.h"

static const char *const names[LK_STATUS_COUNT] = {
    [LK_OK] = "ok",
    [LK_E_SHORT] = "short",
    [LK_E_TRAILING] = "trailing",
    [LK_E_LENGTH] = "length",
    [LK_E_VALUE] = "value",
    [LK_E_MISSING] = "missing",
    [LK_E_TWICE] = "twice",
    [LK_E_UNKNOWN] = "unknown",
    [LK_E_UNEXPECTED] = "unexpected",
    [LK_E_MAC] = "mac",
    [LK_E_AUTH] = "auth",
    [LK_E_SYNC] = "sync",
    [LK_E_EXPIRED] = "expired",
    [LK_E_DENIED] = "denied",
    [LK_E_FULL] = "full",
    [LK_E_NOT_FOUND] = "not-found",
    [LK_E_EXISTS] = "exists",
    [LK_E_CONFLICT] = "conflict",
    [LK_E_BUSY] = "busy",
    [LK_E_STORE] = "store",
    [LK_E_SYSTEM] = "system",
    [LK_E_CONFIG] = "config",
    [LK_E_UNSUPPORTED] = "unsupported",
};

const char *lk_status_name(enum lk_status status)
{
    if ((unsigned)status >= LK_STATUS_COUNT)
        return "not-a-status";
    return names[status];
}
