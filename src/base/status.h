/* The one status enum of the project. Zero is success; every function that can fail returns it
 * and must be checked. A status says what kind of wrong it is; the reason (base/reason.h) says
 * which rule of which clause was broken, and what to do about it. */
#ifndef LK_BASE_STATUS_H
#define LK_BASE_STATUS_H

enum lk_status {
    LK_OK = 0,
    /* octets that do not parse */
    LK_E_SHORT,       /* fewer octets than the layout needs */
    LK_E_TRAILING,    /* octets left over */
    LK_E_LENGTH,      /* a length field outside its limits */
    LK_E_VALUE,       /* a value that the clause does not allow here */
    LK_E_MISSING,     /* a mandatory element is absent */
    LK_E_TWICE,       /* an element that may come once came again */
    LK_E_UNKNOWN,     /* an element that must be understood is not known */
    /* messages that parse and are refused */
    LK_E_UNEXPECTED,  /* no rule for this event in this state */
    LK_E_MAC,         /* a message authentication code does not verify */
    LK_E_AUTH,        /* the other end did not prove itself */
    LK_E_SYNC,        /* sequence number out of range; an AUTS is there */
    LK_E_EXPIRED,     /* past its lifetime */
    LK_E_DENIED,      /* known, and not allowed */
    /* the world */
    LK_E_FULL,        /* a named maximum is reached, or the buffer is too small */
    LK_E_NOT_FOUND,
    LK_E_EXISTS,
    LK_E_CONFLICT,    /* somebody else changed it first: read again */
    LK_E_BUSY,        /* not now; try again */
    LK_E_STORE,       /* the store failed */
    LK_E_SYSTEM,      /* a call to the operating system failed */
    LK_E_CONFIG,      /* the configuration is not valid */
    LK_E_UNSUPPORTED, /* not built in */
    LK_STATUS_COUNT
};

/* The stable name of a status ("short", "mac", ...), for logs and tests. Never NULL. */
const char *lk_status_name(enum lk_status status);

#endif
