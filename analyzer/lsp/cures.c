#include "lsp/cures.h"

#include <ctype.h>
#include <string.h>

/* The document as lines. */
struct lines {
    struct position_text text;
};

static size_t line_start(const struct lines *lines, uint32_t line)
{
    return position_line_start(&lines->text, line - 1);
}

static size_t line_end(const struct lines *lines, uint32_t line)
{
    return position_offset(&lines->text, (struct position){line - 1, UINT32_MAX});
}

static size_t indent_of(const struct lines *lines, uint32_t line)
{
    size_t at = line_start(lines, line);
    size_t n = 0;

    while (at + n < lines->text.n &&
           (lines->text.bytes[at + n] == ' ' || lines->text.bytes[at + n] == '\t')) {
        n++;
    }
    return n;
}

static const char *indentation(void *owner, const struct lines *lines, uint32_t line)
{
    return mem_strndup(owner, lines->text.bytes + line_start(lines, line), indent_of(lines, line));
}

/* The line without the white space around it. Owned by `owner`. */
static char *trimmed(void *owner, const struct lines *lines, uint32_t line)
{
    size_t begin = line_start(lines, line) + indent_of(lines, line);
    size_t end = line_end(lines, line);

    while (end > begin && isspace((unsigned char)lines->text.bytes[end - 1]) != 0) {
        end--;
    }
    return mem_strndup(owner, lines->text.bytes + begin, end - begin);
}

static struct cure one_edit(void *owner, const char *title, size_t begin, size_t end,
                            const char *text)
{
    struct cure cure = {.title = title};

    vec_push(owner, &cure.edits, (struct cure_edit){begin, end, text});
    return cure;
}

/* ---- suppress -------------------------------------------------------------------------------- */

static void add_suppression(void *owner, struct cures *cures, const struct lines *lines,
                            const struct finding *finding)
{
    size_t at = line_start(lines, finding->where.line);
    const char *text =
        mem_printf(owner, "%s// snarl: allow(%s) say here why this is fine\n",
                   indentation(owner, lines, finding->where.line), finding->rule->id);

    vec_push(owner, &cures->v,
             one_edit(owner, mem_printf(owner, "allow this %s, with a reason", finding->rule->id),
                      at, at, text));
}

/* ---- a call of a lock's function, as it is written ------------------------------------------- */

struct written_call {
    const char *name; /* NULL: there is none on the line */
    const char *args; /* with their brackets */
};

/* The first call on a line whose function's name ends in "lock". */
static struct written_call lock_call_on(void *owner, const struct lines *lines, uint32_t line)
{
    struct written_call call = {NULL, NULL};
    const char *text = trimmed(owner, lines, line);

    for (const char *at = strstr(text, "lock("); at != NULL && call.name == NULL;
         at = strstr(at + 1, "lock(")) {
        const char *begin = at;
        const char *open = at + 4;
        const char *close = strchr(open, ')');
        while (begin > text && position_is_word(begin[-1])) {
            begin--;
        }
        if (close != NULL && memchr(open + 1, '(', (size_t)(close - open)) == NULL) {
            call.name = mem_strndup(owner, begin, (size_t)(open - begin));
            call.args = mem_strndup(owner, open, (size_t)(close - open) + 1);
        }
    }
    return call;
}

/* What gives back a lock that `name` takes: "x_unlock" for "x_lock", "x_rdlock", "x_wrlock". NULL:
 * its name doesn't tell. */
static const char *giving_name(void *owner, const char *name)
{
    static const char *const endings[] = {"_rdlock", "_wrlock", "_lock"};
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t n_ending = strlen(endings[i]);
        if (n > n_ending && strcmp(name + n - n_ending, endings[i]) == 0) {
            return mem_printf(owner, "%.*s_unlock", (int)(n - n_ending), name);
        }
    }
    return NULL;
}

/* The first step of the story, in this document, whose text begins so. NULL: none. */
static const struct finding_step *step_that(const struct finding *finding, const char *path,
                                            const char *beginning)
{
    for (size_t t = 0; t < finding->threads.n; t++) {
        for (size_t s = 0; s < finding->threads.v[t].steps.n; s++) {
            const struct finding_step *step = &finding->threads.v[t].steps.v[s];
            if (strncmp(step->text, beginning, strlen(beginning)) == 0 &&
                step->where.file != NULL && strcmp(step->where.file, path) == 0) {
                return step;
            }
        }
    }
    return NULL;
}

/* ---- give the lock back on a way out --------------------------------------------------------- */

/* Is the statement on the line the only one of an if, else or loop without braces? */
static bool stands_alone(void *owner, const struct lines *lines, uint32_t line)
{
    while (line > 1) {
        const char *before = trimmed(owner, lines, --line);
        size_t n = strlen(before);
        if (n > 0) {
            return strchr("{};:/", before[n - 1]) == NULL;
        }
    }
    return false;
}

static void add_unlock(void *owner, struct cures *cures, const struct lines *lines,
                       const struct document *document, const struct finding *finding)
{
    const struct finding_step *takes = step_that(finding, document->path, "takes '");
    uint32_t line = finding->where.line;
    struct written_call call = {NULL, NULL};

    if (takes != NULL) {
        call = lock_call_on(owner, lines, takes->where.line);
    }
    const char *give = call.name == NULL ? NULL : giving_name(owner, call.name);
    const char *statement = trimmed(owner, lines, line);
    if (give == NULL || strncmp(statement, "return", 6) != 0) {
        return;
    }
    const char *indent = indentation(owner, lines, line);
    size_t begin = line_start(lines, line);
    const char *title = mem_printf(owner, "give the lock back here: %s%s", give, call.args);
    if (!stands_alone(owner, lines, line)) {
        vec_push(owner, &cures->v,
                 one_edit(owner, title, begin, begin,
                          mem_printf(owner, "%s%s%s;\n", indent, give, call.args)));
        return;
    }
    vec_push(owner, &cures->v,
             one_edit(owner, title, begin + strlen(indent), line_end(lines, line),
                      mem_printf(owner, "{\n%s    %s%s;\n%s    %s\n%s}", indent, give, call.args,
                                 indent, statement, indent)));
}

/* ---- wait in a loop -------------------------------------------------------------------------- */

enum { IF_DISTANCE = 8 }; /* lines between the test and the wait, at most */

static void add_while(void *owner, struct cures *cures, const struct lines *lines,
                      const struct finding *finding)
{
    uint32_t line = finding->where.line;

    for (uint32_t up = 0; up < IF_DISTANCE && line > up; up++) {
        const char *text = trimmed(owner, lines, line - up);
        const char *at = strncmp(text, "if", 2) == 0 && !position_is_word(text[2]) ? text : NULL;
        if (at != NULL) {
            size_t begin = line_start(lines, line - up) + indent_of(lines, line - up);
            vec_push(owner, &cures->v,
                     one_edit(owner, "test again after the wait: 'while' for 'if'", begin,
                              begin + 2, "while"));
            return;
        }
    }
}

/* ---- one section instead of two -------------------------------------------------------------- */

/* The line that takes the lock again, between the two, on the same level; 0: none. */
static uint32_t taken_again(void *owner, const struct lines *lines, uint32_t from, uint32_t to,
                            const char *statement)
{
    for (uint32_t line = from + 1; line <= to; line++) {
        if (indent_of(lines, line) == indent_of(lines, from) &&
            strcmp(trimmed(owner, lines, line), statement) == 0) {
            return line;
        }
    }
    return 0;
}

/* Takes out a whole line. */
static void remove_line(void *owner, struct cure *cure, const struct lines *lines, uint32_t line)
{
    vec_push(owner, &cure->edits,
             (struct cure_edit){line_start(lines, line), line_start(lines, line + 1), ""});
}

/* Statements that give the lock back and take it again between test and act go. */
static void add_one_section(void *owner, struct cures *cures, const struct lines *lines,
                            const struct document *document, const struct finding *finding)
{
    const struct finding_step *lets = step_that(finding, document->path, "lets '");
    struct cure cure = {.title = "hold the lock from the test to the act"};

    if (lets == NULL || lets->where.line >= finding->where.line) {
        return;
    }
    const char *give = trimmed(owner, lines, lets->where.line);
    const char *at = strstr(give, "unlock(");
    if (at == NULL) {
        return;
    }
    char *take = mem_printf(owner, "%.*slock(%s", (int)(at - give), give, at + strlen("unlock("));
    uint32_t again = taken_again(owner, lines, lets->where.line, finding->where.line, take);
    if (again == 0) {
        return;
    }
    remove_line(owner, &cure, lines, lets->where.line);
    remove_line(owner, &cure, lines, again);
    vec_push(owner, &cures->v, cure);
}

/* ---- all of them ----------------------------------------------------------------------------- */

struct cures cures_of(void *owner, const struct snapshot *snapshot, const struct document *document,
                      const struct finding *finding)
{
    struct cures cures = {.v = {NULL, 0}};
    const struct lines lines = {document_text(snapshot->documents, document)};

    if (strcmp(finding->rule->id, "missing-unlock") == 0) {
        add_unlock(owner, &cures, &lines, document, finding);
    } else if (strcmp(finding->rule->id, "wait-no-loop") == 0) {
        add_while(owner, &cures, &lines, finding);
    } else if (strcmp(finding->rule->id, "check-then-act") == 0) {
        add_one_section(owner, &cures, &lines, document, finding);
    }
    add_suppression(owner, &cures, &lines, finding);
    return cures;
}

char *cure_applied(void *owner, const struct document *document, const struct cure *cure)
{
    char *text = mem_strdup(owner, "");
    size_t at = 0;

    for (size_t i = 0; i < cure->edits.n; i++) {
        const struct cure_edit *edit = &cure->edits.v[i];
        mem_append(owner, &text, "%.*s%s", (int)(edit->begin - at), document->text + at,
                   edit->text);
        at = edit->end;
    }
    mem_append(owner, &text, "%s", document->text + at);
    return text;
}
