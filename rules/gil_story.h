/* gil_story.h - how a thread comes to a place with an interpreter's lock in hand, or without: the
 * steps that the rules about it have in common.
 */
#pragma once

#include "program/gil.h"
#include "rules/rule.h"

/* Where the lock was given back, if it is surely free before `op` because of that; SITE_NONE. */
struct site gil_let_go_at(const struct prog *prog, path_id lock, fn_id fn, op_id op);

/* Adds the context of the walk and the calls by which it gets to `fn` in `state`, with the places
 * where the lock is given back on the way. Gives the thread's number, and the depth of `fn`. */
size_t gil_story_way(struct rule_run *run, struct finding *finding, const struct gil_walk *walk,
                     fn_id fn, enum gil_state state, unsigned *ret_depth);

/* Adds the step "lets the GIL go" before `op` of `fn`, if that is where it was let go. */
void gil_story_let_go(struct rule_run *run, struct finding *finding, size_t thread, path_id lock,
                      fn_id fn, op_id op, unsigned depth);
