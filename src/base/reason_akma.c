/* Why AKMA gives no key. */
#include "base/reason_rooms.h"

const struct lk_reason_row lk_reasons_akma[LK_REASON_COUNT] = {
    [LK_REASON_AKMA_MALFORMED] = {
        "akma.malformed", "TS 33.535 7.1", LK_BY_AANF,
        "A request to the AAnF cannot be read.",
        "Look at what its sender sends; docs/rooms/akma.md has the forms." },
    [LK_REASON_AKMA_AUSF] = {
        "akma.ausf", "TS 33.535 7.1", LK_BY_AANF,
        "Who registers or removes keys shows no certificate of an AUSF.",
        "Look who it is; an AUSF's name, as in its certificate, stands in aanf.ausfs." },
    [LK_REASON_AKMA_AF] = {
        "akma.af", "TS 33.535 6.2", LK_BY_AANF,
        "An application function asks for a key that is not its own: its certificate has another "
        "name, or it has no row with that protocol.",
        "Compare the certificate's DNS name and afId with aanf.afs." },
    [LK_REASON_AKMA_A_KID] = {
        "akma.a-kid", "TS 33.535 6.2", LK_BY_AANF,
        "The A-KID is nobody's, or its key is over, or was replaced.",
        "Let the device authenticate again; where latchkey aanf contexts shows nobody, no AAA "
        "server brings keys: look at its aaa.akma.aanf and its log." },
    [LK_REASON_AKMA_RID] = {
        "akma.rid", "TS 33.535 6.1", LK_BY_AANF,
        "The A-KID has a routing indicator that this AAnF does not serve.",
        "Ask the AAnF of that routing indicator, or add it to aanf.rids." },
    [LK_REASON_AKMA_NO_CONTEXT] = {
        "akma.no-context", "TS 33.535 7.1", LK_BY_AANF,
        "There is no key of that SUPI to be removed.",
        "Nothing: it is as it was to be." },
    [LK_REASON_AKMA_NEWER] = {
        "akma.newer", "TS 33.535 6.1", LK_BY_AANF | LK_BY_AAA,
        "The subscriber has authenticated since: this key is older than the one that there is, or "
        "its A-KID is another subscriber's.",
        "Nothing, if the device goes on with the newer one; else compare the AUSFs' clocks." },
    [LK_REASON_AKMA_TOO_FAST] = {
        "akma.too-fast", "TS 33.535 7.1", LK_BY_AANF,
        "One address asks the AAnF for too many keys.",
        "Let it keep the key that it was given, or raise aanf.rate." },
    [LK_REASON_AKMA_CERTIFICATE] = {
        "akma.certificate", "TS 33.535 7.1", LK_BY_AANF,
        "Who came to the AAnF left before a question: it shows no certificate of our CA, does "
        "not trust ours, or speaks no TLS.",
        "Let the CA in aanf.ca sign its certificate, and give it that CA (in a laboratory: "
        "latchkey certificate make with --out of the same directory)." },
    [LK_REASON_AKMA_NO_ANSWER] = {
        "akma.no-answer", "TS 33.535 7.1", LK_BY_AAA,
        "The AAnF does not answer, or shows no certificate that is its own.",
        "Look at the way to the AAnF, at its log, and at the certificates of both ends." },
    [LK_REASON_AKMA_REFUSED] = {
        "akma.refused", "TS 33.535 7.1", LK_BY_AAA,
        "The AAnF refuses.",
        "Look at the log of the AAnF, which says why." },
    [LK_REASON_AKMA_NOT_REGISTERED] = {
        "akma.not-registered", "TS 33.535 6.1", LK_BY_AAA,
        "A key was not brought to the AAnF in its time, or there were too many: it is forgotten.",
        "Look at the way to the AAnF; the device gets a new key when it authenticates again." },
    [LK_REASON_AKMA_NOT_ALLOWED] = {
        "akma.not-allowed", "TS 33.535 6.1", LK_BY_AAA,
        "The subscriber may not have keys of AKMA: its row says so, or it has none any more.",
        "Nothing, if that is meant; else latchkey subscriber akma IMSI on, and let the device "
        "authenticate again." },
    [LK_REASON_AKMA_NO_KEY] = {
        "akma.no-key", "TS 33.535 6.1", LK_BY_UE,
        "The device has no key of AKMA: it has not authenticated with EAP-AKA' yet.",
        "Attach it, with EAP-AKA'." },
    [LK_REASON_AKMA_ONE_AF] = {
        "akma.one-af", "TS 33.535 6.1", LK_BY_UE,
        "Another application function was told this A-KID: both could tell that they have one "
        "user.",
        "Attach again, for a new A-KID, or do without ue.akma.one_af." },
};
