#include "triage/own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct own_files {
    VEC(const char *) roots; /* absolute; the first is what patterns are relative to */
    bool says_report;
    bool says_hide;
    VEC(const char *) report; /* absolute patterns, or names; not said: the roots */
    VEC(const char *) hide;
};

/* ---- paths ----------------------------------------------------------------------------------- */

/* Without links, as far as that can be told. */
static const char *real(void *owner, const char *path)
{
    char *full = realpath(path, NULL);
    const char *copy = mem_strdup(owner, full == NULL ? path : full);

    free(full);
    return copy;
}

/* `folder`/`path` without "." and ".."; an absolute `path` stands for itself. */
static const char *joined(void *owner, const char *folder, const char *path)
{
    char *whole =
        path[0] == '/' ? mem_strdup(owner, path) : mem_printf(owner, "%s/%s", folder, path);
    char *out = mem_array(owner, char, strlen(whole) + 2);
    char *save = NULL;

    for (char *part = strtok_r(whole, "/", &save); part != NULL;
         part = strtok_r(NULL, "/", &save)) {
        char *slash = strrchr(out, '/');
        if (strcmp(part, "..") == 0 && slash != NULL) {
            *slash = '\0';
        } else if (strcmp(part, ".") != 0 && strcmp(part, "..") != 0) {
            strcat(strcat(out, "/"), part);
        }
    }
    return out;
}

/* "/" is the empty prefix. */
static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* How many parts a path has before `end`. */
static size_t depth_of(const char *path, const char *end)
{
    size_t depth = 0;

    for (; path < end; path++) {
        depth += *path == '/' ? 1 : 0;
    }
    return depth;
}

bool own_glob(const char *pattern, const char *path)
{
    for (; *pattern != '*'; pattern++, path++) {
        if (*pattern == '\0' || *path == '\0') {
            return *pattern == *path;
        }
        if (*pattern != *path && (*pattern != '?' || *path == '/')) {
            return false;
        }
    }
    bool any = pattern[1] == '*';
    const char *rest = pattern + (any ? 2 : 1);
    if (any && *rest == '/' && own_glob(rest + 1, path)) {
        return true; /* no folder at all in between */
    }
    for (;; path++) {
        if (own_glob(rest, path)) {
            return true;
        }
        if (*path == '\0' || (*path == '/' && !any)) {
            return false;
        }
    }
}

/* ---- the project's folders ------------------------------------------------------------------- */

static bool is_top(void *owner, const char *folder)
{
    static const char *const marks[] = {".git", ".hg", ".snarl.yml", "compile_commands.json"};
    bool found = false;

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        found = found || access(mem_printf(owner, "%s/%s", folder, marks[i]), F_OK) == 0;
    }
    return found;
}

/* The nearest folder, from this one upwards, that looks like the top of a project; NULL: none. */
static const char *top_above(void *owner, const char *folder)
{
    char *at = mem_strdup(owner, folder);

    for (char *slash = strrchr(at, '/'); slash != NULL; slash = strrchr(at, '/')) {
        if (is_top(owner, at)) {
            return at;
        }
        *slash = '\0';
    }
    return NULL;
}

/* Shortens `folder` until `path` lies below it. */
static void share_folder(char *folder, const char *path)
{
    while (!is_below(path, folder)) {
        *strrchr(folder, '/') = '\0';
    }
}

/* The nearest folder above all of them; NULL: there are none. */
static const char *common_folder(void *owner, const char *const *files, size_t n)
{
    char *folder = NULL;

    for (size_t i = 0; i < n; i++) {
        const char *file = joined(owner, "", real(owner, files[i]));
        if (folder == NULL) {
            folder = mem_strdup(owner, file);
            *strrchr(folder, '/') = '\0';
        }
        share_folder(folder, file);
    }
    return folder;
}

static void add_root(struct own_files *own, const char *folder)
{
    if (folder != NULL) {
        vec_push(own, &own->roots, folder);
    }
}

/* The folder that patterns are relative to. */
static const char *add_base(struct own_files *own, const struct config *config, const char *cwd)
{
    const char *here = joined(own, "", real(own, cwd));

    if (config->path != NULL && config->is_found) {
        const char *file = joined(own, cwd, config->path);
        add_root(own, joined(own, "", real(own, joined(own, file, ".."))));
    } else {
        const char *top = top_above(own, here);
        add_root(own, top == NULL ? here : top);
        add_root(own, here);
    }
    return own->roots.v[0];
}

/* ---- patterns -------------------------------------------------------------------------------- */

/* A slash at the end says no more than that it is a folder. */
static const char *pattern_of(void *owner, const char *base, const char *text)
{
    size_t n = strlen(text);

    while (n > 1 && text[n - 1] == '/') {
        n--;
    }
    const char *trimmed = mem_strndup(owner, text, n);
    bool is_name = strchr(trimmed, '/') == NULL && strcmp(trimmed, ".") != 0 &&
                   strcmp(trimmed, "..") != 0 && strcmp(trimmed, "**") != 0;
    return is_name ? trimmed : joined(owner, base, trimmed);
}

struct own_files *own_files_new(void *owner, const struct config *config, const char *cwd,
                                const char *const *sources, size_t n_sources)
{
    struct own_files *own = mem_new(owner, struct own_files);
    own->says_hide = config->paths.says_hide;
    own->says_report = config->paths.says_report;
    const char *base = add_base(own, config, cwd);
    const char *common = common_folder(own, sources, n_sources);

    add_root(own, common);
    add_root(own, common == NULL ? NULL : top_above(own, common));
    for (size_t i = 0; own->says_report && i < config->paths.report.n; i++) {
        vec_push(own, &own->report, pattern_of(own, base, config->paths.report.v[i]));
    }
    for (size_t i = 0; i < config->paths.hide.n; i++) {
        vec_push(own, &own->hide, pattern_of(own, base, config->paths.hide.v[i]));
    }
    return own;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Where the part of `file` begins in which names count. Those that the settings give: below the
 * settings' folder. Those of the default: below the nearest root, for whoever works on what is
 * vendored elsewhere has it as the project. The end: nowhere. */
static size_t names_from(const struct own_files *own, const char *file)
{
    bool said = own->says_hide || own->says_report;
    size_t best = strlen(file);
    bool found = false;

    for (size_t i = 0; i < own->roots.n && !(found && said); i++) {
        size_t n = strlen(own->roots.v[i]);
        if (is_below(file, own->roots.v[i]) && (!found || n > best)) {
            best = n;
            found = true;
        }
    }
    return best;
}

/* How long a match is: the number of parts of the file's path up to where it ends; 0: no match. Of
 * several parts that a name matches the last one counts. */
static size_t match_of(void *scratch, const struct own_files *own, const char *pattern,
                       const char *file)
{
    bool is_name = pattern[0] != '/' && pattern[0] != '\0';
    size_t from = is_name ? names_from(own, file) : 0;
    size_t best = 0;

    if (pattern[0] == '\0') {
        return 1; /* the whole disk */
    }
    for (const char *part = file + from; *part == '/';) {
        const char *end = part + 1 + strcspn(part + 1, "/");
        const char *tried = is_name ? mem_strndup(scratch, part + 1, (size_t)(end - part - 1))
                                    : mem_strndup(scratch, file, (size_t)(end - file));
        if (own_glob(pattern, tried)) {
            best = 1 + depth_of(file, end);
            if (!is_name) {
                return best;
            }
        }
        part = end;
    }
    return best;
}

/* The longest match. */
static size_t best_match(void *scratch, const struct own_files *own, const char *const *patterns,
                         size_t n, const char *file)
{
    size_t best = 0;

    for (size_t i = 0; i < n; i++) {
        size_t match = match_of(scratch, own, patterns[i], file);
        best = match > best ? match : best;
    }
    return best;
}

/* The length of the outermost root above the file: patterns that leave out what is below it are
 * longer, and so are more special. */
static size_t default_match(void *scratch, const struct own_files *own, const char *file)
{
    size_t least = 0;

    for (size_t i = 0; i < own->roots.n; i++) {
        size_t match = match_of(scratch, own, own->roots.v[i], file);
        least = match > 0 && (least == 0 || match < least) ? match : least;
    }
    return least;
}

bool own_files_has(const struct own_files *own, const char *file)
{
    void *scratch = mem_owner(NULL, "own file");
    const char *path = joined(scratch, "", real(scratch, file));
    size_t hidden = best_match(scratch, own, own->hide.v, own->hide.n, path);
    size_t reported = own->says_report
                          ? best_match(scratch, own, own->report.v, own->report.n, path)
                          : default_match(scratch, own, path);

    talloc_free(scratch);
    return reported > 0 && reported >= hidden;
}
