#include "named.h"

#include "config/nearest.h"

#include <string.h>

bool named_is_file(const char *path, const char *file)
{
    size_t n = strlen(path);
    size_t n_file = strlen(file);

    while (strncmp(file, "./", 2) == 0) {
        file += 2;
        n_file -= 2;
    }
    return n_file > 0 && n >= n_file && strcmp(path + n - n_file, file) == 0 &&
           (n == n_file || path[n - n_file - 1] == '/' || file[0] == '/');
}

static void tell_unknown(const struct run *run, const char *name, struct err *err)
{
    const struct linked *linked = run->prog->linked;
    struct nearest search = nearest_start(name);
    void *scratch = mem_owner(NULL, "nearest");

    for (size_t i = 0; i < linked->fns.n; i++) {
        nearest_try(&search, linked->fns.v[i].name);
    }
    err_set(err, ERR_USAGE, (struct loc){0}, "no function of the program is called '%s'%s", name,
            nearest_question(scratch, &search));
    talloc_free(scratch);
}

static void tell_several(const struct run *run, const char *name, fn_id a, fn_id b, struct err *err)
{
    struct loc x = prog_loc_of_fn(run->prog, a);
    struct loc y = prog_loc_of_fn(run->prog, b);

    err_set(err, ERR_USAGE, (struct loc){0},
            "several functions are called '%s', at %s:%u and %s:%u: say which as FILE:%s", name,
            prog_file(run->prog, x.file), x.line, prog_file(run->prog, y.file), y.line, name);
}

bool named_fn(const struct run *run, const char *word, fn_id *ret, struct err *err)
{
    const struct linked *linked = run->prog->linked;
    const char *colon = strrchr(word, ':');
    const char *name = colon == NULL ? word : colon + 1;
    char *file = mem_strndup(NULL, word, colon == NULL ? 0 : (size_t)(colon - word));
    fn_id found[2] = {FN_NONE, FN_NONE};

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        const char *path = prog_loc_of_fn(run->prog, (fn_id){f}).file;
        if (strcmp(linked->fns.v[f].name, name) != 0 || path == NULL ||
            (colon != NULL && !named_is_file(path, file))) {
            continue;
        }
        if (strcmp(prog_file(run->prog, path), file) == 0) {
            found[0] = (fn_id){f}; /* the file lies here: others of its name lie deeper */
            found[1] = FN_NONE;
            break;
        }
        found[found[0].i == FN_NONE.i ? 0 : 1] = (fn_id){f};
    }
    talloc_free(file);
    if (found[0].i == FN_NONE.i) {
        tell_unknown(run, name, err);
    } else if (found[1].i != FN_NONE.i) {
        tell_several(run, name, found[0], found[1], err);
    }
    *ret = found[0];
    return !err_is_set(err);
}

bool named_take_words(struct common_options *common, size_t n, const char **ret, const char *what,
                      struct err *err)
{
    if (common->words.n < n || (common->words.n > n && !common->has_cflags)) {
        err_set(err, ERR_USAGE, (struct loc){0}, "%s", what);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        ret[i] = common->words.v[i];
    }
    for (size_t i = n; i < common->words.n; i++) {
        common->words.v[i - n] = common->words.v[i];
    }
    common->words.n -= n;
    return true;
}
