#include "rules/assume.h"

#include <string.h>

static void assume(struct finding *finding, const char *text, const char *claim)
{
    struct finding_assumption assumption = {text, claim};

    for (size_t i = 0; i < finding->assumptions.n; i++) {
        if (strcmp(finding->assumptions.v[i].claim, claim) == 0) {
            return;
        }
    }
    vec_push(finding, &finding->assumptions, assumption);
}

static char *place_of(void *owner, const struct prog *prog, struct site site)
{
    struct loc where = prog_loc_of(prog, site);

    return mem_printf(owner, "%s:%u", prog_file(prog, where.file), where.line);
}

/* "the call at x.c:12 comes more than once", or where two calls stand. */
static const char *why_several(void *owner, const struct prog *prog, const struct context *context)
{
    struct site site = context->many_site;

    if (context->kind == CONTEXT_WORKER && site.fn == UINT32_MAX) {
        return "a pool runs such jobs side by side";
    }
    if (site.fn == UINT32_MAX) {
        return "nothing says that only one is started";
    }
    if (context->started.n > 1 && !site_eq(context->started.v[0], site)) {
        return mem_printf(owner, "one is started at %s, one at %s",
                          place_of(owner, prog, context->started.v[0]),
                          place_of(owner, prog, site));
    }
    return mem_printf(owner, "the call at %s comes more than once", place_of(owner, prog, site));
}

/* The function by which a claim names the context. */
static const char *entry_of(const struct prog *prog, const struct context *context)
{
    return prog_fn_name(prog, context->hop == NULL ? context->entries.v[0] : context->hop_to);
}

static void assume_several(struct rule_run *run, struct finding *finding,
                           const struct context *context)
{
    const char *name = entry_of(run->prog, context);

    if (context->many_said == SAID_NOT && context->claimed.file == NULL) {
        assume(finding,
               mem_printf(finding, "several of '%s' run at once: %s", name,
                          why_several(finding, run->prog, context)),
               mem_printf(finding, "entry: { function: %s, many: false }", name));
    }
}

/* Functions of a library that any thread may call. */
static void assume_calls(struct finding *finding, const char *a, const char *b)
{
    assume(finding,
           strcmp(a, b) == 0
               ? mem_printf(finding, "threads of the library's user call '%s' at the same time", a)
               : mem_printf(finding, "one thread is in '%s' while another one is in '%s'", a, b),
           mem_printf(finding, "never_together: [%s, %s]", a, b));
}

void assume_together(struct rule_run *run, struct finding *finding, size_t a, size_t b)
{
    const struct finding_thread *x = &finding->threads.v[a];
    const struct finding_thread *y = &finding->threads.v[b];
    const struct contexts *contexts = run->prog->contexts;

    if (x->context == UINT32_MAX || y->context == UINT32_MAX) {
        return;
    }
    if (contexts->v.v[x->context].kind == CONTEXT_EXPORT ||
        contexts->v.v[y->context].kind == CONTEXT_EXPORT) {
        assume_calls(finding, x->entry, y->entry);
    } else if (x->context == y->context) {
        assume_several(run, finding, &contexts->v.v[x->context]);
    }
}
