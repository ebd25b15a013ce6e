#include "frontend/compdb_read.h"
#include "frontend/compdb_search.h"
#include "frontend/flags.h"
#include "frontend/frontend.h"
#include "frontend/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct numbered_unit {
    struct compile_unit unit;
    size_t number; /* place in the database */
};

/* A database in the making. */
struct building {
    struct compdb *compdb;
    struct intern *names; /* owned by the database; flags are much the same in all units */
    VEC(struct numbered_unit) units;
};

static struct building building_new(void *owner)
{
    struct compdb *compdb = mem_new(owner, struct compdb);

    return (struct building){.compdb = compdb, .names = intern_new(compdb)};
}

static void count_skipped(struct compdb *compdb, enum flags_language language)
{
    switch (language) {
    case FLAGS_C:
        return;
    case FLAGS_CXX:
        compdb->n_skipped_cxx++;
        return;
    case FLAGS_ASM:
        compdb->n_skipped_asm++;
        return;
    }
}

static void add_unit(struct building *b, const char *directory, const char *path,
                     const struct flags *flags)
{
    struct compile_unit unit = {
        .path = path,
        .directory = directory,
        .args = mem_array(b->compdb, const char *, flags->args.n + 1),
        .n_args = flags->args.n,
    };

    for (size_t i = 0; i < unit.n_args; i++) {
        unit.args[i] = flags->args.v[i];
    }
    vec_push(b->compdb, &b->units, (struct numbered_unit){unit, b->units.n});
}

static void add_source(struct building *b, const char *file, const struct flags_command *command)
{
    void *scratch = mem_owner(NULL, "compile command");
    const struct flags *flags = flags_read(scratch, b->names, command);
    enum flags_language language = flags_language_of(flags, file);

    if (language != FLAGS_C) {
        count_skipped(b->compdb, language);
    } else {
        const char *path = intern_str(b->names, path_source(scratch, command->directory, file));
        struct stat status;

        if (stat(path, &status) != 0 || S_ISDIR(status.st_mode)) {
            vec_push(b->compdb, &b->compdb->missing, path);
        } else {
            add_unit(b, intern_str(b->names, command->directory), path, flags);
        }
    }
    talloc_free(scratch);
}

static int by_path(const void *a, const void *b)
{
    const struct numbered_unit *left = a;
    const struct numbered_unit *right = b;
    int order = strcmp(left->unit.path, right->unit.path);

    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts what was gathered; of several entries for one file the first stays. */
static struct compdb *finish(struct building *b)
{
    struct compdb *compdb = b->compdb;
    size_t n_missing = 0;

    if (b->units.n > 0) {
        qsort(b->units.v, b->units.n, sizeof *b->units.v, by_path);
    }
    for (size_t i = 0; i < b->units.n; i++) {
        const struct compile_unit *unit = &b->units.v[i].unit;

        if (i > 0 && unit->path == b->units.v[i - 1].unit.path) { /* interned */
            talloc_free(unit->args);
            compdb->n_duplicates++;
        } else {
            vec_push(compdb, &compdb->units, *unit);
        }
    }
    talloc_free(b->units.v);
    if (compdb->missing.n > 0) {
        qsort(compdb->missing.v, compdb->missing.n, sizeof *compdb->missing.v, by_text);
    }
    for (size_t i = 0; i < compdb->missing.n; i++) {
        if (i == 0 || compdb->missing.v[i] != compdb->missing.v[i - 1]) {
            compdb->missing.v[n_missing++] = compdb->missing.v[i];
        }
    }
    compdb->missing.n = n_missing;
    return compdb;
}

static void add_entry(void *user, const struct compdb_entry *entry)
{
    struct building *b = user;
    char *directory = path_absolute(NULL, b->compdb->dir, entry->directory);
    struct flags_command command = {
        .directory = directory,
        .argv = entry->argv,
        .n = entry->n_args,
        .has_compiler = true,
    };

    if (entry->file[0] != '\0') {
        add_source(b, entry->file, &command);
    }
    talloc_free(directory);
}

struct compdb *compdb_find(void *owner, const char *from, const char *build_dir, struct err *err)
{
    struct building b = building_new(owner);

    b.compdb->dir = compdb_locate(b.compdb, from, build_dir, err);
    if (b.compdb->dir == NULL || !compdb_read(b.compdb->dir, add_entry, &b, err)) {
        talloc_free(b.compdb);
        return NULL;
    }
    return finish(&b);
}

struct compdb *compdb_of_files(void *owner, const char *const *files, size_t n_files,
                               const char *const *cflags, size_t n_cflags)
{
    struct building b = building_new(owner);
    char *here = path_current(NULL);
    struct flags_command command = {.directory = here, .argv = cflags, .n = n_cflags};

    for (size_t i = 0; i < n_files; i++) {
        add_source(&b, files[i], &command);
    }
    talloc_free(here);
    return finish(&b);
}

/* The unit of the file that the user typed; NULL: none. One file has many names: links count. */
static struct compile_unit *unit_of(struct compdb *compdb, const char *file)
{
    struct stat typed;

    if (stat(file, &typed) != 0) {
        return NULL;
    }
    char *here = path_current(NULL);
    char *path = path_absolute(here, here, file);
    struct compile_unit *found = NULL;
    for (size_t i = 0; found == NULL && i < compdb->units.n; i++) {
        if (strcmp(compdb->units.v[i].path, path) == 0) {
            found = &compdb->units.v[i];
        }
    }
    for (size_t i = 0; found == NULL && i < compdb->units.n; i++) {
        struct stat status;
        if (stat(compdb->units.v[i].path, &status) == 0 && status.st_ino == typed.st_ino &&
            status.st_dev == typed.st_dev) {
            found = &compdb->units.v[i];
        }
    }
    talloc_free(here);
    return found;
}

static bool mark_wanted(struct compdb *compdb, bool *wanted, const char *file, struct err *err)
{
    const struct compile_unit *unit = unit_of(compdb, file);

    if (unit == NULL) {
        err_set(err, ERR_INPUT, (struct loc){.file = file},
                access(file, F_OK) != 0
                    ? "there is no such file"
                    : "no C source of the compile database; build it with the others, or give "
                      "its flags after --");
        return false;
    }
    wanted[unit - compdb->units.v] = true;
    return true;
}

bool compdb_keep_only(struct compdb *compdb, const char *const *files, size_t n_files,
                      struct err *err)
{
    bool *wanted = mem_array(NULL, bool, compdb->units.n + 1);
    bool good = true;
    size_t kept = 0;

    for (size_t i = 0; good && i < n_files; i++) {
        good = mark_wanted(compdb, wanted, files[i], err);
    }
    for (size_t i = 0; good && i < compdb->units.n; i++) {
        if (wanted[i]) {
            compdb->units.v[kept++] = compdb->units.v[i];
        }
    }
    if (good) {
        compdb->units.n = kept;
    }
    talloc_free(wanted);
    return good;
}
