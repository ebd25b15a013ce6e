#include "program/said.h"

#include "config/nearest.h"
#include "program/contexts.h"

#include <string.h>

/* One function of a pair, by name: all bodies that have it. */
struct side {
    bool known;
    bool **within; /* by context, then by fn; NULL: not asked for yet */
};

struct pair {
    struct side sides[2];
    bool used;
};

struct entry {
    bool known;
    bool lost; /* no context of it is known, and none was to be made */
    bool made; /* a context, or a callback */
};

struct said {
    const struct contexts *contexts;
    const struct model_claims *claims;
    struct entry *entries; /* as in claims */
    struct pair *pairs;
};

static bool is_called(const struct linked *linked, uint32_t fn, const char *name)
{
    return strcmp(linked->fns.v[fn].name, name) == 0;
}

static bool is_known(const struct linked *linked, const char *name)
{
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        if (is_called(linked, f, name)) {
            return true;
        }
    }
    return false;
}

struct said *said_new(void *owner, const struct contexts *contexts,
                      const struct model_claims *claims)
{
    struct said *said = mem_new(owner, struct said);
    const struct linked *linked = contexts->flows->linked;

    said->contexts = contexts;
    said->claims = claims;
    said->entries = mem_array(said, struct entry, claims->entries.n + 1);
    said->pairs = mem_array(said, struct pair, claims->apart.n + 1);
    for (size_t i = 0; i < claims->entries.n; i++) {
        said->entries[i].known = is_known(linked, claims->entries.v[i].function);
    }
    for (size_t i = 0; i < claims->apart.n; i++) {
        for (size_t s = 0; s < 2; s++) {
            said->pairs[i].sides[s].known = is_known(linked, claims->apart.v[i].functions[s]);
        }
    }
    return said;
}

/* ---- where code starts ----------------------------------------------------------------------- */

static bool is_callback(const struct contexts *contexts, uint32_t fn)
{
    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        if (contexts->callbacks.v[i].fn.i == fn) {
            return true;
        }
    }
    return false;
}

void said_add_callbacks(struct contexts *contexts, struct said *said)
{
    const struct linked *linked = contexts->flows->linked;

    for (size_t i = 0; i < said->claims->entries.n; i++) {
        const struct model_entry *entry = &said->claims->entries.v[i];
        for (uint32_t f = 0; f < linked->fns.n && entry->runs == RUNS_LOOP; f++) {
            if (!is_called(linked, f, entry->function) || is_callback(contexts, f)) {
                continue;
            }
            vec_push(contexts, &contexts->callbacks,
                     (struct callback){.fn = {f},
                                       .library = entry->library,
                                       .loops = LOOPS_ANY,
                                       .registered = SITE_NONE,
                                       .init = INIT_SITE_NONE,
                                       .claimed = entry->where,
                                       .own = ID_NONE,
                                       .called = SITE_NONE});
            said->entries[i].made = true;
        }
    }
}

static enum context_kind kind_of(enum runs_where runs)
{
    switch (runs) {
    case RUNS_WORKER:
        return CONTEXT_WORKER;
    case RUNS_LOOP:
        return CONTEXT_LOOP;
    case RUNS_SIGNAL:
        return CONTEXT_SIGNAL;
    case RUNS_EXIT:
        return CONTEXT_EXIT;
    case RUNS_ANY_THREAD:
        return CONTEXT_EXPORT;
    case RUNS_THREAD:
    case RUNS_CALLER:
    case RUNS_OTHER:
        break;
    }
    return CONTEXT_THREAD;
}

/* Is `fn` where the context begins, or what a trampoline gets to in it? */
static bool begins_in(const struct context *context, uint32_t fn)
{
    return context->entries.v[0].i == fn || (context->hop != NULL && context->hop_to.i == fn);
}

static void set_many(struct context *context, enum said_word many)
{
    if (many != SAID_NOT) {
        context->many_found = context->many; /* of threads: instances.c finds it out */
        context->many_said = many;
        context->many = many == SAID_YES;
    }
}

/* Says how many run of the contexts that begin in `fn`, if they are of the kind that is claimed.
 * False: there are none. */
static bool claim_known(struct contexts *contexts, const struct model_entry *entry, uint32_t fn)
{
    bool any = false;

    for (size_t i = 0; i < contexts->v.n; i++) {
        struct context *context = &contexts->v.v[i];
        bool fits = entry->runs == RUNS_OTHER || context->kind == kind_of(entry->runs);
        if (fits && begins_in(context, fn)) {
            set_many(context, entry->many);
            any = true;
        }
    }
    return any;
}

static void make_context(struct contexts *contexts, const struct model_entry *entry, uint32_t fn)
{
    bool many = entry->many == SAID_NOT
                    ? entry->runs == RUNS_WORKER || entry->runs == RUNS_ANY_THREAD
                    : entry->many == SAID_YES;
    struct context context = {.kind = kind_of(entry->runs),
                              .name = contexts->flows->linked->fns.v[fn].name,
                              .many = many,
                              .many_said = many ? SAID_YES : SAID_NO,
                              .many_site = SITE_NONE,
                              .claimed = entry->where,
                              .hop_to = FN_NONE};

    vec_push(contexts, &context.entries, (fn_id){fn});
    vec_push(contexts, &contexts->v, context);
    contexts->said_threads = contexts->said_threads || context.kind == CONTEXT_THREAD ||
                             context.kind == CONTEXT_WORKER || context.kind == CONTEXT_EXPORT;
}

void said_add_entries(struct contexts *contexts, struct said *said)
{
    const struct linked *linked = contexts->flows->linked;

    for (size_t i = 0; i < said->claims->entries.n; i++) {
        const struct model_entry *entry = &said->claims->entries.v[i];
        for (uint32_t f = 0; f < linked->fns.n; f++) {
            if (!is_called(linked, f, entry->function) || claim_known(contexts, entry, f)) {
                continue;
            }
            if (entry->runs == RUNS_OTHER) {
                said->entries[i].lost = true;
            } else if (entry->runs != RUNS_LOOP) { /* those have become callbacks */
                make_context(contexts, entry, f);
                said->entries[i].made = true;
            }
        }
    }
}

/* ---- what is apart --------------------------------------------------------------------------- */

/* By fn: does the context get there only through a function of this name (or is it that one)? */
static bool *find_within(struct said *said, const struct contexts *contexts, context_id id,
                         const char *name)
{
    const struct linked *linked = contexts->flows->linked;
    const struct calls *calls = contexts->flows->calls;
    const struct context *context = &contexts->v.v[id.i];
    bool *around = mem_array(NULL, bool, linked->fns.n + 1);
    bool *within = mem_array(said, bool, linked->fns.n + 1);
    VEC(uint32_t) work = {NULL, 0};

    for (size_t i = 0; i < context->entries.n; i++) {
        vec_push(around, &work, context->entries.v[i].i);
    }
    while (work.n > 0) {
        uint32_t f = work.v[--work.n];
        if (around[f] || is_called(linked, f, name)) {
            continue;
        }
        around[f] = true;
        for (uint32_t i = calls->first[f]; i < calls->first[f + 1]; i++) {
            struct fn_list callees = contexts_callees(contexts, id, &calls->v.v[i]);
            for (size_t c = 0; c < callees.n; c++) {
                vec_push(around, &work, callees.v[c].i);
            }
        }
    }
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        within[f] = !around[f] && contexts_reaches(contexts, context, (fn_id){f});
    }
    talloc_free(around);
    return within;
}

static bool is_within(struct said *said, const struct contexts *contexts, struct side *side,
                      const char *name, struct moment moment)
{
    context_id context = contexts->phases.v[moment.phase.i].context;

    if (!side->known) {
        return false;
    }
    if (side->within == NULL) {
        side->within = mem_array(said, bool *, contexts->v.n + 1);
    }
    if (side->within[context.i] == NULL) {
        side->within[context.i] = find_within(said, contexts, context, name);
    }
    return side->within[context.i][moment.fn.i];
}

bool said_apart(struct said *said, const struct contexts *contexts, struct moment a,
                struct moment b)
{
    for (size_t i = 0; i < said->claims->apart.n; i++) {
        const char *const *names = said->claims->apart.v[i].functions;
        struct side *sides = said->pairs[i].sides;
        for (size_t s = 0; s < 2; s++) {
            if (is_within(said, contexts, &sides[s], names[s], a) &&
                is_within(said, contexts, &sides[1 - s], names[1 - s], b)) {
                said->pairs[i].used = true;
                return true;
            }
        }
    }
    return false;
}

void said_wire_used(struct wire *wire, struct said *said)
{
    for (size_t i = 0; i < said->claims->apart.n; i++) {
        bool used = said->pairs[i].used;
        wire_bool(wire, &used);
        said->pairs[i].used = said->pairs[i].used || used;
    }
}

/* ---- what is no good ------------------------------------------------------------------------- */

static void add_problem(struct said_problems *problems, struct loc where, const char *text)
{
    vec_push(problems, &problems->v, (struct said_problem){where, text});
}

static void tell_unknown(struct said_problems *problems, const struct said *said,
                         const char *function, struct loc where)
{
    const struct linked *linked = said->contexts->flows->linked;
    struct nearest search = nearest_start(function);

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        nearest_try(&search, linked->fns.v[f].name);
    }
    const char *question = nearest_question(problems, &search);
    add_problem(
        problems, where,
        mem_printf(problems, "no function with a body is called '%s'%s", function, question));
}

/* Are the contexts of the entry as they would be without the claim? */
static bool changes_nothing(const struct said *said, const struct model_entry *entry)
{
    const struct contexts *contexts = said->contexts;
    const struct linked *linked = contexts->flows->linked;

    for (size_t i = 0; i < contexts->v.n; i++) {
        const struct context *context = &contexts->v.v[i];
        bool differs = context->many_said != SAID_NOT && context->many != context->many_found;
        for (uint32_t f = 0; f < linked->fns.n && differs; f++) {
            if (is_called(linked, f, entry->function) && begins_in(context, f)) {
                return false;
            }
        }
    }
    return true;
}

static void tell_entry(struct said_problems *problems, const struct said *said, size_t i,
                       bool unused)
{
    const struct model_entry *claim = &said->claims->entries.v[i];
    const struct entry *entry = &said->entries[i];

    if (!entry->known) {
        tell_unknown(problems, said, claim->function, claim->where);
    } else if (entry->lost) {
        add_problem(problems, claim->where,
                    mem_printf(problems, "nothing is known to start '%s': say what does, runs_on",
                               claim->function));
    } else if (unused && !entry->made && changes_nothing(said, claim)) {
        add_problem(problems, claim->where,
                    mem_printf(problems,
                               "snarl sees by itself what this entry says of '%s': remove it",
                               claim->function));
    }
}

static void tell_pair(struct said_problems *problems, const struct said *said, size_t i,
                      bool unused)
{
    const struct model_apart *claim = &said->claims->apart.v[i];
    const struct pair *pair = &said->pairs[i];

    for (size_t s = 0; s < 2; s++) {
        if (!pair->sides[s].known) {
            tell_unknown(problems, said, claim->functions[s], claim->where[s]);
        }
    }
    if (unused && pair->sides[0].known && pair->sides[1].known && !pair->used) {
        add_problem(problems, claim->where[0],
                    mem_printf(problems,
                               "nothing hangs on '%s' and '%s' never running at the same time: "
                               "remove this",
                               claim->functions[0], claim->functions[1]));
    }
}

struct said_problems *said_problems(void *owner, const struct said *said, bool unused)
{
    struct said_problems *problems = mem_new(owner, struct said_problems);

    for (size_t i = 0; i < said->claims->entries.n; i++) {
        tell_entry(problems, said, i, unused);
    }
    for (size_t i = 0; i < said->claims->apart.n; i++) {
        tell_pair(problems, said, i, unused);
    }
    return problems;
}
