#include "lower_check.h"

#include "frontend/frontend.h"
#include "ir/print.h"

#include <string.h>

/* The printed IR without places in the source and indentation. */
static char *without_places(void *owner, const char *text)
{
    char *out = mem_strdup(owner, "");

    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        size_t skip = strspn(text, " ");
        const char *end = strstr(text, " ; /");
        size_t keep = end != NULL && end < text + n ? (size_t)(end - text) : n;
        while (keep > skip && text[keep - 1] == ' ') {
            keep--;
        }
        mem_append(owner, &out, "%.*s\n", (int)(keep - skip), text + skip);
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return out;
}

struct ir_unit *lower_text(void *owner, const char *source)
{
    return frontend_lower_text(owner, intern_new(owner), PATH, source, NULL, 0);
}

/* The only place that calls the printer. */
void check_ir(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(owner, source);
    char *text = without_places(owner, ir_print_unit(owner, unit, "f"));
    const char *body = strchr(text, '\n');
    char *end = strstr(text, "static initialisers");

    if (end != NULL) {
        *end = '\0';
    }
    assert_non_null(body);
    assert_string_equal(body + 1, want);
    talloc_free(owner);
}

void check_init(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(owner, source);
    char *text = without_places(owner, ir_print_unit(owner, unit, NULL));
    const char *init = strstr(text, "static initialisers\n");

    assert_string_equal(init == NULL ? "" : strchr(init, '\n') + 1, want);
    talloc_free(owner);
}

const struct ir_sym *sym_named(const struct ir_unit *unit, const char *name)
{
    for (size_t i = 0; i < unit->syms.n; i++) {
        if (strcmp(unit->syms.v[i].name, name) == 0) {
            return &unit->syms.v[i];
        }
    }
    fail_msg("no symbol %s", name);
    return NULL;
}
