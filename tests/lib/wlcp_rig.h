/* WLCP machines under test: messages from hex, outputs as one line of text. */
#ifndef LK_TESTS_WLCP_RIG_H
#define LK_TESTS_WLCP_RIG_H

#include "proto/wlcp/twag.h"
#include "proto/wlcp/ue.h"

enum { WLCP_TEXT = 4096 };

/* "send 8401, timer@8000, up 7, down 26 wlcp.rejected until 5000, bind, notice wlcp.pti". */
void wlcp_render(char text[WLCP_TEXT], const struct lk_wlcp_outbox *out);
/* Octets from "84 01"; they live until the next call but three. */
struct lk_span wlcp_octets(const char *hex);
/* The same, with the PTI in the place of "pp". */
struct lk_span wlcp_octets_for(const char *pattern, uint8_t pti);
struct lk_wlcp_apn wlcp_apn(const char *text);

#endif
