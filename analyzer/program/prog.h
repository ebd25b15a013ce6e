/* prog.h - the whole program, as rules, reports and commands see it. */
#pragma once

#include "base/err.h"
#include "program/accessmap.h"
#include "program/blocking_sites.h"
#include "program/borders.h"
#include "program/callback_waits.h"
#include "program/claims.h"
#include "program/contexts.h"
#include "program/effects.h"
#include "program/focus.h"
#include "program/lock_kinds.h"
#include "program/lockgraph.h"
#include "program/stalls.h"

/* All that was found out. The parts own themselves under it; all are read-only from here on. */
struct prog {
    const struct models *models;
    const char *root;          /* files below it are named relative to it */
    const struct focus *focus; /* what findings are wanted of; NULL: everything. Set it after... */
    struct linked *linked;     /* ... prog_link() */
    struct paths *paths;
    struct calls *calls;
    struct flows *flows;
    struct contexts *contexts;
    struct sources *sources; /* behind what contexts know of descriptors and loops */
    struct borders *borders;
    struct lock_kinds *lock_kinds;
    struct lockgraph *lockgraph;
    struct accessmap *accessmap;
    struct effects *effects; /* ask effects_of_call() */
    struct claims *claims;
    struct blocking_sites *blocking_sites; /* ask blocking_sites_all() */
    struct callback_waits *callback_waits; /* ask callback_waits_of() */
    struct stalls *stalls;                 /* ask stalls_all() */
    void *before; /* what prog_replace() has replaced, until prog_tidy(); NULL: nothing */
};

/* Joins and analyses `units`, which must outlive the result. `models` have been activated for their
 * files. Owned by `owner`. */
struct prog *prog_link(void *owner, const struct ir_unit *const *units, size_t n_units,
                       const struct models *models, const char *root);

/* Puts `unit` in the place of unit number `index` and brings all up to date; what is not touched by
 * that is not worked out again. False: it differs in more than the bodies of its functions (see
 * relink.h), all has to be linked anew, and nothing has changed. The old unit is not needed any
 * more. */
bool prog_replace(struct prog *prog, uint32_t index, struct ir_unit *unit);

/* Frees what was replaced: it takes a while, in which nobody has to wait for findings. */
void prog_tidy(struct prog *prog);

/* Where an op, a block's condition, a function stands. File names are as in the unit. */
struct loc prog_loc_of(const struct prog *prog, struct site site);
struct loc prog_loc_of_condition(const struct prog *prog, fn_id fn, uint32_t block);
struct loc prog_loc_of_fn(const struct prog *prog, fn_id fn);

/* What a place is called: "account.mu" for a class, "server.lock", "locks[]"; paths of a function's
 * own are named with its parameters and locals. Owned by `owner`. */
char *prog_path_name(void *owner, const struct prog *prog, fn_id fn, path_id path);

/* "a, b" for a set in absolute terms; "" for the empty one. */
char *prog_tokens_text(void *owner, const struct prog *prog, const struct lockset *set);

/* Is the result of this call looked at, handed on or kept anywhere? */
bool prog_result_is_used(const struct prog *prog, struct site call);

const char *prog_fn_name(const struct prog *prog, fn_id fn);

/* "thread 'clerk' (several: started in a loop at shop.c:40)", "main". */
char *prog_context_title(void *owner, const struct prog *prog, context_id context);

/* "the libuv loop", "the program's own loop 'aeMain'". */
char *prog_loop_text(void *owner, const struct prog *prog, const struct callback *callback);

/* "libuv callback 'on_timer', registered by uv_timer_start at a.c:7", "callback 'on_read' of the
 * program's own loop 'serve', put into handler.run at b.c:9". */
char *prog_callback_title(void *owner, const struct prog *prog, const struct callback *callback);

/* "registered by", "put into": what goes before the name of what a callback is registered by. */
const char *prog_callback_how(const struct prog *prog, struct site registered);

/* Where it is registered; a NULL file: not known. */
struct loc prog_callback_loc(const struct prog *prog, const struct callback *callback);

/* `path` relative to `root` when it lies below it, else `path`. */
const char *prog_relative(const char *root, const char *path);

/* The path of `file` as messages show it. */
const char *prog_file(const struct prog *prog, const char *file);
