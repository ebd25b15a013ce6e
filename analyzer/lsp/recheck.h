/* recheck.h - what the program would say if a document held another text. */
#pragma once

#include "lsp/snapshot.h"

/* Is the finding gone with the new text, and no other one come? Works it out in a process of its
 * own, so that a text that breaks libclang breaks no more than the answer: false then. */
bool recheck_cures(const struct snapshot *snapshot, const struct document *document,
                   const char *text, const struct finding *finding);

/* The same if the settings file `path` held that text. */
bool recheck_settings(const struct snapshot *snapshot, const char *path, const char *text,
                      const struct finding *finding);
