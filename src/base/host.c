#include "base/host.h"

#include <string.h>

bool lk_host_is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t len = strspn(text, letters);

    while (len > 0 && text[len] == '.') {
        text += len + 1;
        len = strspn(text, letters);
    }
    return len > 0 && text[len] == '\0';
}

void lk_host_lower(char *name)
{
    for (; *name != '\0'; name++)
        if (*name >= 'A' && *name <= 'Z')
            *name += 'a' - 'A';
}
