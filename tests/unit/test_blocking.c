/* blocking.h: what a call waits for, and if there is a way back from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/doom.h"

static char *dump(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        bool sure = false;
        enum blocks_what what = blocking_what(prog->contexts, call, &sure);
        struct loc where = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
        bool doomed = doom_at(prog->contexts->doom, call->fn, call->op);
        if (what != BLOCKS_NOTHING || doomed) {
            mem_append(owner, &text, "%u %s %s%s%s\n", where.line, call->name,
                       what == BLOCKS_NOTHING ? "nothing" : blocks_name(what), sure ? "" : "?",
                       doomed ? ", doomed" : "");
        }
    }
    return text;
}

/* "LINE CALL WHAT": each call that waits ("?": perhaps) or whose ways on all end the process. */
static void check(const char *source, const char *want)
{
    harness_check(dump, source, want);
}

static void by_kind(void **state)
{
    (void)state;
    check("#include <sys/wait.h>\n"
          "#include <netdb.h>\n"
          "void f(pthread_t t) {\n"
          "  sleep(1);\n"
          "  pthread_join(t, NULL);\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_cond_wait(&cond, &m);\n"
          "  getaddrinfo(\"a\", \"b\", NULL, NULL);\n"
          "  fsync(1);\n"
          "  elsewhere();\n"
          "}\n",
          "4 sleep sleep\n"
          "5 pthread_join join\n"
          "6 pthread_mutex_lock lock\n"
          "7 pthread_cond_wait cond\n"
          "8 getaddrinfo dns\n"
          "9 fsync sync\n");
}

static void digits_ask_nobody(void **state)
{
    (void)state;
    check("#include <netdb.h>\n"
          "void f(const char *name) {\n"
          "  const char *here = \"127.0.0.1\";\n"
          "  getaddrinfo(here, \"b\", NULL, NULL);\n"
          "  getaddrinfo(\"::1\", \"b\", NULL, NULL);\n"
          "  getaddrinfo(NULL, \"b\", NULL, NULL);\n"
          "  gethostbyname(\"1.2.3.4.org\");\n"
          "  gethostbyname(name);\n"
          "}\n",
          "7 gethostbyname dns\n"
          "8 gethostbyname dns\n");
}

static void flags_decide(void **state)
{
    (void)state;
    check("#include <sys/file.h>\n"
          "#include <sys/wait.h>\n"
          "void f(int flags) {\n"
          "  waitpid(1, NULL, 0);\n"
          "  waitpid(1, NULL, WNOHANG);\n"
          "  waitpid(1, NULL, WNOHANG | WUNTRACED);\n"
          "  waitpid(1, NULL, flags);\n"
          "  flock(1, LOCK_EX);\n"
          "  flock(1, LOCK_EX | LOCK_NB);\n"
          "}\n",
          "4 waitpid proc\n"
          "7 waitpid proc?\n"
          "8 flock lock\n");
}

static void callbacks_make_it_asynchronous(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void done(uv_fs_t *r) { (void)r; }\n"
          "void f(uv_loop_t *l, uv_fs_t *r, uv_fs_cb cb) {\n"
          "  uv_fs_unlink(l, r, \"x\", NULL);\n"
          "  uv_fs_unlink(l, r, \"x\", done);\n"
          "  uv_fs_unlink(l, r, \"x\", &done);\n"
          "  uv_fs_unlink(l, r, \"x\", cb);\n"
          "  uv_fs_unlink(l, r, \"x\", 0);\n"
          "}\n",
          "4 uv_fs_unlink file\n"
          "7 uv_fs_unlink file?\n"
          "8 uv_fs_unlink file\n");
}

static void ways_that_end(void **state)
{
    (void)state;
    check("static void die(void) { exit(1); }\n"
          "int f(void) {\n"
          "  if (hits) { sleep(1); abort(); }\n"
          "  if (more) { sleep(2); if (flag) return 1; die(); }\n"
          "  sleep(3);\n"
          "  if (flag) { sleep(4); for (;;) sleep(5); }\n"
          "  return 0;\n"
          "}\n",
          "3 sleep sleep, doomed\n"
          "3 abort nothing?, doomed\n"
          "4 sleep sleep\n"
          "4 die nothing?, doomed\n"
          "5 sleep sleep\n"
          "6 sleep sleep\n"
          "6 sleep sleep\n");
}

/* The process ends when the loop has ended: all that it does is no error path. */
static void a_loop_before_the_end(void **state)
{
    (void)state;
    check("#include <event2/event.h>\n"
          "static void serve(struct event_base *b) { event_base_dispatch(b); }\n"
          "int f(struct event_base *b) {\n"
          "  if (flag) { sleep(1); serve(b); sleep(2); exit(0); }\n"
          "  return 0;\n"
          "}\n",
          "2 event_base_dispatch loop\n"
          "4 sleep sleep\n"
          "4 sleep sleep, doomed\n"
          "4 exit nothing?, doomed\n");
}

static void descriptors_may_not_block(void **state)
{
    (void)state;
    check("void f(int fd, char *p) { read(fd, p, 1); write(fd, p, 1); }\n", "1 read fd?\n"
                                                                            "1 write fd?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_kind),
        cmocka_unit_test(digits_ask_nobody),
        cmocka_unit_test(flags_decide),
        cmocka_unit_test(callbacks_make_it_asynchronous),
        cmocka_unit_test(ways_that_end),
        cmocka_unit_test(a_loop_before_the_end),
        cmocka_unit_test(descriptors_may_not_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
