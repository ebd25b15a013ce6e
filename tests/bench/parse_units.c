/* parse_units: what libclang alone costs. Parses every unit of a compile database, one after the
 * other in this process, with the options snarl parses with, and does nothing else. With FILE, an
 * absolute path, only that unit.
 *
 *     parse_units DIRECTORY-OF-COMPILE-COMMANDS [FILE]
 *
 * bench.py runs it as one of the floors that `snarl check` is measured against.
 */
#include <clang-c/CXCompilationDatabase.h>
#include <clang-c/Index.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGS_MAX = 4096 };

/* The source is among the arguments: libclang takes it from there when it gets no name. */
static unsigned take_args(CXCompileCommand command, CXString *texts, const char **args)
{
    unsigned n = clang_CompileCommand_getNumArgs(command);

    n = n < ARGS_MAX ? n : ARGS_MAX;
    for (unsigned i = 0; i < n; i++) {
        texts[i] = clang_CompileCommand_getArg(command, i);
        args[i] = clang_getCString(texts[i]);
    }
    return n;
}

static int parse(CXCompileCommand command)
{
    static CXString texts[ARGS_MAX];
    static const char *args[ARGS_MAX + 1];
    CXString directory = clang_CompileCommand_getDirectory(command);
    CXIndex index = clang_createIndex(0, 0);
    CXTranslationUnit tu = NULL;
    unsigned n = take_args(command, texts, args);

    args[n] = "-w";
    if (chdir(clang_getCString(directory)) == 0) {
        (void)clang_parseTranslationUnit2FullArgv(index, NULL, args, (int)n + 1, NULL, 0,
                                                  CXTranslationUnit_KeepGoing, &tu);
    }
    int lost = tu == NULL;
    if (tu != NULL) {
        clang_disposeTranslationUnit(tu);
    }
    for (unsigned i = 0; i < n; i++) {
        clang_disposeString(texts[i]);
    }
    clang_disposeIndex(index);
    clang_disposeString(directory);
    return lost;
}

int main(int argc, char **argv)
{
    CXCompilationDatabase_Error error = CXCompilationDatabase_NoError;

    if (argc != 2 && argc != 3) {
        (void)fputs("usage: parse_units DIRECTORY [FILE]\n", stderr);
        return 2;
    }
    (void)setenv("LIBCLANG_NOTHREADS", "1", 1); /* as snarl's workers do */
    CXCompilationDatabase db = clang_CompilationDatabase_fromDirectory(argv[1], &error);
    if (error != CXCompilationDatabase_NoError) {
        (void)fprintf(stderr, "no compile_commands.json in %s\n", argv[1]);
        return 2;
    }
    CXCompileCommands commands = argc == 2
                                     ? clang_CompilationDatabase_getAllCompileCommands(db)
                                     : clang_CompilationDatabase_getCompileCommands(db, argv[2]);
    unsigned n = clang_CompileCommands_getSize(commands);
    int lost = 0;
    for (unsigned i = 0; i < n; i++) {
        lost += parse(clang_CompileCommands_getCommand(commands, i));
    }
    (void)printf("%u units, %d lost\n", n, lost);
    clang_CompileCommands_dispose(commands);
    clang_CompilationDatabase_dispose(db);
    return 0;
}
