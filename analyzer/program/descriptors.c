#include "program/descriptors.h"

#include "program/fd_sets.h"
#include "program/host_constants.h"
#include "program/resolve.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_LIFTS = 4 }; /* calls between a helper and who hands it the descriptor */

/* What a call does to the flag. */
enum {
    SETS = 1,
    CLEARS = 2,
};

/* What hands out a descriptor, or where the trace ends, and what is done to the descriptor. */
struct origin {
    struct source source;
    bool watched;
    VEC(struct site) sets;
    VEC(struct site) clears;
};

struct descriptors {
    const struct flows *flows;
    struct sources *sources;
    VEC(struct origin) origins;
};

/* A call that changes the flag of a descriptor, on its way up to who knows the descriptor. */
struct setter {
    fn_id fn;
    op_id op;
    value_id value;
    bool behind; /* the value points to it */
    bool clears;
};

static struct origin *origin_of(struct descriptors *d, const struct source *source, bool add)
{
    for (size_t i = 0; i < d->origins.n; i++) {
        struct source known = d->origins.v[i].source;
        if (known.kind == SOURCE_STORED && (known.item == ID_NONE || source->item == ID_NONE)) {
            known.item = source->item; /* one of the two ends, whichever */
        }
        if (source_eq(&known, source)) {
            return &d->origins.v[i];
        }
    }
    if (!add) {
        return NULL;
    }
    vec_push(d, &d->origins, (struct origin){.source = *source});
    return &d->origins.v[d->origins.n - 1];
}

/* ---- flags ----------------------------------------------------------------------------------- */

static const struct ir_value *value_at(const struct descriptors *d, fn_id fn, value_id value)
{
    return value.i == ID_NONE ? NULL : &d->flows->linked->fns.v[fn.i].ir->values.v[value.i];
}

static bool is_number(const struct ir_value *v, int64_t *ret)
{
    if (v != NULL && v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_BITNOT) {
        return false;
    }
    *ret = v == NULL ? 0 : v->u.number;
    return v != NULL && v->kind == IR_VALUE_INT;
}

static int effect_of_operator(enum ir_opcode opcode, int64_t operand)
{
    if (opcode == IR_OP_OR) {
        return (operand & O_NONBLOCK) != 0 ? SETS : 0;
    }
    return opcode == IR_OP_AND && (operand & O_NONBLOCK) == 0 ? CLEARS : 0;
}

/* What O_NONBLOCK becomes by this. 0: it stays as it is. */
static int effect_of_source(const struct descriptors *d, const struct source *source)
{
    const struct linked *linked = d->flows->linked;
    int64_t number;

    if (source->kind == SOURCE_NUMBER) {
        return (source->number & O_NONBLOCK) != 0 ? SETS : CLEARS;
    }
    if (source->kind != SOURCE_COMPUTED) {
        return 0;
    }
    const struct ir_fn *ir = linked->fns.v[source->fn.i].ir;
    const struct ir_value *v = value_at(d, source->fn, source->value);
    const struct ir_op *op = source->at == ID_NONE ? NULL : &ir->ops.v[source->at];
    if (op != NULL && op->kind == IR_RMW) {
        return is_number(v, &number) ? effect_of_operator(op->u.access.opcode, number) : 0;
    }
    if (v == NULL || v->kind != IR_VALUE_BINARY) {
        return 0;
    }
    bool known = is_number(value_at(d, source->fn, v->u.of.a), &number) ||
                 is_number(value_at(d, source->fn, v->u.of.b), &number);
    return known ? effect_of_operator(v->opcode, number) : 0;
}

/* Does the argument with flags have the bit? SETS, CLEARS, both, or 0: not known. */
static int flags_of_call(struct descriptors *d, const struct call *call, int arg)
{
    value_id value = call_arg(d->flows->linked, call, arg);
    int effect = 0;

    if (value.i == ID_NONE) {
        return 0;
    }
    struct source_list list = sources_of(d->sources, NULL, call->fn, value);
    bool all = list.complete;
    for (size_t i = 0; i < list.v.n; i++) {
        int one = effect_of_source(d, &list.v.v[i]);
        effect |= one;
        all = all && one != 0;
    }
    talloc_free(list.v.v);
    return all || effect == SETS ? effect : 0;
}

/* ---- who makes it non-blocking --------------------------------------------------------------- */

static void add_site(struct descriptors *d, struct origin *origin, const struct setter *setter)
{
    struct site site = {setter->fn.i, setter->op.i};

    if (setter->clears) {
        vec_push(d, &origin->clears, site);
    } else {
        vec_push(d, &origin->sets, site);
    }
}

static void mark(struct descriptors *d, const struct setter *setter)
{
    struct source_list list = setter->behind
                                  ? sources_behind(d->sources, NULL, setter->fn, setter->value)
                                  : sources_of(d->sources, NULL, setter->fn, setter->value);

    for (size_t i = 0; i < list.v.n; i++) {
        add_site(d, origin_of(d, &list.v.v[i], true), setter);
    }
    talloc_free(list.v.v);
}

/* Is the descriptor a parameter, or what a parameter points to? */
static bool is_of_parameter(const struct descriptors *d, const struct setter *setter,
                            uint32_t *ret_param, bool *ret_behind)
{
    const struct ir_fn *ir = d->flows->linked->fns.v[setter->fn.i].ir;
    struct resolver *resolver = d->flows->v[setter->fn.i].resolver;
    const struct ir_value *v = value_at(d, setter->fn, resolve_value(resolver, setter->value));

    if (v == NULL || v->kind != IR_VALUE_READ) {
        return false;
    }
    const struct ir_place *p = &ir->places.v[ir->ops.v[v->u.op.i].u.access.place.i];
    bool deref = p->n_steps == 1 && ir->steps.v[p->first_step].kind == IR_STEP_DEREF;
    if (p->base_kind != IR_BASE_LOCAL || (p->n_steps > 0 && (!deref || setter->behind)) ||
        !resolve_is_argument(resolver, p->base)) {
        return false;
    }
    *ret_param = p->base;
    *ret_behind = deref || setter->behind;
    return true;
}

/* Marks what the descriptor comes from. Where it is a parameter, the callers know better, each for
 * himself; and not all of them hand over arguments with which `decider` is come to. */
static void lift(struct descriptors *d, const struct setter *setter, op_id decider, unsigned depth)
{
    const struct calls *calls = d->flows->calls;
    uint32_t param;
    bool behind;
    bool any = false;

    if (depth >= MAX_LIFTS || !is_of_parameter(d, setter, &param, &behind)) {
        mark(d, setter);
        return;
    }
    const struct need *need = flow_need_of(d->flows, setter->fn, decider);
    for (size_t i = 0; i < sources_n_callers(d->sources, setter->fn); i++) {
        const struct call *call = &calls->v.v[sources_caller(d->sources, setter->fn, i)];
        value_id value = call_arg(d->flows->linked, call, (int)param + 1);
        any = true;
        if (value.i != ID_NONE && (need == NULL || flow_can_meet(d->flows, call, need))) {
            struct setter up = {call->fn, call->op, value, behind, setter->clears};
            lift(d, &up, call->op, depth + 1);
        }
    }
    if (!any) {
        mark(d, setter);
    }
}

/* By flags: each source of them may be one of several ways, which the callers choose. */
static void read_flag_setter(struct descriptors *d, const struct call *call, struct setter *setter)
{
    value_id flags = call_arg(d->flows->linked, call, call->model->nonblock.flags);
    int all = 0;

    if (flags.i == ID_NONE) {
        return;
    }
    struct source_list list = sources_of(d->sources, NULL, call->fn, flags);
    for (size_t i = 0; i < list.v.n; i++) {
        const struct source *source = &list.v.v[i];
        int effect = effect_of_source(d, source);
        op_id decider =
            source->fn.i == call->fn.i && source->kind == SOURCE_COMPUTED && source->at != ID_NONE
                ? (op_id){source->at}
                : call->op;
        all |= effect;
        setter->clears = effect == CLEARS;
        if (effect != 0) {
            lift(d, setter, decider, 0);
        }
    }
    if (all == 0 && list.v.n > 0) {
        setter->clears = true; /* the flags of before are put back */
        lift(d, setter, call->op, 0);
    }
    talloc_free(list.v.v);
}

/* By a number that is 0 or not, itself or where the argument points. */
static void read_switch_setter(struct descriptors *d, const struct call *call, int arg, bool on,
                               struct setter *setter)
{
    value_id value = call_arg(d->flows->linked, call, arg);
    const struct ir_value *v = value_at(d, call->fn, value);

    if (v == NULL) {
        return;
    }
    struct source_list list = v->kind == IR_VALUE_ADDR
                                  ? sources_behind(d->sources, NULL, call->fn, value)
                                  : sources_of(d->sources, NULL, call->fn, value);
    for (size_t i = 0; i < list.v.n; i++) {
        bool is_number_source = list.v.v[i].kind == SOURCE_NUMBER;
        setter->clears = is_number_source && (list.v.v[i].number != 0) != on;
        lift(d, setter, call->op, 0);
    }
    talloc_free(list.v.v);
}

static void read_setter(struct descriptors *d, const struct call *call)
{
    const struct model_nonblock *how = &call->model->nonblock;
    struct setter setter = {call->fn, call->op, call_arg(d->flows->linked, call, how->fd), false,
                            how->to_blocking};
    int64_t given;
    int64_t wanted;

    if (setter.value.i == ID_NONE) {
        return;
    }
    if (how->is != NULL &&
        (!is_number(value_at(d, call->fn, call_arg(d->flows->linked, call, how->arg)), &given) ||
         !host_constant(how->is, &wanted) || given != wanted)) {
        return;
    }
    if (how->flags != ARG_NONE) {
        read_flag_setter(d, call, &setter);
    } else if (how->on != ARG_NONE || how->off != ARG_NONE) {
        bool on = how->on != ARG_NONE;
        read_switch_setter(d, call, on ? how->on : how->off, on, &setter);
    } else {
        lift(d, &setter, call->op, 0);
    }
}

static void note_watched(struct descriptors *d, struct source_list list)
{
    for (size_t i = 0; i < list.v.n; i++) {
        origin_of(d, &list.v.v[i], true)->watched = true;
    }
    talloc_free(list.v.v);
}

static void read_watch(struct descriptors *d, const struct call *call)
{
    value_id value = call_arg(d->flows->linked, call, call->model->watches);

    if (value.i != ID_NONE) {
        note_watched(d, sources_of(d->sources, NULL, call->fn, value));
    }
}

/* Members of a library's structs that say what to watch: poll()'s. */
static void read_watch_fields(struct descriptors *d)
{
    const struct linked *linked = d->flows->linked;

    for (uint32_t f = 0; f < linked->fields.n; f++) {
        const struct prog_field *field = &linked->fields.v[f];
        char *name = mem_printf(NULL, "%s.%s", linked->records.v[field->record].name, field->name);
        if (models_is_watch_field(d->flows->models, name)) {
            note_watched(d, sources_of_field(d->sources, NULL, f));
        }
        talloc_free(name);
    }
}

/* What is put into an fd_set, to be asked for by select(). */
static void read_fd_sets(struct descriptors *d)
{
    const struct linked *linked = d->flows->linked;

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        const struct prog_fn *fn = &linked->fns.v[f];
        for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
            const struct ir_op *op = &fn->ir->ops.v[i];
            value_id added =
                fd_set_is_add(linked, fn, op) ? fd_set_added(fn->ir, op) : (value_id){ID_NONE};
            if (added.i != ID_NONE) {
                note_watched(d, sources_of(d->sources, NULL, (fn_id){f}, added));
            }
        }
    }
}

struct descriptors *descriptors_build(void *owner, const struct flows *flows,
                                      struct sources *sources)
{
    struct descriptors *d = mem_new(owner, struct descriptors);

    d->flows = flows;
    d->sources = sources;
    for (size_t i = 0; i < flows->calls->v.n; i++) {
        const struct call *call = &flows->calls->v.v[i];
        if (call->model != NULL && call->model->nonblock.fd != ARG_NONE) {
            read_setter(d, call);
        }
        if (call->model != NULL && call->model->watches != ARG_NONE) {
            read_watch(d, call);
        }
    }
    read_watch_fields(d);
    read_fd_sets(d);
    return d;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Can one of the calls have run before the use? Unless both are in one function, nobody knows. */
static bool come_before(const struct descriptors *d, const struct site *v, size_t n,
                        const struct call *use)
{
    const struct cfg *cfg = d->flows->linked->fns.v[use->fn.i].cfg;
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool yes = false;

    for (size_t i = 0; i < n && !yes; i++) {
        uint32_t from = v[i].fn == use->fn.i ? cfg_block_of(cfg, (op_id){v[i].op}) : ID_NONE;
        if (from == ID_NONE) {
            yes = true;
            break;
        }
        memset(seen, 0, cfg->n * sizeof *seen);
        cfg_reach(cfg, from, ID_NONE, seen);
        uint32_t at = cfg_block_of(cfg, use->op);
        yes = seen[at] || (at == from && v[i].op < use->op.i);
    }
    talloc_free(seen);
    return yes;
}

/* What the call that hands it out tells. */
static struct fd_answer by_opening(struct descriptors *d, const struct source *source)
{
    const struct call *call = calls_at(d->flows->calls, source->fn, (op_id){source->at});
    const struct model_descriptor *how = call->model == NULL ? NULL : &call->model->descriptor;
    struct fd_answer answer = {FD_MAY_BLOCK, FD_UNKNOWN, false};
    int64_t type;

    if (how == NULL || how->at == ARG_NONE) {
        return answer;
    }
    answer.kind = how->kind;
    if (how->nonblocking) {
        answer.state = FD_NEVER_BLOCKS;
        return answer;
    }
    int flags = how->flags == ARG_NONE ? CLEARS : flags_of_call(d, call, how->flags);
    answer.state = flags == SETS ? FD_NEVER_BLOCKS : flags == CLEARS ? FD_BLOCKS : FD_MAY_BLOCK;
    if (how->type != ARG_NONE &&
        is_number(value_at(d, call->fn, call_arg(d->flows->linked, call, how->type)), &type) &&
        (type & 0xf) != SOCK_STREAM && (type & 0xf) != SOCK_SEQPACKET) {
        answer.kind = FD_DATAGRAM;
    }
    for (size_t i = 0; i < call->model->paths.n && answer.kind == FD_FILE; i++) {
        const struct ir_value *path =
            value_at(d, call->fn, call_arg(d->flows->linked, call, call->model->paths.v[i].arg));
        if (path != NULL && path->kind == IR_VALUE_STRING && path->u.text != NULL &&
            models_is_memory_file(d->flows->models, path->u.text)) {
            answer.kind = FD_MEMORY;
        }
    }
    return answer;
}

static bool is_standard_stream(const struct descriptors *d, const struct source *source)
{
    const char *name = source->arg == 1 ? d->flows->linked->syms.v[source->at].ir->name : NULL;

    return name != NULL && (strcmp(name, "stdin") == 0 || strcmp(name, "stdout") == 0 ||
                            strcmp(name, "stderr") == 0);
}

static struct fd_answer by_source(struct descriptors *d, const struct source *source,
                                  const struct call *use)
{
    struct fd_answer answer = {FD_MAY_BLOCK, FD_UNKNOWN, false};
    const struct origin *origin = origin_of(d, source, false);

    switch (source->kind) {
    case SOURCE_CALL:
    case SOURCE_STORED:
        answer = by_opening(d, source);
        break;
    case SOURCE_CALLBACK:
        answer.state = source->arg == 1 ? FD_NEVER_BLOCKS : FD_MAY_BLOCK;
        break;
    case SOURCE_NUMBER:
        if (source->number >= 0 && source->number <= 2) {
            answer = (struct fd_answer){FD_BLOCKS, FD_STANDARD, false};
        }
        break;
    case SOURCE_VARIABLE:
        if (is_standard_stream(d, source)) {
            answer = (struct fd_answer){FD_BLOCKS, FD_STANDARD, false};
        }
        break;
    case SOURCE_COMPUTED:
        break;
    }
    if (origin == NULL) {
        return answer;
    }
    answer.watched = origin->watched;
    bool sets = come_before(d, origin->sets.v, origin->sets.n, use);
    bool clears = come_before(d, origin->clears.v, origin->clears.n, use);
    if (sets || clears) {
        answer.state = sets && clears ? FD_MAY_BLOCK : sets ? FD_NEVER_BLOCKS : FD_BLOCKS;
    }
    return answer;
}

/* Waiting for the one kind can take as long as for the other, or longer. */
static enum fd_kind worse(enum fd_kind a, enum fd_kind b)
{
    static const int rank[] = {
        [FD_MEMORY] = 1, [FD_STANDARD] = 2, [FD_FILE] = 3,   [FD_UNKNOWN] = 4, [FD_DATAGRAM] = 5,
        [FD_EVENT] = 6,  [FD_PIPE] = 7,     [FD_SOCKET] = 8, [FD_PROCESS] = 9,
    };

    return rank[a] >= rank[b] ? a : b;
}

/* "No descriptor", or what a variable is set to before it has one. */
static bool says_none(const struct source_list *list, const struct source *source)
{
    return source->kind == SOURCE_NUMBER &&
           (source->number < 0 || (source->number == 0 && list->v.n > 1));
}

struct fd_answer descriptors_ask(struct descriptors *d, const struct call *call, int arg)
{
    struct fd_answer all = {FD_MAY_BLOCK, FD_UNKNOWN, false};
    value_id value = call_arg(d->flows->linked, call, arg);
    bool first = true;

    if (value.i == ID_NONE) {
        return all;
    }
    struct source_list list = sources_of(d->sources, NULL, call->fn, value);
    for (size_t i = 0; i < list.v.n; i++) {
        if (says_none(&list, &list.v.v[i])) {
            continue;
        }
        struct fd_answer one = by_source(d, &list.v.v[i], call);
        all.kind = first ? one.kind : worse(all.kind, one.kind);
        all.state = first || one.state == all.state ? one.state : FD_MAY_BLOCK;
        all.watched = all.watched || one.watched;
        first = false;
    }
    if (!list.complete) {
        all.state = FD_MAY_BLOCK;
    }
    talloc_free(list.v.v);
    return all;
}
