/* Packets of devices in a trace, whatever tunnel they are in. */
#ifndef LK_TRACE_USER_H
#define LK_TRACE_USER_H

#include "trace/protocol.h"

/* As lk_ip_read. */
LK_MUST_CHECK enum lk_status lk_user_read(struct lk_trace_user *user, struct lk_span octets);
/* "Echo request"; what is in it; its fields. */
void lk_user_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_user *user);
void lk_user_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_user *user);
void lk_user_tell(const struct lk_teller *t, const struct lk_trace_user *user);

#endif
