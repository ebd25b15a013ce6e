/* gil.c, gil_api.c, handshakes.c, by what the rules about an interpreter's lock say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#define PYTHON "#include <Python.h>\n"
#define BEGIN "  Py_BEGIN_ALLOW_THREADS\n"
#define END "  Py_END_ALLOW_THREADS\n"
#define METHODS "PyMethodDef methods[] = {{\"work\", work}};\n"

static void check_misuse(const char *source, const char *want)
{
    harness_check_rule("gil-misuse", source, want);
}

static void check_unbalanced(const char *source, const char *want)
{
    harness_check_rule("gil-unbalanced", source, want);
}

static void check_blocking(const char *source, const char *want)
{
    harness_check_rule("gil-held-blocking", source, want);
}

/* ---- a call that runs Python code ------------------------------------------------------------ */

#define WORK(body)                                                                                 \
    PYTHON "int seats;\n"                                                                          \
           "static PyObject *work(PyObject *self, PyObject *ask) {\n" body "  return self;\n"      \
           "}\n" METHODS

static void check_stale(const char *source, const char *want)
{
    harness_check_rule("check-then-act", source, want);
}

static void python_runs_between_test_and_act(void **state)
{
    (void)state;
    check_stale(WORK("  if (seats > 0) {\n    PyObject_CallNoArgs(ask);\n    seats--;\n  }\n"),
                "6 [check-then-act] 'seats' can have changed between the test on line 4 and this "
                "act on it; the call on line 5 can run Python code, in which another thread gets "
                "the GIL\n");
    check_stale(WORK("  if (seats > 0) {\n    seats--;\n    PyObject_CallNoArgs(ask);\n  }\n"), "");
    check_stale(WORK("  if (seats > 0) {\n    Py_DECREF(ask);\n    seats--;\n  }\n"), "");
}

static void tested_again_behind_python(void **state)
{
    (void)state;
    check_stale(WORK("  if (seats > 0) {\n    PyObject_CallNoArgs(ask);\n"
                     "    if (seats > 0)\n      seats--;\n  }\n"),
                "");
}

static void written_back_behind_python(void **state)
{
    (void)state;
    check_stale(WORK("  int n = seats + 1;\n  PyObject_CallNoArgs(ask);\n  seats = n;\n"),
                "6 [check-then-act] 'seats' can have changed since line 4, and what is stored here "
                "was made of its value there; the call on line 5 can run Python code, in which "
                "another thread gets the GIL\n");
}

/* ---- gil-misuse ------------------------------------------------------------------------------ */

static void a_call_in_the_block(void **state)
{
    (void)state;
    check_misuse(PYTHON "void f(PyObject *o) {\n" BEGIN "  PyObject_CallNoArgs(o);\n" END
                        "  PyObject_CallNoArgs(o);\n"
                        "}\n",
                 "4 [gil-misuse] 'PyObject_CallNoArgs' is called without 'GIL', which is let go at "
                 "line 3\n");
}

static void inline_functions_count_by_what_they_do(void **state)
{
    (void)state;
    check_misuse(PYTHON "long f(PyObject *o) {\n"
                        "  long n;\n" BEGIN "  n = Py_REFCNT(o);\n"
                        "  Py_DECREF(o);\n" END "  return n;\n"
                        "}\n",
                 "6 [gil-misuse] 'Py_DECREF' is called without 'GIL', which is let go at line 4\n");
}

static void what_needs_no_lock(void **state)
{
    (void)state;
    check_misuse(PYTHON "static void PyMine_log(void) { elsewhere(); }\n"
                        "void *f(void) {\n"
                        "  void *p;\n" BEGIN "  p = PyMem_RawMalloc(8);\n"
                        "  PyMine_log();\n" END "  return p;\n"
                        "}\n",
                 "");
}

static void blocked_for_the_call(void **state)
{
    (void)state;
    check_misuse(PYTHON "void f(PyObject *o) {\n" BEGIN "  if (flag) {\n"
                        "    Py_BLOCK_THREADS\n"
                        "    PyObject_CallNoArgs(o);\n"
                        "    Py_UNBLOCK_THREADS\n"
                        "  }\n" END "}\n",
                 "");
}

static void below_the_block(void **state)
{
    (void)state;
    check_misuse(PYTHON "static void low(PyObject *o) { Py_INCREF(o); }\n"
                        "static void high(PyObject *o) { low(o); }\n"
                        "static PyObject *work(PyObject *s, PyObject *a) {\n"
                        "  high(s);\n" BEGIN "  high(s);\n" END "  return a;\n"
                        "}\n" METHODS,
                 "2 [gil-misuse] 'Py_INCREF' is called without 'GIL', which is let go at a.c:6\n");
}

static void an_argument_that_keeps_it_out(void **state)
{
    (void)state;
    check_misuse(PYTHON "static void low(PyObject *o, int locked) { if (locked) Py_INCREF(o); }\n"
                        "static PyObject *work(PyObject *s, PyObject *a) {\n"
                        "  low(s, 1);\n" BEGIN "  low(s, 0);\n" END "  return a;\n"
                        "}\n" METHODS,
                 "");
}

static void a_thread_of_the_programs_own(void **state)
{
    (void)state;
    check_misuse(
        PYTHON "static void *run(void *o) { PyObject_CallNoArgs(o); return o; }\n"
               "void start(void) { pthread_t t; pthread_create(&t, NULL, run, NULL); }\n",
        "2 [gil-misuse] 'PyObject_CallNoArgs' is called by a thread that does not hold 'GIL'\n");
}

static void a_thread_that_asks(void **state)
{
    (void)state;
    check_misuse(PYTHON "static void *run(void *o) {\n"
                        "  if (PyGILState_Check()) PyObject_CallNoArgs(o);\n"
                        "  return o;\n"
                        "}\n"
                        "static void *take(void *o) {\n"
                        "  PyGILState_STATE s = PyGILState_Ensure();\n"
                        "  PyObject_CallNoArgs(o);\n"
                        "  PyGILState_Release(s);\n"
                        "  return o;\n"
                        "}\n"
                        "void start(void) {\n"
                        "  pthread_t t; pthread_create(&t, NULL, run, NULL);\n"
                        "  pthread_t u; pthread_create(&u, NULL, take, NULL);\n"
                        "}\n",
                 "");
}

/* PyGILState_Ensure() nests: behind its end the lock is what it was before. */
static void nested_ensure_lets_nothing_go(void **state)
{
    (void)state;
    check_misuse(PYTHON "static void call(PyObject *o) {\n"
                        "  PyGILState_STATE s = PyGILState_Ensure();\n"
                        "  PyObject_CallNoArgs(o);\n"
                        "  PyGILState_Release(s);\n"
                        "}\n"
                        "static PyObject *work(PyObject *s, PyObject *a) {\n"
                        "  call(s);\n"
                        "  PyObject_CallNoArgs(s);\n"
                        "  return a;\n"
                        "}\n" METHODS,
                 "");
}

/* ---- gil-unbalanced -------------------------------------------------------------------------- */

static void a_return_out_of_the_block(void **state)
{
    (void)state;
    check_unbalanced(PYTHON "int f(void) {\n" BEGIN "  if (flag) return 1;\n" END "  return 0;\n"
                            "}\n",
                     "4 [gil-unbalanced] 'f' returns here without 'GIL', let go since "
                     "'Py_BEGIN_ALLOW_THREADS' on line 3\n");
}

static void a_jump_out_of_the_block(void **state)
{
    (void)state;
    check_unbalanced(PYTHON "int f(void) {\n" BEGIN "  if (flag) goto out;\n" END "  hits = 1;\n"
                            "out:\n"
                            "  return hits;\n"
                            "}\n",
                     "8 [gil-unbalanced] 'f' returns here without 'GIL', let go since "
                     "'Py_BEGIN_ALLOW_THREADS' on line 3\n");
}

static void a_way_that_keeps_it(void **state)
{
    (void)state;
    check_unbalanced(PYTHON "void f(PyObject *o) {\n"
                            "  PyGILState_STATE s = PyGILState_Ensure();\n"
                            "  if (!o) return;\n"
                            "  PyGILState_Release(s);\n"
                            "}\n",
                     "4 [gil-unbalanced] 'f' returns here with 'GIL' still held since "
                     "'PyGILState_Ensure' on line 3\n");
}

static void a_thread_that_ends_with_it(void **state)
{
    (void)state;
    check_unbalanced(PYTHON
                     "static void *run(void *o) { PyGILState_Ensure(); return o; }\n"
                     "void start(void) { pthread_t t; pthread_create(&t, NULL, run, NULL); }\n",
                     "2 [gil-unbalanced] 'run' returns here with 'GIL' still held since "
                     "'PyGILState_Ensure' on line 2\n");
}

static void pairs_of_wrappers(void **state)
{
    (void)state;
    check_unbalanced(PYTHON "static PyThreadState *saved;\n"
                            "static void leave(void) { saved = PyEval_SaveThread(); }\n"
                            "static void enter(void) { PyEval_RestoreThread(saved); }\n"
                            "void f(void) { leave(); usleep(1); enter(); }\n",
                     "");
}

static void one_condition_for_both(void **state)
{
    (void)state;
    check_unbalanced(PYTHON "void f(int big) {\n"
                            "  PyThreadState *s = NULL;\n"
                            "  if (big) s = PyEval_SaveThread();\n"
                            "  usleep(1);\n"
                            "  if (big) PyEval_RestoreThread(s);\n"
                            "}\n",
                     "");
}

static void missing_unlock_leaves_it_alone(void **state)
{
    (void)state;
    harness_check_rule("missing-unlock",
                       PYTHON "void f(PyObject *o) {\n"
                              "  PyGILState_STATE s = PyGILState_Ensure();\n"
                              "  if (!o) return;\n"
                              "  PyGILState_Release(s);\n"
                              "}\n",
                       "");
}

/* ---- gil-held-blocking ----------------------------------------------------------------------- */

#define SLEEPS(line)                                                                               \
    line " [gil-held-blocking] 'GIL' is held while 'usleep' sleeps: no other thread of the "       \
         "interpreter runs"

static void a_method_that_sleeps(void **state)
{
    (void)state;
    check_blocking(PYTHON "static PyObject *work(PyObject *s, PyObject *a) {\n"
                          "  (void)s; usleep(90000); return a;\n"
                          "}\n" METHODS,
                   SLEEPS("3") "\n");
}

static void called_with_it_and_without(void **state)
{
    (void)state;
    check_blocking(PYTHON "static void low(void) { usleep(90000); }\n"
                          "static void other(void) { usleep(90000); }\n"
                          "static PyObject *work(PyObject *s, PyObject *a) {\n"
                          "  (void)s;\n" BEGIN "  low();\n"
                          "  other();\n" END "  low();\n"
                          "  return a;\n"
                          "}\n" METHODS,
                   SLEEPS("2") "\n");
}

static void while_the_module_is_loaded(void **state)
{
    (void)state;
    check_blocking(PYTHON "PyObject *PyInit_hall(void) { usleep(90000); return 0; }\n",
                   SLEEPS("2") " (low)\n");
}

static void behind_ensure(void **state)
{
    (void)state;
    check_blocking(PYTHON
                   "static void *run(void *o) {\n"
                   "  PyGILState_STATE s = PyGILState_Ensure();\n"
                   "  usleep(90000);\n"
                   "  PyGILState_Release(s);\n"
                   "  usleep(90000);\n"
                   "  return o;\n"
                   "}\n"
                   "void start(void) { pthread_t t; pthread_create(&t, NULL, run, NULL); }\n",
                   SLEEPS("4") "\n");
}

static void who_started_the_interpreter(void **state)
{
    (void)state;
    check_blocking(PYTHON "static void begin(void) { Py_Initialize(); }\n"
                          "int main(void) { begin(); usleep(90000); return 0; }\n",
                   "");
}

/* ---- the lock order -------------------------------------------------------------------------- */

static void check_order(const char *source, const char *want)
{
    harness_check_rule("lock-order-cycle", source, want);
}

#define LOAD                                                                                       \
    "static PyObject *load(PyObject *s, PyObject *a) {\n"                                          \
    "  (void)s;\n" BEGIN "  pthread_mutex_lock(&m);\n"                                             \
    "  hits++;\n" END "  pthread_mutex_unlock(&m);\n"                                              \
    "  return a;\n"                                                                                \
    "}\n"
#define TWO_METHODS "PyMethodDef methods[] = {{\"load\", load}, {\"work\", work}};\n"

static void a_mutex_and_the_gil(void **state)
{
    (void)state;
    check_order(PYTHON LOAD "static PyObject *work(PyObject *s, PyObject *a) {\n"
                            "  (void)s; pthread_mutex_lock(&m); hits = 0;\n"
                            "  pthread_mutex_unlock(&m); return a;\n"
                            "}\n" TWO_METHODS,
                "7 [lock-order-cycle] 'GIL' and 'm' are each waited for with the other one held: "
                "the threads can wait for each other for ever\n");
}

static void one_order_only(void **state)
{
    (void)state;
    check_order(PYTHON LOAD "static void low(void) { pthread_mutex_lock(&m); hits = 0;\n"
                            "  pthread_mutex_unlock(&m); }\n"
                            "static PyObject *work(PyObject *s, PyObject *a) {\n"
                            "  (void)s;\n" BEGIN "  low();\n" END "  return a;\n"
                            "}\n" TWO_METHODS,
                "");
}

/* The way that CPython's own modules take the lock of an object. */
static void tried_with_the_gil_waited_for_without(void **state)
{
    (void)state;
    check_order(PYTHON "static void *lock;\n"
                       "static PyObject *work(PyObject *s, PyObject *a) {\n"
                       "  (void)s;\n"
                       "  if (!PyThread_acquire_lock(lock, 0)) {\n" BEGIN
                       "    PyThread_acquire_lock(lock, 1);\n" END "  }\n"
                       "  hits++;\n"
                       "  PyThread_release_lock(lock);\n"
                       "  return a;\n"
                       "}\n" METHODS,
                "");
}

#define SIGNAL                                                                                     \
    PYTHON "static void *done;\n"                                                                  \
           "static void *run(void *o) {\n"                                                         \
           "  PyGILState_STATE s = PyGILState_Ensure();\n"                                         \
           "  PyGILState_Release(s);\n"                                                            \
           "  PyThread_release_lock(done);\n"                                                      \
           "  return o;\n"                                                                         \
           "}\n"                                                                                   \
           "static PyObject *work(PyObject *s, PyObject *a) {\n"                                   \
           "  pthread_t t;\n"                                                                      \
           "  (void)s;\n"                                                                          \
           "  done = PyThread_allocate_lock();\n"                                                  \
           "  PyThread_acquire_lock(done, 1);\n"                                                   \
           "  pthread_create(&t, NULL, run, NULL);\n" BEGIN                                        \
           "  PyThread_acquire_lock(done, 1);\n" END "  PyThread_release_lock(done);\n"            \
           "  PyThread_free_lock(done);\n"                                                         \
           "  return a;\n"                                                                         \
           "}\n" METHODS

/* A lock that is taken twice in a row is a signal: another thread gives it back in between. */
static void a_lock_for_a_signal(void **state)
{
    (void)state;
    static const char *const rules[] = {"double-lock", "lock-order-cycle", "lock-lifetime"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        harness_check_rule(rules[i], SIGNAL, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_runs_between_test_and_act),
        cmocka_unit_test(tested_again_behind_python),
        cmocka_unit_test(written_back_behind_python),
        cmocka_unit_test(a_call_in_the_block),
        cmocka_unit_test(inline_functions_count_by_what_they_do),
        cmocka_unit_test(what_needs_no_lock),
        cmocka_unit_test(blocked_for_the_call),
        cmocka_unit_test(below_the_block),
        cmocka_unit_test(an_argument_that_keeps_it_out),
        cmocka_unit_test(a_thread_of_the_programs_own),
        cmocka_unit_test(a_thread_that_asks),
        cmocka_unit_test(nested_ensure_lets_nothing_go),
        cmocka_unit_test(a_return_out_of_the_block),
        cmocka_unit_test(a_jump_out_of_the_block),
        cmocka_unit_test(a_way_that_keeps_it),
        cmocka_unit_test(a_thread_that_ends_with_it),
        cmocka_unit_test(pairs_of_wrappers),
        cmocka_unit_test(one_condition_for_both),
        cmocka_unit_test(missing_unlock_leaves_it_alone),
        cmocka_unit_test(a_method_that_sleeps),
        cmocka_unit_test(called_with_it_and_without),
        cmocka_unit_test(while_the_module_is_loaded),
        cmocka_unit_test(behind_ensure),
        cmocka_unit_test(who_started_the_interpreter),
        cmocka_unit_test(a_mutex_and_the_gil),
        cmocka_unit_test(one_order_only),
        cmocka_unit_test(tried_with_the_gil_waited_for_without),
        cmocka_unit_test(a_lock_for_a_signal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
