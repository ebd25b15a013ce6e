/* snapshot.h - the program as it was at one moment, analysed in a process of its own: it says what
 * the diagnostics are, then answers questions until it is ended.
 */
#pragma once

#include "lsp/project.h"
#include "report/source.h"
#include "rules/rule.h"

#include <jansson.h>

/* The child's view. All of it is as it was when the process began. */
struct snapshot {
    const struct project *project;
    struct documents *documents; /* as the process was last told of them */
    struct prog *prog;
    struct finding_list all;
    VEC(const struct finding *) shown;
    struct sources *sources; /* of files that are not open */
};

/* Starts the process. Its first message is {"diagnostics": {URI: [...], ...}, "versions": {URI:
 * VERSION}}; to each {"id", "method", "params"} that it is sent it answers {"id", "result"}. NULL:
 * no process is to be had. */
struct job *snapshot_start(void *owner, const struct project *project, struct documents *documents);

/* Gives it the text that a document has now, with which the program is the same as before. It
 * answers as with its first message. False: it is gone. */
bool snapshot_tell(struct job *job, const struct document *document);

/* Is it a method that snapshots answer? */
bool snapshot_answers(const char *method);

/* ---- for those who answer -------------------------------------------------------------------- */

/* Links and analyses units: all findings. In this process only, for bodies that several units have
 * are dropped, and the server's units are to stay whole. Owned by `owner`. */
struct finding_list snapshot_findings(void *owner, const struct project *project,
                                      struct ir_unit *const *units, size_t n,
                                      struct prog **ret_prog);

/* A place of ours as the protocol's range: the word that begins there. */
json_t *snapshot_range(const struct snapshot *snapshot, struct loc where);

/* {"uri", "range"} of it. */
json_t *snapshot_location(const struct snapshot *snapshot, struct loc where);

/* The URI of a file: the editor's own where it is open. Owned by `owner`. */
const char *snapshot_uri(void *owner, const struct snapshot *snapshot, const char *path);

/* {"line", "character"}, and {"start", "end"}. */
json_t *position_json(struct position position);
json_t *range_json(struct position start, struct position end);

/* A file's diagnostics, all of them: see snapshot_start(). */
json_t *diagnostics_of(const struct snapshot *snapshot);
