/* completion.c: a job is over when it says that all of it is done, seen through check-then-act. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

/* Does check-then-act report anything? */
static char *dump(void *owner, const struct prog *prog)
{
    char *all = harness_dump_findings(owner, prog);

    return mem_strdup(owner, strstr(all, "[check-then-act]") != NULL ? "reported" : "");
}

/* The end of a job, under its lock, and what is asked before what it made is cleared without. */
static void check(const char *end, const char *asked, const char *elsewhere, const char *want)
{
    void *owner = talloc_new(NULL);
    char *source =
        mem_printf(owner,
                   "struct job { pthread_mutex_t mu; int size, done, made; };\n"
                   "static struct job job = {PTHREAD_MUTEX_INITIALIZER, 5, 0, 0};\n"
                   "static void *work(void *a) {\n"
                   "  struct job *j = a;\n"
                   "  for (int i = 1; i < 5; i++) {\n"
                   "    pthread_mutex_lock(&j->mu); j->made += 3; j->done = i;\n"
                   "    pthread_mutex_unlock(&j->mu);\n"
                   "  }\n"
                   "  pthread_mutex_lock(&j->mu); %s pthread_mutex_unlock(&j->mu);\n"
                   "  return a;\n"
                   "}\n"
                   "static void *other(void *a) { %s return a; }\n"
                   "int main(void) {\n"
                   "  pthread_t t, u;\n"
                   "  pthread_create(&t, 0, work, &job); pthread_create(&u, 0, other, &job);\n"
                   "  for (;;) {\n"
                   "    pthread_mutex_lock(&job.mu);\n"
                   "    int made = job.made, done = job.done, size = job.size;\n"
                   "    pthread_mutex_unlock(&job.mu);\n"
                   "    if (made > 0 && %s) { elsewhere(); job.made = 0; }\n"
                   "  }\n"
                   "}\n",
                   end, elsewhere, asked);

    harness_check(dump, source, want);
    talloc_free(owner);
}

#define LAST "j->made += 3; j->done = j->size;"

static void all_is_done(void **state)
{
    (void)state;
    check(LAST, "done == size", "", "");
    check(LAST, "size == done", "", "");
    check(LAST, "!(done != size)", "", "");
}

static void not_all_is(void **state)
{
    (void)state;
    check(LAST, "done != size", "", "reported");
    check(LAST, "done > 2", "", "reported");
    check(LAST, "done == made", "", "reported");
}

static void the_job_goes_on(void **state)
{
    (void)state;
    check("j->done = j->size; j->made += 3;", "done == size", "", "reported");
    check("j->made += 3; j->done = 5;", "done == size", "", "reported");
    check(LAST " pthread_mutex_unlock(&j->mu); pthread_mutex_lock(&j->mu); j->made++;",
          "done == size", "", "reported");
}

static void somebody_else_begins_it_again(void **state)
{
    (void)state;
    check(LAST, "done == size",
          "pthread_mutex_lock(&job.mu); job.done = 0; pthread_mutex_unlock(&job.mu);", "reported");
    check(LAST, "done == size",
          "pthread_mutex_lock(&job.mu); job.size = 0; pthread_mutex_unlock(&job.mu);", "reported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_done),
        cmocka_unit_test(not_all_is),
        cmocka_unit_test(the_job_goes_on),
        cmocka_unit_test(somebody_else_begins_it_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
