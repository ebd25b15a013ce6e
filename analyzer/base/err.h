/* err.h - one failure, told to a person: what kind, where, and what to do next. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A place in a text file. */
struct loc {
    const char *file; /* path as the user knows it; NULL: no place */
    uint32_t line;    /* from 1; 0: the whole file */
    uint32_t column;  /* from 1, in bytes; 0: the whole line */
};

/* The kind picks the exit status (see exit_status() in cmd.h). */
enum err_kind {
    ERR_NONE,
    ERR_USAGE,  /* command line: 2 */
    ERR_CONFIG, /* .snarl.yml, models: 2 */
    ERR_INPUT,  /* something given could not be analysed: 3 */
    ERR_IO,     /* disk, database: 4 */
};

/* Filled by what can fail; zeroed by the caller before. */
struct err {
    enum err_kind kind;
    struct loc where; /* .file is copied into `path` */
    char path[512];
    char text[1024]; /* one sentence, no newline, ends without a full stop */
};

/* Fills `*err`; an error that is there already stays (the first one is the cause). */
void err_set(struct err *err, enum err_kind kind, struct loc where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when `*err` holds a failure. */
bool err_is_set(const struct err *err);

/* "file:line:column: error: text" (parts that are unknown left out), owned by `owner`. */
char *err_text(void *owner, const struct err *err);
