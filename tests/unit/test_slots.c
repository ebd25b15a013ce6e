/* slots.c: what an interpreter calls, and what it holds then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_contexts, source, want);
}

static void check_map(const char *source, const char *want)
{
    harness_check(harness_dump_map, source, want);
}

#define PYTHON "#include <Python.h>\n"
#define ANY_THREAD(functions) "export a call from CPython many [" functions "]\n"

static void methods_run_on_any_thread(void **state)
{
    (void)state;
    check(PYTHON "static PyObject *sell(PyObject *s, PyObject *a) { (void)s; return a; }\n"
                 "static PyObject *idle(PyObject *s, PyObject *a) { (void)s; return a; }\n"
                 "PyObject *(*used)(PyObject *, PyObject *) = idle;\n"
                 "PyMethodDef methods[] = {{\"sell\", sell}, {0, 0}};\n",
          ANY_THREAD("sell"));
}

static void they_hold_the_gil(void **state)
{
    (void)state;
    check_map(PYTHON "static PyObject *sell(PyObject *s, PyObject *a) {\n"
                     "  (void)s; hits = 1; return a;\n"
                     "}\n"
                     "PyMethodDef methods[] = {{\"sell\", sell}};\n",
              "3 export a call from CPython writes hits {GIL}\n");
}

static void slots_of_types_and_protocols(void **state)
{
    (void)state;
    check(PYTHON "static PyObject *add(PyObject *a, PyObject *b) { (void)b; return a; }\n"
                 "static void end(PyObject *o) { (void)o; }\n"
                 "static PyObject *get(PyObject *o, void *c) { (void)c; return o; }\n"
                 "static PyNumberMethods number = {add};\n"
                 "PyTypeObject type = {\"seat\", end, &number};\n"
                 "PyGetSetDef members[] = {{\"row\", get}};\n",
          ANY_THREAD("add, end, get"));
}

static void a_slot_that_is_set_while_running(void **state)
{
    (void)state;
    check(PYTHON "static void end(PyObject *o) { (void)o; }\n"
                 "static PyTypeObject type;\n"
                 "void ready(void) { type.tp_dealloc = end; }\n",
          ANY_THREAD("end"));
}

static void tables_of_numbered_slots(void **state)
{
    (void)state;
    check(PYTHON "static void end(PyObject *o) { (void)o; }\n"
                 "PyType_Slot slots[] = {{52, end}, {56, \"a seat\"}, {0, 0}};\n",
          ANY_THREAD("end"));
}

static void the_start_of_a_module_comes_once(void **state)
{
    (void)state;
    check(PYTHON "static int start(PyObject *o) { (void)o; return 0; }\n"
                 "PyModuleDef_Slot slots[] = {{2, start}, {0, 0}};\n"
                 "PyObject *PyInit_hall(void) { return 0; }\n",
          "export CPython loading the module once [start, PyInit_hall]\n");
}

static void a_destructor_that_is_handed_over(void **state)
{
    (void)state;
    check(PYTHON "static void end(PyObject *o) { (void)o; }\n"
                 "PyObject *wrap(void *p) { return PyCapsule_New(p, \"seat\", end); }\n",
          ANY_THREAD("end"));
}

static void not_where_the_interpreter_is_among_the_files(void **state)
{
    (void)state;
    check(PYTHON "static PyObject *sell(PyObject *s, PyObject *a) { (void)s; return a; }\n"
                 "PyMethodDef methods[] = {{\"sell\", sell}};\n"
                 "PyGILState_STATE PyGILState_Ensure(void) { return PyGILState_LOCKED; }\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_run_on_any_thread),
        cmocka_unit_test(they_hold_the_gil),
        cmocka_unit_test(slots_of_types_and_protocols),
        cmocka_unit_test(a_slot_that_is_set_while_running),
        cmocka_unit_test(tables_of_numbered_slots),
        cmocka_unit_test(the_start_of_a_module_comes_once),
        cmocka_unit_test(a_destructor_that_is_handed_over),
        cmocka_unit_test(not_where_the_interpreter_is_among_the_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
