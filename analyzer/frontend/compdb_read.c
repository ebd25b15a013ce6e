#include "frontend/compdb_read.h"

#include "base/log.h"
#include "base/mem.h"
#include "frontend/compdb_search.h"
#include "frontend/path.h"

#include <clang-c/CXCompilationDatabase.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* stderr, turned into a file in memory while libclang prints what it has against a database: it
 * returns no more than "cannot load". */
struct captured {
    int saved;  /* the real stderr; -1: nothing is captured */
    int memory; /* what is printed meanwhile */
};

static struct captured capture_begin(void)
{
    struct captured captured = {.saved = -1, .memory = memfd_create("stderr", MFD_CLOEXEC)};

    if (captured.memory >= 0) {
        (void)fflush(stderr);
        captured.saved = dup(STDERR_FILENO);
        if (captured.saved >= 0) {
            (void)dup2(captured.memory, STDERR_FILENO);
        }
    }
    return captured;
}

/* Gives stderr back; fills `text` with the start of what was printed. */
static void capture_end(struct captured captured, char *text, size_t room)
{
    ssize_t n = 0;

    if (captured.saved >= 0) {
        (void)dup2(captured.saved, STDERR_FILENO);
        (void)close(captured.saved);
        n = pread(captured.memory, text, room - 1, 0);
    }
    if (captured.memory >= 0) {
        (void)close(captured.memory);
    }
    text[n > 0 ? n : 0] = '\0';
}

/* The sentence in libclang's message: it tries several kinds of databases and names each. */
static const char *reason_in(char *message)
{
    static const char prefix[] = "json-compilation-database: ";
    char *found = strstr(message, prefix);
    char *reason = found == NULL ? message : found + strlen(prefix);

    reason[strcspn(reason, "\n")] = '\0';
    size_t n = strlen(reason);
    if (n > 0 && reason[n - 1] == '.') {
        reason[n - 1] = '\0';
    }
    return reason[0] == '\0' ? "libclang can't load it" : reason;
}

static CXCompilationDatabase open_database(const char *dir, struct err *err)
{
    CXCompilationDatabase_Error failed = CXCompilationDatabase_NoError;
    char message[1024];

    struct captured captured = capture_begin();
    CXCompilationDatabase database = clang_CompilationDatabase_fromDirectory(dir, &failed);
    capture_end(captured, message, sizeof message);

    if (failed != CXCompilationDatabase_NoError || database == NULL) {
        char *path = path_join(NULL, dir, COMPDB_NAME);
        err_set(err, ERR_INPUT, (struct loc){.file = path}, "not a compile database: %s",
                reason_in(message));
        talloc_free(path);
        return NULL;
    }
    if (message[0] != '\0') {
        log_debug("%s: %s", dir, reason_in(message));
    }
    return database;
}

static char *copy_string(void *owner, CXString string)
{
    const char *text = clang_getCString(string);
    char *copy = mem_strdup(owner, text == NULL ? "" : text);

    clang_disposeString(string);
    return copy;
}

static void read_entry(CXCompileCommand command, compdb_entry_fn *each, void *user)
{
    void *owner = mem_owner(NULL, "compile database entry");
    unsigned n = clang_CompileCommand_getNumArgs(command);
    const char **argv = mem_array(owner, const char *, n + 1);

    for (unsigned i = 0; i < n; i++) {
        argv[i] = copy_string(owner, clang_CompileCommand_getArg(command, i));
    }
    each(user, &(struct compdb_entry){
                   .directory = copy_string(owner, clang_CompileCommand_getDirectory(command)),
                   .file = copy_string(owner, clang_CompileCommand_getFilename(command)),
                   .argv = argv,
                   .n_args = n,
               });
    talloc_free(owner);
}

bool compdb_read(const char *dir, compdb_entry_fn *each, void *user, struct err *err)
{
    CXCompilationDatabase database = open_database(dir, err);

    if (database == NULL) {
        return false;
    }
    CXCompileCommands commands = clang_CompilationDatabase_getAllCompileCommands(database);
    unsigned n = commands == NULL ? 0 : clang_CompileCommands_getSize(commands);
    for (unsigned i = 0; i < n; i++) {
        read_entry(clang_CompileCommands_getCommand(commands, i), each, user);
    }
    if (commands != NULL) {
        clang_CompileCommands_dispose(commands);
    }
    clang_CompilationDatabase_dispose(database);
    return true;
}
