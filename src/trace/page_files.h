/* The style and the script of the page, built in from page/ by page/embed.py. */
#ifndef LK_TRACE_PAGE_FILES_H
#define LK_TRACE_PAGE_FILES_H

extern const char lk_page_css[];
extern const char lk_page_js[];

#endif
