/* Link keys that a PoS pushes (IEEE 802.21 8.6): taken under its SA, if they are of its MSRK. */
#include "base/secret.h"
#include "node/mis_device_parts.h"

enum lk_status lk_mis_device_link_keys(struct lk_mis_device_work *w,
                                       const struct lk_mis_device_heard *heard)
{
    const struct lk_mis_device_link *link = &w->d->link[heard->link];
    struct lk_mis_pushed pushed[LK_MIS_LINK_KEYS_MAX];
    enum lk_status status;
    size_t count;

    /* spec: IEEE 802.21 8.6 - link keys come under the SA, and are acknowledged under it. */
    if (lk_mis_opcode_of(heard->header->id) != LK_MIS_REQUEST || heard->opened == NULL ||
        link->holds != LK_MIS_DEVICE_SA)
        return LK_E_UNEXPECTED;
    status = lk_mis_pushed_get(pushed, &count, heard->message->link_keys, &link->sa);
    for (size_t i = 0; status == LK_OK && i < count; i++)
        lk_mis_device_add(w, LK_MIS_DEVICE_OUT_LINK_KEY, heard->link)->link_key = pushed[i];
    if (status != LK_OK)
        lk_mis_device_refuse(w, LK_REASON_MIS_PUSHED_KEY, "link keys of the MSRK of this SA",
                             lk_status_name(status));
    lk_mis_device_answer(w, heard, status == LK_OK ? LK_MIS_SUCCESS : LK_MIS_REJECTED);
    lk_wipe(pushed, sizeof pushed);
    return LK_OK;
}
