/* parse.h - a source file to libclang's tree, in spite of flags that libclang can't work with. */
#pragma once

#include "base/mem.h"

#include <clang-c/Index.h>

/* What came of it. */
struct parsed {
    CXTranslationUnit tu;      /* NULL: libclang refused the file; the caller's to dispose of */
    enum CXErrorCode code;     /* of the last try */
    VEC(const char *) dropped; /* flags that had to be left out */
};

/* Parses `path` with the full command line `args`. A processor or a language standard that libclang
 * has not heard of makes it refuse a file before it has read a line: then those flags are left out.
 * `owner` owns `ret_parsed->dropped`. */
void parse_source(void *owner, CXIndex index, const char *path, const char *const *args, size_t n,
                  struct CXUnsavedFile *unsaved, size_t n_unsaved, struct parsed *ret_parsed);

/* Is the message one of the compiler driver about a flag? The file was read without that flag. */
bool parse_is_about_flag(const char *message);
