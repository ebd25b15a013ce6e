/* Attributes about locking: read off the source text.
 *
 * libclang has a nameless cursor for each, and nothing of its arguments; what it prints of a
 * declaration leaves some of them out. So the name is the word at the cursor, and the arguments are
 * the text behind it. Inside a macro, `#define GUARDED_BY(x) __attribute__((guarded_by(x)))`, the
 * macro's parameters are replaced by what its use has in their place.
 */
#include "frontend/lower.h"

#include "frontend/macro_use.h"

#include <string.h>

/* clang: "Thread Safety Analysis" of its manual, with the names that it had before. */
static const struct {
    const char *name;
    enum ir_attr_kind kind;
} known[] = {
    {"guarded_by", IR_ATTR_GUARDED_BY},
    {"pt_guarded_by", IR_ATTR_PT_GUARDED_BY},
    {"guarded_var", IR_ATTR_GUARDED},
    {"pt_guarded_var", IR_ATTR_PT_GUARDED},
    {"capability", IR_ATTR_CAPABILITY},
    {"shared_capability", IR_ATTR_CAPABILITY},
    {"lockable", IR_ATTR_CAPABILITY},
    {"acquired_after", IR_ATTR_ACQUIRED_AFTER},
    {"acquired_before", IR_ATTR_ACQUIRED_BEFORE},
    {"acquire_capability", IR_ATTR_ACQUIRE},
    {"exclusive_lock_function", IR_ATTR_ACQUIRE},
    {"acquire_shared_capability", IR_ATTR_ACQUIRE_SHARED},
    {"shared_lock_function", IR_ATTR_ACQUIRE_SHARED},
    {"release_capability", IR_ATTR_RELEASE},
    {"unlock_function", IR_ATTR_RELEASE_GENERIC},
    {"release_shared_capability", IR_ATTR_RELEASE_SHARED},
    {"release_generic_capability", IR_ATTR_RELEASE_GENERIC},
    {"try_acquire_capability", IR_ATTR_TRY_ACQUIRE},
    {"exclusive_trylock_function", IR_ATTR_TRY_ACQUIRE},
    {"try_acquire_shared_capability", IR_ATTR_TRY_ACQUIRE_SHARED},
    {"shared_trylock_function", IR_ATTR_TRY_ACQUIRE_SHARED},
    {"requires_capability", IR_ATTR_REQUIRES},
    {"exclusive_locks_required", IR_ATTR_REQUIRES},
    {"requires_shared_capability", IR_ATTR_REQUIRES_SHARED},
    {"shared_locks_required", IR_ATTR_REQUIRES_SHARED},
    {"locks_excluded", IR_ATTR_EXCLUDES},
    {"assert_capability", IR_ATTR_ASSERT},
    {"assert_exclusive_lock", IR_ATTR_ASSERT},
    {"assert_shared_capability", IR_ATTR_ASSERT_SHARED},
    {"assert_shared_lock", IR_ATTR_ASSERT_SHARED},
    {"lock_returned", IR_ATTR_RETURNS},
    {"no_thread_safety_analysis", IR_ATTR_NO_ANALYSIS},
    {"annotate", IR_ATTR_ANNOTATE},
};

/* `name` without the underscores of __guarded_by__. */
static bool kind_named(const char *name, size_t n, enum ir_attr_kind *ret_kind)
{
    if (n > 4 && strncmp(name, "__", 2) == 0 && strncmp(name + n - 2, "__", 2) == 0) {
        name += 2;
        n -= 4;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) == n && strncmp(known[i].name, name, n) == 0) {
            *ret_kind = known[i].kind;
            return true;
        }
    }
    return false;
}

/* ---- one attribute --------------------------------------------------------------------------- */

/* Name and arguments at the attribute's cursor; false: none that is known. */
static bool read_attr(struct lower *lower, CXCursor cursor, struct ir_attr *attr)
{
    CXSourceLocation where = clang_getCursorLocation(cursor);
    struct scan scan = {NULL, 0, 0};
    struct scan_part word;
    struct scan_part args = {0, 0};
    struct macro_use use = {.n_names = 0};

    scan.text = source_text(lower, where, &scan.size);
    if (scan.text == NULL || !scan_word(&scan, &word)) {
        return false;
    }
    if (scan_char(&scan, ':') && scan_char(&scan, ':')) { /* [[clang::guarded_by(mu)]] */
        scan_blank(&scan);
        (void)scan_word(&scan, &word);
    }
    if (!kind_named(scan.text + word.begin, word.end - word.begin, &attr->kind)) {
        return false;
    }
    if (scan_char(&scan, '(')) {
        (void)scan_to(&scan, ")", &args);
    }
    bool in_macro = source_loc(lower, where).macro != NULL && macro_use_read(lower, where, &use);
    char *text = macro_use_text(NULL, scan.text, args, in_macro ? &use : NULL);
    attr->args = intern_str(lower->names, text);
    talloc_free(text);
    return true;
}

static void add_once(struct ir_unit *unit, const struct ir_attr *attr)
{
    for (size_t i = unit->attrs.n; i-- > 0;) {
        const struct ir_attr *at = &unit->attrs.v[i];
        if (at->kind == attr->kind && at->target_kind == attr->target_kind &&
            at->target == attr->target && at->args == attr->args) {
            return;
        }
    }
    vec_push(unit, &unit->attrs, *attr);
}

void attrs_note(struct lower *lower, CXCursor decl, enum ir_attr_target target_kind,
                uint32_t target)
{
    struct ir_attr attr = {.target_kind = target_kind, .target = target};
    struct kids kids;

    if (!clang_Cursor_hasAttrs(decl)) { /* nearly always */
        return;
    }
    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n; i++) {
        if (clang_isAttribute(clang_getCursorKind(kids.v[i])) &&
            read_attr(lower, kids.v[i], &attr)) {
            add_once(lower->unit, &attr);
        }
    }
    kids_free(&kids);
}

void attrs_note_type(struct lower *lower, const char *type, sym_id fn)
{
    struct ir_attr attr = {.kind = IR_ATTR_NONBLOCKING,
                           .target_kind = IR_ATTR_ON_SYM,
                           .target = fn.i,
                           .args = intern_str(lower->names, "")};
    const char *at = strstr(type, "blocking");

    if (at == NULL) {
        return;
    }
    bool negated = at - type >= 3 && strncmp(at - 3, "non", 3) == 0;
    bool false_one = strncmp(at, "blocking(false)", 15) == 0;
    attr.kind = negated && !false_one ? IR_ATTR_NONBLOCKING : IR_ATTR_BLOCKING;
    add_once(lower->unit, &attr);
}
