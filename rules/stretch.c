#include "rules/stretch.h"

#include "program/depends.h"

/* Looks for a call on the way that lets the interpreter's lock go, if it is held at both ends. */
static void find_gap(struct stretch *stretch, const struct contexts *contexts)
{
    path_id gil = contexts->gil;

    if (stretch->gaps == NULL || lockset_find(stretch->at_read, gil) == NULL ||
        !stretch_is_held(stretch, lockset_find(stretch->at_read, gil))) {
        return;
    }
    stretch->gap = gil_gap_between(stretch->gaps, stretch->fn, stretch->read, stretch->act);
    if (stretch->gap.i != ID_NONE) {
        stretch->gil = gil;
    }
}

bool stretch_make(const struct contexts *contexts, const struct gil_gaps *gaps, phase_id phase,
                  fn_id fn, op_id read, op_id act, struct stretch *ret)
{
    const struct phase *p = &contexts->phases.v[phase.i];

    *ret = (struct stretch){.context = p->context, .phase = phase, .fn = fn, .gaps = gaps};
    ret->read = read;
    ret->act = act;
    ret->gil = PATH_NONE;
    ret->gap = (op_id){ID_NONE};
    if (!p->reach[fn.i].sure) {
        return false;
    }
    ret->at_read = contexts_held_at(contexts, phase, fn, read);
    ret->at_act = contexts_held_at(contexts, phase, fn, act);
    if (ret->at_read == NULL || ret->at_act == NULL ||
        contexts_alone_at(contexts, stretch_end(ret))) {
        return false;
    }
    find_gap(ret, contexts);
    return true;
}

struct moment stretch_end(const struct stretch *stretch)
{
    return (struct moment){stretch->phase, stretch->fn, stretch->act};
}

bool stretch_is_held(const struct stretch *stretch, const struct token *token)
{
    const struct token *first = lockset_find(stretch->at_read, token->lock);
    const struct token *later = lockset_find(stretch->at_act, token->lock);

    return first != NULL && later != NULL && site_eq(later->taken, first->taken) &&
           !path_eq(token->lock, stretch->gil);
}

bool stretch_needs_gap(const struct stretch *stretch, const struct access *rival)
{
    return !path_is_none(stretch->gil) && lockset_find(rival->held, stretch->gil) != NULL;
}

/* Is the token held from op `a` to op `b`, which both hold it since the same place? */
static bool is_kept(const struct stretch *stretch, const struct token *token, op_id a, op_id b)
{
    return !path_eq(token->lock, stretch->gil) ||
           gil_gap_between(stretch->gaps, stretch->fn, a, b).i == ID_NONE;
}

bool stretch_keeps_out(const struct stretch *stretch, const struct access *other)
{
    for (uint32_t i = 0; i < stretch->at_read->n; i++) {
        const struct token *mine = &stretch->at_read->v[i];
        const struct token *theirs = lockset_find(other->held, mine->lock);
        if (theirs != NULL && stretch_is_held(stretch, mine) &&
            (mine->mode == TOKEN_EXCLUSIVE || theirs->mode == TOKEN_EXCLUSIVE)) {
            return true;
        }
    }
    return false;
}

/* Does the access hold a token that was held at the read, since the same place, and is let go
 * before the act? */
static bool is_in_first_section(const struct stretch *stretch, const struct access *access)
{
    for (uint32_t i = 0; i < stretch->at_read->n; i++) {
        const struct token *token = &stretch->at_read->v[i];
        const struct token *then = lockset_find(access->held, token->lock);
        if (then != NULL && site_eq(then->taken, token->taken) &&
            !stretch_is_held(stretch, token) &&
            is_kept(stretch, token, stretch->read, access->op)) {
            return true;
        }
    }
    return false;
}

bool stretch_has_claim(const struct prog *prog, const struct stretch *stretch,
                       const struct variable *variable)
{
    const struct cfg *cfg = prog->linked->fns.v[stretch->fn.i].cfg;

    for (size_t i = accessmap_first_write(variable, stretch->phase, stretch->fn);
         i < variable->sure_writes.n; i++) {
        const struct access *own = &variable->accesses.v[variable->sure_writes.v[i]];
        if (own->phase.i != stretch->phase.i || own->fn.i != stretch->fn.i) {
            return false;
        }
        if (own->op.i != stretch->act.i && is_in_first_section(stretch, own) &&
            cfg_op_between(cfg, stretch->read, own->op, stretch->act)) {
            return true;
        }
    }
    return false;
}

/* ---- a test that is made anew ---------------------------------------------------------------- */

/* Were both made in one section of the lock? */
static bool is_same_section(const struct access *a, const struct access *b, path_id lock)
{
    const struct token *of_a = lockset_find(a->held, lock);
    const struct token *of_b = lockset_find(b->held, lock);

    return a->phase.i == b->phase.i && of_a != NULL && of_b != NULL &&
           of_a->taken.fn != UINT32_MAX && site_eq(of_a->taken, of_b->taken);
}

bool stretch_rival_changes(const struct access *rival, path_id lock,
                           const struct variable *variable)
{
    for (size_t i = 0; i < variable->sure_writes.n; i++) {
        const struct access *a = &variable->accesses.v[variable->sure_writes.v[i]];
        if (a == rival || (a->context.i == rival->context.i && is_same_section(a, rival, lock))) {
            return true;
        }
    }
    return false;
}

/* Is the lock, at this op, held as it is at the act? */
static bool is_held_for_act(const struct prog *prog, const struct stretch *stretch, path_id lock,
                            op_id op)
{
    const struct lockset *held = contexts_held_at(prog->contexts, stretch->phase, stretch->fn, op);
    const struct token *token = held == NULL ? NULL : lockset_find(held, lock);
    const struct token *at_act = lockset_find(stretch->at_act, lock);

    return token != NULL && at_act != NULL && site_eq(token->taken, at_act->taken) &&
           is_kept(stretch, token, op, stretch->act);
}

/* Does the op tell of a variable that the rival changes? */
static bool tells_of_rival(const struct prog *prog, struct effects *effects, fn_id fn, op_id op,
                           path_id lock, const struct access *rival)
{
    struct fn_effects of = {.n_told = 0};
    const struct variable *variable;
    path_id path;

    if (prog->linked->fns.v[fn.i].ir->ops.v[op.i].kind == IR_CALL) {
        (void)effects_of_call(effects, calls_at(prog->calls, fn, op), &of);
    } else if (accessmap_is_shared_access(prog->accessmap, fn, op, &path)) {
        of.told[of.n_told++].path = path;
    }
    for (uint32_t i = 0; i < of.n_told; i++) {
        variable = accessmap_find(prog->accessmap, fn, of.told[i].path);
        if (variable != NULL && stretch_rival_changes(rival, lock, variable)) {
            return true;
        }
    }
    return false;
}

bool stretch_is_renewed(const struct prog *prog, struct effects *effects,
                        const struct stretch *stretch, path_id lock, const struct access *rival)
{
    const struct prog_fn *fn = &prog->linked->fns.v[stretch->fn.i];
    struct depends *depends = depends_new(NULL, fn);
    uint32_t act = cfg_block_of(fn->cfg, stretch->act);
    bool renewed = false;

    for (uint32_t b = 0; b < fn->ir->blocks.n && !renewed; b++) {
        enum ir_term term = fn->ir->blocks.v[b].term;
        if ((term != IR_BRANCH && term != IR_SWITCH) || cfg_side_of(fn->cfg, b, act) == ID_NONE) {
            continue;
        }
        const struct op_list *ops = depends_of_block(depends, b);
        for (size_t i = 0; i < ops->n && !renewed; i++) {
            renewed = is_held_for_act(prog, stretch, lock, ops->v[i]) &&
                      tells_of_rival(prog, effects, stretch->fn, ops->v[i], lock, rival);
        }
    }
    talloc_free(depends);
    return renewed;
}

/* ---- what happens on the way ----------------------------------------------------------------- */

/* A token that is held before op `i` as it was at the beginning, and not any more before the op
 * behind it. NULL: none. */
static const struct token *let_go_at(const struct contexts *contexts, const struct stretch *stretch,
                                     uint32_t i)
{
    const struct prog_fn *fn = &contexts->flows->linked->fns.v[stretch->fn.i];
    op_id next = {i + 1};

    if (stretch->at_read->n == 0 || fn->ir->ops.v[i].kind != IR_CALL || next.i >= fn->ir->ops.n ||
        cfg_block_of(fn->cfg, next) != cfg_block_of(fn->cfg, (op_id){i})) {
        return NULL;
    }
    const struct lockset *before =
        contexts_held_at(contexts, stretch->phase, stretch->fn, (op_id){i});
    const struct lockset *after = contexts_held_at(contexts, stretch->phase, stretch->fn, next);
    for (uint32_t t = 0; before != NULL && after != NULL && t < stretch->at_read->n; t++) {
        const struct token *token = &stretch->at_read->v[t];
        const struct token *still = lockset_find(before, token->lock);
        if (still != NULL && site_eq(still->taken, token->taken) &&
            !stretch_is_held(stretch, token) && lockset_find(after, token->lock) == NULL) {
            return token;
        }
    }
    return NULL;
}

static bool is_on_the_way(const struct prog_fn *fn, const struct stretch *stretch, uint32_t i)
{
    return i != stretch->read.i && i != stretch->act.i &&
           cfg_op_between(fn->cfg, stretch->read, (op_id){i}, stretch->act);
}

/* The step "runs Python code" of the stretch's gap. */
static void add_python(struct rule_run *run, struct finding *finding, size_t thread, unsigned depth,
                       const struct stretch *stretch)
{
    const struct prog *prog = run->prog;
    struct loc where = prog_loc_of(prog, (struct site){stretch->fn.i, stretch->gap.i});

    finding_add_step(run, finding, thread, where, depth, NULL,
                     "can run Python code in '%s', and another thread then",
                     calls_at(prog->calls, stretch->fn, stretch->gap)->name);
}

/* What takes long enough for another to come in between. (Taking the lock for the act is a wait,
 * too, but no longer than the other's turn.) */
static bool takes_long(enum blocks_what what)
{
    static const bool yes[] = {
        [BLOCKS_SLEEP] = true, [BLOCKS_COND] = true,   [BLOCKS_JOIN] = true, [BLOCKS_NET] = true,
        [BLOCKS_DNS] = true,   [BLOCKS_NSS] = true,    [BLOCKS_FILE] = true, [BLOCKS_SYNC] = true,
        [BLOCKS_FD] = true,    [BLOCKS_POLL] = true,   [BLOCKS_PROC] = true, [BLOCKS_TTY] = true,
        [BLOCKS_IPC] = true,   [BLOCKS_DB] = true,     [BLOCKS_TLS] = true,  [BLOCKS_LOOP] = true,
        [BLOCKS_ANY] = true,   [BLOCKS_OTHER] = false,
    };

    return yes[what];
}

static bool is_pause(const struct prog *prog, const struct stretch *stretch, uint32_t i)
{
    const struct call *call = calls_at(prog->calls, stretch->fn, (op_id){i});
    bool sure;
    enum blocks_what what = blocking_what(prog->contexts, call, &sure);

    return takes_long(what) && sure;
}

void stretch_tell_gap(struct rule_run *run, struct finding *finding, const struct stretch *stretch,
                      const char *name)
{
    const struct prog *prog = run->prog;
    unsigned line = prog_loc_of(prog, (struct site){stretch->fn.i, stretch->gap.i}).line;
    char *gil = prog_path_name(finding, prog, FN_NONE, stretch->gil);

    finding->message = mem_printf(
        finding, "%s; the call on line %u can run Python code, in which another thread gets the %s",
        finding->message, line, gil);
    finding->cure = mem_printf(
        finding, "read '%s' again behind line %u, or make line %u come first", name, line, line);
}

void stretch_add_gap(struct rule_run *run, struct finding *finding, size_t thread, unsigned depth,
                     const struct stretch *stretch, uint32_t first, uint32_t end)
{
    const struct prog *prog = run->prog;
    const struct prog_fn *fn = &prog->linked->fns.v[stretch->fn.i];

    for (uint32_t i = first; i < end && i < fn->ir->ops.n; i++) {
        const struct token *token = let_go_at(prog->contexts, stretch, i);
        if (i == stretch->gap.i) {
            add_python(run, finding, thread, depth, stretch);
            continue;
        }
        if (fn->ir->ops.v[i].kind != IR_CALL || (token == NULL && !is_pause(prog, stretch, i)) ||
            !is_on_the_way(fn, stretch, i)) {
            continue;
        }
        struct loc where = prog_loc_of(prog, (struct site){stretch->fn.i, i});
        if (token != NULL) {
            char *name = prog_path_name(finding, prog, FN_NONE, token->lock);
            finding_add_step(run, finding, thread, where, depth, NULL, "lets '%s' go", name);
        } else {
            finding_add_step(run, finding, thread, where, depth, NULL, "waits in '%s'",
                             calls_at(prog->calls, stretch->fn, (op_id){i})->name);
            finding->severity = LEVEL_HIGH;
            return;
        }
    }
}
