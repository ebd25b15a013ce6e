#include "ir/places.h"

#include <assert.h>
#include <ctype.h>

/* Behind the digits that begin at `text`. */
static const char *skip_digits(const char *text)
{
    while (isdigit((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* Behind a place that begins at `text` and stands between two `bar`s, or a `bar` and the end: the
 * offset in "@130@", line and column in "|7:3|". `text` itself: there is none. */
static const char *skip_place(const char *text, char bar)
{
    const char *end = skip_digits(text);

    if (end > text && bar == '|' && *end == ':') {
        end = skip_digits(end + 1);
    }
    return *end == bar || *end == '\0' ? end : text;
}

/* A key without the places in it, which tell apart what has the same name, or none. */
static const char *key_without_places(struct ir_unit *unit, const char *key)
{
    char *text = mem_strdup(unit, key);
    char *to = text;

    for (const char *from = key; *from != '\0';) {
        char c = *from++;
        *to++ = c;
        if (c == '@' || c == '|') {
            from = skip_place(from, c);
        }
    }
    *to = '\0';
    return text;
}

bool ir_is_same_key(const char *a, const char *b)
{
    while (a != b && *a == *b && *a != '\0') {
        char c = *a++;
        b++;
        if (c == '@' || c == '|') {
            a = skip_place(a, c);
            b = skip_place(b, c);
        }
    }
    return a == b || *a == *b;
}

static void forget_in_fn(struct ir_fn *fn)
{
    for (size_t i = 0; i < fn->locs.n; i++) {
        struct ir_loc *loc = &fn->locs.v[i];
        loc->line = loc->column = loc->spell_line = loc->spell_column = 0;
    }
}

void ir_forget_places(struct ir_unit *unit)
{
    for (size_t i = 0; i < unit->syms.n; i++) {
        struct ir_sym *sym = &unit->syms.v[i];
        sym->key = key_without_places(unit, sym->key);
        sym->line = sym->column = 0;
    }
    for (size_t i = 0; i < unit->records.n; i++) {
        unit->records.v[i].key = key_without_places(unit, unit->records.v[i].key);
    }
    for (size_t i = 0; i < unit->fields.n; i++) {
        unit->fields.v[i].line = 0;
    }
    for (size_t i = 0; i < unit->notes.n; i++) {
        struct ir_note *note = &unit->notes.v[i];
        note->line = note->column = note->last_line = 0;
    }
    for (size_t i = 0; i < unit->fns.n; i++) {
        forget_in_fn(unit->fns.v[i]);
    }
    forget_in_fn(unit->init);
    unit->problems.n = 0;
}

static void take_in_fn(struct ir_fn *to, const struct ir_fn *from)
{
    assert(to->locs.n == from->locs.n);
    for (size_t i = 0; i < to->locs.n && i < from->locs.n; i++) {
        to->locs.v[i] = from->locs.v[i];
    }
}

static void take_fns(struct ir_unit *to, const struct ir_unit *from)
{
    size_t k = 0; /* they are in the same order */

    for (size_t i = 0; i < to->fns.n; i++) {
        while (k < from->fns.n && from->fns.v[k]->sym.i != to->fns.v[i]->sym.i) {
            k++;
        }
        if (k < from->fns.n) {
            take_in_fn(to->fns.v[i], from->fns.v[k++]);
        }
    }
    take_in_fn(to->init, from->init);
}

void ir_take_places(struct ir_unit *to, const struct ir_unit *from)
{
    assert(to->syms.n == from->syms.n && to->fields.n == from->fields.n);
    assert(to->notes.n == from->notes.n);
    for (size_t i = 0; i < to->syms.n && i < from->syms.n; i++) {
        to->syms.v[i].line = from->syms.v[i].line;
        to->syms.v[i].column = from->syms.v[i].column;
    }
    for (size_t i = 0; i < to->fields.n && i < from->fields.n; i++) {
        to->fields.v[i].line = from->fields.v[i].line;
    }
    for (size_t i = 0; i < to->notes.n && i < from->notes.n; i++) {
        to->notes.v[i] = from->notes.v[i];
    }
    take_fns(to, from);
}
