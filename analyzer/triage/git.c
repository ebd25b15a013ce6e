#include "triage/git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- running it ------------------------------------------------------------------------------ */

/* What comes out of `fd`, with a NUL behind it. */
static char *read_all(void *owner, int fd, size_t *ret_size)
{
    size_t room = 4096;
    size_t size = 0;
    char *text = mem_grow(owner, NULL, 1, room);

    for (;;) {
        ssize_t got = read(fd, text + size, room - size - 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        size += (size_t)got;
        if (size + 1 == room) {
            room *= 2;
            text = mem_grow(owner, text, 1, room);
        }
    }
    text[size] = '\0';
    *ret_size = size;
    return text;
}

/* Starts `git ARGV...` with its output to `out`; its messages go nowhere. 0: it did not start. */
static pid_t start(const char *const *argv, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        return 0;
    }
    bool ok =
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(&pid, "git", &actions, NULL, (char *const *)(uintptr_t)argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    return ok ? pid : 0;
}

/* What `git ARGV...` prints, owned by `owner`; NULL: it fails, or there is none. */
static char *run(void *owner, const char *const *argv, size_t *ret_size)
{
    int ends[2];
    int status = 0;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return NULL;
    }
    pid_t pid = start(argv, ends[1]);
    (void)close(ends[1]);
    char *text = pid == 0 ? NULL : read_all(owner, ends[0], ret_size);
    (void)close(ends[0]);
    while (pid != 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return text != NULL && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : NULL;
}

static const char *run_line(void *owner, const char *const *argv)
{
    size_t size = 0;
    char *text = run(owner, argv, &size);

    if (text != NULL && size > 0 && text[size - 1] == '\n') {
        text[size - 1] = '\0';
    }
    return text;
}

/* ---- what has changed ------------------------------------------------------------------------ */

struct search {
    void *owner;
    const char *top;    /* of the work tree */
    const char *commit; /* in full */
    struct git_changes *changes;
};

/* `path` (from the top) had the text that `old_path` has in the commit; NULL: it was not there. */
static void add(struct search *s, const char *path, const char *old_path)
{
    struct git_change change = {.path = mem_printf(s->owner, "%s/%s", s->top, path)};

    if (old_path != NULL) {
        const char *object = mem_printf(s->owner, "%s:%s", s->commit, old_path);
        const char *argv[] = {"git", "cat-file", "blob", object, NULL};
        change.text = run(s->owner, argv, &change.size);
    }
    vec_push(s->owner, &s->changes->v, change);
}

/* The next of the NUL-ended words; NULL behind the last one. */
static const char *next_word(const char **at, const char *end)
{
    const char *word = *at;

    if (word >= end) {
        return NULL;
    }
    *at += strlen(word) + 1;
    return word;
}

/* "M\0path\0" or "R90\0old\0new\0"; see git-diff(1). */
static bool add_differing(struct search *s)
{
    const char *argv[] = {"git",
                          "diff",
                          "--name-status",
                          "-z",
                          "-M",
                          "--no-relative",
                          "--ignore-submodules=all",
                          "--no-ext-diff",
                          s->commit,
                          "--",
                          NULL};
    size_t size = 0;
    const char *text = run(s->owner, argv, &size);
    const char *at = text;

    for (const char *status = NULL;
         text != NULL && (status = next_word(&at, text + size)) != NULL;) {
        const char *path = next_word(&at, text + size);
        bool has_two = status[0] == 'R' || status[0] == 'C';
        const char *to = has_two ? next_word(&at, text + size) : path;
        if (path == NULL || to == NULL) {
            return false;
        }
        add(s, to, status[0] == 'A' || status[0] == 'C' ? NULL : path);
        if (status[0] == 'R') {
            add(s, path, path);
        }
    }
    return text != NULL;
}

static bool add_untracked(struct search *s)
{
    const char *argv[] = {"git", "ls-files", "--others", "--exclude-standard", "-z", "--full-name",
                          "--",  ":/",       NULL};
    size_t size = 0;
    const char *text = run(s->owner, argv, &size);
    const char *at = text;

    for (const char *path = NULL; text != NULL && (path = next_word(&at, text + size)) != NULL;) {
        add(s, path, NULL);
    }
    return text != NULL;
}

bool git_changes_since(void *owner, const char *rev, struct git_changes *ret, struct err *err)
{
    const char *top_argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    const char *wanted = mem_printf(owner, "%s^{commit}", rev);
    const char *rev_argv[] = {"git",  "rev-parse", "--verify", "--quiet", "--end-of-options",
                              wanted, NULL};
    struct search s = {.owner = owner, .changes = ret};

    *ret = (struct git_changes){{NULL, 0}};
    s.top = run_line(owner, top_argv);
    if (s.top == NULL) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "--since needs git, and the current directory in a git work tree");
        return false;
    }
    s.commit = run_line(owner, rev_argv);
    if (s.commit == NULL) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "git knows no commit '%s': `git log` lists them (a shallow clone lacks old ones)",
                rev);
        return false;
    }
    if (!add_differing(&s) || !add_untracked(&s)) {
        err_set(err, ERR_USAGE, (struct loc){0}, "git can't tell what has changed since '%s'", rev);
        return false;
    }
    return true;
}
