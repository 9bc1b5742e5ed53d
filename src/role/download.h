/* A download that can be watched: a server in one network namespace, a client in another, TCP by
 * the kernel between them, and each octet of the stream is looked at where it arrives.
 *
 * Both are processes of their own; what they count is in memory that they share with who began it.
 * The server accepts as many connections as come and counts them: one that was opened again is not
 * one that has lived on. It sends at an even pace until it is told to end. */
#ifndef LK_ROLE_DOWNLOAD_H
#define LK_ROLE_DOWNLOAD_H

#include "io/tun_apart.h"

enum {
    LK_DOWNLOAD_SAMPLES = 8192,
    LK_DOWNLOAD_SAMPLE_MS = 25,
    LK_DOWNLOAD_MARKS = 48,
    LK_DOWNLOAD_PORT = 8000,
    LK_DOWNLOAD_ERROR = 256,
};

struct lk_download_setup {
    struct lk_tun_apart_place server, client;
    struct lk_address address; /* of the server; IPv4 */
    unsigned octets_per_s;
};

struct lk_download_sample {
    uint32_t ms; /* from the beginning of the stream */
    uint64_t octets; /* that came so far */
    /* The longest time between two arrivals that ended behind the sample before; of the stream. */
    uint32_t gap_at_ms, gap_ms;
};

struct lk_download_mark {
    uint32_t ms;
    uint64_t octets;
    const char *name; /* the caller's */
};

/* All of it, so far. */
struct lk_download_counts {
    uint64_t sent, received;
    uint64_t wrong; /* octets that are not those of their place */
    unsigned connections;
    uint32_t longest_gap_ms; /* between two arrivals */
    bool ended;              /* the client has seen the end */
};

struct lk_download;

/* Returns when the first octets have come. error says why they do not. */
LK_MUST_CHECK enum lk_status lk_download_begin(struct lk_download **download,
                                               const struct lk_download_setup *setup,
                                               char error[LK_DOWNLOAD_ERROR]);
void lk_download_counts(const struct lk_download *download, struct lk_download_counts *counts);
/* Something happens now. */
void lk_download_mark(struct lk_download *download, const char *name);
/* False: so many octets more have not come within that time. */
LK_MUST_CHECK bool lk_download_waits(struct lk_download *download, uint64_t octets, unsigned ms);
/* The server ends the stream. False: the client has not seen its end within that time. */
LK_MUST_CHECK bool lk_download_end(struct lk_download *download, unsigned ms);
size_t lk_download_samples(const struct lk_download *download,
                           const struct lk_download_sample **samples);
size_t lk_download_marks(const struct lk_download *download,
                         const struct lk_download_mark **marks);
/* Both processes end. NULL: nothing. */
void lk_download_free(struct lk_download *download);

/* The octet at that place of the stream. */
uint8_t lk_download_octet(uint64_t place);

#endif
