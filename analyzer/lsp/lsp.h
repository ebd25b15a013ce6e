/* lsp.h - the editor's server: the Language Server Protocol 3.17 over two descriptors.
 *
 * One process talks to the editor and never computes; lowering and analysis are jobs (job.h) that
 * are ended when the text has changed under them. So an edit costs what it costs to stop, nothing a
 * file does to libclang reaches the server, and memory is given back with each job.
 */
#pragma once

#include "run/options.h"

/* Serves until the client says exit or is gone; gives the exit status: 0 after a shutdown. */
int lsp_serve(const struct common_options *options, int in, int out);
