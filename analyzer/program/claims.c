#include "program/claims.h"

#include <ctype.h>
#include <string.h>

/* An attribute's lock expression as it is read: `q->mu`, `&table.locks[i]`, `*m`. */
struct reader {
    const struct linked *linked;
    struct paths *paths;
    const struct prog_fn *fn; /* whose parameters can be named; NULL: none */
    uint32_t record;          /* whose members can be named; ID_NONE: none */
    const char *at;
    path_id path;
    const char *type; /* type name of what `path` is; NULL: not known */
};

/* ---- names ----------------------------------------------------------------------------------- */

static size_t word_length(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || text[n] == '_') {
        n++;
    }
    return n;
}

static bool is_word(const char *name, const char *word, size_t n)
{
    return name != NULL && strncmp(name, word, n) == 0 && name[n] == '\0';
}

/* Is one of the names of `type` that of the record, or of a pointer to it? */
static bool type_names(const char *type, const char *record)
{
    size_t n = strlen(record);

    while (type != NULL) {
        bool same = n > 0 && strncmp(type, record, n) == 0;
        if (same && strchr("|*", type[n + strspn(type + n, " ")]) != NULL) {
            return true; /* strchr() finds the '\0', too */
        }
        type = strchr(type, '|');
        type = type == NULL ? NULL : type + 1;
    }
    return false;
}

static bool is_pointer(const char *type)
{
    return type != NULL && type[0] != '\0' && type[strlen(type) - 1] == '*';
}

/* The member `word` of a record that is `record`, or that `type` names; ID_NONE: none. */
static uint32_t find_field(const struct reader *r, uint32_t record, const char *type,
                           const char *word, size_t n)
{
    for (uint32_t f = 0; f < r->linked->fields.n; f++) {
        const struct prog_field *field = &r->linked->fields.v[f];
        if (is_word(field->name, word, n) &&
            (record != ID_NONE ? field->record == record
                               : type_names(type, r->linked->records.v[field->record].name))) {
            return f;
        }
    }
    return ID_NONE;
}

/* ---- reading a lock -------------------------------------------------------------------------- */

static bool take_param(struct reader *r, const char *word, size_t n)
{
    for (uint32_t p = 0; r->fn != NULL && p < r->fn->ir->n_params; p++) {
        if (is_word(r->fn->ir->locals.v[p].name, word, n)) {
            r->path = path_root(r->paths, ROOT_PARAM, p, 0);
            r->type = r->fn->ir->locals.v[p].type;
            return true;
        }
    }
    return false;
}

static bool take_sibling(struct reader *r, const char *word, size_t n)
{
    uint32_t field = r->record == ID_NONE ? ID_NONE : find_field(r, r->record, NULL, word, n);

    if (field == ID_NONE) {
        return false;
    }
    r->path =
        path_step(r->paths, path_root(r->paths, ROOT_OBJECT, r->record, 0), STEP_FIELD, field);
    r->type = r->linked->fields.v[field].type;
    return true;
}

static bool take_variable(struct reader *r, const char *word, size_t n)
{
    for (uint32_t s = 0; s < r->linked->syms.n; s++) {
        const struct ir_sym *sym = r->linked->syms.v[s].ir;
        if (sym->kind == IR_SYM_VAR && is_word(sym->name, word, n)) {
            r->path = path_root(r->paths, ROOT_VAR, s, 0);
            r->type = sym->type;
            return true;
        }
    }
    return false;
}

static bool take_base(struct reader *r)
{
    size_t n;

    r->at += strspn(r->at, " (&");
    n = word_length(r->at);
    const char *word = r->at;
    r->at += n;
    return n > 0 &&
           (take_param(r, word, n) || take_sibling(r, word, n) || take_variable(r, word, n));
}

static bool take_member(struct reader *r, size_t n_operator)
{
    r->at += n_operator;
    r->at += strspn(r->at, " ");
    size_t n = word_length(r->at);
    uint32_t field = find_field(r, ID_NONE, r->type, r->at, n);

    if (n == 0 || field == ID_NONE) {
        return false;
    }
    if (is_pointer(r->type)) {
        r->path = path_step(r->paths, r->path, STEP_DEREF, 0);
    }
    r->path = path_step(r->paths, r->path, STEP_FIELD, field);
    r->type = r->linked->fields.v[field].type;
    r->at += n;
    return true;
}

static bool take_index(struct reader *r)
{
    const char *end = strchr(r->at, ']');

    if (end == NULL) {
        return false;
    }
    r->path = path_step(r->paths, r->path, STEP_INDEX, PATH_INDEX_ANY);
    r->at = end + 1;
    return true;
}

static bool take_steps(struct reader *r)
{
    for (;;) {
        r->at += strspn(r->at, " )");
        if (r->at[0] == '\0' || r->at[0] == ',') {
            return true;
        }
        bool taken = strncmp(r->at, "->", 2) == 0 ? take_member(r, 2)
                     : r->at[0] == '.'            ? take_member(r, 1)
                     : r->at[0] == '['            ? take_index(r)
                                                  : false;
        if (!taken) {
            return false;
        }
    }
}

/* Reads one lock of a list and what separates it from the next. False: not understood. */
static bool read_lock(struct reader *r)
{
    r->at += strspn(r->at, " (*");
    if (!take_base(r) || !take_steps(r)) {
        return false;
    }
    if (is_pointer(r->type)) { /* `mu` and `*mu` mean the lock alike, as in clang */
        r->path = path_step(r->paths, r->path, STEP_DEREF, 0);
    }
    r->at += r->at[0] == ',' ? 1 : 0;
    return !path_is_none(r->path);
}

/* ---- from attributes to claims --------------------------------------------------------------- */

struct finder {
    struct claims *out;
    const struct flows *flows;
    const struct ir_unit *unit;
    uint32_t unit_index;
};

static bool same_claim(const struct claim *a, const struct claim *b)
{
    return a->kind == b->kind && a->of_field == b->of_field && a->subject == b->subject &&
           path_eq(a->lock, b->lock) && (!path_is_none(a->lock) || strcmp(a->text, b->text) == 0);
}

static void add_claim(struct finder *f, const struct claim *claim)
{
    for (size_t i = 0; i < f->out->v.n; i++) {
        if (same_claim(&f->out->v.v[i], claim)) {
            return;
        }
    }
    vec_push(f->out, &f->out->v, *claim);
}

/* Which claim an attribute is. False: none. */
static bool kind_of(enum ir_attr_kind attr, struct claim *claim)
{
    claim->shared_is_enough = attr == IR_ATTR_REQUIRES_SHARED;
    if (attr == IR_ATTR_GUARDED_BY) {
        claim->kind = CLAIM_GUARDED_BY;
    } else if (attr == IR_ATTR_REQUIRES || attr == IR_ATTR_REQUIRES_SHARED) {
        claim->kind = CLAIM_REQUIRES;
    } else if (attr == IR_ATTR_EXCLUDES) {
        claim->kind = CLAIM_EXCLUDES;
    } else if (attr == IR_ATTR_INIT_ONLY) {
        claim->kind = CLAIM_INIT_ONLY;
    } else if (attr == IR_ATTR_RUNS_ON) {
        claim->kind = CLAIM_RUNS_ON;
    } else {
        return false;
    }
    return true;
}

static const struct prog_fn *body_of(const struct finder *f, uint32_t sym)
{
    struct bodies bodies = linked_bodies(f->flows->linked, sym, f->unit_index);

    return bodies.n == 0 ? NULL : &f->flows->linked->fns.v[bodies.v[0].i];
}

/* One claim for each lock of the attribute. */
static void add_locks(struct finder *f, struct claim claim, const char *args)
{
    const struct linked *linked = f->flows->linked;
    struct reader r = {.linked = linked, .paths = f->flows->paths, .record = ID_NONE, .at = args};

    if (claim.of_field) {
        r.record = linked->fields.v[claim.subject].record;
    } else {
        r.fn = body_of(f, claim.subject);
    }
    do {
        if (!read_lock(&r)) {
            f->out->n_unknown++;
            return;
        }
        claim.lock = r.path;
        add_claim(f, &claim);
    } while (r.at[0] != '\0');
}

static void add_attr(struct finder *f, const struct ir_attr *attr)
{
    const struct unit_map *map = &f->flows->linked->maps[f->unit_index];
    struct claim claim = {.lock = PATH_NONE, .text = attr->args};

    if (attr->kind == IR_ATTR_NO_ANALYSIS && attr->target_kind == IR_ATTR_ON_SYM) {
        vec_push(f->out, &f->out->exempt, map->syms[attr->target]);
    }
    if (!kind_of(attr->kind, &claim) || attr->target_kind == IR_ATTR_ON_RECORD) {
        return;
    }
    claim.of_field = attr->target_kind == IR_ATTR_ON_FIELD;
    claim.subject = claim.of_field ? map->fields[attr->target] : map->syms[attr->target];
    if (claim.kind == CLAIM_INIT_ONLY || claim.kind == CLAIM_RUNS_ON) {
        add_claim(f, &claim);
    } else {
        add_locks(f, claim, attr->args);
    }
}

struct claims *claims_find(void *owner, const struct flows *flows)
{
    struct finder f = {.out = mem_new(owner, struct claims), .flows = flows};

    for (uint32_t u = 0; u < flows->linked->n_units; u++) {
        f.unit = flows->linked->units[u];
        f.unit_index = u;
        for (size_t i = 0; i < f.unit->attrs.n; i++) {
            add_attr(&f, &f.unit->attrs.v[i]);
        }
    }
    return f.out;
}
