/* lock-order-cycle: what it reports, and the twins it must not report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("lock-order-cycle", source, want);
}

/* A thread runs 'one' and another 'two'. */
#define BOTH                                                                                       \
    "int main(void) {\n"                                                                           \
    "  pthread_t t, u;\n"                                                                          \
    "  pthread_create(&t, NULL, one, NULL);\n"                                                     \
    "  pthread_create(&u, NULL, two, NULL);\n"                                                     \
    "  pthread_join(t, NULL);\n"                                                                   \
    "  pthread_join(u, NULL);\n"                                                                   \
    "}\n"

#define LOCK(lock) "pthread_mutex_lock(&" #lock "); "
#define FREE(lock) "pthread_mutex_unlock(&" #lock "); "
#define ONE(body) "static void *one(void *a) { " body "return a; }\n"
#define TWO(body) "static void *two(void *a) { " body "return a; }\n"
#define NESTED(first, second) LOCK(first) LOCK(second) FREE(second) FREE(first)

#define CYCLE " are taken in different orders: the threads can wait for each other for ever\n"
#define SELF                                                                                       \
    " [lock-order-cycle] two threads can each hold one 'acc.mu' and wait for the other's: "        \
    "nothing orders the two (medium)\n"
#define ACC                                                                                        \
    "struct acc { pthread_mutex_t mu; int id, n; struct acc *next; }; "                            \
    "struct job { struct acc *from, *to; };\n"

/* Workers run 'work', in a loop, each with accounts of the heap. */
#define MANY                                                                                       \
    "int main(int argc, char **argv) {\n"                                                          \
    "  pthread_t t[4];\n"                                                                          \
    "  (void)argc;\n"                                                                              \
    "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, argv);\n"                     \
    "}\n"

/* ---- found ----------------------------------------------------------------------------------- */

static void two_locks_in_two_orders(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) TWO(NESTED(m2, m)) BOTH, "1 [lock-order-cycle] 'm' and 'm2'" CYCLE);
}

static void three_locks_in_a_ring(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) TWO(NESTED(m2, m3)) "static void *three(void *a) { " NESTED(
              m3, m) "return a; }\n"
                     "int main(void) {\n"
                     "  pthread_t t, u, v;\n"
                     "  pthread_create(&t, NULL, one, NULL);\n"
                     "  pthread_create(&u, NULL, two, NULL);\n"
                     "  pthread_create(&v, NULL, three, NULL);\n"
                     "}\n",
          "1 [lock-order-cycle] 'm', 'm2' and 'm3'" CYCLE);
}

static void the_second_lock_is_in_a_callee(void **state)
{
    (void)state;
    check("static void inner(pthread_mutex_t *l) { pthread_mutex_lock(l); hits++; "
          "pthread_mutex_unlock(l); }\n"
          "static void deep(void) { inner(&m); }\n" ONE(LOCK(m) "inner(&m2); " FREE(m))
              TWO(LOCK(m2) "deep(); " FREE(m2)) BOTH,
          "2 [lock-order-cycle] 'm' and 'm2'" CYCLE);
}

static void a_callee_returns_holding(void **state)
{
    (void)state;
    check("static void enter(void) { pthread_mutex_lock(&m); }\n" ONE(
              "enter(); " LOCK(m2) FREE(m2) FREE(m)) TWO(NESTED(m2, m)) BOTH,
          "2 [lock-order-cycle] 'm' and 'm2'" CYCLE);
}

static void main_against_a_thread(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) "int main(void) {\n"
                             "  pthread_t t;\n"
                             "  pthread_create(&t, NULL, one, NULL);\n"
                             "  " NESTED(m2, m) "\n"
                                                "}\n",
          "1 [lock-order-cycle] 'm' and 'm2'" CYCLE);
}

static void many_of_one_thread(void **state)
{
    (void)state;
    check("static void *work(void *a) { if (a) { " NESTED(m, m2) "} else { " NESTED(
              m2, m) "} return a; }\n" MANY,
          "1 [lock-order-cycle] 'm' and 'm2'" CYCLE);
}

static void a_writer_between_readers(void **state)
{
    (void)state;
    check(ONE("pthread_rwlock_rdlock(&rw); " LOCK(m) FREE(m) "pthread_rwlock_unlock(&rw); ")
              TWO(LOCK(m) "pthread_rwlock_wrlock(&rw); pthread_rwlock_unlock(&rw); " FREE(m)) BOTH,
          "1 [lock-order-cycle] 'm' and 'rw'" CYCLE);
}

static void two_accounts_of_one_class(void **state)
{
    (void)state;
    check(ACC "static void move(struct acc *from, struct acc *to) {\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  struct job *job = a;\n"
              "  move(job->from, job->to);\n"
              "  return a;\n"
              "}\n" MANY,
          "4" SELF);
}

static void two_accounts_behind_a_wrapper(void **state)
{
    (void)state;
    check(ACC "static void lock(struct acc *x) { pthread_mutex_lock(&x->mu); }\n"
              "static void move(struct acc *from, struct acc *to) {\n"
              "  lock(from);\n"
              "  lock(to);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  struct job *job = a;\n"
              "  move(job->from, job->to);\n"
              "  return a;\n"
              "}\n" MANY,
          "5" SELF);
}

static void two_accounts_of_an_array(void **state)
{
    (void)state;
    check(ACC "static struct acc bank[9];\n"
              "static void move(struct acc *from, struct acc *to) {\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  move(&bank[rand() % 9], &bank[rand() % 9]);\n"
              "  return a;\n"
              "}\n" MANY,
          "5" SELF);
}

static void two_accounts_by_index(void **state)
{
    (void)state;
    check(ACC "static struct acc bank[9];\n"
              "static void *work(void *a) {\n"
              "  int from = rand() % 9, to = rand() % 9;\n"
              "  pthread_mutex_lock(&bank[from].mu);\n"
              "  pthread_mutex_lock(&bank[to].mu);\n"
              "  pthread_mutex_unlock(&bank[to].mu);\n"
              "  pthread_mutex_unlock(&bank[from].mu);\n"
              "  return a;\n"
              "}\n" MANY,
          "6" SELF);
}

/* ---- not found ------------------------------------------------------------------------------- */

static void one_order(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) TWO(NESTED(m, m2)) BOTH, "");
}

static void a_gate_around_both(void **state)
{
    (void)state;
    check(ONE(LOCK(m3) NESTED(m, m2) FREE(m3)) TWO(LOCK(m3) NESTED(m2, m) FREE(m3)) BOTH, "");
}

static void a_gate_held_by_the_callers(void **state)
{
    (void)state;
    check("static void ab(void) { " NESTED(m, m2) "}\n"
                                                  "static void ba(void) { " NESTED(m2, m) "}\n" ONE(
                                                      LOCK(m3) "ab(); " FREE(m3))
                                                      TWO(LOCK(m3) "ba(); " FREE(m3)) BOTH,
          "");
}

static void one_thread_has_nobody_to_wait_for(void **state)
{
    (void)state;
    check("static void *one(void *a) { if (a) { " NESTED(m, m2) "} else { " NESTED(
              m2, m) "} return a; }\n"
                     "int main(void) { pthread_t t; pthread_create(&t, NULL, one, NULL); }\n",
          "");
}

static void one_thread_has_both_accounts_for_itself(void **state)
{
    (void)state;
    check(ACC "static void *one(void *a) {\n"
              "  struct job *job = a;\n"
              "  pthread_mutex_lock(&job->from->mu);\n"
              "  pthread_mutex_lock(&job->to->mu);\n"
              "  pthread_mutex_unlock(&job->to->mu);\n"
              "  pthread_mutex_unlock(&job->from->mu);\n"
              "  return a;\n"
              "}\n"
              "int main(int argc, char **argv) {\n"
              "  pthread_t t;\n"
              "  (void)argc;\n"
              "  pthread_create(&t, NULL, one, argv);\n"
              "}\n",
          "");
}

static void readers_do_not_wait_for_readers(void **state)
{
    (void)state;
    check("static pthread_rwlock_t rw2;\n" ONE(
              "pthread_rwlock_rdlock(&rw); pthread_rwlock_rdlock(&rw2); "
              "pthread_rwlock_unlock(&rw2); pthread_rwlock_unlock(&rw); ")
              TWO("pthread_rwlock_rdlock(&rw2); pthread_rwlock_rdlock(&rw); "
                  "pthread_rwlock_unlock(&rw); pthread_rwlock_unlock(&rw2); ") BOTH,
          "");
}

static void trylock_backs_off(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2))
              TWO(LOCK(m2) "if (pthread_mutex_trylock(&m) == 0) { " FREE(m) "} " FREE(m2)) BOTH,
          "");
}

static void timed_locks_give_up(void **state)
{
    (void)state;
    check("static const struct timespec soon;\n" ONE(NESTED(m, m2))
              TWO(LOCK(m2) "if (pthread_mutex_timedlock(&m, &soon) == 0) { " FREE(m) "} " FREE(m2))
                  BOTH,
          "");
}

static void let_go_before_the_other(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) TWO(LOCK(m2) FREE(m2) LOCK(m) FREE(m)) BOTH, "");
}

static void the_callee_lets_go(void **state)
{
    (void)state;
    check("static void leave(void) { pthread_mutex_unlock(&m2); }\n" ONE(NESTED(m, m2))
              TWO(LOCK(m2) "leave(); " LOCK(m) FREE(m)) BOTH,
          "");
}

static void the_callee_lets_go_of_its_callers_lock(void **state)
{
    (void)state;
    check("static void swap(void) { " FREE(m2) LOCK(m) FREE(m) LOCK(m2) "}\n" ONE(NESTED(m, m2))
              TWO(LOCK(m2) "swap(); " FREE(m2)) BOTH,
          "");
}

/* blocking-under-lock would say the same of the join. */
static void a_thread_s_end_is_told_once(void **state)
{
    (void)state;
    const char *source = ONE(LOCK(m) "hits++; " FREE(m)) //
        "int main(void) {\n"
        "  pthread_t t;\n"
        "  pthread_create(&t, NULL, one, NULL);\n"
        "  pthread_mutex_lock(&m);\n"
        "  pthread_join(t, NULL);\n"
        "  pthread_mutex_unlock(&m);\n"
        "}\n";

    check(source, "6 [lock-order-cycle] 'm' and 'the end of thread one' wait for each other: the "
                  "thread is joined with a lock held that it can still need\n");
    harness_check_rule("blocking-under-lock", source, "");
}

static void before_the_threads_start(void **state)
{
    (void)state;
    check(ONE(NESTED(m, m2)) "int main(void) {\n"
                             "  pthread_t t;\n"
                             "  " NESTED(m2, m) "\n"
                                                "  pthread_create(&t, NULL, one, NULL);\n"
                                                "  pthread_join(t, NULL);\n"
                                                "  " NESTED(m2, m) "\n"
                                                                   "}\n",
          "");
}

static void accounts_in_the_order_of_their_addresses(void **state)
{
    (void)state;
    check(ACC "static void move(struct acc *from, struct acc *to) {\n"
              "  struct acc *first = from < to ? from : to;\n"
              "  struct acc *second = from < to ? to : from;\n"
              "  pthread_mutex_lock(&first->mu);\n"
              "  pthread_mutex_lock(&second->mu);\n"
              "  pthread_mutex_unlock(&second->mu);\n"
              "  pthread_mutex_unlock(&first->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  struct job *job = a;\n"
              "  move(job->from, job->to);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

static void accounts_in_the_order_of_their_ids(void **state)
{
    (void)state;
    check(ACC "static void move(struct acc *from, struct acc *to) {\n"
              "  if (from->id > to->id) { struct acc *x = from; from = to; to = x; }\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  struct job *job = a;\n"
              "  move(job->from, job->to);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

static void accounts_ordered_by_their_addresses_as_numbers(void **state)
{
    (void)state;
    check("#include <stdint.h>\n" ACC "static void move(struct acc *from, struct acc *to) {\n"
          "  if ((uintptr_t)from < (uintptr_t)to) {\n"
          "    pthread_mutex_lock(&from->mu);\n"
          "    pthread_mutex_lock(&to->mu);\n"
          "  } else {\n"
          "    pthread_mutex_lock(&to->mu);\n"
          "    pthread_mutex_lock(&from->mu);\n"
          "  }\n"
          "  pthread_mutex_unlock(&to->mu);\n"
          "  pthread_mutex_unlock(&from->mu);\n"
          "}\n"
          "static void *work(void *a) {\n"
          "  struct job *job = a;\n"
          "  move(job->from, job->to);\n"
          "  return a;\n"
          "}\n" MANY,
          "");
}

static void hand_over_hand_down_a_list(void **state)
{
    (void)state;
    check(ACC "static void *work(void *a) {\n"
              "  struct acc *x = a;\n"
              "  pthread_mutex_lock(&x->mu);\n"
              "  pthread_mutex_lock(&x->next->mu);\n"
              "  pthread_mutex_unlock(&x->mu);\n"
              "  pthread_mutex_unlock(&x->next->mu);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

static void items_in_the_order_of_their_indices(void **state)
{
    (void)state;
    check(ACC "static struct acc bank[9];\n"
              "static void move(int from, int to) {\n"
              "  int first = from < to ? from : to;\n"
              "  int second = from < to ? to : from;\n"
              "  pthread_mutex_lock(&bank[first].mu);\n"
              "  pthread_mutex_lock(&bank[second].mu);\n"
              "  hits = bank[from].n + bank[to].n;\n"
              "  pthread_mutex_unlock(&bank[second].mu);\n"
              "  pthread_mutex_unlock(&bank[first].mu);\n"
              "}\n"
              "static void *work(void *a) { move(rand() % 9, rand() % 9); return a; }\n" MANY,
          "");
}

static void callers_that_order(void **state)
{
    (void)state;
    check(ACC "static struct acc bank[9];\n"
              "static void move(struct acc *from, struct acc *to) {\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  int i = rand() % 9, j = rand() % 9;\n"
              "  if (i < j) move(&bank[i], &bank[j]);\n"
              "  else move(&bank[j], &bank[i]);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

static void a_loop_takes_them_all(void **state)
{
    (void)state;
    check(ACC "static struct acc bank[9];\n"
              "static void *work(void *a) {\n"
              "  for (int i = 0; i < 9; i++) pthread_mutex_lock(&bank[i].mu);\n"
              "  for (int i = 0; i < 9; i++) pthread_mutex_unlock(&bank[i].mu);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

/* What a parameter is called says nothing of which lock it is. */
static void locks_that_are_arguments(void **state)
{
    (void)state;
    check("static void ab(pthread_mutex_t *l) { pthread_mutex_lock(l); " LOCK(m)
              FREE(m) "pthread_mutex_unlock(l); }\n"
                      "static void ba(pthread_mutex_t *l) { " LOCK(
                          m) "pthread_mutex_lock(l); "
                             "pthread_mutex_unlock(l); " FREE(m) "}\n"
                                                                 "static pthread_mutex_t "
                                                                 "m4;\n" ONE("ab(&m2); ab(&m3); ")
                                                                     TWO("ba(&m4); ") BOTH,
          "");
}

static void a_gate_around_both_accounts(void **state)
{
    (void)state;
    check(ACC "static void move(struct acc *from, struct acc *to) {\n"
              "  pthread_mutex_lock(&m);\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "  pthread_mutex_unlock(&to->mu);\n"
              "  pthread_mutex_unlock(&from->mu);\n"
              "  pthread_mutex_unlock(&m);\n"
              "}\n"
              "static void *work(void *a) {\n"
              "  struct job *job = a;\n"
              "  move(job->from, job->to);\n"
              "  return a;\n"
              "}\n" MANY,
          "");
}

static void the_same_lock_twice_is_double_lock(void **state)
{
    (void)state;
    check("static void *work(void *a) { " NESTED(m, m) "return a; }\n" MANY, "");
}

static void two_programs_in_one_database(void **state)
{
    (void)state;
    harness_check_two(
        harness_dump_findings,
        ONE(NESTED(m, m2)) "int main(void) { pthread_t t[2]; for (int i = 0; i < 2; i++) "
                           "pthread_create(&t[i], NULL, one, NULL); }\n",
        TWO(NESTED(m2, m)) "int main(void) { pthread_t t[2]; for (int i = 0; i < 2; i++) "
                           "pthread_create(&t[i], NULL, two, NULL); }\n",
        "");
}

/* ---- waits that are not for a lock ----------------------------------------------------------- */

#define EVENTS                                                                                     \
    "#include <semaphore.h>\n"                                                                     \
    "static sem_t sem;\n"                                                                          \
    "static pthread_barrier_t bar;\n"
#define WAKE                                                                                       \
    " wait for each other: the lock is held in the wait, and who could end the wait needs it "     \
    "first\n"

static void a_post_by_one_who_needs_the_lock(void **state)
{
    (void)state;
    check(EVENTS ONE(LOCK(m) "sem_wait(&sem);" FREE(m)) TWO(LOCK(m) FREE(m) "sem_post(&sem);") BOTH,
          "4 [lock-order-cycle] 'a wake-up by sem' and 'm'" WAKE);
    check(EVENTS ONE(LOCK(m) "sem_wait(&sem);" FREE(m)) TWO("sem_post(&sem);" LOCK(m) FREE(m)) BOTH,
          "");
    check(EVENTS ONE(LOCK(m) "sem_wait(&sem);" FREE(m))
              TWO("if (a) {" LOCK(m) FREE(m) "}sem_post(&sem);") BOTH,
          "");
}

static void another_can_post(void **state)
{
    (void)state;
    check(EVENTS ONE(LOCK(m) "sem_wait(&sem);" FREE(m)) TWO(LOCK(m) FREE(
              m) "sem_post(&sem);") "static void *three(void *a) { sem_post(&sem); return a; }\n"
                                    "int main(void) {\n"
                                    "  pthread_t t[3];\n"
                                    "  pthread_create(&t[0], NULL, one, NULL);\n"
                                    "  pthread_create(&t[1], NULL, two, NULL);\n"
                                    "  pthread_create(&t[2], NULL, three, NULL);\n"
                                    "}\n",
          "");
}

static void a_signal_by_one_who_needs_the_second_lock(void **state)
{
    (void)state;
    check(ONE(LOCK(m2) LOCK(m) "pthread_cond_wait(&cond, &m);" FREE(m) FREE(m2))
              TWO(LOCK(m2) FREE(m2) LOCK(m) "pthread_cond_broadcast(&cond);" FREE(m)) BOTH,
          "1 [lock-order-cycle] 'a wake-up by cond' and 'm2'" WAKE);
    check(ONE(LOCK(m) "pthread_cond_wait(&cond, &m);" FREE(m))
              TWO(LOCK(m2) FREE(m2) LOCK(m) "pthread_cond_signal(&cond);" FREE(m)) BOTH,
          "");
}

static void a_barrier_that_the_other_does_not_reach(void **state)
{
    (void)state;
    check(EVENTS ONE(LOCK(m) "pthread_barrier_wait(&bar);" FREE(m))
              TWO(LOCK(m) FREE(m) "pthread_barrier_wait(&bar);") BOTH,
          "4 [lock-order-cycle] 'a wake-up by bar' and 'm'" WAKE);
    check(EVENTS ONE("pthread_barrier_wait(&bar);" LOCK(m) "pthread_barrier_wait(&bar);" FREE(m))
              TWO(LOCK(m) FREE(m) "pthread_barrier_wait(&bar); pthread_barrier_wait(&bar);") BOTH,
          "");
}

static void a_routine_that_was_run_before(void **state)
{
    (void)state;
    check("static pthread_once_t o = PTHREAD_ONCE_INIT;\n"
          "static void init(void) {" LOCK(m)
              FREE(m) "}\n" ONE("pthread_once(&o, init);" LOCK(m) "pthread_once(&o, init);" FREE(m))
                  TWO("pthread_once(&o, init);") BOTH,
          "");
    check("static pthread_once_t o = PTHREAD_ONCE_INIT;\n"
          "static void init(void) {" LOCK(m)
              FREE(m) "}\n" ONE(LOCK(m) "pthread_once(&o, init);" FREE(m))
                  TWO("pthread_once(&o, init);") BOTH,
          "3 [lock-order-cycle] 'm' and 'pthread_once(init)'" WAKE);
}

/* ---- signals --------------------------------------------------------------------------------- */

#define HANDLER                                                                                    \
    "#include <signal.h>\n"                                                                        \
    "static void on_signal(int n) { (void)n; pthread_mutex_lock(&m); pthread_mutex_unlock(&m); "   \
    "}\n"
#define INTERRUPTED                                                                                \
    "2 [lock-order-cycle] the handler waits for 'm', which the thread that it interrupts can "     \
    "hold\n"

static void a_handler_that_needs_its_threads_lock(void **state)
{
    (void)state;
    check(HANDLER "int main(void) { signal(SIGINT, on_signal);" LOCK(m) FREE(m) "}\n", INTERRUPTED);
    check(HANDLER "int main(void) { signal(SIGINT, on_signal);" LOCK(m2) FREE(m2) "}\n", "");
}

static void signals_held_back(void **state)
{
    (void)state;
    check(HANDLER "static void hold(void) { sigset_t s; sigfillset(&s);\n"
                  "  pthread_sigmask(SIG_BLOCK, &s, NULL); }\n"
                  "static void use(void) {" LOCK(m)
                      FREE(m) "}\n"
                              "int main(void) { signal(SIGINT, on_signal); hold(); use(); }\n",
          "");
    check(HANDLER "int main(void) { sigset_t s, old; sigfillset(&s); signal(SIGINT, on_signal);\n"
                  "  sigprocmask(SIG_SETMASK, &s, &old);" LOCK(m)
                      FREE(m) "  sigprocmask(SIG_SETMASK, &old, NULL); }\n",
          "");
    check(HANDLER
          "int main(void) { sigset_t s, old; sigfillset(&s); signal(SIGINT, on_signal);\n"
          "  sigprocmask(SIG_SETMASK, &s, &old); sigprocmask(SIG_SETMASK, &old, NULL);" LOCK(m)
              FREE(m) "}\n",
          INTERRUPTED);
}

#define MAY_WAIT(locks)                                                                            \
    "#include <signal.h>\n"                                                                        \
    "static void put(int locks) { if (locks) {" LOCK(m)                                            \
        FREE(m) "} }\n"                                                                            \
                "static void log_it(int locks) { put(locks); }\n"                                  \
                "static void on_signal(int n) { (void)n; log_it(" locks "); }\n"                   \
                "int main(void) { signal(SIGINT, on_signal); log_it(1); }\n"

static void what_a_handler_does_not_come_to(void **state)
{
    (void)state;
    check(MAY_WAIT("0"), "");
    check(MAY_WAIT("1"), INTERRUPTED);
}

#define PASS(from, to) "static void " #from "(void) { " #to "(); }\n"
#define DEEP(first, more)                                                                          \
    "#include <signal.h>\n"                                                                        \
    "static void f8(void) {" LOCK(m) FREE(m) "}\n" PASS(f7, f8) PASS(f6, f7) PASS(f5, f6)          \
        PASS(f4, f5) PASS(f3, f4) PASS(f2, f3) PASS(f1, f2) more                                   \
        "static void on_signal(int n) { if (n) " #first "(); }\n"                                  \
        "int main(void) { signal(SIGINT, on_signal); f8(); }\n"

static void a_handler_that_goes_a_long_way(void **state)
{
    (void)state;
    check(DEEP(f1, ""), INTERRUPTED); /* eight calls */
    check(DEEP(f0, PASS(f0, f1)),
          "2 [lock-order-cycle] the handler waits for 'm', which the thread that it interrupts can "
          "hold (low)\n");
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void a_comparison_that_decides_nothing(void **state)
{
    (void)state;
    check(
        ACC
        "static void both(struct acc *x, struct acc *y) {\n"
        "  if (x < y) hits++;\n"
        "  pthread_mutex_lock(&x->mu); pthread_mutex_lock(&y->mu);\n"
        "  pthread_mutex_unlock(&y->mu); pthread_mutex_unlock(&x->mu);\n"
        "}\n"
        "static void *work(void *a) { struct job *j = a; both(j->from, j->to); return a; }\n" MANY,
        "4" SELF);
    check(
        ACC
        "static void both(struct acc *x, struct acc *y) {\n"
        "  if (x > y) { struct acc *t = x; x = y; y = t; }\n"
        "  pthread_mutex_lock(&x->mu); pthread_mutex_lock(&y->mu);\n"
        "  pthread_mutex_unlock(&y->mu); pthread_mutex_unlock(&x->mu);\n"
        "}\n"
        "static void *work(void *a) { struct job *j = a; both(j->from, j->to); return a; }\n" MANY,
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_locks_in_two_orders),
        cmocka_unit_test(three_locks_in_a_ring),
        cmocka_unit_test(the_second_lock_is_in_a_callee),
        cmocka_unit_test(a_callee_returns_holding),
        cmocka_unit_test(main_against_a_thread),
        cmocka_unit_test(many_of_one_thread),
        cmocka_unit_test(a_writer_between_readers),
        cmocka_unit_test(two_accounts_of_one_class),
        cmocka_unit_test(two_accounts_behind_a_wrapper),
        cmocka_unit_test(two_accounts_of_an_array),
        cmocka_unit_test(two_accounts_by_index),
        cmocka_unit_test(one_order),
        cmocka_unit_test(a_gate_around_both),
        cmocka_unit_test(a_gate_held_by_the_callers),
        cmocka_unit_test(one_thread_has_nobody_to_wait_for),
        cmocka_unit_test(one_thread_has_both_accounts_for_itself),
        cmocka_unit_test(readers_do_not_wait_for_readers),
        cmocka_unit_test(trylock_backs_off),
        cmocka_unit_test(timed_locks_give_up),
        cmocka_unit_test(let_go_before_the_other),
        cmocka_unit_test(the_callee_lets_go),
        cmocka_unit_test(the_callee_lets_go_of_its_callers_lock),
        cmocka_unit_test(a_thread_s_end_is_told_once),
        cmocka_unit_test(before_the_threads_start),
        cmocka_unit_test(accounts_in_the_order_of_their_addresses),
        cmocka_unit_test(accounts_in_the_order_of_their_ids),
        cmocka_unit_test(accounts_ordered_by_their_addresses_as_numbers),
        cmocka_unit_test(hand_over_hand_down_a_list),
        cmocka_unit_test(items_in_the_order_of_their_indices),
        cmocka_unit_test(callers_that_order),
        cmocka_unit_test(a_loop_takes_them_all),
        cmocka_unit_test(locks_that_are_arguments),
        cmocka_unit_test(a_gate_around_both_accounts),
        cmocka_unit_test(the_same_lock_twice_is_double_lock),
        cmocka_unit_test(two_programs_in_one_database),
        cmocka_unit_test(a_post_by_one_who_needs_the_lock),
        cmocka_unit_test(another_can_post),
        cmocka_unit_test(a_signal_by_one_who_needs_the_second_lock),
        cmocka_unit_test(a_barrier_that_the_other_does_not_reach),
        cmocka_unit_test(a_routine_that_was_run_before),
        cmocka_unit_test(a_comparison_that_decides_nothing),
        cmocka_unit_test(a_handler_that_needs_its_threads_lock),
        cmocka_unit_test(signals_held_back),
        cmocka_unit_test(what_a_handler_does_not_come_to),
        cmocka_unit_test(a_handler_that_goes_a_long_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
