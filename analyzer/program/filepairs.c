#include "program/filepairs.h"

#include "program/depends.h"
#include "program/resolve.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXPORTED = 16 }; /* uses that a function has for its callers */

/* The search in one function. */
struct search {
    struct filepairs *out;
    struct filenames *names;
    struct depends *depends;
    struct file_use_list uses;
};

static bool has_op(const struct op_list *ops, op_id op)
{
    bool found = false;

    for (size_t i = 0; i < ops->n && !found; i++) {
        found = ops->v[i].i == op.i;
    }
    return found;
}

static bool is_within(const struct paths *paths, path_id path, path_id whole)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        if (path_eq(path, whole)) {
            return true;
        }
    }
    return false;
}

/* ---- what decides ---------------------------------------------------------------------------- */

/* Is the op a read of what the check stores, or a call that is handed it? */
static bool looks_at_finding(const struct search *s, const struct file_use *check, op_id op)
{
    const struct ir_fn *ir = s->names->ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    const struct paths *paths = s->names->flows->paths;
    bool looks = false;

    if (o->kind != IR_CALL) {
        return o->kind == IR_READ &&
               is_within(paths, resolve_place(s->names->resolver, o->u.access.place), check->into);
    }
    for (uint32_t a = 0; a < o->u.call.n_args && !looks; a++) { /* is_directory(&st) */
        path_id there = resolve_pointee(s->names->resolver, ir->args.v[o->u.call.first_arg + a]);
        looks = is_within(paths, there, check->into);
    }
    return looks;
}

/* Does the op tell of what this check, and no other one after it, has stored? */
static bool tells_finding(const struct search *s, const struct file_use *check, op_id op)
{
    if (path_is_none(check->into) || op.i == check->op.i ||
        !cfg_op_before(s->names->cfg, check->op, op) || !looks_at_finding(s, check, op)) {
        return false;
    }
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct file_use *other = &s->uses.v[i];
        if (other->op.i != check->op.i && path_eq(other->into, check->into) &&
            (other->op.i == op.i || cfg_op_between(s->names->cfg, check->op, other->op, op))) {
            return false;
        }
    }
    return true;
}

/* Does what block `b` ends with depend on the check? *ret_by_kind: on more than its being there. */
static bool decides(const struct search *s, const struct file_use *check, uint32_t b,
                    bool *ret_by_kind)
{
    const struct op_list *ops = depends_of_block(s->depends, b);

    *ret_by_kind = false;
    for (size_t i = 0; i < ops->n && !*ret_by_kind; i++) {
        *ret_by_kind = tells_finding(s, check, ops->v[i]);
    }
    bool by_result = check->tells && has_op(ops, check->op);
    *ret_by_kind = *ret_by_kind || (by_result && check->of_kind);
    return by_result || *ret_by_kind;
}

static bool is_decided(enum ir_term term)
{
    return term == IR_BRANCH || term == IR_SWITCH;
}

/* Which answer of the check leads to this side of the branch? */
static enum file_side meaning_of(const struct search *s, const struct file_use *check, uint32_t b,
                                 uint32_t side)
{
    const struct ir_block *block = &s->names->ir->blocks.v[b];
    int64_t there;
    int64_t missing;

    if (!check->answers.known || block->term != IR_BRANCH ||
        !fileuses_evaluate(s->names, block->cond, check->op, check->answers.there, &there) ||
        !fileuses_evaluate(s->names, block->cond, check->op, check->answers.missing, &missing) ||
        (there != 0) == (missing != 0)) {
        return SIDE_UNKNOWN;
    }
    return (there != 0) == (side == 0) ? SIDE_THERE : SIDE_MISSING;
}

/* ---- what makes it right --------------------------------------------------------------------- */

/* Is the value the descriptor, or stream, that the act has opened? */
static bool is_opened_by(const struct search *s, value_id value, op_id act, unsigned nested)
{
    const struct ir_fn *ir = s->names->ir;
    uint32_t local;
    uint32_t written;

    value = resolve_value(s->names->resolver, value);
    if (value.i == ID_NONE || nested > 2) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_CALL) {
        const struct ir_op *op = &ir->ops.v[v->u.op.i];
        return v->u.op.i == act.i ||
               (op->u.call.n_args == 1 && /* fileno(stream) */
                is_opened_by(s, ir->args.v[op->u.call.first_arg], act, nested + 1));
    }
    if (v->kind != IR_VALUE_READ ||
        !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)) {
        return false;
    }
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_WRITE && place_is_local(ir, op->u.access.place, &written) &&
            written == local && is_opened_by(s, op->u.access.value, act, nested + 1)) {
            return true;
        }
    }
    return false;
}

/* Does some branch depend on the check? */
static bool decides_anything(const struct search *s, const struct file_use *check)
{
    bool by_kind = false;

    for (uint32_t b = 0; b < s->names->ir->blocks.n; b++) {
        if (is_decided(s->names->ir->blocks.v[b].term) && decides(s, check, b, &by_kind) &&
            by_kind) {
            return true;
        }
    }
    return false;
}

/* What was opened is looked at again through its descriptor: nobody can exchange that. */
static bool is_looked_at_again(const struct search *s, const struct file_use *act)
{
    if (!file_deed_opens(act->deed) || (act->flags.sure & O_TRUNC) != 0) {
        return false;
    }
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct file_use *again = &s->uses.v[i];
        if (again->deed == FILE_FSTAT && cfg_op_before(s->names->cfg, act->op, again->op) &&
            is_opened_by(s, again->name.value, act->op, 0) && decides_anything(s, again)) {
            return true;
        }
    }
    return false;
}

/* After the act, which may have failed, the name is looked at again. */
static bool is_asked_again(const struct search *s, const struct file_use *act)
{
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct file_use *again = &s->uses.v[i];
        if (file_deed_is_check(again->deed) && again->deed != FILE_FSTAT && act->looked_at &&
            cfg_op_before(s->names->cfg, act->op, again->op) &&
            filenames_same(s->names, &act->name, act->op, &again->name, again->op)) {
            return true;
        }
    }
    return false;
}

/* Does the act make something under a name that the program has freed itself since it asked? Then
 * it does not go by the answer any more. */
static bool is_freed(const struct search *s, const struct file_use *check,
                     const struct file_use *act)
{
    bool makes = act->deed == FILE_MKDIR || act->deed == FILE_LINK || act->deed == FILE_REPLACE ||
                 (file_deed_opens(act->deed) && (act->flags.sure & O_CREAT) != 0);

    for (size_t i = 0; i < s->uses.n && makes; i++) {
        const struct file_use *other = &s->uses.v[i];
        if ((other->deed == FILE_REMOVE || other->deed == FILE_RMDIR ||
             other->deed == FILE_RENAME) &&
            other->op.i != act->op.i && cfg_op_before(s->names->cfg, other->op, act->op) &&
            cfg_op_between(s->names->cfg, check->op, other->op, act->op) &&
            filenames_same(s->names, &other->name, other->op, &act->name, act->op)) {
            return true;
        }
    }
    return false;
}

static bool is_safe(const struct search *s, const struct file_use *check,
                    const struct file_use *act)
{
    bool opens = file_deed_opens(act->deed);
    bool makes = act->deed == FILE_MKDIR || act->deed == FILE_LINK;

    return (opens && (act->flags.sure & O_EXCL) != 0) ||
           (opens && check->deed == FILE_LSTAT && (act->flags.sure & O_NOFOLLOW) != 0) ||
           (act->handled && !opens) || is_freed(s, check, act) || is_looked_at_again(s, act) ||
           (makes && is_asked_again(s, act));
}

static bool same_flags(const struct open_flags *a, const struct open_flags *b)
{
    return a->sure == b->sure && a->known == b->known && a->param == b->param;
}

/* Is the same done on another side of the branch? Then it does not matter what was found. */
static bool is_done_anyway(const struct search *s, const struct file_use *act, uint32_t branch,
                           uint32_t side)
{
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct file_use *other = &s->uses.v[i];
        if (other->op.i == act->op.i || other->deed != act->deed ||
            !same_flags(&other->flags, &act->flags)) {
            continue;
        }
        uint32_t there = cfg_side_of(s->names->cfg, branch, cfg_block_of(s->names->cfg, other->op));
        if (there != ID_NONE && there != side &&
            filenames_same(s->names, &act->name, act->op, &other->name, other->op)) {
            return true;
        }
    }
    return false;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* Can control come from the head of a side to an end of the function without the act? */
static bool can_leave(const struct search *s, uint32_t head, uint32_t act)
{
    const struct cfg *cfg = s->names->cfg;
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool leaves = false;

    if (head != act) {
        cfg_reach(cfg, head, act, seen);
        seen[head] = true;
    }
    for (uint32_t b = 0; b < cfg->n && !leaves; b++) {
        enum ir_term term = s->names->ir->blocks.v[b].term;
        leaves = seen[b] && (term == IR_RETURN || term == IR_UNREACHABLE);
    }
    talloc_free(seen);
    return leaves;
}

/* The side of the branch for which the act is meant: the only one that leads to it, or that can't
 * leave without it: `if (exists(p)) { if (!force) return; } open(p, O_CREAT)`. */
static uint32_t side_of(const struct search *s, uint32_t branch, op_id act)
{
    const struct ir_fn *ir = s->names->ir;
    const struct ir_block *block = &ir->blocks.v[branch];
    uint32_t b = cfg_block_of(s->names->cfg, act);
    uint32_t side = cfg_side_of(s->names->cfg, branch, b);

    if (side != ID_NONE || block->term != IR_BRANCH || b == branch ||
        !cfg_dominates(s->names->cfg, branch, b)) {
        return side;
    }
    bool first = can_leave(s, ir->succs.v[block->first_succ].block.i, b);
    bool second = can_leave(s, ir->succs.v[block->first_succ + 1].block.i, b);
    return first == second ? ID_NONE : first ? 1 : 0;
}

/* Is it asked for more than its being there on the other side, before that leaves: `if (stat(p) ==
 * 0) { if (is_directory) return; } unlink(p)`? */
static bool is_asked_beside(const struct search *s, const struct file_use *check, uint32_t branch,
                            uint32_t side)
{
    const struct ir_fn *ir = s->names->ir;
    const struct ir_block *block = &ir->blocks.v[branch];
    bool asked = false;

    for (uint32_t i = 0; i < block->n_succs && !asked; i++) {
        uint32_t head = ir->succs.v[block->first_succ + i].block.i;
        for (uint32_t b = 0; b < ir->blocks.n && i != side && !asked; b++) {
            bool decided =
                is_decided(ir->blocks.v[b].term) && cfg_dominates(s->names->cfg, head, b);
            (void)(decided && decides(s, check, b, &asked));
        }
    }
    return asked;
}

static void consider(struct search *s, const struct file_use *check, const struct file_use *act,
                     uint32_t b, bool by_kind)
{
    struct filenames *names = s->names;
    uint32_t side = side_of(s, b, act->op);

    if (side == ID_NONE || act->op.i == check->op.i ||
        !filenames_same(names, &check->name, check->op, &act->name, act->op) ||
        is_safe(s, check, act) || is_done_anyway(s, act, b, side) ||
        fileplaces_is_private(names, &act->name, act->op)) {
        return;
    }
    vec_push(s->out, &s->out->v,
             (struct file_pair){.fn = names->fn,
                                .check = *check,
                                .act = *act,
                                .branch = b,
                                .by_kind = by_kind || is_asked_beside(s, check, b, side),
                                .taken = side,
                                .side = meaning_of(s, check, b, side),
                                .place = fileplaces_of(names, &act->name, act->op)});
}

/* Can control come from the end of block `b` to the act without another check? Not from the head of
 * a loop that checks anew in each turn. */
static bool is_still_good(const struct search *s, const struct file_use *check, uint32_t b,
                          op_id act)
{
    const struct cfg *cfg = s->names->cfg;
    bool *seen = mem_array(NULL, bool, cfg->n + 1);

    cfg_reach(cfg, b, cfg_block_of(cfg, check->op), seen);
    bool good = seen[cfg_block_of(cfg, act)];
    talloc_free(seen);
    return good;
}

static void search_branch(struct search *s, uint32_t b)
{
    for (size_t c = 0; c < s->uses.n; c++) {
        const struct file_use *check = &s->uses.v[c];
        bool by_kind;
        if (!file_deed_is_check(check->deed) || check->deed == FILE_FSTAT ||
            !decides(s, check, b, &by_kind)) {
            continue;
        }
        for (size_t a = 0; a < s->uses.n; a++) {
            if (!file_deed_is_check(s->uses.v[a].deed) &&
                is_still_good(s, check, b, s->uses.v[a].op)) {
                consider(s, check, &s->uses.v[a], b, by_kind);
            }
        }
    }
}

/* ---- what callers see ------------------------------------------------------------------------ */

/* The numbers that the function returns by what the check has found. */
static struct answers answers_through(const struct search *s, const struct file_use *check)
{
    const struct filenames *names = s->names;
    struct answers found = {.known = false};

    for (uint32_t r = 0; r < names->ir->blocks.n && check->answers.known; r++) {
        const struct ir_block *block = &names->ir->blocks.v[r];
        struct answers here = {.known = true};
        if (block->term != IR_RETURN || block->cond.i == ID_NONE ||
            !fileuses_evaluate(names, block->cond, check->op, check->answers.there, &here.there) ||
            !fileuses_evaluate(names, block->cond, check->op, check->answers.missing,
                               &here.missing)) {
            continue;
        }
        if (here.there != here.missing) {
            return here;
        }
        for (uint32_t b = 0; b < names->ir->blocks.n; b++) { /* a constant on one side */
            uint32_t side = cfg_side_of(names->cfg, b, r);
            enum file_side means = side == ID_NONE ? SIDE_UNKNOWN : meaning_of(s, check, b, side);
            if (means == SIDE_THERE) {
                found.there = here.there;
                found.known = true;
            } else if (means == SIDE_MISSING) {
                found.missing = here.missing;
                found.known = true;
            }
        }
    }
    found.known = found.known && (found.there != 0) != (found.missing != 0);
    return found;
}

static bool is_act_of_pair(const struct search *s, const struct file_use *act, size_t first)
{
    for (size_t i = first; i < s->out->v.n; i++) {
        if (s->out->v.v[i].act.op.i == act->op.i) {
            return true;
        }
    }
    return false;
}

/* Is the name looked at again in this function, before the act, or what the act opens? Then that is
 * what counts for its callers, too. */
static bool is_checked_here(const struct search *s, const struct file_use *act)
{
    if (is_looked_at_again(s, act)) {
        return true;
    }
    for (size_t i = 0; i < s->uses.n; i++) {
        const struct file_use *use = &s->uses.v[i];
        bool checks = file_deed_is_check(use->deed) && use->deed != FILE_FSTAT;
        if (use->op.i != act->op.i && (checks || is_looked_at_again(s, use)) &&
            cfg_op_before(s->names->cfg, use->op, act->op) &&
            filenames_same(s->names, &use->name, use->op, &act->name, act->op)) {
            return true;
        }
    }
    return false;
}

/* Does the returned value tell what the check has found? */
static bool is_told(const struct search *s, const struct file_use *check, bool *ret_by_kind)
{
    bool told = false;

    *ret_by_kind = false;
    for (uint32_t b = 0; b < s->names->ir->blocks.n; b++) {
        const struct ir_block *block = &s->names->ir->blocks.v[b];
        bool by_kind;
        if (block->term == IR_RETURN && block->cond.i != ID_NONE &&
            decides(s, check, b, &by_kind)) {
            told = true;
            *ret_by_kind = *ret_by_kind || by_kind;
        }
    }
    return told;
}

static void export_uses(const struct search *s, size_t first_pair, struct file_use_list *out)
{
    for (size_t i = 0; i < s->uses.n && out->n < MAX_EXPORTED; i++) {
        struct file_use use;
        if (!fileuses_export(s->names, &s->uses.v[i], &use) || use.deed == FILE_FSTAT) {
            continue;
        }
        if (!file_deed_is_check(use.deed)) {
            if (!is_act_of_pair(s, &s->uses.v[i], first_pair) &&
                !is_checked_here(s, &s->uses.v[i])) {
                vec_push(s->names, out, use);
            }
            continue;
        }
        use.tells = is_told(s, &s->uses.v[i], &use.of_kind);
        use.answers = answers_through(s, &s->uses.v[i]);
        if (use.tells || !path_is_none(use.into)) {
            vec_push(s->names, out, use);
        }
    }
}

/* ---- the whole program ----------------------------------------------------------------------- */

static void search_function(struct filepairs *out, struct filenames *names, fn_id fn,
                            struct file_use_list *exported)
{
    struct search s = {.out = out, .names = names};
    void *scratch = mem_owner(out, "uses");
    size_t first = out->v.n;

    filenames_turn_to(names, fn);
    s.uses = fileuses_of(scratch, names, exported);
    if (s.uses.n > 0) {
        s.depends = depends_new(scratch, &names->flows->linked->fns.v[fn.i]);
        for (uint32_t b = 0; b < names->ir->blocks.n && s.uses.n > 1; b++) {
            if (is_decided(names->ir->blocks.v[b].term)) {
                search_branch(&s, b);
            }
        }
        export_uses(&s, first, &exported[fn.i]);
    }
    talloc_free(scratch);
}

static int by_act(const void *a, const void *b)
{
    const struct file_pair *x = a;
    const struct file_pair *y = b;
    const uint32_t keys[][2] = {{x->fn.i, y->fn.i},
                                {x->act.op.i, y->act.op.i},
                                {x->check.op.i, y->check.op.i},
                                {x->branch, y->branch}};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return (int)x->act.deed - (int)y->act.deed;
}

struct filepairs *filepairs_find(void *owner, const struct flows *flows)
{
    struct filepairs *out = mem_new(owner, struct filepairs);
    struct filenames *names = filenames_new(out, flows);
    struct file_use_list *exported =
        mem_array(names, struct file_use_list, flows->linked->fns.n + 1);
    const struct bottom_up *order = calls_bottom_up(flows->calls);

    for (size_t i = 0; i < order->n; i++) {
        search_function(out, names, order->order[i], exported);
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_act);
    }
    return out;
}
