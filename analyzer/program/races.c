#include "program/races.h"

#include "program/completion.h"
#include "program/handover.h"
#include "program/protect.h"
#include "program/sharing.h"
#include "program/upkeep.h"

#include <stdlib.h>

/* Accesses that differ in their place of the source only are alike; so many of them are looked at.
 */
enum { MAX_ALIKE = 6, MAX_OTHERS = 8 };

/* All that can be at one place: a variable, or the bit-fields of one unit. */
struct location {
    VEC(const struct variable *) v;
    VEC(const struct access *) accesses; /* those that can take part in a race */
};

struct search {
    struct races *out;
    const struct accessmap *map;
    const struct contexts *contexts;
    struct paths *paths;
    const struct focus *focus;
    struct upkeep *upkeep;
    struct handover *handover;
};

/* ---- which accesses -------------------------------------------------------------------------- */

static bool are_alike(const struct access *a, const struct access *b)
{
    return a->phase.i == b->phase.i && a->held == b->held && path_eq(a->path, b->path) &&
           a->writes == b->writes && a->atomic == b->atomic;
}

/* Is the object in the hands of the one who makes or ends it? (One of the whole program is not: its
 * users need not wait for that.) */
static bool is_upkeep(const struct search *s, const struct variable *variable,
                      const struct access *access)
{
    return !path_is_exact(s->paths, access->path) &&
           upkeep_is_at_work(s->upkeep, access->phase, access->fn, variable->class);
}

static void add_candidates(const struct search *s, struct location *location,
                           const struct variable *variable)
{
    size_t first = location->accesses.n;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        unsigned n = 0;
        for (size_t j = location->accesses.n; j-- > first && n < MAX_ALIKE;) {
            n += are_alike(location->accesses.v[j], access) ? 1 : 0;
        }
        if (access->sure && n < MAX_ALIKE && !is_upkeep(s, variable, access)) {
            vec_push(location, &location->accesses, access);
        }
    }
}

/* The first bit-field of the run of neighbours that `class` is one of: C11 3.14 calls such a run
 * one memory location. PATH_NONE: it is none. */
static path_id unit_of(const struct search *s, path_id class)
{
    const struct linked *linked = s->contexts->flows->linked;
    const struct path_node *node = path_get(s->paths, class);

    if (node->kind != STEP_FIELD || linked->fields.v[node->a].unit == ID_NONE) {
        return PATH_NONE;
    }
    return path_step(s->paths, node->parent, STEP_FIELD, linked->fields.v[node->a].unit);
}

static struct location *location_of(const struct search *s, const struct variable *variable)
{
    struct location *location = mem_new(NULL, struct location);
    path_id unit = unit_of(s, variable->class);

    vec_push(location, &location->v, variable);
    add_candidates(s, location, variable);
    for (size_t i = 0; i < s->map->v.n && !path_is_none(unit); i++) {
        const struct variable *other = &s->map->v.v[i];
        if (other != variable && path_eq(unit_of(s, other->class), unit)) {
            vec_push(location, &location->v, other);
            add_candidates(s, location, other);
        }
    }
    return location;
}

/* ---- which pairs ----------------------------------------------------------------------------- */

/* Can the two be at one object? The bit-fields of a unit can if their structs are one. */
static bool can_be_at_one_place(const struct search *s, const struct access *a,
                                const struct access *b)
{
    path_id x = unit_of(s, a->path);
    path_id y = unit_of(s, b->path);

    return path_is_none(x) || path_is_none(y) ? path_may_alias(s->paths, a->path, b->path)
                                              : path_may_alias(s->paths, x, y);
}

static struct moment moment_of(const struct access *access)
{
    return (struct moment){access->phase, access->fn, access->op};
}

/* Is there a program that has both contexts and both functions? */
static bool are_of_one_program(const struct search *s, const struct access *a,
                               const struct access *b)
{
    const struct linked *linked = s->contexts->flows->linked;
    uint64_t x = linked->programs[linked->fns.v[a->fn.i].unit_index];
    uint64_t y = linked->programs[linked->fns.v[b->fn.i].unit_index];
    uint64_t contexts =
        s->contexts->v.v[a->context.i].programs & s->contexts->v.v[b->context.i].programs;

    return (contexts & (x == 0 ? UINT64_MAX : x) & (y == 0 ? UINT64_MAX : y)) != 0;
}

/* A callback of a loop that nobody is seen to run: most likely it is main that does. */
static bool may_be_one_thread(const struct search *s, const struct access *a,
                              const struct access *b)
{
    enum context_kind x = s->contexts->v.v[a->context.i].kind;
    enum context_kind y = s->contexts->v.v[b->context.i].kind;

    return (x == CONTEXT_LOOP && (y == CONTEXT_LOOP || y == CONTEXT_MAIN)) ||
           (x == CONTEXT_MAIN && y == CONTEXT_LOOP);
}

/* What most pairs fail, and what is told at once. */
static bool conflict(const struct search *s, const struct access *a, const struct access *b)
{
    return (a->writes || b->writes) && !(a->atomic && b->atomic) &&
           contexts_overlap(s->contexts, a->context, b->context);
}

static bool is_race(const struct search *s, const struct access *a, const struct access *b)
{
    return conflict(s, a, b) && !may_be_one_thread(s, a, b) && are_of_one_program(s, a, b) &&
           can_be_at_one_place(s, a, b) && !protect_apart(s->contexts, a, b) &&
           contexts_meet_at(s->contexts, moment_of(a), moment_of(b), a->path) &&
           !handover_orders(s->handover, a, b) && !completion_tells(s->map, moment_of(a), b) &&
           !completion_tells(s->map, moment_of(b), a);
}

static bool holds_guard(const struct search *s, const struct variable *variable,
                        const struct access *access)
{
    return !path_is_none(variable->guard) &&
           protect_bond(s->contexts, access, variable->guard) > BOND_OTHER;
}

/* How clear a case the pair is. */
static unsigned clearness(const struct search *s, const struct variable *variable,
                          const struct access *a, const struct access *b)
{
    unsigned n = sharing_is_certain(s->contexts, a, b) ? 8 : 0;

    n += holds_guard(s, variable, a) != holds_guard(s, variable, b) ? 4 : 0;
    n += a->writes && b->writes ? 2 : 0;
    return n + (a->fn.i != b->fn.i || a->op.i != b->op.i ? 1 : 0);
}

/* Is it used in focus? Only there can what is told of it be. */
static bool is_in_focus(const struct search *s, const struct location *location)
{
    bool in = false;

    for (size_t i = 0; i < location->accesses.n && !in; i++) {
        in = focus_has(s->focus, location->accesses.v[i]->fn);
    }
    return in;
}

/* The clearest pair of the location into *race. False: it has none. */
static bool find_clearest(const struct search *s, const struct location *location,
                          struct race *race)
{
    const struct variable *first = location->v.v[0];
    unsigned best = 0;

    race->a = NULL;
    for (size_t i = 0; i < location->accesses.n; i++) {
        const struct access *a = location->accesses.v[i];
        for (size_t j = i; j < location->accesses.n; j++) {
            const struct access *b = location->accesses.v[j];
            if (!conflict(s, a, b)) {
                continue;
            }
            unsigned clear = clearness(s, first, a, b);
            if ((race->a != NULL && clear <= best) || !is_race(s, a, b)) {
                continue;
            }
            best = clear;
            race->a = a;
            race->b = b;
        }
    }
    return race->a != NULL;
}

/* ---- telling --------------------------------------------------------------------------------- */

static const struct variable *variable_of(const struct location *location,
                                          const struct access *access)
{
    for (size_t i = 0; i < location->v.n; i++) {
        const struct variable *v = location->v.v[i];
        if (access >= v->accesses.v && access < v->accesses.v + v->accesses.n) {
            return v;
        }
    }
    return location->v.v[0];
}

/* The access that lacks the guard comes first; where none stands out, the one that is not atomic,
 * or holds nothing; else the write. */
static void put_in_order(const struct search *s, struct race *race)
{
    bool a = holds_guard(s, race->variable, race->a);
    bool b = holds_guard(s, race->variable, race->b);

    if (a == b) {
        a = race->a->atomic || (!race->b->atomic && race->a->held->n > 0);
        b = race->b->atomic || (!race->a->atomic && race->b->held->n > 0);
    }
    if (a != b ? a : !race->a->writes && race->b->writes) {
        const struct access *swap = race->a;
        race->a = race->b;
        race->b = swap;
    }
}

static bool is_same_place(const struct access *a, const struct access *b)
{
    return a->fn.i == b->fn.i && a->op.i == b->op.i;
}

static void add_others(const struct search *s, const struct location *location, struct race *race)
{
    for (size_t i = 0; i < location->accesses.n && race->others.n < MAX_OTHERS; i++) {
        const struct access *other = location->accesses.v[i];
        bool known = is_same_place(other, race->a) || is_same_place(other, race->b);
        for (size_t j = 0; j < race->others.n && !known; j++) {
            known = is_same_place(other, race->others.v[j]);
        }
        if (!known && (is_race(s, other, race->a) || is_race(s, other, race->b))) {
            vec_push(s->out, &race->others, other);
        }
    }
}

/* An access and whether it holds the guard, for counting by place. */
struct counted {
    uint32_t fn;
    uint32_t op;
    bool guarded;
};

static int by_place(const void *a, const void *b)
{
    const struct counted *x = a;
    const struct counted *y = b;

    if (x->fn != y->fn) {
        return x->fn < y->fn ? -1 : 1;
    }
    return x->op < y->op ? -1 : x->op > y->op;
}

static void count_guarded(const struct search *s, struct race *race)
{
    const struct variable *variable = race->variable;
    size_t n = 0;
    struct counted *v = mem_array(NULL, struct counted, variable->accesses.n + 1);

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        if (!is_upkeep(s, variable, access)) {
            v[n++] = (struct counted){access->fn.i, access->op.i, holds_guard(s, variable, access)};
        }
    }
    qsort(v, n, sizeof *v, by_place);
    for (size_t i = 0; i < n;) {
        bool guarded = true;
        size_t end = i;
        for (; end < n && by_place(&v[i], &v[end]) == 0; end++) {
            guarded = guarded && v[end].guarded;
        }
        race->n_places++;
        race->n_guarded += guarded ? 1 : 0;
        i = end;
    }
    talloc_free(v);
}

static void examine(const struct search *s, const struct variable *variable)
{
    struct location *location = location_of(s, variable);
    struct race race = {.variable = variable};

    /* of the bit-fields of a unit the first one speaks for all */
    bool first = true;
    for (size_t i = 1; i < location->v.n; i++) {
        first = first && location->v.v[i] > variable;
    }
    if (first && is_in_focus(s, location) && find_clearest(s, location, &race)) {
        put_in_order(s, &race);
        race.variable = variable_of(location, race.a);
        race.beside = variable_of(location, race.b);
        race.one_object = sharing_is_certain(s->contexts, race.a, race.b);
        count_guarded(s, &race);
        add_others(s, location, &race);
        vec_push(s->out, &s->out->v, race);
    }
    talloc_free(location);
}

struct races *races_find(void *owner, const struct accessmap *map, const struct focus *focus)
{
    struct races *out = mem_new(owner, struct races);
    struct search s = {.out = out,
                       .map = map,
                       .contexts = map->contexts,
                       .paths = map->contexts->flows->paths,
                       .focus = focus};

    s.upkeep = upkeep_build(NULL, map->contexts);
    s.handover = handover_new(NULL, map->contexts);
    for (size_t i = 0; i < map->v.n; i++) {
        const struct variable *variable = &map->v.v[i];
        if (variable->shared || !path_is_none(unit_of(&s, variable->class))) {
            examine(&s, variable);
        }
    }
    talloc_free(s.handover);
    talloc_free(s.upkeep);
    return out;
}
