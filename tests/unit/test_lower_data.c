/* Lowering of atomics and initialisers. */
#include "lower_check.h"

#include "ir/print.h"

#include <string.h>

/* ---- atomics --------------------------------------------------------------------------------- */

static void atomic_objects(void **state)
{
    (void)state;
    check_ir("_Atomic int a; struct { _Atomic(long) n; } s; int x;\n"
             "void f(void) { a++; a = 1; x = a; s.n += 2; if (a) x = 1; }",
             "b0:\n"
             "rmw.seq_cst a add 1\n"
             "write.seq_cst a = 1\n"
             "r2 = read.seq_cst a\n"
             "write x = r2\n"
             "rmw.seq_cst s.n add 2\n"
             "r5 = read.seq_cst a\n"
             "branch r5 ? b1 : b2\n"
             "b1:\n"
             "write x = 1\n"
             "jump b2\n"
             "b2:\n"
             "return\n");
}

static void atomic_functions(void **state)
{
    (void)state;
    check_ir("#include <stdatomic.h>\n"
             "atomic_int a; atomic_flag g; int x, y;\n#define INC(p) NEXT(p)\n"
             "#define NEXT(p) atomic_fetch_add_explicit(&(p), 1, memory_order_relaxed)\n"
             "void f(int e) { INC(a); atomic_store_explicit(&a, 2, memory_order_release);\n"
             "  x = atomic_load_explicit(&a, memory_order_acquire); x = atomic_exchange(&a, 3);\n"
             "  if (atomic_compare_exchange_strong(&a, &e, 5)) x = 1;\n"
             "  while (atomic_flag_test_and_set(&g)) ; atomic_init(&a, 0); }",
             "b0:\n"
             "rmw.relaxed a add 1\n"
             "write.release a = 2\n"
             "r2 = read.acquire a\n"
             "write x = r2\n"
             "r4 = rmw.seq_cst a exchange 3\n"
             "write x = r4\n"
             "r6 = read e\n"
             "r7 = rmw.seq_cst a cas 5\n"
             "write e = r7\n"
             "branch r7 == r6 ? b1 : b2\n"
             "b1:\n"
             "write x = 1\n"
             "jump b2\n"
             "b2:\n"
             "r10 = rmw.seq_cst g._Value exchange 1\n"
             "branch r10 ? b2 : b3\n"
             "b3:\n"
             "write.init a = 0\n"
             "return\n");
}

static void atomic_builtins(void **state)
{
    (void)state;
    check_ir(
        "int a, x; struct s { int n; } *p;\n"
        "void f(int v) { __atomic_store_n(&p->n, x, __ATOMIC_RELEASE); __atomic_load(&a, &v, 2);\n"
        "  x = __atomic_add_fetch(&a, 4, __ATOMIC_SEQ_CST); __atomic_exchange(&a, &x, &v, 4);\n"
        "  __atomic_clear(&a, __ATOMIC_RELEASE); }",
        "b0:\n"
        "r0 = read x\n"
        "read p\n"
        "write.release p->n = r0\n"
        "r3 = read.acquire a\n"
        "write v = r3\n"
        "r5 = rmw.seq_cst a add 4\n"
        "write x = r5 + 4\n"
        "r7 = read x\n"
        "r8 = rmw.acq_rel a exchange r7\n"
        "write v = r8\n"
        "write.release a = 0\n"
        "return\n");
}

static void weak_exchanges(void **state)
{
    (void)state;
    check_ir("#include <stdatomic.h>\n_Atomic int a; int b; void f(int e) {\n"
             "  while (!atomic_compare_exchange_weak(&a, &e, 5)) ;\n"
             "  while (!__atomic_compare_exchange_n(&b, &e, 6, 1, 5, 5)) ;\n"
             "  __atomic_compare_exchange_n(&b, &e, 7, 0, 5, 5); }",
             "b0:\n"
             "jump b1\n"
             "b1:\n"
             "r0 = read e\n"
             "r1 = rmw.seq_cst.weak a cas 5\n"
             "write e = r1\n"
             "branch r1 == r0 ? b2 : b1\n"
             "b2:\n"
             "r3 = read e\n"
             "r4 = rmw.seq_cst.weak b cas 6\n"
             "write e = r4\n"
             "branch r4 == r3 ? b3 : b2\n"
             "b3:\n"
             "read e\n"
             "r7 = rmw.seq_cst b cas 7\n"
             "write e = r7\n"
             "return\n");
}

static void sync_builtins(void **state)
{
    (void)state;
    check_ir(
        "int a, x; void f(void) { x = __sync_fetch_and_add(&a, 1); x = __sync_sub_and_fetch(&a, "
        "2);\n"
        "  if (__sync_bool_compare_and_swap(&a, 3, 4)) x = 5; x = __sync_lock_test_and_set(&a, "
        "1);\n"
        "  __sync_lock_release(&a); }",
        "b0:\n"
        "r0 = rmw.seq_cst a add 1\n"
        "write x = r0\n"
        "r2 = rmw.seq_cst a sub 2\n"
        "write x = r2 - 2\n"
        "r4 = rmw.seq_cst a cas 4\n"
        "branch r4 == 3 ? b1 : b2\n"
        "b1:\n"
        "write x = 5\n"
        "jump b2\n"
        "b2:\n"
        "r6 = rmw.acquire a exchange 1\n"
        "write x = r6\n"
        "write.release a = 0\n"
        "return\n");
}

/* ---- initialisers ---------------------------------------------------------------------------- */

static void local_initialisers(void **state)
{
    (void)state;
    check_ir("struct p { int x, y; }; struct l { struct p a, b[2]; struct { int z; }; };\n"
             "void f(int v) { int t[3] = {1, [2] = v}; struct l l = {1, 2, {3, v, 5}, {6}};\n"
             "  struct l m = {.b[1].y = 7, .z = 8, .a = {.y = 9}}; struct p q = l.a; int s = {4};\n"
             "  struct p *r = &(struct p){1, v}; char c[] = \"hi\"; struct p u[] = {1, 2, q}; }",
             "b0:\n"
             "write.init t[0] = 1\n"
             "write.init t[2] = v\n"
             "write.init l.a.x = 1\n"
             "write.init l.a.y = 2\n"
             "write.init l.b[0].x = 3\n"
             "write.init l.b[0].y = v\n"
             "write.init l.b[1].x = 5\n"
             "write.init l.z = 6\n"
             "write.init m.b[1].y = 7\n"
             "write.init m.z = 8\n"
             "write.init m.a.y = 9\n"
             "r13 = read l.a\n"
             "write.init q = r13\n"
             "write.init s = 4\n"
             "write.init %0.x = 1\n"
             "write.init %0.y = v\n"
             "write.init r = &%0\n"
             "write.init c = \"hi\"\n"
             "write.init u[0].x = 1\n"
             "write.init u[0].y = 2\n"
             "write.init u[1] = q\n"
             "return\n");
}

static void a_list_goes_on_after_a_designator(void **state)
{
    (void)state;
    check_ir(
        "struct p { int x, y; }; struct l { struct p a[2]; struct { int m, n; }; int e; };\n"
        "void f(void) { struct l l = {.a[0] = {1}, {2}, 3, 4, 5}; struct l k = {.m = 6, 7, 8};\n"
        "  struct { int v : 3, : 5, w : 8; } bits = {1, 2};\n"
        "  struct l j = {.a[0].y = 1, 2, 3, .e = 4}; int t[] = {[1 ... 3] = 5, 6}; }",
        "b0:\n"
        "write.init l.a[0].x = 1\n"
        "write.init l.a[1].x = 2\n"
        "write.init l.m = 3\n"
        "write.init l.n = 4\n"
        "write.init l.e = 5\n"
        "write.init k.m = 6\n"
        "write.init k.n = 7\n"
        "write.init k.e = 8\n"
        "write.init bits.v = 1\n"
        "write.init bits.w = 2\n"
        "write.init j.a[0].y = 1\n"
        "write.init j.a[1].x = 2\n"
        "write.init j.a[1].y = 3\n"
        "write.init j.e = 4\n"
        "write.init t[?] = 5\n"
        "write.init t[4] = 6\n"
        "return\n");
}

static void static_initialisers(void **state)
{
    (void)state;
    check_init(
        "struct ops { int (*open)(void); struct { int (*close)(void); int flags; }; void *x; };\n"
        "int go(void); int obj; static int table[] = {1, 2, 3}; static const char *s = \"x\";\n"
        "struct ops one = {go, {go, 3}, &obj}; int *end = &table[3];\n"
        "struct ops all[] = {{.close = go}, [2] = {.x = table}, {go}};\n"
        "int (*named[4])(void) = {[1 ... 2] = go, go};\n"
        "void f(void) { static int (*hook)(void) = go; hook(); }",
        "write.init one.open = go\n"
        "write.init one.close = go\n"
        "write.init one.x = &obj\n"
        "write.init end = &table[3]\n"
        "write.init all[0].close = go\n"
        "write.init all[2].x = &table\n"
        "write.init all[3].open = go\n"
        "write.init named[?] = go\n"
        "write.init named[3] = go\n"
        "write.init hook = go\n");
}

static void objects_initialised_by_a_macro(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "typedef struct { int a, b; } lock_t; typedef int once_t;\n"
               "#define LOCK_INIT {0, 0}\n#define ONCE_INIT 0\n"
               "static lock_t m = LOCK_INIT; struct { int n; lock_t l; } s = {1, LOCK_INIT};\n"
               "once_t o = ONCE_INIT; int plain = ONCE_INIT;\n");
    const struct ir_fn *init = unit->init;
    static const char *const places[] = {"m", "s.l", "o"};
    static const char *const macros[] = {"LOCK_INIT", "LOCK_INIT", "ONCE_INIT"};

    (void)state;
    assert_int_equal(init->ops.n, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct ir_op *op = &init->ops.v[i];
        assert_string_equal(ir_print_place(owner, unit, init, op->u.access.place), places[i]);
        assert_string_equal(init->locs.v[op->where.i].macro, macros[i]);
        assert_int_equal(init->values.v[op->u.access.value.i].kind, IR_VALUE_UNKNOWN);
    }
    talloc_free(owner);
}

/* `all[1].word` prints the same for an array and a pointer: here, it is the latter. */
static void array_parameters_are_pointers(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "typedef struct { int word; } lock_t; typedef lock_t *lock_ref;\n"
               "void f(lock_t all[], lock_ref refs[2], volatile int v[])\n"
               "{ all[1].word = 2; (all + 1)->word = 2; (1 + all)->word = 2; (*all).word = 2; }\n");
    const struct ir_fn *fn = unit->fns.v[0];

    assert_string_equal(fn->locals.v[0].type, "lock_t *");
    assert_string_equal(fn->locals.v[1].type, "lock_ref *|lock_t **");
    assert_int_equal(fn->locals.v[2].flags, IR_LOCAL_PARAM);
    assert_int_equal(fn->ops.n, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct ir_place *place = &fn->places.v[fn->ops.v[i].u.access.place.i];
        assert_int_equal(place->base_kind, IR_BASE_LOCAL);
        assert_int_equal(fn->steps.v[place->first_step].kind, IR_STEP_DEREF);
        assert_int_equal(place->n_steps, i < 3 ? 3 : 2);
    }
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(atomic_objects),
        cmocka_unit_test(atomic_functions),
        cmocka_unit_test(atomic_builtins),
        cmocka_unit_test(weak_exchanges),
        cmocka_unit_test(sync_builtins),
        cmocka_unit_test(local_initialisers),
        cmocka_unit_test(a_list_goes_on_after_a_designator),
        cmocka_unit_test(static_initialisers),
        cmocka_unit_test(objects_initialised_by_a_macro),
        cmocka_unit_test(array_parameters_are_pointers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
