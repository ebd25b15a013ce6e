#include "frontend/lower.h"
#include "frontend/path.h"

#include <ctype.h>

static file_id path_id(struct lower *lower, const char *path)
{
    struct ir_unit *unit = lower->unit;
    uint32_t id = ID_NONE;

    if (!idmap_get(lower->paths, path, &id)) {
        id = (uint32_t)unit->files.n;
        vec_push(unit, &unit->files, path);
        idmap_put(lower->paths, path, id);
    }
    return (file_id){id};
}

/* The entry of a file, NULL for no file. Valid until the next file is added. */
static struct source_file *source_of(struct lower *lower, CXFile file)
{
    uint32_t at = 0;

    if (file == NULL) {
        return NULL;
    }
    if (!idmap_get(lower->sources, file, &at)) {
        struct source_file source = {.file = file};
        CXString name = clang_getFileName(file);
        char *path = path_absolute(NULL, lower->directory, clang_getCString(name));
        source.id = path_id(lower, intern_str(lower->names, path));
        talloc_free(path);
        clang_disposeString(name);
        at = (uint32_t)lower->files.n;
        vec_push(lower, &lower->files, source);
        idmap_put(lower->sources, file, at);
    }
    return &lower->files.v[at];
}

file_id source_file_id(struct lower *lower, CXFile file)
{
    const struct source_file *source = source_of(lower, file);

    return source == NULL ? (file_id){ID_NONE} : source->id;
}

void source_meet(struct lower *lower, CXSourceLocation where)
{
    CXFile file = NULL;

    clang_getExpansionLocation(where, &file, NULL, NULL, NULL);
    if (file == NULL || file == lower->last_met) {
        return;
    }
    lower->last_met = file;
    struct source_file *source = source_of(lower, file);
    if (source->origin == ORIGIN_UNKNOWN) {
        source->origin = clang_Location_isInSystemHeader(where) ? ORIGIN_SYSTEM : ORIGIN_PROJECT;
    }
}

/* The same with its text. libclang looks for that in a list of all files and uses of macros that it
 * has read: most files are never asked for theirs, and none twice. */
static const struct source_file *source_with_text(struct lower *lower, CXFile file)
{
    struct source_file *source = source_of(lower, file);

    if (source != NULL && !source->has_text) {
        source->text = clang_getFileContents(lower->tu, file, &source->size);
        source->has_text = true;
    }
    return source;
}

/* The identifier at `offset` of the file, interned; NULL: there is none. */
static const char *identifier_at(struct lower *lower, CXFile file, unsigned offset)
{
    const struct source_file *source = source_with_text(lower, file);
    size_t end = offset;

    if (source == NULL || source->text == NULL) {
        return NULL;
    }
    while (end < source->size &&
           (isalnum((unsigned char)source->text[end]) || source->text[end] == '_')) {
        end++;
    }
    return end == offset ? NULL : intern_strn(lower->names, source->text + offset, end - offset);
}

struct ir_loc source_loc(struct lower *lower, CXSourceLocation where)
{
    struct ir_loc loc = {.file = {ID_NONE}, .spell_file = {ID_NONE}};
    CXFile file = NULL;
    CXFile spell_file = NULL;
    unsigned offset = 0;
    unsigned spell_offset = 0;

    clang_getExpansionLocation(where, &file, &loc.line, &loc.column, &offset);
    loc.file = source_file_id(lower, file);
    clang_getSpellingLocation(where, &spell_file, &loc.spell_line, &loc.spell_column,
                              &spell_offset);
    bool from_macro = spell_file != file || spell_offset != offset;
    if (from_macro && spell_file != NULL) {
        loc.spell_file = source_file_id(lower, spell_file);
    } else {
        loc.spell_file = loc.file;
    }
    if (spell_file == NULL) { /* pasted or built in: spelled nowhere */
        loc.spell_line = loc.line;
        loc.spell_column = loc.column;
    }
    /* A macro is defined before it is used: what is spelled later in the file is an argument. */
    if (from_macro && !(spell_file == file && spell_offset > offset)) {
        loc.macro = identifier_at(lower, file, offset);
    }
    return loc;
}

const char *source_text_at(struct lower *lower, CXFile file, size_t offset, size_t *ret_size)
{
    const struct source_file *source = source_with_text(lower, file);
    if (source == NULL || source->text == NULL || offset >= source->size) {
        return NULL;
    }
    *ret_size = source->size - offset;
    return source->text + offset;
}

const char *source_text(struct lower *lower, CXSourceLocation where, size_t *ret_size)
{
    CXFile file = NULL;
    unsigned offset = 0;

    clang_getSpellingLocation(where, &file, NULL, NULL, &offset);
    return source_text_at(lower, file, offset, ret_size);
}
