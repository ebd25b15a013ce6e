/* server.h - the server's state, and the steps it takes. */
#pragma once

#include "base/job.h"
#include "lsp/client.h"
#include "lsp/documents.h"
#include "lsp/project.h"

/* A question that a snapshot is to answer. */
struct question {
    json_t *id;
    json_t *message; /* as it is sent to the snapshot */
    bool fresh;      /* only a snapshot of what the documents hold now can answer */
    bool sent;       /* to server->current */
};

/* Units being lowered. */
struct lowering_job {
    struct job *job; /* NULL: none */
    unsigned number;
};

struct server {
    struct client client;
    struct frame_reader *reader;
    struct common_options options;
    struct documents *documents;
    struct project *project;    /* NULL: none yet, or none to be had */
    struct lowering_job edited; /* what the editor has open */
    struct lowering_job indexed;
    struct job *current; /* the snapshot that answers; NULL: none yet */
    struct job *next;    /* the one that is being worked out; NULL: none */
    bool changed;        /* units have changed since `next`, or `current`, began */
    bool news;           /* the same, and `current` can take them in: it has not been told yet */
    bool waiting;        /* `current` has been told, and has not said yet what comes of it */
    double due;          /* no analysis before: more keys may be typed (now() seconds) */
    double analysed;     /* when the last analysis began */
    double looked;       /* when the compile database was last looked at */
    double tried;        /* when a project was last looked for */
    VEC(struct question) questions;
    json_t *published; /* URI -> diagnostics that the client has */
    size_t n_indexing; /* how many units the first index has; 0: it is not under way */
    bool inlay_hints;  /* the client's initializationOptions want them */
    bool initialized;
    bool shut_down;
    bool ended;
    int status;
};

/* Seconds of a clock that never goes back. */
double server_now(void);

/* Handles one message of the client. */
void server_handle(struct server *server, const char *body, size_t n);

/* Looks for the project, and tells the client when there is none. */
void server_find_project(struct server *server);

/* The text of `path` has changed, or it is open, or closed: results of what was are dropped. */
void server_changed(struct server *server, const char *path);

/* The same for keys typed in an open document, which may leave the program as it was. */
void server_edited(struct server *server, const char *path);

/* Hands a request to the snapshot. */
void server_ask(struct server *server, const json_t *message);

/* The client does not want the answer any more. */
void server_cancel(struct server *server, const json_t *id);
