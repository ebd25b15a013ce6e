/* Python.h - as much of CPython's interface as the tests use. */
#pragma once

typedef long Py_ssize_t;
typedef struct _object {
    Py_ssize_t ob_refcnt;
} PyObject;
typedef struct _ts PyThreadState;
typedef enum { PyGILState_LOCKED, PyGILState_UNLOCKED } PyGILState_STATE;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
};
typedef struct PyMethodDef PyMethodDef;
struct PyGetSetDef {
    const char *name;
    PyObject *(*get)(PyObject *, void *);
};
typedef struct PyGetSetDef PyGetSetDef;
typedef struct {
    PyObject *(*nb_add)(PyObject *, PyObject *);
} PyNumberMethods;
typedef struct _typeobject {
    const char *tp_name;
    void (*tp_dealloc)(PyObject *);
    PyNumberMethods *tp_as_number;
} PyTypeObject;
typedef struct {
    int slot;
    void *pfunc;
} PyType_Slot;
struct PyModuleDef_Slot {
    int slot;
    void *value;
};
typedef struct PyModuleDef_Slot PyModuleDef_Slot;

PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *state);
PyGILState_STATE PyGILState_Ensure(void);
void PyGILState_Release(PyGILState_STATE state);
int PyGILState_Check(void);
void Py_Initialize(void);
void *PyMem_Malloc(unsigned long size);
void *PyMem_RawMalloc(unsigned long size);
PyObject *PyObject_CallNoArgs(PyObject *callable);
PyObject *PyCapsule_New(void *pointer, const char *name, void (*destructor)(PyObject *));
void *PyThread_allocate_lock(void);
int PyThread_acquire_lock(void *lock, int wait);
void PyThread_free_lock(void *lock);
void PyThread_release_lock(void *lock);
void _Py_Dealloc(PyObject *object);

static inline void Py_INCREF(PyObject *object)
{
    object->ob_refcnt++;
}

static inline void Py_DECREF(PyObject *object)
{
    if (--object->ob_refcnt == 0) {
        _Py_Dealloc(object);
    }
}

static inline Py_ssize_t Py_REFCNT(PyObject *object)
{
    return object->ob_refcnt;
}

#define Py_BEGIN_ALLOW_THREADS                                                                     \
    {                                                                                              \
        PyThreadState *_save;                                                                      \
        _save = PyEval_SaveThread();
#define Py_BLOCK_THREADS PyEval_RestoreThread(_save);
#define Py_UNBLOCK_THREADS _save = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS                                                                       \
    PyEval_RestoreThread(_save);                                                                   \
    }
