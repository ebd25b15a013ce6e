/* fuzz.h - what a fuzz target is: one function that any bytes may be given to.
 *
 * libFuzzer brings its own main(); where it is not there, replay.c calls the target with the files
 * it is told, so that every build can run the seeds.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Returns 0; a mistake ends the process (a sanitizer's report, an assertion, abort()). */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A folder of this process's own, made at the first call and removed when the process exits.
 * Aborts when none can be made. */
const char *fuzz_folder(void);

/* The path of file `name` in fuzz_folder(), which now holds these bytes. Valid until the next call.
 */
const char *fuzz_file(const char *name, const void *bytes, size_t size);
