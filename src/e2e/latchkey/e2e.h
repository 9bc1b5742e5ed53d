/* liblatchkey-e2e: a session between an application and its server that the network operator cannot
 * read, also where the operator's own key (of GBA or AKMA) goes into it.
 *
 * An end has no socket: it takes octets from the other end and gives octets for it, over a stream
 * or in datagrams, as the caller carries them.
 *
 *     struct lk_e2e_end *end = lk_e2e_client(&setup);
 *     for (;;) {
 *         if (lk_e2e_state(end) == LK_E2E_OPEN)
 *             ... lk_e2e_read(end, data, room), lk_e2e_write(end, data, len) ...
 *         while ((n = lk_e2e_output(end, octets, sizeof octets)) > 0)
 *             send(fd, octets, n, 0);
 *         if (lk_e2e_state(end) == LK_E2E_FAILED)
 *             break;                               lk_e2e_why(end) says why
 *         if ((n = recv(fd, octets, sizeof octets, 0)) <= 0)
 *             break;
 *         lk_e2e_input(end, octets, n);
 *     }
 *     lk_e2e_free(end);
 *
 * The server's key is what it all rests on: the application has it pinned, from its maker and not
 * from the network. What keeps a server from serving an operator who plays the application is a key
 * of the application's own: require LK_E2E_NEEDS_P, LK_E2E_NEEDS_CLIENT_KEY, or either of them by
 * LK_E2E_NEEDS_OWN. docs/rooms/e2e.md and its decision note say which secrets protect against
 * whom. */
#ifndef LK_LATCHKEY_E2E_H
#define LK_LATCHKEY_E2E_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LK_E2E_KEY_LEN = 32,
    LK_E2E_UA_LEN = 5,
    LK_E2E_APP_KEY_MIN = 32, /* random octets: no password */
    LK_E2E_APP_KEY_MAX = 64,
    LK_E2E_OUTPUT_MAX = 16416, /* octets of the longest frame: room for lk_e2e_output */
    LK_E2E_PARCEL_MAX = 1024,
    LK_E2E_SAVED_MAX = 128,
};

/* What must go into a session, or is in it: bits. */
enum lk_e2e_needs {
    LK_E2E_NEEDS_N = 1,          /* the operator's key */
    LK_E2E_NEEDS_P = 2,          /* the application's pre-shared key */
    LK_E2E_NEEDS_CLIENT_KEY = 4, /* a key pair of the application's own */
    LK_E2E_NEEDS_OWN = 8,        /* either of the last two; of a server's service alone */
};

/* Where an operator's key comes from, and what names it. */
enum lk_e2e_source { LK_E2E_NO_OPERATOR_KEY, LK_E2E_KS_NAF, LK_E2E_K_AF };

/* NULL where there is none. What is pointed to is copied. */
struct lk_e2e_secrets {
    enum lk_e2e_source source;
    const uint8_t *operator_key; /* Ks_NAF, Ks_ext_NAF or K_AF, LK_E2E_KEY_LEN octets */
    const uint8_t *ua;           /* the protocol it was asked for, LK_E2E_UA_LEN octets */
    const uint8_t *app_key;
    size_t app_key_len;

    /* Of what a server's find tells; a client leaves them out. */
    uint64_t expires_s; /* when the operator's key ends, since 1970: no ticket outlives it. 0: not
                         * told */
    const uint8_t *row; /* LK_E2E_KEY_LEN octets, say a hash of all that the server knows of the
                         * user: tickets end when it is another. NULL: they do not */
};

struct lk_e2e_client_setup {
    const char *server;           /* its FQDN */
    const char *app;              /* name of the application, 1 to 128 octets */
    const uint8_t *server_key;    /* pinned, LK_E2E_KEY_LEN octets */
    const uint8_t *client_secret; /* of a key pair enrolled with the server; or NULL */
    struct lk_e2e_secrets secrets;
    const char *key_id;           /* B-TID or A-KID, with an operator's key */
    const char *identity;         /* of the application's own making, at most 128 octets; or NULL */
    unsigned needs;               /* bits: without them there is no session */
    bool datagrams;
    const uint8_t *saved;         /* of lk_e2e_save: instead of secrets and key_id; or NULL */
    size_t saved_len;
};

/* Who wants a session, as it says itself: the secrets and the client key prove it. */
struct lk_e2e_peer {
    const char *app;
    const char *identity;
    enum lk_e2e_source source; /* of key_id */
    const char *key_id;        /* "" without one */
    const uint8_t *client_key; /* NULL: it has none */
    unsigned with;             /* bits of lk_e2e_needs */
    bool resumed;              /* its secrets are in a ticket: row alone is asked for */
};

enum lk_e2e_answer {
    LK_E2E_UNKNOWN, /* no such key_id, identity or client key, or they do not belong together */
    LK_E2E_FOUND,
    LK_E2E_LATER,   /* lk_e2e_found will say */
};

struct lk_e2e_service {
    const char *app;
    unsigned needs;
};

struct lk_e2e_server_setup {
    const char *server;           /* our FQDN */
    const uint8_t *server_secret; /* LK_E2E_KEY_LEN octets */
    const struct lk_e2e_service *services;
    size_t service_count;
    /* Finds the secrets that peer->with names. It must judge, too: does key_id belong to identity,
     * is client_key enrolled for it? Other answers than FOUND look the same to the peer. */
    enum lk_e2e_answer (*find)(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets);
    void *user;
    const uint8_t *ticket_key; /* LK_E2E_KEY_LEN octets, the same at all nodes; NULL: no tickets */
    uint32_t ticket_s;         /* how long a session's ticket is good, and those that it leads to;
                                * 0: an hour; at most a day */
    bool datagrams;
};

struct lk_e2e_end;

/* NULL: the setup is not valid, or there is no memory. What the setup points to is copied, but for
 * find and user. */
struct lk_e2e_end *lk_e2e_client(const struct lk_e2e_client_setup *setup);
struct lk_e2e_end *lk_e2e_server(const struct lk_e2e_server_setup *setup);
/* Wipes and forgets. NULL is fine. */
void lk_e2e_free(struct lk_e2e_end *end);

enum lk_e2e_end_state { LK_E2E_SHAKING, LK_E2E_OPEN, LK_E2E_CLOSED, LK_E2E_FAILED };
enum lk_e2e_end_state lk_e2e_state(const struct lk_e2e_end *end);
/* Whether the other end has shown that it has the session, too. A server's has when it is open; an
 * application's is open first, as soon as it has proven the server, and is confirmed by whatever
 * the server says next. Until then the server may yet refuse: what was written may have been in
 * vain. */
bool lk_e2e_confirmed(const struct lk_e2e_end *end);
/* A stable code, "e2e.unproven", over a stream the same at both ends; "none". */
const char *lk_e2e_why(const struct lk_e2e_end *end);
/* The same for a human: a sentence or two of what is wrong, and of what to do. */
const char *lk_e2e_what(const struct lk_e2e_end *end);
const char *lk_e2e_fix(const struct lk_e2e_end *end);
/* Bits of what is in the session, once it is open; and who it is with, for a server. */
unsigned lk_e2e_with(const struct lk_e2e_end *end);
const char *lk_e2e_identity(const struct lk_e2e_end *end);

/* Octets that came: a piece of the stream, or one datagram. false: it is over, and why says why;
 * what is left of output is still to be sent. */
bool lk_e2e_input(struct lk_e2e_end *end, const void *octets, size_t len);
/* Octets to be sent, at most room; a whole datagram, where room is LK_E2E_OUTPUT_MAX. 0: none. */
size_t lk_e2e_output(struct lk_e2e_end *end, void *octets, size_t room);
/* Datagrams get lost: says the last message of the handshake again, as long as the other end has
 * not shown that it came. For a timer of the caller's. */
void lk_e2e_repeat(struct lk_e2e_end *end);
/* After LK_E2E_LATER. NULL: not found. */
void lk_e2e_found(struct lk_e2e_end *end, const struct lk_e2e_secrets *secrets);

/* false: it is not open, or too much is waiting to be sent already. In datagrams, at most 16,384
 * octets at once. */
bool lk_e2e_write(struct lk_e2e_end *end, const void *data, size_t len);
/* What the other end wrote, at most room; one datagram's, cut to room. 0: nothing yet. */
size_t lk_e2e_read(struct lk_e2e_end *end, void *data, size_t room);
/* Says that no more comes. The other end sees CLOSED. A connection that ends without, the state
 * being what it was, is cut off; FAILED, and why, is told where an end found something wrong. */
void lk_e2e_close(struct lk_e2e_end *end);

/* A key of the session for a use of the application's own: label up to 255 characters, len 1 to
 * 255. Both ends get the same. */
bool lk_e2e_export_key(const struct lk_e2e_end *end, const char *label, void *key, size_t len);
/* At a client that has had a ticket: what its next session may begin with. Secret. 0: none yet. */
size_t lk_e2e_save(const struct lk_e2e_end *end, uint8_t saved[LK_E2E_SAVED_MAX]);

/* A key pair from the system's random source. false: it has none. */
bool lk_e2e_new_key(uint8_t secret[LK_E2E_KEY_LEN], uint8_t key[LK_E2E_KEY_LEN]);

/* A key of the server's own making, for the application that has the client key alone: what is
 * written may go by the operator or anybody. 0: not valid. key_len 1 to 64. */
size_t lk_e2e_wrap_key(uint8_t parcel[LK_E2E_PARCEL_MAX], const char *server, const char *app,
                       const uint8_t *server_secret, const uint8_t *client_key,
                       const struct lk_e2e_secrets *secrets, const uint8_t *key, size_t key_len);
/* Opens it: how long the key is; 0: it is not from that server for us, or altered. created_ms:
 * since 1970; the caller keeps the newest and refuses older ones. */
size_t lk_e2e_unwrap_key(uint8_t key[64], uint64_t *created_ms, const char *server, const char *app,
                         const uint8_t *client_secret, const uint8_t *server_key,
                         const struct lk_e2e_secrets *secrets, const uint8_t *parcel, size_t len);

#ifdef __cplusplus
}
#endif

#endif
