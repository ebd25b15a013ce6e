#include "program/io_locks.h"

#include "program/resolve.h"

enum { MAX_ARGS = 6 };

struct io_locks {
    const struct held_waits *held;
    const struct accessmap *map;
    const struct contexts *contexts;
};

/* ---- every section does it ------------------------------------------------------------------- */

#define BIT(what) (1u << (what))

/* Kinds of I/O that go together: a log is opened, written, closed, renamed. The others (sleep, a
 * thread's end, a condition) are nothing that a lock serialises. */
static const uint32_t groups[] = {
    BIT(BLOCKS_FILE) | BIT(BLOCKS_OPEN) | BIT(BLOCKS_SYNC) | BIT(BLOCKS_META) | BIT(BLOCKS_CLOSE) |
        BIT(BLOCKS_FD) | BIT(BLOCKS_TTY) | BIT(BLOCKS_LOG),
    BIT(BLOCKS_NET) | BIT(BLOCKS_TLS) | BIT(BLOCKS_FD) | BIT(BLOCKS_DNS) | BIT(BLOCKS_POLL) |
        BIT(BLOCKS_IPC) | BIT(BLOCKS_CLOSE),
    BIT(BLOCKS_DB),
    BIT(BLOCKS_NSS),
    BIT(BLOCKS_LOAD),
    BIT(BLOCKS_PROC),
    BIT(BLOCKS_RANDOM),
};

/* All kinds that go with this one; 0: it is no I/O. */
static uint32_t kinds_with(enum blocks_what what)
{
    uint32_t kinds = 0;

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        kinds |= (groups[i] & BIT(what)) != 0 ? groups[i] : 0;
    }
    return kinds;
}

static bool all_sections_do(const struct io_locks *locks, path_id lock, uint32_t kinds)
{
    for (size_t i = 0; i < locks->held->sections.n; i++) {
        const struct section *section = &locks->held->sections.v[i];
        if (path_eq(section->lock, lock) && (section->kinds & kinds) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- it guards nothing else -------------------------------------------------------------------
 */

/* The variable that a value of the function is read from, by class; a parameter's is what the call
 * before on the way handed over. PATH_NONE: none. */
static path_id variable_behind(const struct io_locks *locks, const struct held_wait *wait,
                               size_t at, value_id value)
{
    const struct flows *flows = locks->contexts->flows;

    for (; value.i != ID_NONE; at--) {
        const struct call *call = wait->way.v[at];
        const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
        value = resolve_value(flows->v[call->fn.i].resolver, value);
        const struct ir_value *v = &ir->values.v[value.i];
        uint32_t local;
        if (v->kind != IR_VALUE_READ) {
            break;
        }
        place_id place = ir->ops.v[v->u.op.i].u.access.place;
        if (!place_is_local(ir, place, &local)) {
            path_id path = flow_place(flows, call->fn, place);
            return path_is_none(path) ? path
                                      : path_class(flows->paths, contexts_absolute(locks->contexts,
                                                                                   call->fn, path));
        }
        if (!resolve_is_argument(flows->v[call->fn.i].resolver, local) || at == 0) {
            break;
        }
        value = call_arg(flows->linked, wait->way.v[at - 1], (int)local + 1);
    }
    return PATH_NONE;
}

/* What the waiting call does its I/O with: a descriptor or a stream as its model says, what it
 * polls, else its first argument (a connection, a statement). Memory that it reads into is none. */
static bool is_handle_arg(const struct held_wait *wait, int arg)
{
    const struct model_fn *model = wait->site->call->model;

    if (model != NULL && (model->blocks_fd != ARG_NONE || model->stream != ARG_NONE)) {
        return arg == model->blocks_fd || arg == model->stream;
    }
    return arg == 1 || wait->site->what == BLOCKS_POLL;
}

/* Is the variable one that the waiting call does its I/O with? */
static bool is_handle(const struct io_locks *locks, const struct held_wait *wait, path_id class)
{
    size_t last = wait->way.n - 1;

    for (int arg = 1; arg <= MAX_ARGS; arg++) {
        value_id value = is_handle_arg(wait, arg)
                             ? call_arg(locks->contexts->flows->linked, wait->way.v[last], arg)
                             : (value_id){ID_NONE};
        if (value.i != ID_NONE && path_eq(variable_behind(locks, wait, last, value), class)) {
            return true;
        }
    }
    return false;
}

/* A lock of which no variable is known to be guarded is for something that is not seen: memory that
 * only library functions look at. */
static bool guards_only_handle(const struct io_locks *locks, const struct held_wait *wait)
{
    struct paths *paths = locks->contexts->flows->paths;
    path_id class = path_class(paths, wait->lock);
    bool any = false;

    for (size_t i = 0; i < locks->map->v.n; i++) {
        const struct variable *variable = &locks->map->v.v[i];
        bool guarded =
            !path_is_none(variable->guard) && path_eq(path_class(paths, variable->guard), class);
        any = any || guarded;
        if (guarded && !is_handle(locks, wait, variable->class)) {
            return false;
        }
    }
    return any;
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct io_locks *io_locks_new(void *owner, const struct held_waits *held,
                              const struct accessmap *map)
{
    struct io_locks *locks = mem_new(owner, struct io_locks);

    locks->held = held;
    locks->map = map;
    locks->contexts = map->contexts;
    return locks;
}

bool io_locks_serialise(const struct io_locks *locks, const struct held_wait *wait)
{
    uint32_t kinds = kinds_with(wait->site->what);

    return kinds != 0 &&
           (all_sections_do(locks, wait->lock, kinds) || guards_only_handle(locks, wait));
}
