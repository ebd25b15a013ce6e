/* Names of symbols, types and macros; places in the source. */
#include "lower_check.h"

#include "frontend/frontend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ir_loc *loc_of_call(const struct ir_fn *fn, unsigned n)
{
    for (size_t i = 0; i < fn->ops.n; i++) {
        if (fn->ops.v[i].kind == IR_CALL && n-- == 0) {
            return &fn->locs.v[fn->ops.v[i].where.i];
        }
    }
    fail_msg("no such call");
    return NULL;
}

static void macros_are_named_where_they_are_used(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(owner, "void t(int); int u(void);\n"
                                                   "#define INNER(x) t(x)\n"
                                                   "#define OUTER(x) INNER(x)\n"
                                                   "void f(void) {\n"
                                                   "  OUTER(1);\n"
                                                   "  t(2);\n"
                                                   "  OUTER(u());\n"
                                                   "}\n");
    const struct ir_fn *fn = unit->fns.v[0];
    const struct ir_loc *in_macro = loc_of_call(fn, 0);
    const struct ir_loc *plain = loc_of_call(fn, 1);
    const struct ir_loc *argument = loc_of_call(fn, 2);

    (void)state;
    assert_string_equal(in_macro->macro, "OUTER");
    assert_int_equal(in_macro->line, 5);
    assert_int_equal(in_macro->column, 3);
    assert_int_equal(in_macro->spell_line, 2);
    assert_string_equal(unit->files.v[in_macro->file.i], PATH);
    assert_null(plain->macro);
    assert_int_equal(plain->line, 6);
    assert_int_equal(plain->spell_line, 6);
    assert_null(argument->macro); /* the user wrote it */
    assert_int_equal(argument->spell_column, 9);
    assert_string_equal(loc_of_call(fn, 3)->macro, "OUTER");
    talloc_free(owner);
}

static void symbols(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "static int s; int g; extern int e; _Thread_local int t; const int c = 1;\n"
               "typedef struct conn conn; struct conn { int x; }; volatile conn *arr[3];\n"
               "_Noreturn void die(void); __attribute__((constructor)) static void boot(void) { }\n"
               "int f(void) { static int l; l = e; boot(); die(); return s + g + t + l; }\n");

    (void)state;
    assert_int_equal(sym_named(unit, "s")->flags, IR_SYM_INTERNAL | IR_SYM_DEFINED);
    assert_string_equal(sym_named(unit, "s")->key, PATH "|c:a.c@s");
    assert_int_equal(sym_named(unit, "g")->flags, IR_SYM_DEFINED);
    assert_string_equal(sym_named(unit, "g")->key, "c:@g");
    assert_int_equal(sym_named(unit, "e")->flags, 0);
    assert_int_equal(sym_named(unit, "t")->flags, IR_SYM_DEFINED | IR_SYM_THREAD_LOCAL);
    assert_int_equal(sym_named(unit, "c")->flags, IR_SYM_DEFINED | IR_SYM_CONST);
    assert_int_equal(sym_named(unit, "arr")->flags, IR_SYM_DEFINED | IR_SYM_ARRAY);
    assert_string_equal(sym_named(unit, "arr")->type, "conn *|struct conn *");
    assert_int_equal(sym_named(unit, "die")->flags, IR_SYM_NORETURN);
    assert_int_equal(sym_named(unit, "boot")->flags,
                     IR_SYM_INTERNAL | IR_SYM_DEFINED | IR_SYM_CONSTRUCTOR);
    assert_int_equal(sym_named(unit, "l")->flags,
                     IR_SYM_INTERNAL | IR_SYM_DEFINED | IR_SYM_STATIC_LOCAL);
    assert_int_equal(sym_named(unit, "f")->line, 4);
    talloc_free(owner);
}

static void type_names_undo_typedefs(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "typedef struct { int m; } pthread_mutex_t; typedef pthread_mutex_t lock_t;\n"
               "typedef struct conn *conn_p; typedef int (*fn_t)(void);\n"
               "lock_t a; const lock_t b[4]; lock_t *c; conn_p d; fn_t e; volatile unsigned g;\n");

    (void)state;
    assert_string_equal(sym_named(unit, "a")->type, "lock_t|pthread_mutex_t");
    assert_string_equal(sym_named(unit, "b")->type, "lock_t|pthread_mutex_t");
    assert_string_equal(sym_named(unit, "c")->type, "lock_t *|pthread_mutex_t *");
    assert_string_equal(sym_named(unit, "d")->type, "conn_p|struct conn *");
    assert_string_equal(sym_named(unit, "e")->type, "fn_t|int (*)(void)");
    assert_string_equal(sym_named(unit, "g")->type, "unsigned int");
    talloc_free(owner);
}

static void records_and_fields(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit =
        lower_text(owner, "struct conn { _Atomic int refs; volatile int v[2]; const char *name;\n"
                          "  unsigned bits : 3; }; typedef struct { int x; } conn_t;\n"
                          "int f(struct conn *c, conn_t *t) { return c->bits + t->x; }\n");

    (void)state;
    assert_int_equal(unit->records.n, 2);
    assert_string_equal(unit->records.v[0].name, "struct conn");
    assert_string_equal(unit->records.v[0].key, "c:@S@conn");
    assert_string_equal(unit->records.v[1].name, "conn_t");
    assert_int_equal(unit->fields.n, 5);
    assert_string_equal(unit->fields.v[0].name, "refs");
    assert_int_equal(unit->fields.v[0].flags, IR_FIELD_ATOMIC);
    assert_int_equal(unit->fields.v[1].flags, IR_FIELD_VOLATILE | IR_FIELD_ARRAY);
    assert_string_equal(unit->fields.v[2].type, "char *");
    assert_int_equal(unit->fields.v[2].flags, 0);
    assert_int_equal(unit->fields.v[3].flags, IR_FIELD_BITS);
    assert_int_equal(unit->fields.v[3].index, 3);
    talloc_free(owner);
}

static void locals(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "struct s { int x; }; void t(void *);\n"
               "void f(int a, struct s *p) { int b = a; volatile int c = 1; struct s d;\n"
               "  t(&b); t(&p->x); t(&d.x); }\n");
    const struct ir_fn *fn = unit->fns.v[0];

    (void)state;
    assert_int_equal(fn->n_params, 2);
    assert_int_equal(fn->locals.n, 5);
    assert_int_equal(fn->locals.v[0].flags, IR_LOCAL_PARAM);
    assert_int_equal(fn->locals.v[1].flags, IR_LOCAL_PARAM); /* &p->x reads p */
    assert_int_equal(fn->locals.v[2].flags, IR_LOCAL_ADDRESS_TAKEN);
    assert_int_equal(fn->locals.v[3].flags, IR_LOCAL_VOLATILE);
    assert_int_equal(fn->locals.v[4].flags, IR_LOCAL_ADDRESS_TAKEN);
    assert_string_equal(fn->locals.v[1].type, "struct s *");
    talloc_free(owner);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void drop(const char *dir, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(remove(path), 0);
}

static void what_a_header_defines_has_one_key(void **state)
{
    void *owner = talloc_new(NULL);
    char dir[] = "/tmp/snarl-lower-XXXXXX";
    static const char *args[] = {"-I.", "-DTHREE=3", NULL};

    (void)state;
    assert_non_null(mkdtemp(dir));
    put(dir, "in.h", "static int n; static inline int get(void) { return n; }\n");
    put(dir, "a.c", "#include \"in.h\"\nint f(void) { return get() + THREE; }\n");
    const struct compile_unit unit = {
        .path = mem_printf(owner, "%s/a.c", dir), .directory = dir, .args = args, .n_args = 2};
    const struct ir_unit *lowered = frontend_lower(owner, intern_new(owner), &unit);
    const char *header = mem_printf(owner, "%s/in.h", dir);

    assert_int_equal(lowered->problems.n, 0);
    assert_int_equal(lowered->files.n, 2);
    assert_string_equal(lowered->files.v[0], unit.path);
    assert_string_equal(lowered->files.v[1], header);
    assert_int_equal(lowered->fns.n, 2);
    assert_string_equal(sym_named(lowered, "get")->key,
                        mem_printf(owner, "%s|c:in.h@F@get", header));
    assert_string_equal(sym_named(lowered, "f")->key, "c:@F@f");
    drop(dir, "in.h");
    drop(dir, "a.c");
    assert_int_equal(rmdir(dir), 0);
    talloc_free(owner);
}

static void a_file_that_is_not_there_is_a_problem(void **state)
{
    void *owner = talloc_new(NULL);
    const struct compile_unit unit = {.path = "/no/such/file.c", .directory = "/"};
    const struct ir_unit *lowered = frontend_lower(owner, intern_new(owner), &unit);

    (void)state;
    assert_true(lowered->problems.n > 0);
    assert_int_equal(lowered->fns.n, 0);
    assert_int_equal(lowered->init->blocks.n, 1);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(macros_are_named_where_they_are_used),
        cmocka_unit_test(symbols),
        cmocka_unit_test(type_names_undo_typedefs),
        cmocka_unit_test(records_and_fields),
        cmocka_unit_test(locals),
        cmocka_unit_test(what_a_header_defines_has_one_key),
        cmocka_unit_test(a_file_that_is_not_there_is_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
