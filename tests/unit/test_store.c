/* test_store.c - facts/store.c, open.c: what is kept between runs, and databases in any state. */
#include "facts/facts.h"
#include "ir/print.h"

#include "sample_unit.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// cmocka wants the headers above
#include <cmocka.h>

static const struct facts_hash key = {1, 2};

/* A folder of its own for each test, with a main file and a header of the unit "bank.c". */
struct bench {
    char *dir;
    char *db;
    char *source;
    char *header;
    const char *files[2]; /* source, header */
};

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

static char *read_bytes(void *owner, const char *path, size_t *ret_n)
{
    enum { MOST = 4 << 20 };
    char *bytes = mem_array(owner, char, MOST);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    *ret_n = fread(bytes, 1, MOST, file);
    assert_true(*ret_n < MOST);
    (void)fclose(file);
    return bytes;
}

static int bench_up(void **state)
{
    struct bench *bench = mem_new(NULL, struct bench);
    const char *tmp = getenv("TMPDIR");

    bench->dir = mem_printf(bench, "%s/snarl-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(bench->dir) == NULL) {
        return -1;
    }
    bench->db = mem_printf(bench, "%s/cache/facts.db", bench->dir);
    bench->source = mem_printf(bench, "%s/bank.c", bench->dir);
    bench->header = mem_printf(bench, "%s/bank.h", bench->dir);
    bench->files[0] = bench->source;
    bench->files[1] = bench->header;
    write_text(bench->source, "int balance;\n");
    write_text(bench->header, "extern int balance;\n");
    *state = bench;
    return 0;
}

static void remove_files(void *owner, const char *dir)
{
    DIR *entries = opendir(dir);

    for (struct dirent *entry = NULL; entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            (void)remove(mem_printf(owner, "%s/%s", dir, entry->d_name));
        }
    }
    if (entries != NULL) {
        (void)closedir(entries);
    }
    (void)rmdir(dir);
}

static int bench_down(void **state)
{
    struct bench *bench = *state;

    remove_files(bench, mem_printf(bench, "%s/cache", bench->dir));
    remove_files(bench, bench->dir);
    talloc_free(bench);
    return 0;
}

/* ---- what the tests do to a database --------------------------------------------------------- */

static struct facts *open_as(const struct bench *bench, enum facts_state want)
{
    struct err err = {0};
    enum facts_state state = FACTS_IN_MEMORY;
    const char *note = NULL;
    struct facts *facts = facts_open(NULL, bench->db, &state, &note, &err);

    assert_non_null(facts);
    if (state != want) {
        print_error("state %d, want %d: %s\n", (int)state, (int)want, note != NULL ? note : "");
    }
    assert_int_equal(state, want);
    assert_true((note == NULL) == (want == FACTS_OPENED));
    return facts;
}

static void store_as(struct facts *facts, const struct bench *bench, const char *path,
                     struct facts_hash under)
{
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    struct err err = {0};
    size_t size = 0;
    const void *blob = facts_encode(owner, sample_unit(owner, &names), &size);

    assert_true(facts_store_unit(facts, path, under, blob, size, bench->files, 2, &err));
    talloc_free(owner);
}

static bool loads_as(struct facts *facts, const char *path, struct facts_hash under)
{
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    const struct ir_unit *unit = facts_load_unit(facts, owner, intern_new(owner), path, under);
    bool loaded = unit != NULL;

    if (loaded) {
        assert_string_equal(ir_print_unit(owner, unit, NULL),
                            ir_print_unit(owner, sample_unit(owner, &names), NULL));
    }
    talloc_free(owner);
    return loaded;
}

static void store_unit(struct facts *facts, const struct bench *bench)
{
    store_as(facts, bench, bench->source, key);
}

static bool loads(struct facts *facts, const struct bench *bench)
{
    return loads_as(facts, bench->source, key);
}

static void flush(struct facts *facts)
{
    struct err err = {0};

    assert_true(facts_flush(facts, &err));
}

/* A database on disk that holds the unit, closed. */
static void make_database(const struct bench *bench)
{
    struct facts *facts = open_as(bench, FACTS_OPENED);

    store_unit(facts, bench);
    flush(facts);
    talloc_free(facts);
}

/* The next run's answer: opened in this state, does it know the unit? */
static void check_next_run(const struct bench *bench, enum facts_state want, bool want_unit)
{
    struct facts *facts = open_as(bench, want);

    assert_int_equal(loads(facts, bench), want_unit);
    store_unit(facts, bench); /* and it works from here on */
    flush(facts);
    assert_true(loads(facts, bench));
    talloc_free(facts);
}

/* One value of the database on disk, owned by `owner`. */
static char *ask_database(void *owner, const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    int code = sqlite3_step(row);
    const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
    char *answer = mem_strdup(owner, text != NULL ? text : "NULL");
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    return answer;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

/* ---- units ----------------------------------------------------------------------------------- */

static void unit_is_known_in_the_next_run(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    check_next_run(bench, FACTS_OPENED, true);
}

static void other_flags_are_another_unit(void **state)
{
    const struct bench *bench = *state;
    struct facts *facts = open_as(bench, FACTS_OPENED);

    store_unit(facts, bench);
    assert_false(loads_as(facts, bench->source, (struct facts_hash){1, 3}));
    assert_false(loads_as(facts, bench->header, key));
    for (uint64_t i = 10; i < 13; i++) { /* three builds later the first is forgotten */
        assert_true(loads(facts, bench));
        store_as(facts, bench, bench->source, (struct facts_hash){i, i});
    }
    assert_false(loads(facts, bench));
    assert_true(loads_as(facts, bench->source, (struct facts_hash){10, 10}));
    talloc_free(facts);
}

static void changed_header_makes_the_unit_out_of_date(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    write_text(bench->header, "extern long balance;\n");
    check_next_run(bench, FACTS_OPENED, false); /* stores it with the new header */
    check_next_run(bench, FACTS_OPENED, true);
    write_text(bench->header, "extern int balance;\n"); /* content counts, time doesn't */
    check_next_run(bench, FACTS_OPENED, false);
}

static void vanished_file_makes_the_unit_out_of_date(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    assert_int_equal(unlink(bench->header), 0);
    struct facts *facts = open_as(bench, FACTS_OPENED);
    assert_false(loads(facts, bench));
    store_unit(facts, bench);
    assert_false(loads(facts, bench)); /* nobody knows what was in the file */
    talloc_free(facts);
}

/* A worker may have read the old text, we would hash the new one. */
static void file_changed_during_the_run_is_not_trusted(void **state)
{
    const struct bench *bench = *state;
    struct facts *facts = open_as(bench, FACTS_OPENED);

    (void)usleep(20000); /* file times are coarser than the clock */
    write_text(bench->header, "extern long balance;\n");
    store_unit(facts, bench);
    flush(facts);
    talloc_free(facts);
    check_next_run(bench, FACTS_OPENED, false);
}

static void damaged_blob_is_not_loaded(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    run_sql(bench->db, "UPDATE unit SET ir = zeroblob(length(ir))");
    check_next_run(bench, FACTS_OPENED, false);
    run_sql(bench->db, "UPDATE unit SET ir = NULL, files = x'ffffffffffff' WHERE 0;"
                       "UPDATE unit SET files = x'ffffffffffff'");
    check_next_run(bench, FACTS_OPENED, false);
    run_sql(bench->db, "DELETE FROM file");
    check_next_run(bench, FACTS_OPENED, false);
}

static void only_units_of_the_database_are_kept(void **state)
{
    const struct bench *bench = *state;
    struct err err = {0};
    const char *keep[] = {"/z/other.c", bench->source};
    struct facts *facts = open_as(bench, FACTS_OPENED);

    store_unit(facts, bench);
    store_as(facts, bench, "/gone.c", key);
    assert_true(facts_keep_only(facts, keep, 2, &err));
    assert_true(loads(facts, bench));
    assert_false(loads_as(facts, "/gone.c", key));
    assert_true(facts_keep_only(facts, keep, 0, &err));
    assert_false(loads(facts, bench));
    talloc_free(facts);
}

static void dead_file_rows_are_swept(void **state)
{
    struct bench *bench = *state;
    struct err err = {0};

    make_database(bench);
    run_sql(bench->db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)"
                       " INSERT INTO file (path, hash) SELECT 'old' || i, x'00' FROM n");
    const char *keep[] = {bench->source};
    struct facts *facts = open_as(bench, FACTS_OPENED);
    assert_true(facts_keep_only(facts, keep, 1, &err));
    flush(facts);
    assert_true(loads(facts, bench));
    talloc_free(facts);
    assert_string_equal(ask_database(bench, bench->db, "SELECT count(*) FROM file"), "2");
    check_next_run(bench, FACTS_OPENED, true);
}

/* ---- databases in a bad state ---------------------------------------------------------------- */

static void garbage_is_set_aside(void **state)
{
    struct bench *bench = *state;
    size_t n = 0;

    make_database(bench);
    write_text(bench->db, "this is my diary, not a database\n");
    check_next_run(bench, FACTS_REBUILT, false);
    check_next_run(bench, FACTS_OPENED, true);
    const char *old = read_bytes(bench, mem_printf(bench, "%s.old", bench->db), &n);
    assert_memory_equal(old, "this is my diary", 16); /* somebody may want it back */
}

static void empty_file_is_a_new_database(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    write_text(bench->db, "");
    check_next_run(bench, FACTS_OPENED, false);
}

static void truncated_database_is_rebuilt(void **state)
{
    struct bench *bench = *state;
    size_t n = 0;

    make_database(bench);
    const char *bytes = read_bytes(bench, bench->db, &n);
    static const size_t sizes[] = {1, 16, 99, 100, 511, 4095, 4096, 5000, 8192};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        write_file(bench->db, bytes, sizes[i]);
        check_next_run(bench, FACTS_REBUILT, false);
        check_next_run(bench, FACTS_OPENED, true);
    }
    write_file(bench->db, bytes, n - 4096);
    check_next_run(bench, FACTS_REBUILT, false);
}

/* Wherever a page is overwritten: noticed when it is opened, or when it is used. */
static void damaged_pages_cost_no_more_than_the_cache(void **state)
{
    struct bench *bench = *state;
    size_t n = 0;

    make_database(bench);
    char *bytes = read_bytes(bench, bench->db, &n);
    for (size_t at = 100; at < n; at += 1024) {
        char *damaged = talloc_memdup(bench, bytes, n);
        memset(damaged + at, 0xa5, n - at < 1500 ? n - at : 1500);
        write_file(bench->db, damaged, n);
        struct err err = {0};
        enum facts_state opened = FACTS_OPENED;
        const char *note = NULL;
        struct facts *facts = facts_open(NULL, bench->db, &opened, &note, &err);
        assert_non_null(facts);
        assert_int_not_equal(opened, FACTS_IN_MEMORY);
        (void)loads(facts, bench);
        for (int i = 0; i < 3; i++) {
            store_unit(facts, bench);
        }
        assert_true(facts_results_begin(facts, &err));
        assert_true(facts_results_end(facts, &err));
        talloc_free(facts);
        talloc_free(damaged);
    }
}

static void other_version_is_rebuilt(void **state)
{
    const struct bench *bench = *state;

    make_database(bench);
    run_sql(bench->db, "PRAGMA user_version = 7; DROP TABLE locks; CREATE TABLE more (a)");
    check_next_run(bench, FACTS_REBUILT, false);
    check_next_run(bench, FACTS_OPENED, true);
    run_sql(bench->db, "DROP TABLE unit");
    check_next_run(bench, FACTS_REBUILT, false);
}

static void stranger_database_is_left_alone(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(mkdir(mem_printf(bench, "%s/cache", bench->dir), 0777), 0);
    run_sql(bench->db, "CREATE TABLE photos (name); INSERT INTO photos VALUES ('cat')");
    check_next_run(bench, FACTS_IN_MEMORY, false);
    assert_string_equal(ask_database(bench, bench->db, "SELECT name FROM photos"), "cat");
}

static void unwritable_place_works_in_memory(void **state)
{
    struct bench *bench = *state;

    write_text(mem_printf(bench, "%s/cache", bench->dir), "a file where the folder should be");
    check_next_run(bench, FACTS_IN_MEMORY, false);
    bench->db = bench->dir; /* a folder where the file should be */
    check_next_run(bench, FACTS_IN_MEMORY, false);
    if (geteuid() != 0) { /* root may write anywhere */
        bench->db = mem_printf(bench, "%s/facts.db", bench->dir);
        make_database(bench);
        assert_int_equal(chmod(bench->db, 0444), 0);
        check_next_run(bench, FACTS_IN_MEMORY, false);
        assert_int_equal(chmod(bench->dir, 0555), 0);
        check_next_run(bench, FACTS_IN_MEMORY, false);
        assert_int_equal(chmod(bench->dir, 0755), 0);
    }
}

static void locked_database_works_in_memory(void **state)
{
    const struct bench *bench = *state;
    sqlite3 *other = NULL;

    make_database(bench);
    assert_int_equal(sqlite3_open(bench->db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    check_next_run(bench, FACTS_IN_MEMORY, false);
    (void)sqlite3_close(other);
    check_next_run(bench, FACTS_OPENED, true);
}

/* A run that stores without end, in a process of its own. */
static void store_for_ever(const struct bench *bench)
{
    struct err err = {0};
    enum facts_state opened = FACTS_OPENED;
    const char *note = NULL;
    struct facts *facts = facts_open(NULL, bench->db, &opened, &note, &err);

    for (uint64_t i = 0;; i++) {
        store_as(facts, bench, i % 2 == 0 ? "/a.c" : "/b.c", (struct facts_hash){i, i});
        if (i % 50 == 49) {
            flush(facts);
        }
    }
}

/* It dies in the middle of whatever it is doing. */
static void killed_run_leaves_a_usable_database(void **state)
{
    const struct bench *bench = *state;

    for (unsigned round = 0; round < 12; round++) {
        pid_t child = fork();
        if (child == 0) {
            store_for_ever(bench);
            _exit(1);
        }
        (void)usleep(round * 15000); /* the first ones die while the tables are made */
        assert_int_equal(kill(child, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        check_next_run(bench, FACTS_OPENED, round > 0);
    }
    void *owner = talloc_new(NULL);
    assert_string_equal(ask_database(owner, bench->db, "PRAGMA integrity_check"), "ok");
    const char *written = "SELECT count(*) > 0 FROM unit WHERE path IN ('/a.c', '/b.c')";
    assert_string_equal(ask_database(owner, bench->db, written), "1"); /* some got that far */
    talloc_free(owner);
}

/* Several runs start at once, on a database that isn't there yet: each one gets to store. */
static void runs_at_once_share_the_database(void **state)
{
    const struct bench *bench = *state;
    enum { RUNS = 6 };
    pid_t children[RUNS];

    for (size_t i = 0; i < RUNS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct err err = {0};
            enum facts_state opened = FACTS_OPENED;
            const char *note = NULL;
            struct facts *facts = facts_open(NULL, bench->db, &opened, &note, &err);
            store_as(facts, bench, bench->source, key);
            _exit(opened == FACTS_OPENED && facts_flush(facts, &err) ? 0 : 1);
        }
    }
    for (size_t i = 0; i < RUNS; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    check_next_run(bench, FACTS_OPENED, true);
}

/* ---- results --------------------------------------------------------------------------------- */

static void results_are_there_to_be_asked(void **state)
{
    struct bench *bench = *state;
    struct err err = {0};
    const char *mutex[] = {"1", "struct account.mu", "mutex"};
    const char *main_context[] = {"3", "main", "main", NULL, NULL, "0", NULL, NULL};
    struct facts *facts = open_as(bench, FACTS_OPENED);

    for (int run = 0; run < 2; run++) { /* the second run's results replace the first one's */
        assert_true(facts_results_begin(facts, &err));
        assert_true(facts_result(facts, "locks", mutex, 3, &err));
        assert_true(facts_result(facts, "contexts", main_context, 8, &err));
        assert_true(facts_results_end(facts, &err));
    }
    talloc_free(facts);
    assert_string_equal(
        ask_database(bench, bench->db, "SELECT count(*) || name || kind || typeof(id) FROM locks"),
        "1struct account.mumutexinteger");
    assert_string_equal(ask_database(bench, bench->db,
                                     "SELECT (id + 1) || typeof(where_file) || many FROM contexts"),
                        "4null0");
}

static void every_result_table_takes_its_columns(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *name;
        size_t n;
    } tables[] = {{"run", 7},      {"inputs", 2},     {"contexts", 8},  {"callbacks", 5},
                  {"locks", 3},    {"lock_edges", 6}, {"variables", 5}, {"accesses", 7},
                  {"blocking", 6}, {"findings", 10}};
    const char *values[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    struct err err = {0};
    struct facts *facts = open_as(bench, FACTS_OPENED);

    assert_true(facts_results_begin(facts, &err));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        assert_true(facts_result(facts, tables[i].name, values, tables[i].n, &err));
    }
    assert_false(facts_result(facts, "locks", values, 4, &err));
    assert_int_equal(err.kind, ERR_IO);
    err = (struct err){0};
    assert_false(facts_result(facts, "unit", values, 5, &err));
    assert_true(err_is_set(&err));
    talloc_free(facts); /* without facts_results_end(): nothing is kept */
    assert_string_equal(ask_database(bench, bench->db, "SELECT count(*) FROM findings"), "0");
}

#define BENCH_TEST(test) cmocka_unit_test_setup_teardown(test, bench_up, bench_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(unit_is_known_in_the_next_run),
        BENCH_TEST(other_flags_are_another_unit),
        BENCH_TEST(changed_header_makes_the_unit_out_of_date),
        BENCH_TEST(vanished_file_makes_the_unit_out_of_date),
        BENCH_TEST(file_changed_during_the_run_is_not_trusted),
        BENCH_TEST(damaged_blob_is_not_loaded),
        BENCH_TEST(only_units_of_the_database_are_kept),
        BENCH_TEST(dead_file_rows_are_swept),
        BENCH_TEST(garbage_is_set_aside),
        BENCH_TEST(empty_file_is_a_new_database),
        BENCH_TEST(truncated_database_is_rebuilt),
        BENCH_TEST(damaged_pages_cost_no_more_than_the_cache),
        BENCH_TEST(other_version_is_rebuilt),
        BENCH_TEST(stranger_database_is_left_alone),
        BENCH_TEST(unwritable_place_works_in_memory),
        BENCH_TEST(locked_database_works_in_memory),
        BENCH_TEST(killed_run_leaves_a_usable_database),
        BENCH_TEST(runs_at_once_share_the_database),
        BENCH_TEST(results_are_there_to_be_asked),
        BENCH_TEST(every_result_table_takes_its_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
