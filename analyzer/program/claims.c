#include "program/claims.h"

#include "program/claims_lock.h"
#include "program/notes.h"

#include <string.h>

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

/* How a claim is written: the word of a comment, and the attribute that means the same. */
static const struct spelling {
    const char *word;
    bool has_attr; /* `attr` counts */
    enum ir_attr_kind attr;
    enum claim_kind kind;
    bool shared_is_enough;
} spellings[] = {
    {"guarded_by", true, IR_ATTR_GUARDED_BY, CLAIM_GUARDED_BY, false},
    {"requires", true, IR_ATTR_REQUIRES, CLAIM_REQUIRES, false},
    {"requires_shared", true, IR_ATTR_REQUIRES_SHARED, CLAIM_REQUIRES, true},
    {"excludes", true, IR_ATTR_EXCLUDES, CLAIM_EXCLUDES, false},
    {"init_only", false, IR_ATTR_ANNOTATE, CLAIM_INIT_ONLY, false},
    {"runs_on", false, IR_ATTR_ANNOTATE, CLAIM_RUNS_ON, false},
};
enum { N_SPELLINGS = sizeof spellings / sizeof spellings[0] };

static const struct spelling *spelling_of_attr(enum ir_attr_kind attr)
{
    for (size_t i = 0; i < N_SPELLINGS; i++) {
        if (spellings[i].has_attr && spellings[i].attr == attr) {
            return &spellings[i];
        }
    }
    return NULL;
}

static const struct spelling *spelling_of_word(const char *word)
{
    for (size_t i = 0; i < N_SPELLINGS; i++) {
        if (strcmp(spellings[i].word, word) == 0) {
            return &spellings[i];
        }
    }
    return NULL;
}

static const struct prog_fn *body_of(const struct finder *f, uint32_t sym)
{
    struct bodies bodies = linked_bodies(f->flows->linked, sym, f->unit_index);

    return bodies.n == 0 ? NULL : &f->flows->linked->fns.v[bodies.v[0].i];
}

/* One claim for each lock that `args` names. False: not all of it was understood. */
static bool add_locks(struct finder *f, struct claim claim, const char *args)
{
    const struct linked *linked = f->flows->linked;
    struct lock_reader r = {
        .linked = linked, .paths = f->flows->paths, .record = ID_NONE, .at = args};

    if (claim.of_field) {
        r.record = linked->fields.v[claim.subject].record;
    } else {
        r.fn = body_of(f, claim.subject);
    }
    do {
        if (!lock_reader_next(&r)) {
            return false;
        }
        claim.lock = r.path;
        add_claim(f, &claim);
    } while (r.at[0] != '\0');
    return true;
}

/* A claim of a field or symbol of the unit. False: it was not understood. */
static bool claim_for(struct finder *f, const struct spelling *spelling, bool of_field,
                      uint32_t subject, const char *args)
{
    const struct unit_map *map = &f->flows->linked->maps[f->unit_index];
    struct claim claim = {.kind = spelling->kind,
                          .of_field = of_field,
                          .subject = of_field ? map->fields[subject] : map->syms[subject],
                          .lock = PATH_NONE,
                          .shared_is_enough = spelling->shared_is_enough,
                          .text = args};

    if (claim.kind == CLAIM_INIT_ONLY || claim.kind == CLAIM_RUNS_ON) {
        add_claim(f, &claim);
        return true;
    }
    return add_locks(f, claim, args);
}

static void add_attr(struct finder *f, const struct ir_attr *attr)
{
    const struct unit_map *map = &f->flows->linked->maps[f->unit_index];
    const struct spelling *spelling = spelling_of_attr(attr->kind);

    if (attr->kind == IR_ATTR_NO_ANALYSIS && attr->target_kind == IR_ATTR_ON_SYM) {
        vec_push(f->out, &f->out->exempt, map->syms[attr->target]);
    }
    if (spelling != NULL && attr->target_kind != IR_ATTR_ON_RECORD) {
        bool of_field = attr->target_kind == IR_ATTR_ON_FIELD;
        bool understood = claim_for(f, spelling, of_field, attr->target, attr->args);
        f->out->n_unknown += understood ? 0 : 1;
    }
}

/* ---- from comments to claims ----------------------------------------------------------------- */

/* Lines between a comment and the name it is about: some styles have a function's return type on a
 * line of its own. */
enum { MAX_BELOW = 2 };

/* Line of the nearest declaration that the comment can be about; UINT32_MAX: none. */
static uint32_t nearest_line(const struct finder *f, const struct ir_note *note)
{
    uint32_t nearest = UINT32_MAX;

    for (size_t i = 0; i < f->unit->syms.n; i++) {
        const struct ir_sym *sym = &f->unit->syms.v[i];
        if (sym->file.i == note->file.i && note_is_about(note, sym->line, MAX_BELOW)) {
            nearest = sym->line < nearest ? sym->line : nearest;
        }
    }
    for (size_t i = 0; i < f->unit->fields.n; i++) {
        const struct ir_field *field = &f->unit->fields.v[i];
        if (field->file.i == note->file.i && note_is_about(note, field->line, MAX_BELOW)) {
            nearest = field->line < nearest ? field->line : nearest;
        }
    }
    return nearest;
}

/* Claims for all that is declared on `line` of the note's file. False: not understood. */
static bool claim_on_line(struct finder *f, const struct ir_note *note, uint32_t line,
                          const struct spelling *spelling, const char *args)
{
    bool understood = true;

    for (uint32_t i = 0; i < f->unit->syms.n; i++) {
        const struct ir_sym *sym = &f->unit->syms.v[i];
        if (sym->file.i == note->file.i && sym->line == line) {
            understood = claim_for(f, spelling, false, i, args) && understood;
        }
    }
    for (uint32_t i = 0; i < f->unit->fields.n; i++) {
        const struct ir_field *field = &f->unit->fields.v[i];
        if (field->file.i == note->file.i && field->line == line) {
            understood = claim_for(f, spelling, true, i, args) && understood;
        }
    }
    return understood;
}

static void add_problem(struct finder *f, const struct ir_note *note, const char *text)
{
    struct loc where = {f->unit->files.v[note->file.i], note->line, note->column};

    for (size_t i = 0; i < f->out->problems.n; i++) {
        const struct loc *known = &f->out->problems.v[i].where;
        if (known->file == where.file && known->line == where.line) {
            return; /* a header's, that another unit had, too */
        }
    }
    vec_push(f->out, &f->out->problems, (struct claim_problem){where, text});
}

/* A header's comment is met in each unit that includes it, and its subject only in those that use
 * it: that it is about nothing here is no problem. */
static void add_note(struct finder *f, const struct ir_note *note)
{
    struct note_parts parts = note_parts(f->out, note);
    const struct spelling *spelling = spelling_of_word(parts.word);

    if (strcmp(parts.word, "allow") == 0 || strncmp(parts.word, "NOLINT", 6) == 0) {
        return; /* a finding's, not a claim (rules/allowed.h) */
    }
    if (spelling == NULL) {
        add_problem(f, note,
                    mem_printf(f->out,
                               "snarl knows no '%s' here: use guarded_by, requires, "
                               "requires_shared, excludes, init_only, runs_on or allow",
                               parts.word));
        return;
    }
    uint32_t line = nearest_line(f, note);
    if (line != UINT32_MAX && !claim_on_line(f, note, line, spelling, parts.args)) {
        add_problem(f, note,
                    mem_printf(f->out,
                               "no lock is known as '%s': name a global, a member of the same "
                               "struct, or a parameter's member",
                               parts.args));
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
        for (size_t i = 0; i < f.unit->notes.n; i++) {
            add_note(&f, &f.unit->notes.v[i]);
        }
    }
    return f.out;
}
