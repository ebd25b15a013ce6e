/* One translation unit: parse, then lower what its own files define. */
#include "frontend/body.h"
#include "frontend/frontend.h"
#include "frontend/parse.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROBLEMS_MAX = 20 };

extern const char frontend_digest[]; /* made by snarl_digest() */

/* ---- functions ------------------------------------------------------------------------------- */

static void lower_params(struct builder *b, CXCursor decl)
{
    int n = clang_Cursor_getNumArguments(decl);

    for (int i = 0; i < n; i++) {
        lower_decl_place(b, clang_Cursor_getArgument(decl, (unsigned)i));
    }
    b->fn->n_params = (uint32_t)b->fn->locals.n;
    for (size_t i = 0; i < b->fn->locals.n; i++) {
        b->fn->locals.v[i].flags |= IR_LOCAL_PARAM;
    }
    for (int i = 0; i < n; i++) {
        lower_bounds(b, clang_Cursor_getArgument(decl, (unsigned)i));
    }
}

static void add_problem(struct ir_unit *unit, struct ir_problem problem)
{
    if (unit->problems.n < PROBLEMS_MAX) {
        vec_push(unit, &unit->problems, problem);
    }
}

void lower_lose(struct lower *lower, CXSourceLocation where, const char *what)
{
    struct ir_loc loc = source_loc(lower, where);

    add_problem(lower->unit, (struct ir_problem){true, loc.file, loc.line, loc.column,
                                                 intern_str(lower->names, what)});
    lower->unit->n_fns_lost++;
}

/* The body of a function definition; false: there is none (clang could not make sense of it). */
static bool body_of(CXCursor decl, CXCursor *ret_body)
{
    struct kids kids;
    bool found = false;

    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n; i++) {
        if (clang_getCursorKind(kids.v[i]) == CXCursor_CompoundStmt) {
            *ret_body = kids.v[i];
            found = true;
        }
    }
    kids_free(&kids);
    return found;
}

static void lower_fn(struct lower *lower, CXCursor decl)
{
    struct ir_unit *unit = lower->unit;
    CXCursor body;
    sym_id sym = decl_define(lower, decl);

    if (!body_of(decl, &body)) {
        struct ir_loc loc = source_loc(lower, clang_getCursorLocation(decl));
        char *text = mem_printf(NULL, "no body to analyse for '%s'", unit->syms.v[sym.i].name);
        add_problem(unit, (struct ir_problem){false, loc.file, loc.line, loc.column,
                                              intern_str(lower->names, text)});
        talloc_free(text);
        unit->n_fns_lost++; /* clang has an error that says why */
        return;
    }
    struct ir_fn *fn = ir_fn_new(unit, sym);
    struct builder *b = builder_new(lower, fn);
    fn->where = loc_of(b, decl);
    lower_params(b, decl);
    lower_stmt(b, body);
    block_end(b, IR_RETURN, (value_id){ID_NONE},
              loc_at(b, clang_getRangeEnd(clang_getCursorExtent(body))));
    builder_finish(b);
    talloc_free(b);
    vec_push(unit, &unit->fns, fn);
}

/* ---- the unit's own declarations ------------------------------------------------------------- */

/* A variable that this unit defines, tentatively or not. */
static void lower_global(struct lower *lower, CXCursor decl)
{
    bool has_init = !clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(decl));

    if (clang_Cursor_getStorageClass(decl) == CX_SC_Extern && !has_init) {
        return;
    }
    decl_define(lower, decl);
    if (has_init) {
        lower_static_init(lower, NULL, decl);
    }
}

static enum CXChildVisitResult lower_decl(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct lower *lower = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    CXSourceLocation where = clang_getCursorLocation(cursor);

    (void)parent;
    source_meet(lower, where);
    if (kind != CXCursor_FunctionDecl && kind != CXCursor_VarDecl) {
        return CXChildVisit_Continue;
    }
    if (clang_Location_isInSystemHeader(where)) {
        return CXChildVisit_Continue;
    }
    if (kind == CXCursor_VarDecl) {
        lower_global(lower, cursor);
    } else if (clang_isCursorDefinition(cursor)) {
        lower_fn(lower, cursor);
    }
    return CXChildVisit_Continue;
}

static void add_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    struct lower *lower = data;

    (void)stack;
    (void)depth;
    source_file_id(lower, file);
}

/* To ask libclang for the beginning of a file costs a search through all that was included and
 * expanded; most files have told by a declaration whose they are. */
static bool is_of_project(struct lower *lower, const struct source_file *file)
{
    return file->origin == ORIGIN_PROJECT ||
           (file->origin == ORIGIN_UNKNOWN &&
            !clang_Location_isInSystemHeader(clang_getLocationForOffset(lower->tu, file->file, 0)));
}

/* Notes of the first `n` files. */
static void read_notes(struct lower *lower, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_of_project(lower, &lower->files.v[i])) {
            notes_read(lower, lower->files.v[i].file);
        }
    }
}

/* Is it an error that nothing is lost by? gcc lets an asm goto leave a scope with cleanups, and a
 * flag that clang does not take was left out. */
static bool is_harmless(const char *text, bool in_file)
{
    return in_file ? strncmp(text, "cannot jump from", 16) == 0 : parse_is_about_flag(text);
}

static void add_error(struct lower *lower, CXSourceLocation where, const char *text)
{
    if (strcmp(text, "function definition is not allowed here") == 0) {
        lower_lose(lower, where, "a function inside a function (a GCC extension) is left out");
        return;
    }
    struct ir_loc loc = source_loc(lower, where);
    bool is_error = !is_harmless(text, loc.file.i != ID_NONE);
    add_problem(lower->unit, (struct ir_problem){is_error, loc.file, loc.line, loc.column, text});
}

static void add_diagnostics(struct lower *lower)
{
    unsigned n = clang_getNumDiagnostics(lower->tu);

    for (unsigned i = 0; i < n && lower->unit->problems.n < PROBLEMS_MAX; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(lower->tu, i);
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            add_error(lower, clang_getDiagnosticLocation(diagnostic),
                      cx_intern(lower->names, clang_getDiagnosticSpelling(diagnostic)));
        }
        clang_disposeDiagnostic(diagnostic);
    }
}

/* `lower->tu` is NULL when the file could not be parsed: then the unit has no functions. */
static void lower_unit(struct lower *lower)
{
    lower->init = builder_new(lower, lower->unit->init);
    if (lower->tu != NULL) {
        clang_getInclusions(lower->tu, add_inclusion, lower);
        size_t n_included = lower->files.n;
        clang_visitChildren(clang_getTranslationUnitCursor(lower->tu), lower_decl, lower);
        read_notes(lower, n_included);
        add_diagnostics(lower);
    }
    block_end(lower->init, IR_RETURN, (value_id){ID_NONE}, (loc_id){ID_NONE});
    builder_finish(lower->init);
}

static struct lower *lower_new(struct ir_unit *unit, struct intern *names, CXTranslationUnit tu,
                               const char *directory)
{
    struct lower *lower = mem_new(NULL, struct lower);

    lower->unit = unit;
    lower->names = names;
    lower->tu = tu;
    lower->directory = directory;
    lower->sources = idmap_new(lower);
    lower->paths = idmap_new(lower);
    lower->syms = idmap_new(lower);
    lower->fields = idmap_new(lower);
    lower->records = idmap_new(lower);
    lower->types = idmap_new(lower);
    return lower;
}

/* ---- parsing --------------------------------------------------------------------------------- */

/* libclang finds its own headers beside itself. Where it was moved away from them, those that the
 * build found have to do. NULL: nothing to say. */
static const char *resource_dir(void *owner)
{
#ifdef SNARL_RESOURCE_DIR
    Dl_info info;
    void *symbol = NULL;
    CXIndex (*create)(int, int) = clang_createIndex;

    memcpy(&symbol, &create, sizeof symbol);
    if (dladdr(symbol, &info) == 0 || info.dli_fname == NULL) {
        return NULL;
    }
    char *library = realpath(info.dli_fname, NULL);
    const char *slash = library == NULL ? NULL : strrchr(library, '/');
    if (slash == NULL) {
        free(library);
        return NULL;
    }
    char *own = mem_printf(owner, "%.*s/clang/%d/include/stddef.h", (int)(slash - library), library,
                           SNARL_LLVM_MAJOR);
    free(library);
    if (access(own, R_OK) == 0 || access(SNARL_RESOURCE_DIR "/include/stddef.h", R_OK) != 0) {
        return NULL;
    }
    return SNARL_RESOURCE_DIR;
#else
    (void)owner;
    return NULL;
#endif
}

struct args {
    VEC(const char *) list;
};

static void add_args(void *owner, struct args *args, const char *const *more, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        vec_push(owner, &args->list, more[i]);
    }
}

/* The full command line: what gcc takes with a warning must not be an error. */
static struct args command_line(void *owner, const char *directory, const char *const *given,
                                size_t n_given)
{
    static const char *const first[] = {"clang", "-w", "-ferror-limit=0", "-fno-spell-checking"};
    static const char *const last[] = {
        "-Wno-error",
        "-Wno-incompatible-function-pointer-types",
        "-Wno-incompatible-pointer-types",
        "-Wno-int-conversion",
        "-Wno-implicit-function-declaration",
        "-Wno-implicit-int",
        "-Wno-return-mismatch",
        "-Wno-return-type",
    };
    struct args args = {.list = {NULL, 0}};
    const char *headers = resource_dir(owner);

    add_args(owner, &args, first, sizeof first / sizeof first[0]);
    if (directory != NULL) {
        const char *where[] = {"-working-directory", directory};
        add_args(owner, &args, where, 2);
    }
    if (headers != NULL) {
        const char *where[] = {"-resource-dir", headers};
        add_args(owner, &args, where, 2);
    }
    add_args(owner, &args, given, n_given);
    add_args(owner, &args, last, sizeof last / sizeof last[0]);
    return args;
}

const char *const *frontend_own_args(void *owner, const char *directory)
{
    struct args args = command_line(owner, directory, NULL, 0);

    vec_push(owner, &args.list, NULL);
    return args.list.v;
}

static const char *parse_failure(enum CXErrorCode code)
{
    switch (code) {
    case CXError_Crashed:
        return "libclang crashed on this file";
    case CXError_InvalidArguments:
        return "libclang does not understand the flags of this file";
    case CXError_ASTReadError:
    case CXError_Failure:
    case CXError_Success:
        break;
    }
    return "libclang could not read this file";
}

/* Says what libclang did not take. */
static void note_parse(struct ir_unit *unit, struct intern *names, const struct parsed *parsed)
{
    if (parsed->tu == NULL) {
        add_problem(unit,
                    (struct ir_problem){
                        true, {ID_NONE}, 0, 0, intern_str(names, parse_failure(parsed->code))});
        return;
    }
    for (size_t i = 0; i < parsed->dropped.n; i++) {
        char *text = mem_printf(NULL, "libclang can't work with '%s': read without it",
                                parsed->dropped.v[i]);
        add_problem(unit, (struct ir_problem){false, {ID_NONE}, 0, 0, intern_str(names, text)});
        talloc_free(text);
    }
}

static struct ir_unit *lower_source(void *owner, struct intern *names, const char *path,
                                    const char *directory, struct args args,
                                    struct CXUnsavedFile *unsaved, size_t n_unsaved)
{
    struct ir_unit *unit = ir_unit_new(owner, names, path);
    CXIndex index = clang_createIndex(0, 0);
    void *scratch = mem_owner(NULL, "lower_source");
    struct parsed parsed;

    parse_source(scratch, index, path, args.list.v, args.list.n, unsaved, n_unsaved, &parsed);
    note_parse(unit, names, &parsed);
    struct lower *lower = lower_new(unit, names, parsed.tu, directory == NULL ? "/" : directory);
    lower_unit(lower);
    talloc_free(lower);
    if (parsed.tu != NULL) {
        clang_disposeTranslationUnit(parsed.tu);
    }
    clang_disposeIndex(index);
    talloc_free(scratch);
    return unit;
}

struct ir_unit *frontend_lower(void *owner, struct intern *names, const struct compile_unit *unit)
{
    return frontend_lower_over(owner, names, unit, NULL);
}

struct ir_unit *frontend_lower_over(void *owner, struct intern *names,
                                    const struct compile_unit *unit,
                                    const struct frontend_overlay *overlay)
{
    void *scratch = mem_owner(NULL, "frontend_lower");
    struct args args =
        command_line(scratch, unit->directory, (const char *const *)unit->args, unit->n_args);
    size_t n = overlay == NULL ? 0 : overlay->files.n;
    struct CXUnsavedFile *unsaved = mem_array(scratch, struct CXUnsavedFile, n + 1);

    for (size_t i = 0; i < n; i++) {
        const struct frontend_unsaved *file = &overlay->files.v[i];
        unsaved[i] = (struct CXUnsavedFile){file->path, file->text, (unsigned long)file->size};
    }
    struct ir_unit *lowered =
        lower_source(owner, names, unit->path, unit->directory, args, unsaved, n);

    talloc_free(scratch);
    return lowered;
}

struct ir_unit *frontend_lower_text(void *owner, struct intern *names, const char *path,
                                    const char *text, const char *const *args, size_t n_args)
{
    void *scratch = mem_owner(NULL, "frontend_lower_text");
    struct CXUnsavedFile file = {path, text, (unsigned long)strlen(text)};
    struct args all = command_line(scratch, NULL, args, args == NULL ? 0 : n_args);
    struct ir_unit *lowered = lower_source(owner, names, path, NULL, all, &file, 1);

    talloc_free(scratch);
    return lowered;
}

char *frontend_libclang_version(void *owner)
{
    CXString full = clang_getClangVersion(); /* "Debian clang version 19.1.7 (...)" */
    const char *text = clang_getCString(full);
    const char *at = text == NULL ? NULL : strstr(text, "version ");
    char *version = at == NULL ? mem_strdup(owner, text == NULL ? "unknown" : text)
                               : mem_strndup(owner, at + 8, strcspn(at + 8, " (-"));

    clang_disposeString(full);
    return version;
}

char *frontend_version(void *owner)
{
    char *libclang = frontend_libclang_version(NULL);
    char *version = mem_printf(owner, "%s %s", frontend_digest, libclang);

    talloc_free(libclang);
    return version;
}
