/* halves.h: atomic variables that are used in two steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/halves.h"

static char *dump(void *owner, const struct prog *prog)
{
    static const char *const kinds[] = {
        [HALF_UPDATE] = "update",       [HALF_TWICE] = "twice", [HALF_RELIES] = "relies",
        [HALF_UNCHECKED] = "unchecked", [HALF_WEAK] = "weak",
    };
    struct halves *halves = halves_find(owner, prog->accessmap, NULL);
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < halves->v.n; i++) {
        const struct decision *d = &halves->v.v[i].decision;
        mem_append(owner, &text, "%s: %s %u, %u\n", kinds[halves->v.v[i].kind],
                   prog_path_name(owner, prog, d->fn, d->path),
                   prog_loc_of(prog, (struct site){d->fn.i, d->read.i}).line,
                   prog_loc_of(prog, (struct site){d->fn.i, d->act.i}).line);
    }
    return text;
}

/* `body`, from line 3 on, is run by two threads; "KIND: NAME LINE, LINE" for each half. */
static void check(const char *body, const char *want)
{
    void *owner = mem_owner(NULL, "source");
    char *source = mem_printf(
        owner,
        "#include <stdatomic.h>\n_Atomic int n, top; _Atomic(char *) p; int plain; int tab[9];"
        " volatile int vol; static void *work(void *a) {\n%s\n  n = 7; top = 8; p = a; plain = 1;"
        " vol = 2; __atomic_store_n(&plain, 3, 5); return a;\n}\n"
        "int main(void) {\n"
        "  pthread_t t[2];\n"
        "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"
        "}\n",
        body);

    harness_check(dump, source, want);
    talloc_free(owner);
}

static void load_modify_store(void **state)
{
    (void)state;
    check("int v = atomic_load(&n);\nv++;\natomic_store(&n, v);", "update: n 3, 5\n");
    check("n = n + 1;", "update: n 3, 3\n");
    check("__atomic_store_n(&plain, __atomic_load_n(&plain, 2) * 2, 3);", "update: plain 3, 3\n");
    check("int v = n;\nn = abs(v);", "update: n 3, 4\n");
    check("atomic_store_explicit(&n, atomic_load_explicit(&n, memory_order_relaxed) | 4,\n"
          " memory_order_relaxed);",
          "update: n 3, 3\n");
}

static void one_step_is_whole(void **state)
{
    (void)state;
    check("n++; n += 2; n |= 4; atomic_fetch_add(&n, 1); __sync_fetch_and_add(&plain, 1);", "");
}

static void what_is_put_back_or_decided_is_no_update(void **state)
{
    (void)state;
    check("int old = n;\nn = 3;\nn = old;", "");
    check("if (n == 0)\n n = top;", "");
    check("int v = n;\nif (v < 3)\n n = v + 1;", ""); /* a decision */
    check("n = top + 1;", "");
}

static void volatile_and_plain_ones_race(void **state)
{
    (void)state;
    check("vol = vol + 1; plain = plain + 1;", "");
}

static void read_twice_for_one_value(void **state)
{
    (void)state;
    check("tab[0] = n * 2 + n;", "twice: n 3, 3\n");
    check("tab[0] = n - top;", "");
    check("int v = n;\ntab[0] = v * 2 + v;", "");
    check("if (n == n) elsewhere();", ""); /* that is how a change is noticed */
}

static void tested_and_read_again(void **state)
{
    (void)state;
    check("if (n != 0 && 100 / n > 3) elsewhere();", "relies: n 3, 3\n");
    check("int x = n < top\n ? n : top;\ntab[0] = x;", "relies: n 3, 4\nrelies: top 3, 4\n");
    check("if (n < 9)\n tab[n] = 0;", "relies: n 3, 4\n");
    check("if (p)\n *p = 1;", "relies: p 3, 4\n");
    check("char *q = p;\nif (q)\n *q = 1;", "");
    check("if (n != 0)\n elsewhere();\ntab[n] = 1;", ""); /* not because of it */
    check("if (n > 0)\n tab[0] = n;", "");                /* as good as the first */
}

static void an_exchange_that_nobody_asks(void **state)
{
    (void)state;
    check("int v = n;\natomic_compare_exchange_strong(&n, &v, v + 1);", "unchecked: n 3, 4\n");
    check("int v = __atomic_load_n(&plain, 5);\n__sync_bool_compare_and_swap(&plain, v, v + 1);",
          "unchecked: plain 3, 4\n");
    check("int v = n;\nwhile (!atomic_compare_exchange_weak(&n, &v, v + 1)) { }", "");
    check("int v = n;\nif (!atomic_compare_exchange_strong(&n, &v, v + 1)) elsewhere();", "");
    check("int v = 0;\natomic_compare_exchange_strong(&n, &v, 1);", ""); /* once is enough */
}

static void a_weak_one_without_a_loop(void **state)
{
    (void)state;
    check("int v = 0;\nif (atomic_compare_exchange_weak(&n, &v, 1)) elsewhere();",
          "weak: n 4, 4\n");
    check("int v = 0;\nif (__atomic_compare_exchange_n(&plain, &v, 1, 1, 5, 5)) elsewhere();",
          "weak: plain 4, 4\n");
    check("int v = 0;\nif (__atomic_compare_exchange_n(&plain, &v, 1, 0, 5, 5)) elsewhere();", "");
    check("int v = 0;\nif (atomic_compare_exchange_strong(&n, &v, 1)) elsewhere();", "");
    check("int v = 0;\ndo { v = 0; } while (!atomic_compare_exchange_weak(&n, &v, 1));", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_modify_store),
        cmocka_unit_test(one_step_is_whole),
        cmocka_unit_test(what_is_put_back_or_decided_is_no_update),
        cmocka_unit_test(volatile_and_plain_ones_race),
        cmocka_unit_test(read_twice_for_one_value),
        cmocka_unit_test(tested_and_read_again),
        cmocka_unit_test(an_exchange_that_nobody_asks),
        cmocka_unit_test(a_weak_one_without_a_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
