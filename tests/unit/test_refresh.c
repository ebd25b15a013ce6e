/* The front end in worker processes: files to units, and what a crash of libclang itself costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "frontend/frontend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    N_FILES = 4,
};

static const char *const NAMES[N_FILES] = {"crash.c", "one.c", "three.c", "two.c"};
static const char *const TEXTS[N_FILES] = {
    "#pragma clang __debug llvm_fatal_error\n",
    "int one(void) { return VALUE; }\n",
    "int a(void) { return 1; }\nint b(void) { return a(); }\nint c(void) { return b(); }\n",
    "int a(void) { return 1; }\nint b(void) { return a(); }\n",
};

struct outcomes {
    void *owner;
    char *by_index[N_FILES];
    char *order;
};

/* Stands in for facts_encode(): how many functions a unit has. */
static void *encode_count(void *owner, const struct ir_unit *unit, size_t *ret_size)
{
    char *text = mem_printf(owner, "%zu functions, %zu problems", unit->fns.n, unit->problems.n);

    *ret_size = strlen(text);
    return text;
}

static void record(void *user, size_t index, const void *blob, size_t size, const char *why)
{
    struct outcomes *out = user;

    out->by_index[index] =
        blob == NULL ? mem_strdup(out->owner, why) : mem_strndup(out->owner, blob, size);
    mem_append(out->owner, &out->order, "%zu ", index);
}

static void write_files(const char *dir)
{
    for (size_t i = 0; i < N_FILES; i++) {
        char *path = mem_printf(NULL, "%s/%s", dir, NAMES[i]);
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_true(fputs(TEXTS[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        talloc_free(path);
    }
}

static void lower_all(struct outcomes *out)
{
    static const char *const flags[] = {"-DVALUE=1"};
    const struct compile_unit *units[N_FILES];
    struct frontend_limits limits = {.jobs = 1};
    struct err err = {0};
    const struct compdb *db = compdb_of_files(out->owner, NAMES, N_FILES, flags, 1);

    assert_int_equal(db->units.n, N_FILES);
    for (size_t i = 0; i < N_FILES; i++) {
        units[i] = &db->units.v[i];
    }
    assert_true(frontend_refresh(units, N_FILES, &limits, encode_count, record, out, &err));
}

static void a_crash_of_libclang_costs_one_unit(void **state)
{
    char dir[] = "/tmp/snarl-refresh-XXXXXX";
    struct outcomes out = {.owner = talloc_new(NULL)};

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    write_files(dir);
    lower_all(&out);
    assert_string_equal(out.by_index[0], "libclang crashed (SIGABRT)");
    assert_string_equal(out.by_index[1], "1 functions, 0 problems");
    assert_string_equal(out.by_index[2], "3 functions, 0 problems");
    assert_string_equal(out.by_index[3], "2 functions, 0 problems");
    assert_string_equal(out.order, "2 3 0 1 "); /* the biggest file first */

    char *clean = mem_printf(out.owner, "rm -r '%s'", dir);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(clean), 0); // NOLINT(cert-env33-c): a path of our own
    talloc_free(out.owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_of_libclang_costs_one_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
