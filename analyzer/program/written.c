#include "program/written.h"

#include "program/pointsto.h"
#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WRITTEN = 512 }; /* a function that writes more is taken to write everything */

struct fn_written {
    VEC(uint32_t) classes; /* path ids, sorted, unique */
    bool everything;
};

struct written {
    struct fn_written *v; /* by fn */
};

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static bool contains(const struct fn_written *fn, uint32_t class)
{
    return fn->classes.n > 0 &&
           bsearch(&class, fn->classes.v, fn->classes.n, sizeof *fn->classes.v, by_number) != NULL;
}

/* One function while classes are added to it. */
struct adding {
    struct written *written;
    struct fn_written *fn;
    size_t n_sorted;
    uint32_t number; /* of this struct, from 1 */
    uint32_t *last;  /* by class: the number of the last that has it; grows */
    size_t n_last;
};

/* False: it has the class already. */
static bool mark(struct adding *adding, uint32_t class)
{
    if (class >= adding->n_last) {
        size_t n = class * 2u + 1024;
        adding->last = mem_grow(adding->written, adding->last, sizeof *adding->last, n);
        memset(&adding->last[adding->n_last], 0, (n - adding->n_last) * sizeof *adding->last);
        adding->n_last = n;
    }
    bool new = adding->last[class] != adding->number;
    adding->last[class] = adding->number;
    return new;
}

/* The next function. */
static void begin(struct adding *adding, struct fn_written *fn)
{
    adding->fn = fn;
    adding->number++;
    adding->n_sorted = fn->classes.n;
    for (size_t i = 0; i < fn->classes.n; i++) {
        (void)mark(adding, fn->classes.v[i]);
    }
}

static void add(struct adding *adding, uint32_t class)
{
    struct fn_written *fn = adding->fn;

    if (fn->everything || !mark(adding, class)) {
        return;
    }
    if (fn->classes.n >= MAX_WRITTEN) {
        fn->everything = true;
    } else {
        vec_push(adding->written, &fn->classes, class);
    }
}

static void end(const struct adding *adding)
{
    if (adding->fn->classes.n > adding->n_sorted) {
        qsort(adding->fn->classes.v, adding->fn->classes.n, sizeof *adding->fn->classes.v,
              by_number);
    }
}

static void add_own(struct adding *adding, const struct ir_fn *ir, struct paths *paths,
                    struct resolver *resolver)
{
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t local;
        if ((op->kind != IR_WRITE && op->kind != IR_RMW) ||
            place_is_local(ir, op->u.access.place, &local)) {
            continue;
        }
        path_id class = path_class(paths, resolve_place(resolver, op->u.access.place));
        if (path_is_global(paths, class)) {
            add(adding, class.i);
        }
    }
}

static void add_callees(struct adding *adding, const struct calls *calls, fn_id fn)
{
    struct fn_written *mine = adding->fn;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n; c++) {
            const struct fn_written *callee = &adding->written->v[call->callees.v[c].i];
            mine->everything = mine->everything || callee->everything;
            for (size_t w = 0; w < callee->classes.n && callee != mine && !mine->everything; w++) {
                add(adding, callee->classes.v[w]);
            }
        }
    }
}

/* Has one that the function calls got more since the function was looked at? `at`: by function, its
 * place in the order; UINT32_MAX: it has got more after that. */
static bool calls_news(const struct calls *calls, fn_id fn, const uint32_t *at, uint32_t here)
{
    bool news = false;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1] && !news; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n && !news; c++) {
            news = at[call->callees.v[c].i] > here;
        }
    }
    return news;
}

/* Cycles of the call graph once more. */
static void go_round(struct adding *adding, const struct calls *calls,
                     const struct bottom_up *order)
{
    uint32_t *at = mem_array(NULL, uint32_t, order->n + 1);

    for (uint32_t i = 0; i < order->n; i++) {
        at[order->order[i].i] = i;
    }
    for (uint32_t i = 0; i < order->n; i++) {
        fn_id fn = order->order[i];
        struct fn_written *written = &adding->written->v[fn.i];
        struct fn_written before = *written;
        if (calls_news(calls, fn, at, i)) {
            begin(adding, written);
            add_callees(adding, calls, fn);
            end(adding);
        }
        if (written->classes.n > before.classes.n || written->everything != before.everything) {
            at[fn.i] = UINT32_MAX;
        }
    }
    talloc_free(at);
}

struct written *written_build(void *owner, const struct linked *linked, struct paths *paths,
                              const struct calls *calls, const struct bottom_up *order)
{
    struct written *written = mem_new(owner, struct written);
    struct adding adding = {.written = written};

    written->v = mem_array(written, struct fn_written, linked->fns.n + 1);
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        begin(&adding, &written->v[f]);
        add_own(&adding, linked->fns.v[f].ir, paths,
                pointsto_resolver(calls->pointsto, (fn_id){f}));
        end(&adding);
    }
    for (size_t i = 0; i < order->n; i++) {
        begin(&adding, &written->v[order->order[i].i]);
        add_callees(&adding, calls, order->order[i]);
        end(&adding);
    }
    go_round(&adding, calls, order);
    talloc_free(adding.last);
    return written;
}

bool written_same(const struct written *a, const struct written *b, fn_id fn)
{
    const struct fn_written *x = &a->v[fn.i];
    const struct fn_written *y = &b->v[fn.i];

    return x->everything == y->everything && x->classes.n == y->classes.n &&
           (x->classes.n == 0 ||
            memcmp(x->classes.v, y->classes.v, x->classes.n * sizeof *x->classes.v) == 0);
}

bool written_by(const struct written *written, fn_id fn, path_id class)
{
    return written->v[fn.i].everything || contains(&written->v[fn.i], class.i);
}
