#include "frontend/compdb_search.h"

#include "base/mem.h"
#include "frontend/json_check.h"
#include "frontend/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOW_TO_MAKE_ONE                                                                            \
    "run cmake with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or `bear -- make`, or give the files and " \
    "their flags: FILES -- FLAGS"

static bool is_there(const char *dir, const char *name)
{
    char *path = path_join(NULL, dir, name);
    bool there = access(path, F_OK) == 0;

    talloc_free(path);
    return there;
}

/* "build", "build-debug", "builddir". */
static int is_build_folder(const struct dirent *entry)
{
    return strncmp(entry->d_name, "build", 5) == 0;
}

/* In bytes, not in the order of a locale: the same database everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The first folder dir/build* with a database; NULL: none. */
static char *search_build_folders(void *owner, const char *dir)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_build_folder, by_name);
    char *found = NULL;

    for (int i = 0; i < n; i++) {
        char *folder = path_join(owner, dir, entries[i]->d_name);

        if (found == NULL && is_there(folder, COMPDB_NAME)) {
            found = folder;
        } else {
            talloc_free(folder);
        }
        free(entries[i]);
    }
    free(entries);
    return found;
}

/* The nearest folder, `dir` or above, that a version control system or .snarl.yml marks as the top
 * of a project; NULL: none. */
static char *project_top(void *owner, const char *dir)
{
    static const char *const marks[] = {".git", ".hg", ".svn", ".snarl.yml"};
    char *top = mem_strdup(owner, dir);

    for (;;) {
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            if (is_there(top, marks[i])) {
                return top;
            }
        }
        if (strcmp(top, "/") == 0) {
            return NULL;
        }
        top = path_folder(owner, top);
    }
}

/* Folders above are looked into to the root, but their build* only up to the project's top: a
 * build* folder beside somebody's project is not the project's. */
static char *search_upwards(void *owner, const char *from)
{
    char *dir = path_absolute(owner, path_current(owner), from);
    const char *top = project_top(owner, dir);
    bool inside = true; /* the project */

    for (;;) {
        if (is_there(dir, COMPDB_NAME)) {
            return dir;
        }
        char *build = inside ? search_build_folders(owner, dir) : NULL;
        if (build != NULL) {
            return build;
        }
        inside = inside && top != NULL && strcmp(dir, top) != 0;
        if (strcmp(dir, "/") == 0) {
            return NULL;
        }
        dir = path_folder(owner, dir);
    }
}

/* `build_dir` may also name the file itself. */
static char *named_folder(void *owner, const char *build_dir)
{
    char *dir = path_absolute(owner, path_current(owner), build_dir);
    struct stat status;

    if (strcmp(path_name(dir), COMPDB_NAME) == 0 && stat(dir, &status) == 0 &&
        S_ISREG(status.st_mode)) {
        dir = path_folder(owner, dir);
    }
    return is_there(dir, COMPDB_NAME) ? dir : NULL;
}

static bool check_text(const char *path, const char *text, size_t n, struct err *err)
{
    struct json_mistake mistake = json_check_array(text, n);

    if (mistake.what == NULL) {
        return true;
    }
    if (n == 0) {
        err_set(err, ERR_INPUT, (struct loc){.file = path},
                "this compile database is empty; make it anew");
        return false;
    }
    err_set(err, ERR_INPUT, (struct loc){path, mistake.line, mistake.column},
            "not a JSON compile database: %s; make it anew", mistake.what);
    return false;
}

/* The bytes of `fd`; NULL with errno when it can't be read. */
static char *read_all(void *owner, int fd, size_t *ret_n)
{
    size_t room = 1 << 16;
    size_t n = 0;
    char *text = mem_array(owner, char, room);

    for (;;) {
        ssize_t got = read(fd, text + n, room - n);
        if (got < 0 && errno != EINTR) {
            return NULL;
        }
        if (got == 0) {
            *ret_n = n;
            return text;
        }
        n += got > 0 ? (size_t)got : 0;
        if (n == room) {
            room *= 2;
            text = mem_grow(owner, text, 1, room);
        }
    }
}

static bool check_file(void *owner, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not stop us */
    size_t n = 0;
    char *text = fd < 0 ? NULL : read_all(owner, fd, &n);

    if (text == NULL) {
        err_set(err, ERR_INPUT, (struct loc){.file = path}, "can't read this compile database: %s",
                strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return text != NULL && check_text(path, text, n, err);
}

char *compdb_locate(void *owner, const char *from, const char *build_dir, struct err *err)
{
    void *scratch = mem_owner(NULL, "search for a compile database");
    char *dir =
        build_dir != NULL ? named_folder(scratch, build_dir) : search_upwards(scratch, from);

    if (dir == NULL && build_dir != NULL) {
        err_set(err, ERR_INPUT, (struct loc){.file = build_dir}, "no %s here; %s", COMPDB_NAME,
                HOW_TO_MAKE_ONE);
    } else if (dir == NULL) {
        err_set(err, ERR_INPUT, (struct loc){0},
                "no %s in '%s', its build* folders and the folders above; %s", COMPDB_NAME,
                path_absolute(scratch, path_current(scratch), from), HOW_TO_MAKE_ONE);
    } else if (!check_file(scratch, path_join(scratch, dir, COMPDB_NAME), err)) {
        dir = NULL;
    }
    char *found = dir == NULL ? NULL : mem_strdup(owner, dir);
    talloc_free(scratch);
    return found;
}
