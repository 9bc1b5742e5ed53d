/* The capture writer: pcapng that stock Wireshark opens.
 *
 * Each block leaves in one write(2) to a file opened for appending, so a process that is killed
 * loses nothing of what it captured, and processes that share the file do not mix their blocks.
 * Datagrams that came from a socket have lost their headers; the writer makes IPv4 or IPv6 and UDP
 * headers for them, with valid checksums.
 *
 * What goes over a wire encrypted can be written twice: the datagrams as they were, and the
 * messages inside as who ended the encryption saw them. Those lie on an interface of their own,
 * "opened", of link type WIRESHARK_UPPER_PDU: tags that name the dissector and both ends, then the
 * message, so that stock Wireshark shows them without any key. Keys go into the file only by
 * lk_capture_secrets and lk_capture_key_log, which are called only when the user asked for it. */
#ifndef LK_IO_PCAPNG_H
#define LK_IO_PCAPNG_H

#include "base/octets.h"

enum {
    LK_CAPTURE_COMMENT_MAX = 1024,
    LK_CAPTURE_FRAME_MAX = 65535 + 54, /* the largest datagram behind Ethernet and IPv6 */
    LK_CAPTURE_NAME_MAX = 64,
    LK_CAPTURE_KEY_LOG_MAX = 4096,
};

/* LINKTYPE_ numbers. */
enum lk_link {
    LK_LINK_ETHERNET = 1,
    LK_LINK_RAW_IP = 101,
    LK_LINK_RADIOTAP = 127, /* IEEE 802.11 frames */
    LK_LINK_UPPER_PDU = 252,
};

/* The interfaces of a file of ours. */
enum { LK_CAPTURE_WIRE = 0, LK_CAPTURE_OPENED = 1, LK_CAPTURE_AIR = 2 };

/* Kinds of secrets. The second is our own: lines of keys/log.h. Other readers pass it over, and
 * what takes secrets out of a file (editcap --discard-all-secrets) takes out both. */
enum {
    LK_SECRETS_TLS_KEY_LOG = 0x544c534b, /* of DTLS too */
    LK_SECRETS_LATCHKEY = 0x4c4b6579,
};

/* One end of a datagram. */
struct lk_capture_end {
    bool v6;
    bool mac;            /* the end of a frame without IP; only readers meet it */
    uint8_t address[16]; /* four octets, or sixteen, or six */
    uint16_t port;
};

struct lk_capture_options {
    enum lk_link link;
    bool microseconds;     /* else nanoseconds */
    const char *interface; /* its name in the file, cut to fit; NULL for "latchkey" */
    bool opened;           /* a second interface, for messages in clear */
    bool air;              /* beside it a third, for IEEE 802.11 frames */
};

/* A message in clear, and where its encrypted form went. */
struct lk_capture_opened {
    const char *dissector; /* as Wireshark registers it: "wlcp", "mipv6", "radius" */
    bool stream;           /* over TCP, else over UDP */
    struct lk_capture_end from, to;
};

/* ---- blocks, pure: what the file is made of ---- */

void lk_pcapng_put_section(struct lk_writer *w);
/* The interface, and the others where options say so. */
void lk_pcapng_put_interface(struct lk_writer *w, const struct lk_capture_options *options);
/* A packet of that interface. at is in the interface's unit; comment may be NULL. */
void lk_pcapng_put_packet(struct lk_writer *w, uint32_t interface, uint64_t at,
                          struct lk_span frame, const char *comment);
/* kind is a secrets type of the format. */
void lk_pcapng_put_secrets(struct lk_writer *w, uint32_t kind, struct lk_span secrets);
/* A frame: link header where the link has one, IP and UDP headers, payload. The two ends are of
 * one family. LK_E_LENGTH when the payload is longer than a datagram may be. */
LK_MUST_CHECK enum lk_status lk_capture_put_udp(struct lk_writer *w, enum lk_link link,
                                                const struct lk_capture_end *from,
                                                const struct lk_capture_end *to,
                                                struct lk_span payload);
/* A frame of the second interface. LK_E_VALUE when the ends are of two families. */
LK_MUST_CHECK enum lk_status lk_capture_put_opened(struct lk_writer *w,
                                                   const struct lk_capture_opened *about,
                                                   struct lk_span message);

/* ---- the file ---- */

struct lk_capture;

/* Makes path (0600, replacing what was there) and writes the section and the interface.
 * LK_E_SYSTEM with errno set when it cannot; *capture is NULL then. */
LK_MUST_CHECK enum lk_status lk_capture_open(struct lk_capture **capture, const char *path,
                                             const struct lk_capture_options *options);
/* Goes on with a file that another process made with the same options: blocks of both lie in it in
 * the order of their writes. One that is not there is made. Its mode becomes 0600. Half a block at
 * its end is cut off. LK_E_SYSTEM where it is no regular file, too, for the end of a pipe could
 * make a daemon wait, and where it has two names. LK_E_CONFLICT: it is no such file. */
LK_MUST_CHECK enum lk_status lk_capture_join(struct lk_capture **capture, const char *path,
                                             const struct lk_capture_options *options);
/* For another process, one that was joined at path: half a block is cut off again, and *fd, the
 * caller's, is the file once more, to be written at its end and not to be read: what others wrote
 * is not for every process. LK_E_SYSTEM also when there is another file at path by now, or when
 * somebody keeps a lock on it. */
LK_MUST_CHECK enum lk_status lk_capture_lend(struct lk_capture *capture, int *fd, const char *path);
/* In that process; fd stays the caller's. */
LK_MUST_CHECK enum lk_status lk_capture_inherit(struct lk_capture **capture, int fd,
                                                const struct lk_capture_options *options);
/* Octets of half a block that were cut off when it was joined or lent. */
uint64_t lk_capture_mended(const struct lk_capture *capture);
/* Why it could not be, in words; errno as it was left. */
const char *lk_capture_why(enum lk_status status);
LK_MUST_CHECK enum lk_status lk_capture_frame(struct lk_capture *capture, uint64_t at_ns,
                                              struct lk_span frame, const char *comment);
LK_MUST_CHECK enum lk_status lk_capture_udp(struct lk_capture *capture, uint64_t at_ns,
                                            const struct lk_capture_end *from,
                                            const struct lk_capture_end *to,
                                            struct lk_span payload, const char *comment);
/* LK_E_UNSUPPORTED when the file has no second interface. */
LK_MUST_CHECK enum lk_status lk_capture_message(struct lk_capture *capture, uint64_t at_ns,
                                                const struct lk_capture_opened *about,
                                                struct lk_span message, const char *comment);
/* A frame of IEEE 802.11, without a frame check sequence. LK_E_UNSUPPORTED when the file has no
 * third interface. */
LK_MUST_CHECK enum lk_status lk_capture_air(struct lk_capture *capture, uint64_t at_ns,
                                            struct lk_span frame, const char *comment);
/* A line of an NSS key log, without its newline: as lk_channel_watch.on_secret gives it. It opens
 * only packets written after it. Only when the user asked for secrets in the file. */
LK_MUST_CHECK enum lk_status lk_capture_key_log(struct lk_capture *capture, const char *line);
/* Only when the user asked for secrets in the file. */
LK_MUST_CHECK enum lk_status lk_capture_secrets(struct lk_capture *capture, uint32_t kind,
                                                struct lk_span secrets);
/* NULL is welcome. */
void lk_capture_close(struct lk_capture *capture);

#endif
