/* Text that decodes encodes to the same text in lower case; octets survive both ways. */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

#include "base/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    uint8_t decoded[256];
    char text[2 * sizeof decoded + 1];
    size_t decoded_len;

    if (lk_hex_decode(decoded, sizeof decoded, &decoded_len, lk_span_of(octets, len)) == LK_OK) {
        LK_ASSERT(decoded_len * 2 == len);
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(decoded, decoded_len)) == LK_OK);
        for (size_t i = 0; i < len; i++)
            LK_ASSERT(text[i] == tolower(octets[i]));
    }
    if (len > sizeof decoded)
        return 0;
    LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(octets, len)) == LK_OK);
    LK_ASSERT(lk_hex_decode(decoded, sizeof decoded, &decoded_len, lk_span_text(text)) == LK_OK);
    LK_ASSERT(decoded_len == len && memcmp(decoded, octets, len) == 0);
    return 0;
}
