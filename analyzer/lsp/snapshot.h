/* snapshot.h - the program as it was at one moment, analysed in a process of its own: it says what
 * the diagnostics of the open documents are, then answers questions until it is ended. Those of
 * other files are found beside that, in one more process, and said when they are there.
 */
#pragma once

#include "lsp/told.h"
#include "report/source.h"

#include <jansson.h>

/* The child's view. All of it is as it was when the process began. */
struct snapshot {
    const struct project *project;
    struct documents *documents; /* as the process was last told of them */
    struct prog *prog;
    struct told *told;
    bool moved;              /* code has, since `told` was found out */
    struct ir_unit *other;   /* is to take the place of unit number... */
    size_t index;            /* ... this; NULL: none */
    bool outdated;           /* a unit came that can't be put in: a new snapshot has to be made */
    unsigned n_replaced;     /* so many have, so far */
    size_t in_use;           /* bytes before the first one; 0: not known yet */
    struct sources *sources; /* of files that are not open */
};

/* Starts the process. Its first message is {"diagnostics": {URI: [...], ...}, "versions": {URI:
 * VERSION}}, of the open documents; {"elsewhere": {URI: [...], ...}} follows, of all other files
 * that have any. To each {"id", "method", "params"} that it is sent it answers {"id", "result"}.
 * NULL: no process is to be had. */
struct job *snapshot_start(void *owner, const struct project *project, struct documents *documents);

/* Gives it the text that a document has now, with which the program is the same as before. It
 * answers as with its first message. False: it is gone. */
bool snapshot_tell(struct job *job, const struct document *document);

/* Gives it the units of which there is news (one NEWS_OTHER at most), and the texts of all
 * documents. It answers as with its first message, or {"anew": true}: the program has to be linked
 * anew. False: it is gone. */
bool snapshot_take(struct job *job, const struct project *project,
                   const struct documents *documents);

/* Is it a method that snapshots answer? */
bool snapshot_answers(const char *method);

/* ---- for those who answer -------------------------------------------------------------------- */

/* A place of ours as the protocol's range: the word that begins there. */
json_t *snapshot_range(const struct snapshot *snapshot, struct loc where);

/* {"uri", "range"} of it. */
json_t *snapshot_location(const struct snapshot *snapshot, struct loc where);

/* The URI of a file: the editor's own where it is open. Owned by `owner`. */
const char *snapshot_uri(void *owner, const struct snapshot *snapshot, const char *path);

/* {"line", "character"}, and {"start", "end"}. */
json_t *position_json(struct position position);
json_t *range_json(struct position start, struct position end);

/* The diagnostics that are known, by URI, with an entry for each open document. */
json_t *diagnostics_of(const struct snapshot *snapshot);
