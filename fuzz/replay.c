/* Runs a fuzz target over its corpus without libFuzzer, so that every compiler and every `make
 * test` sees the corpus: each file whole, cut at every length, and with seeded changes of a few
 * octets. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { INPUT_MAX = 65536, CUTS_MAX = 1024, CHANGES = 500 };

static uint8_t input[INPUT_MAX];
static uint8_t changed[INPUT_MAX];

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The input goes to the target in a block of the heap of exactly its size, so that sanitizers and
 * valgrind see a read behind its end. */
static void feed(const uint8_t *octets, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);

    LK_ASSERT(copy != NULL);
    memcpy(copy, octets, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void feed_variants(size_t len)
{
    uint64_t random = len;

    feed(input, len);
    for (size_t cut = 0; cut < len && cut < CUTS_MAX; cut++)
        feed(input, cut);
    for (unsigned i = 0; i < CHANGES && len > 0; i++) {
        memcpy(changed, input, len);
        for (uint64_t n = 1 + next_random(&random) % 3; n > 0; n--)
            changed[next_random(&random) % len] = (uint8_t)next_random(&random);
        feed(changed, len);
    }
}

static bool feed_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    if (file == NULL)
        return false;
    len = fread(input, 1, sizeof input, file);
    fclose(file);
    feed_variants(len);
    return true;
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    int count = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1;
    unsigned files = 0;

    if (count < 0) {
        fprintf(stderr, "usage: replay_NAME CORPUS_FOLDER\n");
        return 2;
    }
    for (int i = 0; i < count; i++) {
        char path[4096];

        (void)snprintf(path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
        if (names[i]->d_name[0] != '.' && feed_file(path))
            files++;
        free(names[i]);
    }
    free(names);
    feed(input, 0);
    printf("%u files of the corpus\n", files);
    return files == 0; /* a target without seeds is a mistake */
}
