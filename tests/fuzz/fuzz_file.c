/* Files for targets whose subject reads from disk. */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/snarl-fuzz-XXXXXX";
static char file_path[PATH_MAX];

static void remove_folder(void)
{
    DIR *dir = opendir(folder);

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0); /* fails for "." and "..", as it should */
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(folder);
}

const char *fuzz_folder(void)
{
    static int made;

    if (!made) {
        if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0) {
            abort();
        }
        made = 1;
    }
    return folder;
}

const char *fuzz_file(const char *name, const void *bytes, size_t size)
{
    (void)snprintf(file_path, sizeof file_path, "%s/%s", fuzz_folder(), name);
    FILE *file = fopen(file_path, "wb");

    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
    return file_path;
}
