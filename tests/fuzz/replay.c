/* replay.c - main() for builds without libFuzzer: calls the target with each file of the folders
 * and files that are given.
 */
#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { OPEN_FOLDERS = 8 };

static int n_tried; /* nftw(3) hands nothing through to its callback */

static int try_file(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)where;
    if (kind != FTW_F) {
        return 0;
    }
    size_t room = (size_t)status->st_size;
    uint8_t *bytes = malloc(room + 1);
    FILE *file = fopen(path, "rb");

    if (bytes == NULL || file == NULL) {
        (void)fprintf(stderr, "can't read %s\n", path);
        exit(2);
    }
    uint8_t *exact = malloc(room); /* AddressSanitizer guards its end */
    size_t n = fread(bytes, 1, room, file);
    for (size_t i = 0; i < n && exact != NULL; i++) {
        exact[i] = bytes[i];
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    free(bytes);
    n_tried++;
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], try_file, OPEN_FOLDERS, FTW_PHYS) != 0) {
            (void)fprintf(stderr, "can't read %s\n", argv[i]);
            return 2;
        }
    }
    (void)printf("%d inputs\n", n_tried);
    return n_tried > 0 ? 0 : 2;
}
