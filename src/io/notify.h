/* Telling the service manager how we are: the datagram protocol of systemd, without its library. */
#ifndef LK_IO_NOTIFY_H
#define LK_IO_NOTIFY_H

#include <stdint.h>

/* "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...". Does nothing when nobody
 * asked (no NOTIFY_SOCKET). */
void lk_notify(const char *state);
/* How often WATCHDOG=1 is wanted, in milliseconds; 0: not at all. */
uint64_t lk_notify_watchdog_ms(void);

#endif
