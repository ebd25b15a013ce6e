/* missing_unlock.c: which ways out keep a lock, and which are meant to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("missing-unlock", source, want);
}

static void an_early_return(void **state)
{
    (void)state;
    check("static int f(int x) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0)\n"
          "    return -1;\n"
          "  hits = x;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return 0;\n"
          "}\n"
          "int main(void) { return f(hits) + f(1); }\n",
          "4 [missing-unlock] 'f' returns here with 'm' still held; its other ways give it back "
          "(line 6)\n");
}

static void a_goto_past_the_unlock(void **state)
{
    (void)state;
    check("int f(int x) {\n"
          "  int rc = -1;\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0) goto out;\n"
          "  hits = x;\n"
          "  rc = 0;\n"
          "  pthread_mutex_unlock(&m);\n"
          "out:\n"
          "  return rc;\n"
          "}\n",
          "9 [missing-unlock] 'f' returns here with 'm' still held; its other ways give it back "
          "(line 7) (medium)\n");
}

static void every_way_gives_it_back(void **state)
{
    (void)state;
    check("int f(int x) {\n"
          "  int rc = -1;\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0) goto out;\n"
          "  if (x == 7) { pthread_mutex_unlock(&m); return 7; }\n"
          "  if (x == 8) abort();\n"
          "  rc = 0;\n"
          "out:\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return rc;\n"
          "}\n",
          "");
}

static void the_callers_give_it_back(void **state)
{
    (void)state;
    check("static int *find(int x) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0) { pthread_mutex_unlock(&m); return NULL; }\n"
          "  return &hits;\n"
          "}\n"
          "static int *find_more(int x) { return find(x + 1); }\n"
          "void f(int x) {\n"
          "  int *p = find_more(x);\n"
          "  if (p == NULL) return;\n"
          "  *p = 1;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "");
}

static void callers_that_do_not(void **state)
{
    (void)state;
    check("static int *find(int x) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0) { pthread_mutex_unlock(&m); return NULL; }\n"
          "  return &hits;\n"
          "}\n"
          "void f(int x) {\n"
          "  int *p = find(x);\n"
          "  if (p == NULL) return;\n"
          "  pthread_mutex_lock(&m2);\n"
          "  *p = 1;\n"
          "  pthread_mutex_unlock(&m2);\n"
          "}\n",
          "4 [missing-unlock] 'find' returns here with 'm' still held; its other ways give it back "
          "(line 3)\n");
}

static void in_a_callee(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static void enter(struct box *b) { pthread_mutex_lock(&b->mu); }\n"
          "static void leave(struct box *b) { pthread_mutex_unlock(&b->mu); }\n"
          "int f(struct box *b, int x) {\n"
          "  enter(b);\n"
          "  if (x < 0) return -1;\n"
          "  b->n = x;\n"
          "  leave(b);\n"
          "  return 0;\n"
          "}\n"
          "int main(void) { struct box *b = malloc(sizeof *b); return f(b, 1); }\n",
          "6 [missing-unlock] 'f' returns here with 'b->mu' still held; its other ways give it "
          "back (line 8)\n");
}

static void a_lock_of_a_table(void **state)
{
    (void)state;
    check("static pthread_mutex_t locks[8];\n"
          "int f(unsigned key) {\n"
          "  pthread_mutex_lock(&locks[key % 8]);\n"
          "  if (key > 100) return -1;\n"
          "  pthread_mutex_unlock(&locks[key % 8]);\n"
          "  return 0;\n"
          "}\n"
          "void lock_all(void) { for (int i = 0; i < 8; i++) pthread_mutex_lock(&locks[i]); }\n"
          "void g(void) {\n"
          "  for (int i = 0; i < 8; i++) pthread_mutex_lock(&locks[i]);\n"
          "  for (int i = 0; i < 8; i++) pthread_mutex_unlock(&locks[i]);\n"
          "}\n",
          "4 [missing-unlock] 'f' returns here with 'locks[]' still held; its other ways give it "
          "back (line 5) (medium)\n");
}

static void trylock_that_failed_has_nothing_to_give_back(void **state)
{
    (void)state;
    check("int f(void) {\n"
          "  if (pthread_mutex_trylock(&m) != 0) return -1;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return 0;\n"
          "}\n",
          "");
}

static void given_back_and_taken_again(void **state)
{
    (void)state;
    check("static void drop(int x) {\n"
          "  pthread_mutex_unlock(&m);\n"
          "  hits = x;\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (x < 0) return;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  hits = 2;\n"
          "  pthread_mutex_lock(&m);\n"
          "}\n"
          "void f(int x) { pthread_mutex_lock(&m); drop(x); pthread_mutex_unlock(&m); }\n",
          "");
}

static void the_end_of_the_thread(void **state)
{
    (void)state;
    check("void *f(void *arg) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (hits == 0)\n"
          "    pthread_exit(NULL);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return arg;\n"
          "}\n"
          "static void undo(void *arg) { pthread_mutex_unlock(arg); }\n"
          "void *g(void *arg) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_cleanup_push(undo, &m);\n"
          "  if (hits == 0)\n"
          "    pthread_exit(NULL);\n"
          "  pthread_cleanup_pop(1);\n"
          "  return arg;\n"
          "}\n",
          "4 [missing-unlock] 'f' ends the thread here with 'm' still held\n");
}

static void a_jump_out(void **state)
{
    (void)state;
    check("#include <setjmp.h>\n"
          "static jmp_buf env;\n"
          "static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (hits == 0)\n"
          "    longjmp(env, 1);\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n"
          "static void g(void) {\n"
          "  pthread_mutex_lock(&m2);\n"
          "  if (hits == 0)\n"
          "    longjmp(env, 1);\n"
          "  pthread_mutex_unlock(&m2);\n"
          "}\n"
          "void h(void) {\n"
          "  if (setjmp(env) != 0) { pthread_mutex_unlock(&m2); return; }\n"
          "  f();\n"
          "  g();\n"
          "}\n",
          "6 [missing-unlock] 'f' jumps out here with 'm' still held\n");
}

static void a_condition_that_knows(void **state)
{
    (void)state;
    check("void f(int x) {\n"
          "  bool mine = x > 3;\n"
          "  if (mine) pthread_mutex_lock(&m);\n"
          "  hits = x;\n"
          "  if (mine) pthread_mutex_unlock(&m);\n"
          "}\n"
          "struct job { pthread_mutex_t mu; int held; };\n"
          "static void work(struct job *job) { job->held += hits; }\n"
          "static void g(struct job *job) {\n"
          "  if (job->held) pthread_mutex_lock(&job->mu);\n"
          "  work(job);\n"
          "  if (job->held) pthread_mutex_unlock(&job->mu);\n"
          "}\n"
          "int main(void) { g(malloc(sizeof(struct job))); }\n",
          "13 [missing-unlock] 'g' returns here with 'job->mu' still held; its other ways give it "
          "back (line 12) (low)\n");
}

/* Who has locked through a pointer knows that there is one. The hard twin asks of another lock. */
static void a_lock_that_there_may_not_be(void **state)
{
    (void)state;
    check("static pthread_mutex_t *locks[4];\n"
          "void set(int i, pthread_mutex_t *lock) { locks[i] = lock; }\n"
          "void f(int x) {\n"
          "  pthread_mutex_lock(locks[2]);\n"
          "  hits = x;\n"
          "  if (locks[2]) pthread_mutex_unlock(locks[2]);\n"
          "}\n",
          "");
    check("static pthread_mutex_t *locks[4];\n"
          "void set(int i, pthread_mutex_t *lock) { locks[i] = lock; }\n"
          "void f(int x) {\n"
          "  pthread_mutex_lock(locks[2]);\n"
          "  hits = x;\n"
          "  if (locks[3]) pthread_mutex_unlock(locks[2]);\n"
          "}\n",
          "7 [missing-unlock] 'f' returns here with '*locks[2]' still held; its other ways give it "
          "back (line 6) (medium)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_early_return),
        cmocka_unit_test(a_goto_past_the_unlock),
        cmocka_unit_test(every_way_gives_it_back),
        cmocka_unit_test(the_callers_give_it_back),
        cmocka_unit_test(callers_that_do_not),
        cmocka_unit_test(in_a_callee),
        cmocka_unit_test(a_lock_of_a_table),
        cmocka_unit_test(trylock_that_failed_has_nothing_to_give_back),
        cmocka_unit_test(given_back_and_taken_again),
        cmocka_unit_test(the_end_of_the_thread),
        cmocka_unit_test(a_jump_out),
        cmocka_unit_test(a_condition_that_knows),
        cmocka_unit_test(a_lock_that_there_may_not_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
