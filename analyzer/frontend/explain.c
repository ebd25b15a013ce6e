#include "frontend/explain.h"

#include "frontend/compdb_read.h"
#include "frontend/compdb_search.h"
#include "frontend/path.h"

#include <string.h>
#include <sys/stat.h>

struct explaining {
    struct explanation *explanation;
    struct intern *names; /* owned by the explanation */
    bool is_used;         /* one of the entries is */
};

static bool is_source(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* One file has many names: links count. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;

    return strcmp(a, b) == 0 || (stat(a, &left) == 0 && stat(b, &right) == 0 &&
                                 left.st_ino == right.st_ino && left.st_dev == right.st_dev);
}

static enum explained_use use_of(struct explaining *ex, const struct flags *flags, const char *file,
                                 const char *path)
{
    switch (flags_language_of(flags, file)) {
    case FLAGS_CXX:
        return EXPLAINED_CXX;
    case FLAGS_ASM:
        return EXPLAINED_ASM;
    case FLAGS_C:
        break;
    }
    if (!is_source(path)) {
        return EXPLAINED_MISSING;
    }
    enum explained_use use = ex->is_used ? EXPLAINED_DUPLICATE : EXPLAINED_USED;
    ex->is_used = true;
    return use;
}

static void explain_command(struct explaining *ex, const char *file,
                            const struct flags_command *command)
{
    struct explanation *explanation = ex->explanation;
    char *path = path_source(explanation, command->directory, file);

    if (is_same_file(path, explanation->path)) {
        const struct flags *flags = flags_read(explanation, ex->names, command);
        struct explained entry = {.use = use_of(ex, flags, file, path),
                                  .directory = mem_strdup(explanation, command->directory),
                                  .flags = flags};
        vec_push(explanation, &explanation->entries, entry);
    }
    talloc_free(path);
}

static void explain_entry(void *user, const struct compdb_entry *entry)
{
    struct explaining *ex = user;
    char *directory = path_absolute(NULL, ex->explanation->dir, entry->directory);
    struct flags_command command = {directory, entry->argv, entry->n_args, true};

    if (entry->file[0] != '\0') {
        explain_command(ex, entry->file, &command);
    }
    talloc_free(directory);
}

/* An explanation without entries of the file that the user typed. */
static struct explaining begin(void *owner, const char *file)
{
    struct explanation *explanation = mem_new(owner, struct explanation);
    char *here = path_current(explanation);

    explanation->path = path_absolute(explanation, here, file);
    talloc_free(here);
    return (struct explaining){.explanation = explanation, .names = intern_new(explanation)};
}

struct explanation *explain_entries(void *owner, const char *build_dir, const char *file,
                                    struct err *err)
{
    struct explaining ex = begin(owner, file);
    struct explanation *explanation = ex.explanation;

    explanation->dir = compdb_locate(explanation, ".", build_dir, err);
    bool good = explanation->dir != NULL && compdb_read(explanation->dir, explain_entry, &ex, err);
    if (good && explanation->entries.n == 0) {
        err_set(err, ERR_INPUT, (struct loc){.file = file},
                "the compile database has no entry for this file; build it with the others, or "
                "give its flags after --");
        good = false;
    }
    if (!good) {
        talloc_free(explanation);
    }
    return good ? explanation : NULL;
}

struct explanation *explain_cflags(void *owner, const char *file, const char *const *cflags,
                                   size_t n_cflags)
{
    struct explaining ex = begin(owner, file);
    char *here = path_current(ex.explanation);

    explain_command(&ex, file, &(struct flags_command){here, cflags, n_cflags, false});
    return ex.explanation;
}
