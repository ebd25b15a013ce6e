/* lock-lifetime: what it reports, and the twins it must not report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("lock-lifetime", source, want);
}

#define BOX "#include <string.h>\nstruct box { int n; pthread_mutex_t mu; };\n"
#define MAKE "pthread_mutex_init(&b->mu, NULL); "
#define END "pthread_mutex_destroy(&b->mu); "
#define LOCK "pthread_mutex_lock(&b->mu); "
#define FREE "pthread_mutex_unlock(&b->mu); "
#define BODY(body) BOX "void f(struct box *b, struct box *c, int n) { (void)c; (void)n; " body "}\n"

static void one_life_is_fine(void **state)
{
    (void)state;
    check(BODY(MAKE LOCK FREE END), "");
    check(BODY(MAKE END MAKE END), "");
    check(BODY("for (int i = 0; i < n; i++) {" MAKE END "}"), "");
    check(BODY("for (int i = 0; i < n; i++) { pthread_mutex_init(&b[i].mu, NULL); }"
               "for (int i = 0; i < n; i++) { pthread_mutex_destroy(&b[i].mu); }"),
          "");
}

static void twice(void **state)
{
    (void)state;
    check(BODY(END END), "3 [lock-lifetime] 'b->mu' is destroyed twice\n");
    check(BODY(MAKE MAKE),
          "3 [lock-lifetime] 'b->mu' is initialised twice: who holds it then is forgotten\n");
    check(BODY("if (n) {" END "} else {" END "}"), "");
    check(BODY("if (n) {" END "}" END), "");
    check(BODY("if (pthread_mutex_init(&b->mu, NULL) != 0) {" MAKE "}"), "");
}

static void another_object_behind_the_same_pointer(void **state)
{
    (void)state;
    check(BODY(END "b = c; " END), "");
    check(BODY(END "b++; " END), "");
    check(BODY(END "struct box *d = b; pthread_mutex_init(&d->mu, NULL); " LOCK FREE), "");
}

static void used_after_its_end(void **state)
{
    (void)state;
    check(BODY(END LOCK FREE), "3 [lock-lifetime] 'b->mu' is used after it was destroyed\n");
    check(BODY(END "if (n) {" MAKE "}" LOCK FREE), "");
    check(BOX "static void end(struct box *b) {" END "}\n"
              "static void use(struct box *b) {" LOCK FREE "}\n"
              "void f(struct box *b) { end(b); use(b); }\n",
          "5 [lock-lifetime] 'b->mu' is used after it was destroyed\n");
    check(BOX "static void end(struct box *b, int n) { if (n) {" END "}}\n"
              "static void use(struct box *b) {" LOCK FREE "}\n"
              "void f(struct box *b, int n) { end(b, n); use(b); }\n",
          "");
}

static void ended_while_held(void **state)
{
    (void)state;
    check(BODY(LOCK END), "3 [lock-lifetime] 'b->mu' is destroyed while it is held\n");
    check(BODY(LOCK FREE END), "");
    check(BODY("if (n) {" LOCK "} " END), "");
}

static void used_before_it_is_made(void **state)
{
    (void)state;
    check(BODY("b = NULL; struct box *m = malloc(sizeof *m); pthread_mutex_lock(&m->mu);"),
          "3 [lock-lifetime] 'malloc()->mu' is used before it is initialised\n");
    check(BODY("struct box *m = calloc(1, sizeof *m); pthread_mutex_lock(&m->mu);"), "");
    check(BODY("struct box *m = malloc(sizeof *m); pthread_mutex_init(&m->mu, NULL);"
               "pthread_mutex_lock(&m->mu);"),
          "");
    check(BOX "void setup(struct box *b);\n"
              "void f(void) { struct box *m = malloc(sizeof *m); setup(m);"
              "pthread_mutex_lock(&m->mu); }\n",
          "");
}

static void copies(void **state)
{
    (void)state;
    check(BODY(LOCK "*c = *b; " FREE),
          "3 [lock-lifetime] 'b->mu' is copied while it is held: the copy is locked for ever\n");
    check(BODY("*c = *b; pthread_mutex_lock(&c->mu);"),
          "3 [lock-lifetime] 'c->mu' is a copy of another lock: if that was held, it is locked for "
          "ever (medium)\n");
    check(BODY("memcpy(c, b, sizeof *c); pthread_mutex_lock(&c->mu);"),
          "3 [lock-lifetime] 'c->mu' is a copy of another lock: if that was held, it is locked for "
          "ever (medium)\n");
    check(BODY("*c = *b; pthread_mutex_init(&c->mu, NULL); pthread_mutex_lock(&c->mu);"), "");
    check(BODY("struct box t = {.mu = PTHREAD_MUTEX_INITIALIZER}; *c = t; "
               "pthread_mutex_lock(&c->mu);"),
          "");
    check(BODY("c->n = b->n; pthread_mutex_lock(&c->mu);"), "");
}

static void beside_a_thread(void **state)
{
    (void)state;
    const char *work = "static void *work(void *a) {"
                       " pthread_mutex_lock(&m); pthread_mutex_unlock(&m); return a; }\n";
    void *owner = talloc_new(NULL);

    check(mem_printf(owner, "%s%s", work,
                     "int main(void) { pthread_t t; pthread_create(&t, NULL, work, NULL);\n"
                     "pthread_mutex_destroy(&m);\n"
                     "pthread_join(t, NULL); }\n"),
          "3 [lock-lifetime] 'm' is destroyed while a thread runs that still uses it\n");
    check(mem_printf(owner, "%s%s", work,
                     "int main(void) { pthread_t t; pthread_create(&t, NULL, work, NULL);\n"
                     "pthread_join(t, NULL);\n"
                     "pthread_mutex_destroy(&m); }\n"),
          "");
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_life_is_fine),
        cmocka_unit_test(twice),
        cmocka_unit_test(another_object_behind_the_same_pointer),
        cmocka_unit_test(used_after_its_end),
        cmocka_unit_test(ended_while_held),
        cmocka_unit_test(used_before_it_is_made),
        cmocka_unit_test(copies),
        cmocka_unit_test(beside_a_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
