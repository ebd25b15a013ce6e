/* unlock_not_held.c: which unlocks are of a lock that is not held, and how sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("unlock-not-held", source, want);
}

#define SURE_LOCK "static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;\n"

static void twice_on_one_way(void **state)
{
    (void)state;
    check(SURE_LOCK "void f(void) {\n"
                    "  pthread_mutex_lock(&a);\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "}\n",
          "5 [unlock-not-held] 'a' is given back here, which was given back before\n");
}

/* A library's guards, which are in every program that includes its header. */
static void a_header_s_function_that_nobody_uses(void **state)
{
    (void)state;
    check("#include <guard.h>\n", "12 [unlock-not-held] '*held' is given back here, which nobody "
                                  "who comes here has taken (low)\n");
    check("typedef void guard;\n"
          "static inline void guard_end(guard *held) {\n"
          "  pthread_mutex_unlock((pthread_mutex_t *)held);\n"
          "}\n"
          "static inline void guard_clear(guard **held) { guard_end(*held); }\n",
          "3 [unlock-not-held] '*held' is given back here, which nobody who comes here has taken "
          "(medium)\n");
}

static void twice_where_it_failed(void **state)
{
    (void)state;
    check(SURE_LOCK "int f(int x) {\n"
                    "  pthread_mutex_lock(&a);\n"
                    "  if (x < 0) pthread_mutex_unlock(&a);\n"
                    "  hits = x;\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "  return x;\n"
                    "}\n",
          "6 [unlock-not-held] 'a' is given back here, which was given back before on some way "
          "here (medium)\n");
}

static void a_callee_has_given_it_back(void **state)
{
    (void)state;
    check(SURE_LOCK
          "static void leave(void) { hits++; pthread_mutex_unlock(&a); }\n"
          "static void whole(void) { pthread_mutex_lock(&a); hits++; pthread_mutex_unlock(&a); }\n"
          "void f(void) { pthread_mutex_lock(&a); leave(); pthread_mutex_unlock(&a); }\n"
          "void g(void) { whole(); pthread_mutex_unlock(&a); }\n"
          "void h(void) { pthread_mutex_lock(&a); pthread_mutex_unlock(&a); leave(); }\n",
          "4 [unlock-not-held] 'a' is given back here, which was given back before\n"
          "5 [unlock-not-held] 'a' is given back here, which was given back before\n"
          "6 [unlock-not-held] 'leave' gives back 'a' here, which was given back before\n");
}

static void taken_again_by_a_callee(void **state)
{
    (void)state;
    check(SURE_LOCK "static void enter(void) { pthread_mutex_lock(&a); }\n"
                    "void f(void) {\n"
                    "  enter();\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "  enter();\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "}\n",
          "");
}

static void nobody_ever_takes_it(void **state)
{
    (void)state;
    check(SURE_LOCK "static void leave(void) { hits++; pthread_mutex_unlock(&a); }\n"
                    "int main(void) { leave(); return hits; }\n",
          "2 [unlock-not-held] 'a' is given back here, which nobody who comes here has taken\n");
}

static void callers_hold_it(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static void leave(struct box *b) { b->n++; pthread_mutex_unlock(&b->mu); }\n"
          "static void two(struct box *b) { leave(b); }\n"
          "int main(void) {\n"
          "  struct box *b = malloc(sizeof *b);\n"
          "  pthread_mutex_lock(&b->mu);\n"
          "  two(b);\n"
          "  pthread_mutex_lock(&b->mu);\n"
          "  leave(b);\n"
          "}\n",
          "");
}

static void one_caller_does_not(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static void leave(struct box *b) { b->n++; pthread_mutex_unlock(&b->mu); }\n"
          "static void two(struct box *b) { leave(b); }\n"
          "int main(void) {\n"
          "  struct box *b = malloc(sizeof *b);\n"
          "  pthread_mutex_lock(&b->mu);\n"
          "  leave(b);\n"
          "  two(b);\n"
          "}\n",
          "8 [unlock-not-held] 'two' gives back 'malloc()->mu' here, which was given back before "
          "(medium)\n");
}

static void one_thread_does_not(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static struct box box = {PTHREAD_MUTEX_INITIALIZER, 0};\n"
          "static void leave(struct box *b) { b->n++; pthread_mutex_unlock(&b->mu); }\n"
          "static void *worker(void *arg) {\n"
          "  leave(arg);\n"
          "  return NULL;\n"
          "}\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_mutex_lock(&box.mu);\n"
          "  leave(&box);\n"
          "  pthread_mutex_lock(&box.mu);\n"
          "  pthread_create(&t, NULL, worker, &box);\n"
          "  pthread_join(t, NULL);\n"
          "}\n",
          "5 [unlock-not-held] 'leave' gives back 'box.mu' here, which nobody who comes here has "
          "taken\n");
}

static void one_of_a_table(void **state)
{
    (void)state;
    check("static pthread_mutex_t locks[4];\n"
          "static void done(int i) { hits++; pthread_mutex_unlock(&locks[i]); }\n"
          "static void *worker(void *arg) {\n"
          "  for (int i = 0; i < 4; i++) {\n"
          "    if (more == i) { done(i); continue; }\n"
          "    pthread_mutex_lock(&locks[i]);\n"
          "    if (hits == i) { done(i); continue; }\n"
          "    pthread_mutex_unlock(&locks[i]);\n"
          "  }\n"
          "  return arg;\n"
          "}\n"
          "int main(void) { pthread_t t; return pthread_create(&t, NULL, worker, NULL); }\n",
          "5 [unlock-not-held] 'done' gives back 'locks[]' here, which nobody who comes here has "
          "taken\n");
}

static void functions_for_users_of_a_library(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "void box_lock(struct box *b) { pthread_mutex_lock(&b->mu); }\n"
          "void box_unlock(struct box *b) { pthread_mutex_unlock(&b->mu); }\n"
          "void box_done(struct box *b) { b->n++; box_unlock(b); }\n"
          "void box_set(struct box *b, int n) { box_lock(b); b->n = n; box_unlock(b); }\n",
          "");
}

static void a_lock_that_may_be_taken_again(void **state)
{
    (void)state;
    check("static pthread_mutex_t r = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;\n"
          "static void inner(void) {\n"
          "  pthread_mutex_lock(&r);\n"
          "  pthread_mutex_unlock(&r);\n"
          "  pthread_mutex_unlock(&r);\n"
          "}\n"
          "int main(void) { pthread_mutex_lock(&r); inner(); return 0; }\n",
          "");
}

static void another_object_by_the_same_name(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; struct box *next; };\n"
          "void f(struct box *b) {\n"
          "  pthread_mutex_lock(&b->next->mu);\n"
          "  pthread_mutex_lock(&b->mu);\n"
          "  while (b->next != NULL) {\n"
          "    pthread_mutex_unlock(&b->mu);\n"
          "    b = b->next;\n"
          "    pthread_mutex_lock(&b->next->mu);\n"
          "  }\n"
          "  pthread_mutex_unlock(&b->mu);\n"
          "}\n",
          "");
}

static void a_lock_call_that_failed(void **state)
{
    (void)state;
    check(SURE_LOCK "int f(void) {\n"
                    "  int rc = pthread_mutex_lock(&a);\n"
                    "  if (rc != 0) hits = rc;\n"
                    "  more++;\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "  return rc;\n"
                    "}\n"
                    "int main(void) { return f(); }\n",
          "");
}

static void the_same_condition_twice(void **state)
{
    (void)state;
    check(SURE_LOCK "static void f(int locked, bool mine) {\n"
                    "  if (!locked) pthread_mutex_lock(&a);\n"
                    "  hits++;\n"
                    "  if (!locked) pthread_mutex_unlock(&a);\n"
                    "  if (mine) pthread_mutex_lock(&a);\n"
                    "  hits++;\n"
                    "  if (mine) pthread_mutex_unlock(&a);\n"
                    "}\n"
                    "int main(void) { f(0, hits); pthread_mutex_lock(&a); f(1, false); "
                    "pthread_mutex_unlock(&a); }\n",
          "");
}

static void a_handler_that_stands_by(void **state)
{
    (void)state;
    check(SURE_LOCK
          "static void undo(void *arg) { pthread_mutex_unlock(arg); }\n"
          "static void *worker(void *arg) {\n"
          "  pthread_cleanup_push(undo, &a);\n"
          "  pthread_mutex_lock(&a);\n"
          "  hits++;\n"
          "  pthread_cleanup_pop(1);\n"
          "  return arg;\n"
          "}\n"
          "int main(void) { pthread_t t; return pthread_create(&t, NULL, worker, NULL); }\n",
          "");
}

static void a_semaphore_is_given_by_anybody(void **state)
{
    (void)state;
    check("#include <semaphore.h>\n"
          "static sem_t sem;\n"
          "static void *worker(void *arg) { sem_wait(&sem); sem_post(&sem); sem_post(&sem); return "
          "arg; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, worker, NULL);\n"
          "  sem_post(&sem);\n"
          "  return pthread_join(t, NULL);\n"
          "}\n",
          "");
}

static void one_that_the_function_gets_locked(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static struct box boxes[4];\n"
          "static struct box *find(int n) {\n"
          "  for (int i = 0; i < 4; i++) {\n"
          "    pthread_mutex_lock(&boxes[i].mu);\n"
          "    if (boxes[i].n == n) return &boxes[i];\n"
          "    pthread_mutex_unlock(&boxes[i].mu);\n"
          "  }\n"
          "  return NULL;\n"
          "}\n"
          "int main(void) {\n"
          "  struct box *b = find(3);\n"
          "  if (b == NULL) return 1;\n"
          "  b->n = 4;\n"
          "  pthread_mutex_unlock(&b->mu);\n"
          "  return 0;\n"
          "}\n",
          "");
}

/* The writer's lock is given back where something failed; a loop's callback comes there, too. What
 * the library hands to it says nothing of who holds the lock. */
static void a_loop_comes_there_without_it(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "struct conn { pthread_mutex_t mu; int left; };\n"
          "static struct conn one;\n"
          "static void lost(struct conn *c) { c->left = 0; pthread_mutex_unlock(&c->mu); }\n"
          "static void send_all(struct conn *c) {\n"
          "  pthread_mutex_lock(&c->mu);\n"
          "  if (c->left > 9) { lost(c); return; }\n"
          "  pthread_mutex_unlock(&c->mu);\n"
          "}\n"
          "static void end(struct conn *c) {\n"
          "  lost(c);\n"
          "}\n"
          "static void on_timer(uv_timer_t *t) { end(t->data); }\n"
          "int main(void) {\n"
          "  static uv_timer_t t;\n"
          "  t.data = &one;\n"
          "  send_all(&one);\n"
          "  uv_timer_init(uv_default_loop(), &t);\n"
          "  uv_timer_start(&t, on_timer, 1, 1);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "11 [unlock-not-held] 'lost' gives back 'one.mu' here, which nobody who comes here has "
          "taken (medium)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_on_one_way),
        cmocka_unit_test(a_header_s_function_that_nobody_uses),
        cmocka_unit_test(twice_where_it_failed),
        cmocka_unit_test(a_callee_has_given_it_back),
        cmocka_unit_test(taken_again_by_a_callee),
        cmocka_unit_test(nobody_ever_takes_it),
        cmocka_unit_test(callers_hold_it),
        cmocka_unit_test(one_caller_does_not),
        cmocka_unit_test(one_thread_does_not),
        cmocka_unit_test(one_of_a_table),
        cmocka_unit_test(functions_for_users_of_a_library),
        cmocka_unit_test(a_lock_that_may_be_taken_again),
        cmocka_unit_test(another_object_by_the_same_name),
        cmocka_unit_test(a_lock_call_that_failed),
        cmocka_unit_test(the_same_condition_twice),
        cmocka_unit_test(a_handler_that_stands_by),
        cmocka_unit_test(a_semaphore_is_given_by_anybody),
        cmocka_unit_test(one_that_the_function_gets_locked),
        cmocka_unit_test(a_loop_comes_there_without_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
