#include "program/claims_lock.h"

#include <ctype.h>
#include <string.h>

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
static uint32_t find_field(const struct lock_reader *r, uint32_t record, const char *type,
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

static bool take_param(struct lock_reader *r, const char *word, size_t n)
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

static bool take_sibling(struct lock_reader *r, const char *word, size_t n)
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

static bool take_variable(struct lock_reader *r, const char *word, size_t n)
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

static bool take_base(struct lock_reader *r)
{
    size_t n;

    r->at += strspn(r->at, " (&");
    n = word_length(r->at);
    const char *word = r->at;
    r->at += n;
    return n > 0 &&
           (take_param(r, word, n) || take_sibling(r, word, n) || take_variable(r, word, n));
}

static bool take_member(struct lock_reader *r, size_t n_operator)
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

static bool take_index(struct lock_reader *r)
{
    const char *end = strchr(r->at, ']');

    if (end == NULL) {
        return false;
    }
    r->path = path_step(r->paths, r->path, STEP_INDEX, PATH_INDEX_ANY);
    r->at = end + 1;
    return true;
}

static bool take_steps(struct lock_reader *r)
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

bool lock_reader_next(struct lock_reader *r)
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
