/* Lowering of control flow and scopes. */
#include "lower_check.h"

#include <stdio.h>
#include <string.h>

/* ---- control flow ---------------------------------------------------------------------------- */

static void conditions_are_control_flow(void **state)
{
    (void)state;
    check_ir("int a, b, c; void t(void);\n"
             "void f(void) { if (__builtin_expect(!!(a && !b), 1) || (c ? a : b)) t(); }",
             "b0:\n"
             "r0 = read a\n"
             "branch r0 ? b1 : b2\n"
             "b1:\n"
             "r1 = read b\n"
             "branch r1 ? b2 : b5\n"
             "b2:\n"
             "r2 = read c\n"
             "branch r2 ? b3 : b4\n"
             "b3:\n"
             "r3 = read a\n"
             "branch r3 ? b5 : b6\n"
             "b4:\n"
             "r4 = read b\n"
             "branch r4 ? b5 : b6\n"
             "b5:\n"
             "call t()\n"
             "jump b6\n"
             "b6:\n"
             "return\n");
}

static void logic_as_a_value_goes_through_a_temporary(void **state)
{
    (void)state;
    check_ir("int a, b; int f(int x) { x = a && b; return x ?: 3; }", "b0:\n"
                                                                      "r0 = read a\n"
                                                                      "branch r0 ? b1 : b3\n"
                                                                      "b1:\n"
                                                                      "r1 = read b\n"
                                                                      "branch r1 ? b2 : b3\n"
                                                                      "b2:\n"
                                                                      "write %0 = 1\n"
                                                                      "jump b4\n"
                                                                      "b3:\n"
                                                                      "write %0 = 0\n"
                                                                      "jump b4\n"
                                                                      "b4:\n"
                                                                      "write x = %0\n"
                                                                      "write %1 = x\n"
                                                                      "branch x ? b6 : b5\n"
                                                                      "b5:\n"
                                                                      "write %1 = 3\n"
                                                                      "jump b6\n"
                                                                      "b6:\n"
                                                                      "return %1\n");
}

static void while_and_do(void **state)
{
    (void)state;
    check_ir("int a; void t(void), u(void);\n"
             "void f(void) { while (a) { t(); if (a == 2) continue; if (a == 3) break; u(); }\n"
             "  do { t(); } while (0); while (1) { u(); } }",
             "b0:\n"
             "jump b1\n"
             "b1:\n"
             "r0 = read a\n"
             "branch r0 ? b2 : b5\n"
             "b2:\n"
             "call t()\n"
             "r2 = read a\n"
             "branch r2 == 2 ? b1 : b3\n"
             "b3:\n"
             "r3 = read a\n"
             "branch r3 == 3 ? b5 : b4\n"
             "b4:\n"
             "call u()\n"
             "jump b1\n"
             "b5:\n"
             "call t()\n"
             "jump b6\n"
             "b6:\n"
             "call u()\n"
             "jump b6\n");
}

/* Which of a for's parts are missing shows in where i (init), c (cond) and s (step) are. */
static void check_for(const char *head, const char *want)
{
    char source[512];

    (void)snprintf(source, sizeof source,
                   "int i, c, s; void t(void);\n"
                   "#define LOOP %s\n#define EMPTY\n#define FROM i = 0; c;\n"
                   "#define OUTER LOOP\n"
                   "void f(void) { %s { t(); } }",
                   strchr(head, '@') == NULL ? "" : strchr(head, '@') + 1,
                   strchr(head, '@') == NULL ? head : "OUTER");
    check_ir(source, want);
}

static void parts_of_a_for(void **state)
{
    static const char all[] = "b0:\nwrite i = 0\njump b1\nb1:\nr1 = read c\nbranch r1 ? b2 : b3\n"
                              "b2:\ncall t()\nrmw s add 1\njump b1\nb3:\nreturn\n";
    static const char step[] = "b0:\njump b1\nb1:\ncall t()\nrmw s add 1\njump b1\n";
    static const char cond[] = "b0:\njump b1\nb1:\nr0 = read c\nbranch r0 ? b2 : b3\n"
                               "b2:\ncall t()\njump b1\nb3:\nreturn\n";
    static const char init[] = "b0:\nwrite i = 0\njump b1\nb1:\ncall t()\njump b1\n";
    static const char none[] = "b0:\njump b1\nb1:\ncall t()\njump b1\n";

    (void)state;
    check_for("for (i = 0; c; s++)", all);
    check_for("for (;; s++)", step);
    check_for("for (; c;)", cond);
    check_for("for (i = 0;;)", init);
    check_for("for (/* ; */;/* c */; /**/)", none);
    check_for("@for (i = 0; c; s++)", all);
    check_for("@for (;; s++)", step);
    check_for("@for ( ; c; )", cond);
    check_for("@for (i = 0; ; \\\n )", init);
    check_for("@for (;;)", none);
    check_for("for (FROM s++)", all);
    check_for("for (EMPTY; c; EMPTY)", cond);
    check_for("for (EMPTY; EMPTY; s++)", step);
}

static void a_switch(void **state)
{
    (void)state;
    check_ir("int x; void t(int);\n"
             "void f(void) { switch (x) { case 1: t(1); case 2: case 'a' ... 'c': t(2); break;\n"
             "  default: t(3); break; case 5: { t(4); case -6: t(5); } } t(6); }",
             "b0:\n"
             "r0 = read x\n"
             "switch r0 [1: b1, 2: b2, 97..99: b2, default: b3, 5: b4, -6: b5]\n"
             "b1:\n"
             "call t(1)\n"
             "jump b2\n"
             "b2:\n"
             "call t(2)\n"
             "jump b6\n"
             "b3:\n"
             "call t(3)\n"
             "jump b6\n"
             "b4:\n"
             "call t(4)\n"
             "jump b5\n"
             "b5:\n"
             "call t(5)\n"
             "jump b6\n"
             "b6:\n"
             "call t(6)\n"
             "return\n");
}

static void a_device_of_duff(void **state)
{
    (void)state;
    check_ir(
        "void t(int);\n"
        "void f(int n, int k) { switch (n) { case 0: do { t(0); case 1: t(1); } while (k); } }",
        "b0:\n"
        "switch n [0: b1, 1: b2, default: b3]\n"
        "b1:\n"
        "call t(0)\n"
        "jump b2\n"
        "b2:\n"
        "call t(1)\n"
        "branch k ? b1 : b3\n"
        "b3:\n"
        "return\n");
}

static void gotos(void **state)
{
    (void)state;
    check_ir("int a; void t(int);\n"
             "void f(void) { again: t(1); if (a) goto out; goto again; out: t(2); }",
             "b0:\n"
             "jump b1\n"
             "b1:\n"
             "call t(1)\n"
             "r1 = read a\n"
             "branch r1 ? b2 : b1\n"
             "b2:\n"
             "call t(2)\n"
             "return\n");
    check_ir(
        "void t(int);\n"
        "void f(int i) { static void *to[] = {&&a, &&b}; goto *to[i]; a: t(1); b: t(2); c: t(3); }",
        "b0:\n"
        "r1 = read to[i]\n"
        "jump any of b1, b2\n"
        "b1:\n"
        "call t(1)\n"
        "jump b2\n"
        "b2:\n"
        "call t(2)\n"
        "call t(3)\n"
        "return\n");
    check_ir(
        "void t(int);\n"
        "void f(int i) { asm goto(\"\" : : \"r\"(i) : : yes); t(1); return; no: t(2); yes: t(3); "
        "if (i) goto no; }",
        "b0:\n"
        "read i\n"
        "jump any of b1, b3\n"
        "b1:\n"
        "call t(1)\n"
        "return\n"
        "b2:\n"
        "call t(2)\n"
        "jump b3\n"
        "b3:\n"
        "call t(3)\n"
        "branch i ? b2 : b4\n"
        "b4:\n"
        "return\n");
}

static void local_labels_of_a_macro_are_apart(void **state)
{
    (void)state;
    check_ir("void t(int);\n"
             "#define TRY(n) ({ __label__ out; if (n) goto out; t(n); out:; })\n"
             "void f(int a, int b) { TRY(a); TRY(b); }",
             "b0:\n"
             "branch a ? b2 : b1\n"
             "b1:\n"
             "call t(a) as TRY(a)\n"
             "jump b2\n"
             "b2:\n"
             "branch b ? b4 : b3\n"
             "b3:\n"
             "call t(b) as TRY(b)\n"
             "jump b4\n"
             "b4:\n"
             "return\n");
}

static void control_ends_after_noreturn(void **state)
{
    (void)state;
    check_ir("_Noreturn void die(void); void die2(void) __attribute__((noreturn)); void t(int);\n"
             "#define DEAD __builtin_unreachable()\n"
             "void f(int a) { if (a == 1) die(); if (a == 2) die2(); if (a == 3) DEAD; t(a); }",
             "b0:\n"
             "branch a == 1 ? b1 : b2\n"
             "b1:\n"
             "call die()\n"
             "unreachable\n"
             "b2:\n"
             "branch a == 2 ? b3 : b4\n"
             "b3:\n"
             "call die2()\n"
             "unreachable\n"
             "b4:\n"
             "branch a == 3 ? b5 : b6\n"
             "b5:\n"
             "unreachable\n"
             "b6:\n"
             "call t(a)\n"
             "return\n");
}

static void statement_expressions(void **state)
{
    (void)state;
    check_ir("int g; int f(void) { int x = ({ int y = g; y + 1; }); ({ g = 1; }); return x; }",
             "b0:\n"
             "r0 = read g\n"
             "write.init y = r0\n"
             "write.init x = y + 1\n"
             "write g = 1\n"
             "return x\n");
}

/* ---- cleanup --------------------------------------------------------------------------------- */

#define AUTO                                                                                       \
    "void un(int *); int get(void); void t(int);\n"                                                \
    "#define AUTO __attribute__((cleanup(un)))\n#define WITH(f) __attribute__((__cleanup__(f)))\n"

static void cleanups_run_in_reverse_at_the_end_of_a_scope(void **state)
{
    (void)state;
    check_ir(AUTO "void f(void) { { AUTO int a = 1; WITH(un) int b = 2; t(0); } t(1); }",
             "b0:\n"
             "write.init a = 1\n"
             "write.init b = 2\n"
             "call t(0)\n"
             "call.cleanup un(&b)\n"
             "call.cleanup un(&a)\n"
             "call t(1)\n"
             "return\n");
}

static void cleanups_run_on_return_after_the_value(void **state)
{
    (void)state;
    check_ir(AUTO "int f(int c) { AUTO int a = 1; if (c) return get(); t(a); return a; }",
             "b0:\n"
             "write.init a = 1\n"
             "branch c ? b1 : b2\n"
             "b1:\n"
             "r2 = call get()\n"
             "call.cleanup un(&a)\n"
             "return r2\n"
             "b2:\n"
             "r4 = read a\n"
             "call t(r4)\n"
             "r6 = read a\n"
             "call.cleanup un(&a)\n"
             "return r6\n");
}

static void cleanups_run_on_break_and_continue(void **state)
{
    (void)state;
    check_ir(AUTO "void f(int c) { AUTO int a = 0; while (c) { AUTO int b = 0; if (c == 1) break;\n"
                  "  if (c == 2) continue; t(0); } }",
             "b0:\n"
             "write.init a = 0\n"
             "jump b1\n"
             "b1:\n"
             "branch c ? b2 : b7\n"
             "b2:\n"
             "write.init b = 0\n"
             "branch c == 1 ? b3 : b4\n"
             "b3:\n"
             "call.cleanup un(&b)\n"
             "jump b7\n"
             "b4:\n"
             "branch c == 2 ? b5 : b6\n"
             "b5:\n"
             "call.cleanup un(&b)\n"
             "jump b1\n"
             "b6:\n"
             "call t(0)\n"
             "call.cleanup un(&b)\n"
             "jump b1\n"
             "b7:\n"
             "call.cleanup un(&a)\n"
             "return\n");
}

static void cleanups_run_on_goto_out_of_the_scope(void **state)
{
    (void)state;
    check_ir(AUTO "void f(int c) { AUTO int a = 0; { AUTO int b = 0; if (c) goto out; t(0); }\n"
                  "  t(1); out: t(2); }",
             "b0:\n"
             "write.init a = 0\n"
             "write.init b = 0\n"
             "branch c ? b3 : b1\n"
             "b1:\n"
             "call t(0)\n"
             "call.cleanup un(&b)\n"
             "call t(1)\n"
             "jump b2\n"
             "b2:\n"
             "call t(2)\n"
             "call.cleanup un(&a)\n"
             "return\n"
             "b3:\n"
             "call.cleanup un(&b)\n"
             "jump b2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_control_flow),
        cmocka_unit_test(logic_as_a_value_goes_through_a_temporary),
        cmocka_unit_test(while_and_do),
        cmocka_unit_test(parts_of_a_for),
        cmocka_unit_test(a_switch),
        cmocka_unit_test(a_device_of_duff),
        cmocka_unit_test(gotos),
        cmocka_unit_test(local_labels_of_a_macro_are_apart),
        cmocka_unit_test(control_ends_after_noreturn),
        cmocka_unit_test(statement_expressions),
        cmocka_unit_test(cleanups_run_in_reverse_at_the_end_of_a_scope),
        cmocka_unit_test(cleanups_run_on_return_after_the_value),
        cmocka_unit_test(cleanups_run_on_break_and_continue),
        cmocka_unit_test(cleanups_run_on_goto_out_of_the_scope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
