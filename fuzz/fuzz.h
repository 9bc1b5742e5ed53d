/* What every fuzz target is: one function that takes octets and may do anything but crash, hang or
 * break a promise of the code under test. It states such a promise with LK_ASSERT. */
#ifndef LK_FUZZ_FUZZ_H
#define LK_FUZZ_FUZZ_H

#include "base/octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

#endif
