/* Why a session of end-to-end keys was refused. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_e2e[LK_REASON_COUNT] = {
    [LK_REASON_E2E_MALFORMED] = {
        "e2e.malformed", "Noise 7.5", LK_BY_AF,
        "A message of the handshake cannot be read, or is of another version.",
        "Look whether the other end is what it should be, and of our version." },
    [LK_REASON_E2E_SERVER] = {
        "e2e.server", "TR 33.835 5.6", LK_BY_AF,
        "The application means another server: the name in its offer is not ours.",
        "Compare the server's name at both ends, and where the name leads." },
    [LK_REASON_E2E_APP] = {
        "e2e.app", "TR 33.835 5.6", LK_BY_AF,
        "The server serves no application of that name.",
        "Compare the application's name at both ends." },
    [LK_REASON_E2E_POLICY] = {
        "e2e.policy", "TR 33.835 5.6", LK_BY_AF,
        "The application's sessions need more than this one was offered with: an operator's key, a "
        "key of the application, or a static key of its own.",
        "Give the application what is missing, or lower what is required; nothing falls back." },
    [LK_REASON_E2E_POINT] = {
        "e2e.point", "RFC 7748 6.1", LK_BY_AF,
        "The other end's key is a point of small order: what it leads to, everybody knows.",
        "Somebody tries to know the session's key: look who can write on that way." },
    [LK_REASON_E2E_REFLECTION] = {
        "e2e.reflection", "RFC 9257 4.1", LK_BY_AF,
        "The other end comes with our own key: it is ourselves, or has our key.",
        "Look who reflects what we send; a key is of one end alone." },
    [LK_REASON_E2E_KEYS] = {
        "e2e.keys", "TR 33.835 5.6", LK_BY_AF,
        "The server does not have the keys that the application names: a B-TID, A-KID, ticket or "
        "application key that is unknown or over.",
        "What came says which, where it is known: look for the user's row at the server, and whose "
        "N it is; or bootstrap anew." },
    [LK_REASON_E2E_UNPROVEN] = {
        "e2e.unproven", "Noise 7.5", LK_BY_AF,
        "The other end has not proven itself: it lacks the server's key, or one of the secrets "
        "that go into the session; or somebody altered what was said.",
        "Compare the pinned key and the application's keys at both ends; else look who is in the "
        "path. Nothing was said to it." },
    [LK_REASON_E2E_NO_N] = {
        "e2e.no-n", "TR 33.835 5.6", LK_BY_AF,
        "The operator gives us no key for what the application names: it is over or unknown there, "
        "we may not ask, or nobody answers.",
        "The detail is what BSF or AAnF said; bsf.nafs or the AAnF's list has to have our name and "
        "af.ua_id. For a key that is over, latchkey ue naf-key ... not=B-TID gives another (of "
        "AKMA: latchkey ue reattach)." },
    [LK_REASON_E2E_REFUSED] = {
        "e2e.refused", "TR 33.835 5.6", LK_BY_AF,
        "The server refuses, or somebody in the path says so.",
        "Look at the log of the server, which says why." },
};
