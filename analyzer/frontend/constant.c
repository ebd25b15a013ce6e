/* Integer constants: from the text where that is enough, else from clang's evaluator. */
#include "frontend/cursor.h"

#include <ctype.h>
#include <stdlib.h>

/* A literal's text is cheap to read, but what stands at the location of a literal that came
 * through token pasting or a built-in macro is something else: then clang is asked. */
static bool literal(CXCursor expr, int64_t *ret_number)
{
    size_t size = 0;
    size_t n = 0;
    char digits[40];
    char *end = NULL;
    const char *text = cursor_text(expr, &size);

    if (text == NULL || !isdigit((unsigned char)text[0])) {
        return false;
    }
    while (n < size && n < sizeof digits - 1 && isalnum((unsigned char)text[n])) {
        digits[n] = text[n];
        n++;
    }
    digits[n] = '\0';
    int base = digits[0] != '0' ? 10 : (digits[1] == 'x' || digits[1] == 'X') ? 16 : 8;
    if (base == 8 && (digits[1] == 'b' || digits[1] == 'B')) {
        return false;
    }
    *ret_number = (int64_t)strtoull(digits, &end, base);
    while (*end == 'u' || *end == 'U' || *end == 'l' || *end == 'L') {
        end++;
    }
    return *end == '\0' && (n == size || (text[n] != '\'' && text[n] != '.' && text[n] != '_'));
}

static bool evaluated(CXCursor expr, int64_t *ret_number)
{
    CXEvalResult result = clang_Cursor_Evaluate(expr);
    bool is_int = result != NULL && clang_EvalResult_getKind(result) == CXEval_Int;

    if (is_int) {
        *ret_number = clang_EvalResult_isUnsignedInt(result)
                          ? (int64_t)clang_EvalResult_getAsUnsigned(result)
                          : clang_EvalResult_getAsLongLong(result);
    }
    if (result != NULL) {
        clang_EvalResult_dispose(result);
    }
    return is_int;
}

/* Is the cursor's own text what it is spelled as, not from inside a macro, and near at hand? (The
 * text of an included file libclang finds by a search over all that it has read.) */
static bool is_plain(CXCursor expr)
{
    CXSourceLocation where = clang_getCursorLocation(expr);
    CXFile file = NULL;
    CXFile spell_file = NULL;
    unsigned offset = 0;
    unsigned spell_offset = 0;

    if (!clang_Location_isFromMainFile(where)) {
        return false;
    }
    clang_getExpansionLocation(where, &file, NULL, NULL, &offset);
    clang_getSpellingLocation(where, &spell_file, NULL, NULL, &spell_offset);
    return file == spell_file && offset == spell_offset;
}

bool cursor_constant(CXCursor expr, int64_t *ret_number)
{
    CXCursor child;

    for (;;) {
        if (clang_getCursorKind(expr) == CXCursor_ParenExpr) {
            if (!cursor_first(expr, &child)) {
                return false;
            }
        } else if (clang_getCursorKind(expr) != CXCursor_UnexposedExpr ||
                   !cursor_is_cast(expr, &child)) {
            break;
        }
        expr = child;
    }
    if (clang_getCursorKind(expr) == CXCursor_DeclRefExpr) {
        CXCursor decl = clang_getCursorReferenced(expr);
        if (clang_getCursorKind(decl) != CXCursor_EnumConstantDecl) {
            return false;
        }
        *ret_number = clang_getEnumConstantDeclValue(decl);
        return true;
    }
    if (clang_getCursorKind(expr) == CXCursor_IntegerLiteral && is_plain(expr) &&
        literal(expr, ret_number)) {
        return true;
    }
    return evaluated(expr, ret_number);
}
