/* 32 octets of hex, for the samples. */
#ifndef LK_E2E_SAMPLE_HEX_H
#define LK_E2E_SAMPLE_HEX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline bool hex(uint8_t to[32], const char *text)
{
    unsigned octet = 0;
    bool good = strlen(text) == 64;

    for (unsigned i = 0; good && i < 32; i++) {
        good = sscanf(text + 2 * (size_t)i, "%2x", &octet) == 1;
        to[i] = (uint8_t)octet;
    }
    return good;
}

#endif
