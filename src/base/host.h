/* Names of hosts, as DNS and certificates have them. */
#ifndef LK_BASE_HOST_H
#define LK_BASE_HOST_H

#include <stdbool.h>

/* Letters, digits and hyphens between dots: it may stand within quotes of HTTP, in XML and in a
 * URL. */
bool lk_host_is_name(const char *text);
/* RFC 4343: a name is the same in capitals. This is the way that it is compared in, and that keys
 * are derived by. */
void lk_host_lower(char *name);

#endif
