#include "program/notes.h"

#include <ctype.h>
#include <string.h>

static size_t word_length(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || text[n] == '_') {
        n++;
    }
    return n;
}

/* Length of what stands in brackets that begin at `text`, without them; the text's when they are
 * not closed. */
static size_t bracketed_length(const char *text)
{
    size_t n = 1;

    for (unsigned depth = 1; text[n] != '\0' && depth > 0; n++) {
        depth += text[n] == '(' ? 1 : 0;
        depth -= text[n] == ')' ? 1 : 0;
    }
    return n - (text[n - 1] == ')' ? 2 : 1);
}

struct note_parts note_parts(void *owner, const struct ir_note *note)
{
    const char *text = note->text;
    size_t n = word_length(text);
    struct note_parts parts = {mem_strndup(owner, text, n), "", ""};

    text += n;
    if (text[0] == '(') {
        n = bracketed_length(text);
        parts.args = mem_strndup(owner, text + 1, n);
        text += n + 1 + (text[n + 1] == ')' ? 1 : 0);
    }
    parts.reason = mem_strdup(owner, text + strspn(text, " :-"));
    return parts;
}

bool note_is_about(const struct ir_note *note, uint32_t line, uint32_t below)
{
    return note->alone ? line > note->last_line && line <= note->last_line + below
                       : line == note->line;
}
