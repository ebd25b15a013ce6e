#include "rules/allowed.h"

#include "program/notes.h"

#include <string.h>

/* One comment. A header's is kept once for each unit that includes it. */
struct allowance {
    const char *file; /* interned */
    const struct ir_note *note;
    const char *rules; /* "data-race, double-lock" */
    const char *reason;
};

struct allowed {
    VEC(struct allowance) v;
};

struct allowed *allowed_read(void *owner, const struct linked *linked)
{
    struct allowed *allowed = mem_new(owner, struct allowed);

    for (size_t u = 0; u < linked->n_units; u++) {
        const struct ir_unit *unit = linked->units[u];
        for (size_t i = 0; i < unit->notes.n; i++) {
            const struct ir_note *note = &unit->notes.v[i];
            struct note_parts parts = note_parts(allowed, note);
            if (strcmp(parts.word, "allow") == 0 && parts.reason[0] != '\0') {
                vec_push(allowed, &allowed->v,
                         (struct allowance){unit->files.v[note->file.i], note, parts.args,
                                            parts.reason});
            }
        }
    }
    return allowed;
}

static bool names_rule(const char *list, const char *id)
{
    size_t n = strlen(id);

    for (const char *at = list; (at = strstr(at, id)) != NULL; at += n) {
        bool begins = at == list || strchr(" ,", at[-1]) != NULL;
        if (begins && strchr(" ,", at[n]) != NULL) { /* strchr() finds the '\0', too */
            return true;
        }
    }
    return false;
}

const char *allowed_reason(const struct allowed *allowed, const struct finding *finding)
{
    for (size_t i = 0; i < allowed->v.n; i++) {
        const struct allowance *one = &allowed->v.v[i];
        if (strcmp(one->file, finding->where.file) == 0 &&
            note_is_about(one->note, finding->where.line, 1) &&
            names_rule(one->rules, finding->rule->id)) {
            return one->reason;
        }
    }
    return NULL;
}
