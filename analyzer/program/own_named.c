#include "program/own_named.h"

#include "program/doom.h"
#include "program/own_loops.h"

enum { MAX_UP = 6 }; /* calls between the loop and its wait */

struct walk {
    struct contexts *contexts;
    const struct calls *calls;
    const struct own_loop *loop;
    uint32_t number;
    bool *leads; /* by fn: it leads to the wait, a few calls down by name */
    bool *seen;  /* by fn: its calls are looked at, or it is a callback already */
};

static bool is_the_wait(const struct walk *walk, const struct call *call)
{
    return call->fn.i == walk->loop->wait.fn && call->op.i == walk->loop->wait.op;
}

/* By name, and a body of the program's is what it runs. */
static bool is_named(const struct call *call)
{
    return !call->indirect && call->model == NULL && call->callees.n > 0;
}

static void find_leads(struct walk *walk, const struct callers *callers, void *scratch)
{
    VEC(uint32_t) queue = {NULL, 0};
    size_t next = 0;

    walk->leads[walk->loop->wait.fn] = true;
    vec_push(scratch, &queue, walk->loop->wait.fn);
    for (unsigned up = 0; up < MAX_UP; up++) {
        for (size_t end = queue.n; next < end; next++) {
            uint32_t fn = queue.v[next];
            for (uint32_t i = callers->first[fn]; i < callers->first[fn + 1]; i++) {
                const struct call *call = callers->v[i];
                if (is_named(call) && !walk->leads[call->fn.i]) {
                    walk->leads[call->fn.i] = true;
                    vec_push(scratch, &queue, call->fn.i);
                }
            }
        }
    }
}

static bool leads_there(const struct walk *walk, const struct call *call)
{
    bool leads = is_the_wait(walk, call);

    for (size_t c = 0; c < call->callees.n && is_named(call); c++) {
        leads = leads || walk->leads[call->callees.v[c].i];
    }
    return leads;
}

static bool is_callback(const struct walk *walk, fn_id fn)
{
    for (size_t i = 0; i < walk->contexts->callbacks.n; i++) {
        const struct callback *known = &walk->contexts->callbacks.v[i];
        if (known->fn.i == fn.i && known->own == walk->number) {
            return true;
        }
    }
    return false;
}

/* Does the function call handlers of the loop, and so belongs to it? */
static bool calls_handlers(const struct walk *walk, fn_id fn)
{
    bool calls = false;

    for (size_t i = 0; i < walk->loop->calls.n; i++) {
        calls = calls || walk->loop->calls.v[i].fn == fn.i;
    }
    return calls;
}

static void look_into(struct walk *walk, fn_id fn, uint32_t head);

static void look_at(struct walk *walk, const struct call *call)
{
    if (!is_named(call) || flow_held_at(walk->contexts->flows, call->fn, call->op) == NULL ||
        doom_at(walk->contexts->doom, call->fn, call->op)) {
        return;
    }
    for (size_t c = 0; c < call->callees.n; c++) {
        fn_id callee = call->callees.v[c];
        if (walk->seen[callee.i]) {
            continue;
        }
        walk->seen[callee.i] = true;
        if (walk->leads[callee.i] || calls_handlers(walk, callee)) {
            look_into(walk, callee, ID_NONE);
        } else if (!is_callback(walk, callee)) {
            struct site at = {call->fn.i, call->op.i};
            struct callback callback = {.fn = callee,
                                        .library = "",
                                        .loops = LOOPS_ANY,
                                        .registered = at,
                                        .own = walk->number,
                                        .by_name = true,
                                        .called = at};
            vec_push(walk->contexts, &walk->contexts->callbacks, callback);
        }
    }
}

/* The calls of the function; with a head, those in that loop of it. */
static void look_into(struct walk *walk, fn_id fn, uint32_t head)
{
    const struct cfg *cfg = walk->contexts->flows->linked->fns.v[fn.i].cfg;

    for (uint32_t i = walk->calls->first[fn.i]; i < walk->calls->first[fn.i + 1]; i++) {
        const struct call *call = &walk->calls->v.v[i];
        if (head == ID_NONE || cfg_in_loop(cfg, cfg_block_of(cfg, call->op), head)) {
            look_at(walk, call);
        }
    }
}

/* The head of the outermost loop of the function around its way to the wait; ID_NONE: none. */
static uint32_t outermost_head(const struct walk *walk, fn_id fn)
{
    const struct cfg *cfg = walk->contexts->flows->linked->fns.v[fn.i].cfg;
    uint32_t outermost = ID_NONE;

    for (uint32_t i = walk->calls->first[fn.i]; i < walk->calls->first[fn.i + 1]; i++) {
        const struct call *call = &walk->calls->v.v[i];
        uint32_t head = cfg->loop_head[cfg_block_of(cfg, call->op)];
        for (; leads_there(walk, call) && head != ID_NONE; head = cfg->loop_up[head]) {
            outermost = head;
        }
    }
    return outermost;
}

void own_named_add(struct contexts *contexts, const struct callers *callers,
                   const struct own_loop *loop, uint32_t number)
{
    void *scratch = mem_owner(NULL, "own_named");
    size_t n_fns = contexts->flows->linked->fns.n;
    struct walk walk = {.contexts = contexts,
                        .calls = contexts->flows->calls,
                        .loop = loop,
                        .number = number,
                        .leads = mem_array(scratch, bool, n_fns + 1),
                        .seen = mem_array(scratch, bool, n_fns + 1)};

    find_leads(&walk, callers, scratch);
    uint32_t head = outermost_head(&walk, loop->fn);
    if (head != ID_NONE) {
        walk.seen[loop->fn.i] = true;
        look_into(&walk, loop->fn, head);
    }
    talloc_free(scratch);
}
