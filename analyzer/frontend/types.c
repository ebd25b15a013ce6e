/* Type names: a type as written, then each step of undoing its typedefs (see ir.h). */
#include "frontend/lower.h"

#include <string.h>

/* A type without arrays and pointers around it. */
struct peeled {
    CXType type;
    unsigned n_stars;
};

/* A type that stands for another one without having a name of its own: undone. */
static CXType unsugared(CXType type)
{
    if (type.kind == CXType_Elaborated) {
        CXType named = clang_Type_getNamedType(type);
        return named.kind == CXType_Typedef ? named : type;
    }
    if (type.kind == CXType_Attributed) {
        return clang_Type_getModifiedType(type);
    }
    if (type.kind == CXType_Unexposed || type.kind == CXType_Auto) { /* typeof, parentheses */
        return clang_getCanonicalType(type);
    }
    return type;
}

static void peel(struct peeled *peeled)
{
    for (int guard = 0; guard < 64; guard++) {
        CXType type = peeled->type;
        CXType element = clang_getArrayElementType(type);
        if (element.kind != CXType_Invalid && type_is_array(type)) {
            peeled->type = element;
        } else if (type.kind == CXType_Pointer && !type_is_function(clang_getPointeeType(type))) {
            peeled->type = clang_getPointeeType(type);
            peeled->n_stars++;
        } else {
            CXType plain = unsugared(type);
            if (plain.kind == type.kind) {
                return;
            }
            peeled->type = plain;
        }
    }
}

/* The spelling of a type without qualifiers. A struct that only a typedef names has that name
 * already; one without any name would be spelled with the place it is at. */
static CXString spelling(const struct peeled *peeled, bool *ret_named)
{
    CXCursor decl = clang_getTypeDeclaration(peeled->type);
    bool tagged = peeled->type.kind == CXType_Elaborated || peeled->type.kind == CXType_Record ||
                  peeled->type.kind == CXType_Enum;
    CXType type = tagged && !clang_Cursor_isNull(decl) ? clang_getCursorType(decl) : peeled->type;
    CXString name = clang_getTypeSpelling(clang_getUnqualifiedType(type));

    *ret_named = !tagged || (strchr(clang_getCString(name), '(') == NULL &&
                             strchr(clang_getCString(name), ' ') != NULL);
    return name;
}

/* Appends one name. */
static void add_name(char **text, const struct peeled *peeled)
{
    bool named = false;
    CXString name = spelling(peeled, &named);

    if (named) {
        mem_append(NULL, text, "%s%s%s", *text == NULL ? "" : "|", clang_getCString(name),
                   peeled->n_stars > 0 ? " " : "");
        for (unsigned i = 0; i < peeled->n_stars && i < 8; i++) {
            mem_append(NULL, text, "*");
        }
    }
    clang_disposeString(name);
}

static const char *build_name(struct lower *lower, CXType type)
{
    struct peeled peeled = {type, 0};
    char *text = NULL;

    for (int guard = 0; guard < 64; guard++) {
        peel(&peeled);
        add_name(&text, &peeled);
        if (peeled.type.kind != CXType_Typedef) {
            break;
        }
        peeled.type = clang_getTypedefDeclUnderlyingType(clang_getTypeDeclaration(peeled.type));
    }
    const char *name = intern_str(lower->names, text == NULL ? "" : text);
    talloc_free(text);
    return name;
}

const char *type_name(struct lower *lower, CXType type)
{
    uint32_t at = 0;

    if (type.kind == CXType_Invalid) {
        return intern_str(lower->names, "");
    }
    if (!idmap_get(lower->types, type.data[0], &at)) {
        const char *name = build_name(lower, type);
        at = (uint32_t)lower->type_names.n;
        vec_push(lower, &lower->type_names, name);
        idmap_put(lower->types, type.data[0], at);
    }
    return lower->type_names.v[at];
}

const char *type_name_pointer(struct lower *lower, CXType type)
{
    char *text = NULL;

    for (const char *at = type_name(lower, type); at != NULL;) {
        size_t n = strcspn(at, "|");
        bool is_pointer = n > 0 && at[n - 1] == '*';
        mem_append(NULL, &text, "%s%.*s%s", text == NULL ? "" : "|", (int)n, at,
                   is_pointer ? "*" : " *");
        at = at[n] == '|' ? at + n + 1 : NULL;
    }
    const char *name = intern_str(lower->names, text);
    talloc_free(text);
    return name;
}
