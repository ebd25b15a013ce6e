/* stretch.h - the way from what a context has read to the act that relies on it, and who is kept
 * out on it.
 */
#pragma once

#include "program/effects.h"
#include "program/gil_gaps.h"
#include "rules/rule.h"

/* In one phase of a context, inside one function. */
struct stretch {
    context_id context;
    phase_id phase;
    fn_id fn;
    op_id read;
    op_id act;
    const struct lockset *at_read;
    const struct lockset *at_act;
    const struct gil_gaps *gaps; /* NULL: no call lets go a lock that it gives back */
    path_id gil;                 /* held at both ends, but not in `gap`; PATH_NONE: there is none */
    op_id gap;                   /* the call on the way that runs Python code */
};

/* Fills *ret. False: the phase does not surely come there, or no other thread runs then. */
bool stretch_make(const struct contexts *contexts, const struct gil_gaps *gaps, phase_id phase,
                  fn_id fn, op_id read, op_id act, struct stretch *ret);

struct moment stretch_end(const struct stretch *stretch);

/* Is it only because Python code is run on the way that the rival can come in between? */
bool stretch_needs_gap(const struct stretch *stretch, const struct access *rival);

/* Says so in the finding's message: appends the line of that call, and what it lets happen. */
void stretch_tell_gap(struct rule_run *run, struct finding *finding, const struct stretch *stretch,
                      const char *name);

/* Is the token held at both ends and taken at the same place for both, so held all the way? */
bool stretch_is_held(const struct stretch *stretch, const struct token *token);

/* Does a token that is held all the way keep this access out? */
bool stretch_keeps_out(const struct stretch *stretch, const struct access *other);

/* Has the function itself changed the variable since it read it, in the same section? Then it has
 * claimed what it saw (`i = next; next = i + 1;`, `if (state == FREE) state = TAKEN;`). */
bool stretch_has_claim(const struct prog *prog, const struct stretch *stretch,
                       const struct variable *variable);

/* Tells of what makes the stretch long, as far as it comes from ops first..end-1: the call that
 * lets go a token that was held at its beginning, and the first call after it that can wait, which
 * makes the finding more severe. */
void stretch_add_gap(struct rule_run *run, struct finding *finding, size_t thread, unsigned depth,
                     const struct stretch *stretch, uint32_t first, uint32_t end);

/* Does the way to the act lead through a test, made since `lock` was taken for the act, of
 * something that the rival changes in the section in which it interferes: the variable itself
 * again, a version, a flag? Then the act knows of it. */
bool stretch_is_renewed(const struct prog *prog, struct effects *effects,
                        const struct stretch *stretch, path_id lock, const struct access *rival);

/* Does the rival change `variable`, too, in the section of `lock` in which it makes its access? */
bool stretch_rival_changes(const struct access *rival, path_id lock,
                           const struct variable *variable);
