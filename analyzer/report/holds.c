#include "report/holds.h"

#include "report/tree.h"

#include <string.h>

/* What one context holds at the line, before the line's first step there. */
struct holding {
    fn_id fn;
    context_id context;
    const struct lockset *must; /* on every way */
    const struct lockset *may;  /* on some */
};

struct holdings {
    VEC(struct holding) v;
    VEC(fn_id) idle; /* functions with that line that no context comes to */
};

static bool is_file_of(const char *file, const char *other)
{
    return file != NULL && (file == other || strcmp(file, other) == 0);
}

/* The first op of `fn` on the line; ID_NONE: none. */
static uint32_t op_on(const struct prog *prog, fn_id fn, struct holds_place place)
{
    const struct ir_fn *ir = prog->linked->fns.v[fn.i].ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        struct loc loc = prog_loc_of(prog, (struct site){fn.i, i});
        if (loc.line == place.line && is_file_of(loc.file, place.file)) {
            return i;
        }
    }
    return ID_NONE;
}

bool holds_has_code(const struct prog *prog, struct holds_place place, uint32_t *ret_near)
{
    uint32_t best = UINT32_MAX;

    *ret_near = 0;
    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        const struct ir_fn *ir = prog->linked->fns.v[f].ir;
        for (uint32_t i = 0; i < ir->ops.n; i++) {
            struct loc loc = prog_loc_of(prog, (struct site){f, i});
            uint32_t away = loc.line > place.line ? loc.line - place.line : place.line - loc.line;
            if (is_file_of(loc.file, place.file) && loc.line > 0 && away < best) {
                best = away;
                *ret_near = loc.line;
            }
        }
    }
    return best == 0;
}

/* Adds what a phase holds there to what its context's other phases do. */
static void add_phase(void *owner, const struct prog *prog, phase_id phase, fn_id fn, op_id op,
                      struct holdings *ret)
{
    const struct contexts *contexts = prog->contexts;
    struct lockset_pool *pool = contexts->flows->pool;
    context_id context = contexts->phases.v[phase.i].context;
    const struct held *held = flow_held_at(contexts->flows, fn, op);
    const struct lockset *must = contexts_held_at(contexts, phase, fn, op);

    if (held == NULL || must == NULL) {
        return;
    }
    const struct lockset *may =
        contexts_may_with_entry(contexts, phase, fn, held->may, lockset_empty(pool));
    for (size_t i = 0; i < ret->v.n; i++) {
        struct holding *known = &ret->v.v[i];
        if (known->fn.i == fn.i && known->context.i == context.i) {
            known->must = lockset_meet(pool, known->must, must);
            known->may = lockset_join(pool, known->may, may);
            return;
        }
    }
    vec_push(owner, &ret->v, (struct holding){fn, context, must, may});
}

static void find_holdings(void *owner, const struct prog *prog, struct holds_place place,
                          struct holdings *ret)
{
    const struct contexts *contexts = prog->contexts;

    *ret = (struct holdings){.v = {NULL, 0}};
    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        uint32_t op = op_on(prog, (fn_id){f}, place);
        size_t before = ret->v.n;
        for (size_t c = 0; c < contexts->v.n && op != ID_NONE; c++) {
            const struct context *context = &contexts->v.v[c];
            for (size_t p = 0; p < context->phases.n; p++) {
                add_phase(owner, prog, context->phases.v[p], (fn_id){f}, (op_id){op}, ret);
            }
        }
        if (op != ID_NONE && ret->v.n == before) {
            vec_push(owner, &ret->idle, (fn_id){f});
        }
    }
    for (size_t i = 0; i < ret->v.n; i++) {
        struct holding *h = &ret->v.v[i];
        h->may = lockset_minus(contexts->flows->pool, h->may, h->must);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static struct loc taken_at(const struct prog *prog, const struct token *token)
{
    return token->taken.fn == UINT32_MAX ? (struct loc){.file = NULL}
                                         : prog_loc_of(prog, token->taken);
}

static void write_tokens(const struct prog *prog, const struct lockset *set, const char *sure,
                         FILE *out)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct token *token = &set->v[i];
        struct loc loc = taken_at(prog, token);
        char *name = prog_path_name(NULL, prog, FN_NONE, token->lock);
        (void)fprintf(out, "    %s%s%s", sure, name,
                      token->mode == TOKEN_SHARED ? " (shared)" : "");
        if (loc.file != NULL) {
            (void)fprintf(out, ", taken at %s:%u", prog_file(prog, loc.file), loc.line);
        }
        (void)fputc('\n', out);
        talloc_free(name);
    }
}

bool holds_write(const struct prog *prog, struct holds_place place, FILE *out)
{
    void *scratch = mem_owner(NULL, "holds");
    struct holdings all;
    fn_id fn = FN_NONE;

    find_holdings(scratch, prog, place, &all);
    for (size_t i = 0; i < all.v.n; i++) {
        const struct holding *h = &all.v.v[i];
        if (h->fn.i != fn.i) {
            fn = h->fn;
            (void)fprintf(out, "%s:%u in '%s'\n", prog_file(prog, place.file), place.line,
                          prog_fn_name(prog, fn));
        }
        (void)fprintf(out, "  %s holds%s\n", prog_context_title(scratch, prog, h->context),
                      h->must->n + h->may->n == 0 ? " nothing" : "");
        write_tokens(prog, h->must, "", out);
        write_tokens(prog, h->may, "on some ways: ", out);
    }
    for (size_t i = 0; i < all.idle.n; i++) {
        (void)fprintf(out, "%s:%u in '%s'\n  no thread, callback or handler is seen to come here\n",
                      prog_file(prog, place.file), place.line, prog_fn_name(prog, all.idle.v[i]));
    }
    talloc_free(scratch);
    return ferror(out) == 0;
}

static void tokens_json(json_t *list, const struct prog *prog, const struct lockset *set,
                        bool always)
{
    for (uint32_t i = 0; i < set->n; i++) {
        const struct token *token = &set->v[i];
        struct loc loc = taken_at(prog, token);
        json_t *object = tree_push(list, tree_object());
        char *name = prog_path_name(NULL, prog, FN_NONE, token->lock);
        tree_put(object, "lock", tree_text(name));
        tree_put(object, "shared", token->mode == TOKEN_SHARED ? json_true() : json_false());
        tree_put(object, "always", always ? json_true() : json_false());
        tree_put(object, "file", tree_text(loc.file == NULL ? NULL : prog_file(prog, loc.file)));
        tree_put(object, "line", tree_number(loc.line));
        talloc_free(name);
    }
}

bool holds_write_json(const struct prog *prog, struct holds_place place, FILE *out)
{
    void *scratch = mem_owner(NULL, "holds");
    json_t *root = tree_object();
    struct holdings all;

    find_holdings(scratch, prog, place, &all);
    tree_put(root, "version", tree_number(1));
    tree_put(root, "file", tree_text(prog_file(prog, place.file)));
    tree_put(root, "line", tree_number(place.line));
    json_t *list = tree_put(root, "contexts", tree_array());
    for (size_t i = 0; i < all.v.n; i++) {
        const struct holding *h = &all.v.v[i];
        json_t *object = tree_push(list, tree_object());
        tree_put(object, "function", tree_text(prog_fn_name(prog, h->fn)));
        tree_put(object, "context", tree_text(prog_context_title(scratch, prog, h->context)));
        json_t *held = tree_put(object, "held", tree_array());
        tokens_json(held, prog, h->must, true);
        tokens_json(held, prog, h->may, false);
    }
    talloc_free(scratch);
    return tree_write(root, out);
}
