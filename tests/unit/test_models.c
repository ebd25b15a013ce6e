/* The models: what the built-in files say, what a user may write, and what is refused. */
#include "base/mem.h"
#include "config/models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define N_BUILTIN 28 /* files in analyzer/models */

static struct models *builtin(void *owner)
{
    struct err err = {0};
    struct models *models = models_builtin(owner, intern_new(owner), &err);

    if (models == NULL) {
        print_error("%s\n", err_text(owner, &err));
    }
    assert_non_null(models);
    return models;
}

/* The built-in models and a user's `text` on top. */
static struct models *with_text(void *owner, const char *text)
{
    struct models *models = builtin(owner);
    struct err err = {0};

    if (!models_add(models, "my.yml", text, strlen(text), &err)) {
        fail_msg("%s", err_text(owner, &err));
    }
    return models;
}

static void activate(struct models *models, const char *file)
{
    models_activate(models, &file, 1);
}

/* "KEY=VALUE ..." of what a model says, defaults left out. */
static const char *dump(void *owner, const struct model_fn *fn)
{
    char *text = mem_strdup(owner, "");
    const struct {
        const char *name;
        int value;
        int none;
    } members[] = {
        {"acquire", fn->acquire, ARG_NONE},
        {"release", fn->release, ARG_NONE},
        {"kind", (int)fn->kind, LOCK_KIND_NONE},
        {"shared", fn->shared, 0},
        {"recursive", fn->recursive, 0},
        {"try", fn->is_try, 0},
        {"timed", fn->timed, 0},
        {"scoped", fn->scoped, 0},
        {"ok", (int)fn->ok, OK_ALWAYS},
        {"init", fn->init, ARG_NONE},
        {"destroy", fn->destroy, ARG_NONE},
        {"asserts", fn->asserts, ARG_NONE},
        {"wait_cond", fn->wait_cond, ARG_NONE},
        {"wait_lock", fn->wait_lock, ARG_NONE},
        {"in_loop", fn->in_loop, 0},
        {"handle", fn->thread_handle, ARG_NONE},
        {"entry", fn->thread_entry, ARG_NONE},
        {"data", fn->thread_data, ARG_NONE},
        {"join", fn->join, ARG_NONE},
        {"once", fn->once_call, ARG_NONE},
        {"installs", fn->installs, ARG_NONE},
        {"unsurely", !fn->blocks_surely, 0},
        {"fd", fn->blocks_fd, ARG_NONE},
        {"runs_loop", fn->runs_loop, ARG_NONE},
        {"any_thread", fn->any_thread, 0},
        {"loop_only", fn->loop_only, 0},
        {"noreturn", fn->noreturn, 0},
        {"exits_process", fn->exits_process, 0},
        {"atomic_obj", fn->atomic_obj, ARG_NONE},
        {"atomic_op", (int)fn->atomic_op, ATOMIC_NONE},
    };

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].value != members[i].none) {
            mem_append(owner, &text, " %s=%d", members[i].name, members[i].value);
        }
    }
    for (size_t i = 0; i < fn->callbacks.n; i++) {
        const struct model_callback *callback = &fn->callbacks.v[i];
        mem_append(owner, &text, " callback(%d,%d,%d)", callback->arg, (int)callback->runs,
                   callback->data);
    }
    if (fn->blocks != BLOCKS_NOTHING) {
        mem_append(owner, &text, " blocks=%s", blocks_name(fn->blocks));
    }
    if (fn->blocks_test != TEST_NONE) {
        mem_append(owner, &text, " if(%d,%d,%s)", (int)fn->blocks_test, fn->blocks_test_arg,
                   fn->blocks_test_value);
    }
    if (fn->lock != NULL) {
        mem_append(owner, &text, " lock=%s", fn->lock);
    }
    if (fn->use != NULL) {
        mem_append(owner, &text, " use=%s", fn->use);
    }
    return text[0] == ' ' ? text + 1 : text;
}

static void check_fn(const struct models *models, const char *name, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct model_fn *fn = models_fn(models, name);

    assert_string_equal(fn == NULL ? "nothing" : dump(owner, fn), want);
    if (fn != NULL) {
        assert_string_equal(fn->name, name);
        assert_non_null(fn->library);
    }
    talloc_free(owner);
}

/* Reads `text` as my.yml and expects this message, or "" for none. */
static void check_message(const char *text, const char *want)
{
    void *owner = talloc_new(NULL);
    struct err err = {0};
    struct models *models = builtin(owner);
    bool ok = models_add(models, "my.yml", text, strlen(text), &err);

    assert_string_equal(ok ? "" : err_text(owner, &err), want);
    assert_int_equal(err.kind, ok ? ERR_NONE : ERR_CONFIG);
    talloc_free(owner);
}

/* ---- the built-in files ---------------------------------------------------------------------- */

static void every_builtin_file_loads(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    size_t n = 0;

    for (; models_text(models, n) != NULL; n++) {
        /* A second time, as a user's: each file stands on its own. */
        struct err err = {0};
        void *alone = talloc_new(owner);
        struct models *again = builtin(alone);
        const char *text = models_text(models, n);
        assert_true(models_add(again, "again.yml", text, strlen(text), &err));
        talloc_free(alone);
    }
    assert_int_equal(n, N_BUILTIN);
    assert_non_null(strstr(models_text(models, 0), "library: APR"));
    talloc_free(owner);
}

static void posix_is_read(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    check_fn(models, "pthread_mutex_lock", "acquire=1 kind=1 ok=1 blocks=lock");
    check_fn(models, "pthread_mutex_trylock", "acquire=1 kind=1 try=1 ok=1");
    check_fn(models, "pthread_rwlock_rdlock", "acquire=1 kind=2 shared=1 ok=1 blocks=lock");
    check_fn(models, "pthread_mutex_unlock", "release=1");
    check_fn(models, "pthread_cond_init", "init=1");
    check_fn(models, "pthread_cond_timedwait",
             "timed=1 ok=1 wait_cond=1 wait_lock=2 in_loop=1 blocks=cond");
    check_fn(models, "pthread_create", "ok=1 handle=1 entry=3 data=4");
    check_fn(models, "pthread_join", "join=1 blocks=join");
    check_fn(models, "pthread_once", "once=2");
    check_fn(models, "pthread_exit", "noreturn=1");
    check_fn(models, "exit", "noreturn=1 exits_process=1");
    check_fn(models, "sem_open", "kind=4 init=-1");
    check_fn(models, "flock", "kind=5 blocks=lock if(4,2,LOCK_NB)");
    check_fn(models, "sigaction", "installs=2");
    check_fn(models, "signal", "callback(2,3,-2)");
    check_fn(models, "on_exit", "callback(1,5,2)");
    check_fn(models, "no_such_function", "nothing");
    talloc_free(owner);
}

static void names_of_files_are_read(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    const char *mine = "fn:\n"
                       "  swap: { path: [{ arg: 1, does: rename }, { arg: 2, does: replace }] }\n"
                       "places: { shared: [/srv/in] }\n";
    struct err err = {0};

    assert_true(models_add(models, "my.yml", mine, strlen(mine), &err));
    const struct model_fn *swap = models_fn(models, "swap");
    assert_int_equal(swap->paths.n, 2);
    assert_int_equal(swap->paths.v[1].arg, 2);
    assert_int_equal(swap->paths.v[1].does, FILE_REPLACE);
    assert_int_equal(swap->paths.v[1].into, ARG_NONE);
    assert_int_equal(models_fn(models, "openat")->paths.v[0].flags, 3);
    assert_int_equal(models_fn(models, "openat")->blocks, BLOCKS_OPEN);
    assert_int_equal(models_place(models, "/tmp/x"), PLACE_SHARED);
    assert_int_equal(models_place(models, "/tmpfiles/x"), PLACE_UNKNOWN);
    assert_int_equal(models_place(models, "/dev/null"), PLACE_SYSTEM);
    assert_int_equal(models_place(models, "/dev/shm/x"), PLACE_SHARED);
    assert_int_equal(models_place(models, "/srv/in/%s"), PLACE_SHARED);
    assert_int_equal(models_place(models, "TMPDIR"), PLACE_UNKNOWN);
    assert_true(models_is_shared_variable(models, "TMPDIR"));
    assert_false(models_is_shared_variable(models, "/tmp"));
    check_message("fn:\n  f: { path: { arg: 1, does: opne } }\n",
                  "my.yml:2:30: error: unknown value 'opne': did you mean 'open'?");
    check_message("fn:\n  f: { path: { does: open } }\n",
                  "my.yml:2:14: error: the key 'arg' is missing here");
    talloc_free(owner);
}

static void waiting_is_read(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    check_fn(models, "sleep", "blocks=sleep");
    check_fn(models, "getaddrinfo", "blocks=dns");
    check_fn(models, "poll", "blocks=poll if(2,3,0)");
    check_fn(models, "recv", "fd=1 blocks=net if(4,4,MSG_DONTWAIT)");
    check_fn(models, "close", "unsurely=1 blocks=close");
    check_fn(models, "getpid", "nothing"); /* not_blocking */
    /* Named in blocking.yml's lists and in posix.yml's fn: both hold. */
    check_fn(models, "wait", "blocks=proc");
    check_fn(models, "semop", "kind=4 blocks=ipc");
    check_fn(models, "sigtimedwait", "timed=1 blocks=signal");
    talloc_free(owner);
}

static void every_category_has_its_name(void **state)
{
    (void)state;
    const char *const names[] = {"none", "sleep",  "lock",   "cond", "join", "net",   "dns",
                                 "nss",  "file",   "open",   "sync", "meta", "close", "fd",
                                 "poll", "proc",   "tty",    "ipc",  "db",   "tls",   "log",
                                 "load", "random", "signal", "loop", "any",  "other"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(blocks_name((enum blocks_what)i), names[i]);
    }
    assert_int_equal(sizeof names / sizeof names[0], BLOCKS_OTHER + 1);
}

static void a_library_is_on_when_its_header_is_included(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    assert_true(models_library_active(models, "POSIX"));
    assert_false(models_library_active(models, "libuv"));
    assert_false(models_library_active(models, "no such library"));
    check_fn(models, "uv_run", "nothing");
    activate(models, "/usr/include/myuv.h");
    activate(models, "/usr/include/uv.h.orig");
    assert_false(models_library_active(models, "libuv"));
    activate(models, "/usr/include/uv.h");
    assert_true(models_library_active(models, "libuv"));
    check_fn(models, "uv_run", "runs_loop=1 blocks=loop if(2,2,2)");
    check_fn(models, "uv_queue_work", "loop_only=1 callback(3,1,2) callback(4,0,2)");
    check_fn(models, "uv_fs_open", "callback(6,0,-2) blocks=file if(1,6,NULL)");
    talloc_free(owner);
}

static void a_header_is_known_by_its_folder_too(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    activate(models, "/project/thread.h");
    assert_false(models_library_active(models, "QEMU")); /* qemu/thread.h */
    activate(models, "qemu/thread.h");
    assert_true(models_library_active(models, "QEMU"));
    check_fn(models, "bql_lock", "acquire=0 kind=1 blocks=lock lock=BQL");
    check_fn(models, "QEMU_LOCK_GUARD", "acquire=1 kind=1 scoped=1 blocks=lock");
    talloc_free(owner);
}

/* What user space programs include must not turn on a kernel's models. */
static void common_headers_turn_nothing_on(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    const char *const files[] = {"/usr/include/x86_64-linux-gnu/sys/queue.h",
                                 "/usr/include/linux/kernel.h",
                                 "/usr/include/linux/sysinfo.h",
                                 "/project/event.h",
                                 "/project/task.h",
                                 "/project/process.h"};

    models_activate(models, files, sizeof files / sizeof files[0]);
    assert_false(models_library_active(models, "FreeRTOS"));
    assert_false(models_library_active(models, "Linux kernel"));
    assert_false(models_library_active(models, "Zephyr"));
    assert_false(models_library_active(models, "libevent"));
    assert_false(models_library_active(models, "Win32"));
    check_fn(models, "complete", "nothing");
    talloc_free(owner);
}

static void the_last_active_library_wins(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    check_fn(models, "recv", "fd=1 blocks=net if(4,4,MSG_DONTWAIT)");
    activate(models, "/mingw/include/winsock2.h");
    check_fn(models, "recv", "fd=1 blocks=net");
    assert_string_equal(models_fn(models, "recv")->library, "Win32");
    talloc_free(owner);
}

static void the_gil_is_the_lock_without_a_name(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    activate(models, "/usr/include/python3.11/Python.h");
    check_fn(models, "PyGILState_Ensure", "acquire=0 kind=6 recursive=1 blocks=lock lock=GIL");
    check_fn(models, "Py_BEGIN_ALLOW_THREADS", "release=0 kind=6 lock=GIL");
    check_fn(models, "Py_END_ALLOW_THREADS", "acquire=0 kind=6 lock=GIL");
    check_fn(models, "Py_BEGIN_CRITICAL_SECTION2", "acquire=1 kind=7 scoped=1");
    check_fn(models, "PyThread_acquire_lock_timed", "acquire=1 kind=4 timed=1 ok=2 blocks=lock");
    talloc_free(owner);
}

static void constants_of_value_zero_mean_zero(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    activate(models, "/usr/include/threads.h");
    check_fn(models, "mtx_trylock", "acquire=1 kind=1 try=1 ok=1");
    activate(models, "/freertos/include/semphr.h");
    check_fn(models, "xSemaphoreTakeFromISR", "acquire=1 kind=4 try=1 ok=2");
    talloc_free(owner);
}

static void compiler_builtins_need_no_header(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    assert_false(models_library_active(models, "C11"));
    check_fn(models, "__sync_fetch_and_add", "atomic_obj=1 atomic_op=3");
    check_fn(models, "__atomic_load_n", "atomic_obj=1 atomic_op=1");
    check_fn(models, "__atomic_compare_exchange_n", "atomic_obj=1 atomic_op=4");
    check_fn(models, "atomic_store", "nothing");
    activate(models, "/usr/lib/clang/19/include/stdatomic.h");
    check_fn(models, "atomic_store", "atomic_obj=1 atomic_op=2");
    check_fn(models, "atomic_flag_test_and_set",
             "acquire=1 kind=3 try=1 ok=1 atomic_obj=1 atomic_op=3");
    talloc_free(owner);
}

static void types_are_found_by_any_of_their_names(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    assert_int_equal(models_type_lock(models, "lock_t|pthread_mutex_t"), LOCK_MUTEX);
    assert_int_equal(models_type_lock(models, "sem_t|union sem_t"), LOCK_SEM);
    assert_int_equal(models_type_lock(models, "pthread_mutex_t *"), LOCK_KIND_NONE);
    assert_int_equal(models_type_lock(models, "pthread_cond_t"), LOCK_KIND_NONE);
    assert_true(models_type_is_sync(models, "pthread_cond_t"));
    assert_true(models_type_is_sync(models, "pthread_once_t|int"));
    assert_false(models_type_is_sync(models, "int"));
    assert_false(models_type_is_sync(models, ""));
    assert_false(models_type_is_sync(models, "||"));
    /* A signal handler may share it with its thread, two threads may not. */
    assert_false(models_type_is_sync(models, "sig_atomic_t|__sig_atomic_t|int"));
    assert_int_equal(models_type_lock(models, "GMutex"), LOCK_KIND_NONE);
    activate(models, "/usr/include/glib-2.0/glib.h");
    assert_int_equal(models_type_lock(models, "GMutex|union _GMutex"), LOCK_MUTEX);
    talloc_free(owner);
}

static void fields_and_initialisers_are_found(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    const char *library;
    const struct model_callback *handler =
        models_field_callback(models, "struct sigaction.sa_handler", &library);

    assert_non_null(handler);
    assert_int_equal(handler->runs, RUNS_SIGNAL);
    assert_string_equal(library, "POSIX");
    assert_int_equal(handler->data, ARG_NONE);
    assert_null(models_field_callback(models, "struct sigaction.sa_flags", &library));
    /* glibc: in a union without a name */
    assert_int_equal(models_field_callback(models, ".sa_sigaction", &library)->runs, RUNS_SIGNAL);
    assert_true(models_static_init_recursive(models, "PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP"));
    assert_false(models_static_init_recursive(models, "PTHREAD_MUTEX_INITIALIZER"));
    assert_false(models_static_init_recursive(models, "NO_SUCH_MACRO"));
    talloc_free(owner);
}

static void hints_come_from_the_loops_library(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);

    assert_string_equal(models_hint(models, "libuv", "sleep"), "uv_timer_start");
    assert_string_equal(models_hint(models, "GLib", "sleep"), "g_timeout_add");
    assert_null(models_hint(models, "libuv", "fork"));
    assert_null(models_hint(models, NULL, "sleep"));
    activate(models, "/usr/include/glib-2.0/glib.h");
    assert_string_equal(models_hint(models, "libuv", "g_usleep"), "g_timeout_add"); /* use: */
    /* sync_of_async */
    assert_string_equal(models_hint(models, "GLib", "g_file_read"), "g_file_read_async");
    check_fn(models, "g_file_read", "blocks=file use=g_file_read_async");
    talloc_free(owner);
}

/* ---- a user's own ---------------------------------------------------------------------------- */

static void two_lines_describe_a_users_lock(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = with_text(owner, "fn: { lib_lock: {acquire: 1, kind: mutex},\n"
                                             "      lib_unlock: {release: 1} }\n");

    check_fn(models, "lib_lock", "acquire=1 kind=1");
    check_fn(models, "lib_unlock", "release=1");
    assert_string_equal(models_fn(models, "lib_lock")->library, "user");
    assert_true(models_fn(models, "lib_lock")->overrides_body);
    assert_false(models_fn(models, "sleep")->overrides_body);
    assert_true(models_library_active(models, "user"));
    assert_string_equal(models_text(models, N_BUILTIN),
                        "fn: { lib_lock: {acquire: 1, kind: mutex},\n"
                        "      lib_unlock: {release: 1} }\n");
    assert_null(models_text(models, N_BUILTIN + 1));
    talloc_free(owner);
}

static void a_user_overrides_single_names(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = with_text(owner, "fn:\n"
                                             "  pthread_mutex_lock: { acquire: 1, ok: zero }\n"
                                             "  sleep: { blocks: none, why: ours }\n"
                                             "  usleep: { any_thread: true }\n"
                                             "blocks:\n"
                                             "  net: [my_call, poll]\n"
                                             "not_blocking:\n"
                                             "  names: [close, fsync]\n"
                                             "  why: ours\n"
                                             "hint: { getaddrinfo: my_lookup }\n");

    check_fn(models, "pthread_mutex_lock", "acquire=1 kind=1 ok=1");
    check_fn(models, "pthread_mutex_trylock", "acquire=1 kind=1 try=1 ok=1");
    check_fn(models, "sleep", "");
    check_fn(models, "usleep", "any_thread=1 blocks=sleep");
    check_fn(models, "my_call", "blocks=net");
    check_fn(models, "poll", "blocks=net"); /* and whatever its arguments say */
    check_fn(models, "close", "");
    assert_true(models_fn(models, "poll")->overrides_body);
    check_fn(models, "fsync", "nothing");
    assert_string_equal(models_hint(models, "libuv", "getaddrinfo"), "my_lookup");
    talloc_free(owner);
}

static void a_users_library_can_wait_for_its_header(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = with_text(owner, "schema: 1\n"
                                             "library: mine\n"
                                             "active: [mine/lock.h]\n"
                                             "fn: { my_lock: { acquire: 1 } }\n");

    check_fn(models, "my_lock", "nothing");
    activate(models, "include/mine/lock.h");
    check_fn(models, "my_lock", "acquire=1 kind=1");
    assert_true(models_library_active(models, "mine"));
    talloc_free(owner);
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    check_message("schema: 1\nlibrary: my\nfn:\n  my_lock:    { aquire: 1, kind: mutex }\n",
                  "my.yml:4:17: error: unknown key 'aquire': did you mean 'acquire'?");
    check_message("fn: { f: { acquire: 1, kind: mutx } }\n",
                  "my.yml:1:30: error: unknown value 'mutx': did you mean 'mutex'?");
    check_message("fn: { f: { blocks: dnss } }\n",
                  "my.yml:1:20: error: unknown value 'dnss': did you mean 'dns'?");
    check_message("fn: { f: { mode: sometimes } }\n",
                  "my.yml:1:18: error: unknown value 'sometimes': use exclusive or shared");
    check_message("fun: { f: { acquire: 1 } }\n",
                  "my.yml:1:1: error: unknown key 'fun': did you mean 'fn'?");
    check_message("zzzzzzzzzzzz: 1\n", "my.yml:1:1: error: unknown key 'zzzzzzzzzzzz'");
    check_message("blocks: { slep: [f] }\n",
                  "my.yml:1:11: error: unknown value 'slep': did you mean 'sleep'?");
    check_message("fn:\n  f: { release: 1 }\n  f: { acquire: 1 }\n",
                  "my.yml:3:3: error: 'f' is there already, in line 2: keep one");
    check_message("fn: { f: { acquire: 1, acquire: 2 } }\n",
                  "my.yml:1:24: error: 'acquire' is there already, in line 1: keep one");
    /* Columns count bytes. */
    check_message("fn: { f: { use: \"\xc3\xa4\", aquire: 1 } }\n",
                  "my.yml:1:23: error: unknown key 'aquire': did you mean 'acquire'?");
    check_message("schema: 2\n", "my.yml:1:9: error: this snarl reads models of schema 1");
}

static void values_of_the_wrong_shape_are_refused(void **state)
{
    (void)state;
    check_message("fn: { f: { acquire: one } }\n",
                  "my.yml:1:21: error: 'acquire' takes the number of an argument (1 is the first) "
                  "or 'ret'");
    check_message("fn: { f: { acquire: -1 } }\n",
                  "my.yml:1:21: error: 'acquire' takes the number of an argument (1 is the first) "
                  "or 'ret'");
    check_message("fn: { f: { acquire: 99999999999999999999 } }\n",
                  "my.yml:1:21: error: 'acquire' takes the number of an argument (1 is the first) "
                  "or 'ret'");
    check_message("fn: { f: { acquire: [] } }\n",
                  "my.yml:1:21: error: 'acquire' needs an argument");
    check_message("fn: { f: { try: 1 } }\n", "my.yml:1:17: error: 'try' takes true or false");
    check_message("fn: { f: 1 }\n", "my.yml:1:10: error: expected a map here, with keys like "
                                    "'acquire': { acquire: ... }");
    check_message("fn: [f]\n", "my.yml:1:5: error: expected a map here, with a name in each line");
    check_message("fn: { f: { use: [a] } }\n", "my.yml:1:17: error: expected a single text here");
    check_message("fn: { f: { callback: [{ arg: 2 }] } }\n",
                  "my.yml:1:23: error: the key 'runs' is missing here");
    check_message("fn: { f: { thread: { data: 2 } } }\n",
                  "my.yml:1:20: error: the key 'entry' is missing here");
    check_message("fn: { f: { blocks: net, blocks_if: { arg: 2 } } }\n",
                  "my.yml:1:36: error: blocks_if needs one of is, is_not, has, lacks and above");
    check_message("fn: { f: { blocks: net, blocks_if: { arg: 2, is: 0, has: X } } }\n",
                  "my.yml:1:36: error: blocks_if needs one of is, is_not, has, lacks and above");
    check_message("fn: { f: { acquire: 0 } }\n",
                  "my.yml:1:10: error: a lock without an argument needs a name: add 'lock: NAME'");
    check_message("field: { sa_handler: { runs: signal } }\n",
                  "my.yml:1:10: error: expected \"TYPE.MEMBER\" here, as in "
                  "\"struct conn.on_read\"");
    check_message("- fn\n", "my.yml:1:1: error: expected keys at the top, as in 'fn: { ... }'");
}

static void whoever_says_it_does_not_wait_says_why(void **state)
{
    (void)state;
    check_message("fn: { f: { blocks: none } }\n",
                  "my.yml:1:10: error: 'f' is said not to wait: say why, as in "
                  "{ blocks: none, why: \"one page, always cached\" }");
    check_message("not_blocking: { names: [f] }\n",
                  "my.yml:1:15: error: say why these don't wait, as in { names: [...], why: "
                  "\"they only look at a cache\" }");

    void *owner = talloc_new(NULL);
    struct models *models =
        with_text(owner, "fn: { f: { blocks: none, why: one page } }\n"
                         "not_blocking: { names: [sync, fsync], why: the disk is memory }\n");
    assert_string_equal(models_fn(models, "f")->why, "one page");
    check_fn(models, "fsync", "nothing");
    talloc_free(owner);
}

static void bytes_that_are_no_yaml_are_refused(void **state)
{
    (void)state;
    check_message("", "");
    check_message("# nothing\n", "");
    check_message("\xef\xbb\xbf"
                  "fun: 1\n",
                  "my.yml:1:1: error: unknown key 'fun': did you mean 'fn'?");
    check_message("fn: { f: { acquire: 1 }\n",
                  "my.yml:2:1: error: not YAML: did not find expected ',' or '}' while parsing a "
                  "flow mapping");
    check_message("fn: *nowhere\n", "my.yml:1:5: error: not YAML: found undefined alias");
    check_message("fn:\n\x01\n", "my.yml:2:1: error: not YAML: control characters are not allowed");
    check_message("fn: \xff\n", "my.yml:1:5: error: not YAML: invalid leading UTF-8 octet");
    check_message("fn: {}\n---\nfn: {}\n",
                  "my.yml:3:1: error: a second document: put everything in one");
    check_message("? [a]\n: 1\n", "my.yml:1:3: error: a key must be a plain word");
    check_message("a\\0: 1\n\"a\\0b\": 1\n", "my.yml:2:1: error: a key must be a plain word");
    check_message("fn: &all { f: *all }\n", "my.yml:1:12: error: unknown key 'f'");
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    char *text = talloc_memdup(owner, "fn: {}\n\0: 1", 11); /* no byte after it to read */
    struct err err = {0};

    assert_false(models_add(models, "my.yml", text, 11, &err));
    assert_string_equal(err_text(owner, &err),
                        "my.yml:2:1: error: not YAML: control characters are not allowed");
    talloc_free(owner);
}

static void deep_nesting_is_no_crash(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct models *models = builtin(owner);
    const size_t depth = 20000;
    char *text = mem_array(owner, char, depth + 5);
    struct err err = {0};

    memcpy(text, "fn: ", 4);
    memset(text + 4, '[', depth);
    assert_false(models_add(models, "my.yml", text, depth + 4, &err));
    assert_true(err_is_set(&err));
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_builtin_file_loads),
        cmocka_unit_test(posix_is_read),
        cmocka_unit_test(names_of_files_are_read),
        cmocka_unit_test(waiting_is_read),
        cmocka_unit_test(every_category_has_its_name),
        cmocka_unit_test(a_library_is_on_when_its_header_is_included),
        cmocka_unit_test(a_header_is_known_by_its_folder_too),
        cmocka_unit_test(common_headers_turn_nothing_on),
        cmocka_unit_test(the_last_active_library_wins),
        cmocka_unit_test(the_gil_is_the_lock_without_a_name),
        cmocka_unit_test(constants_of_value_zero_mean_zero),
        cmocka_unit_test(compiler_builtins_need_no_header),
        cmocka_unit_test(types_are_found_by_any_of_their_names),
        cmocka_unit_test(fields_and_initialisers_are_found),
        cmocka_unit_test(hints_come_from_the_loops_library),
        cmocka_unit_test(two_lines_describe_a_users_lock),
        cmocka_unit_test(a_user_overrides_single_names),
        cmocka_unit_test(a_users_library_can_wait_for_its_header),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(values_of_the_wrong_shape_are_refused),
        cmocka_unit_test(whoever_says_it_does_not_wait_says_why),
        cmocka_unit_test(bytes_that_are_no_yaml_are_refused),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(deep_nesting_is_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
