/* Compile databases: where they are found, what of them is kept, what is said of bad ones. */
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
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test, and the current directory while it runs. */
struct place {
    char dir[64];
    void *owner;
    struct compdb *compdb;
    struct err err;
};

static int set_up(void **state)
{
    struct place *place = mem_new(NULL, struct place);

    place->owner = mem_owner(place, "test");
    (void)strcpy(place->dir, "/tmp/snarl-compdb-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    assert_int_equal(chdir(place->dir), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    char *clean = mem_printf(place, "rm -rf '%s'", place->dir);

    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(clean), 0); // NOLINT(cert-env33-c): a path of our own
    talloc_free(place);
    return 0;
}

/* Writes a file below the place, with its folders. */
static void put(struct place *place, const char *name, const char *text)
{
    char *path = mem_printf(place->owner, "%s/%s", place->dir, name);

    for (char *slash = strchr(path + strlen(place->dir) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Replaces the place's folder by "$" in `text`. */
static char *without_dir(struct place *place, const char *text)
{
    char *out = mem_strdup(place->owner, "");
    size_t n = strlen(place->dir);

    for (const char *hit = strstr(text, place->dir); hit != NULL; hit = strstr(text, place->dir)) {
        mem_append(place->owner, &out, "%.*s$", (int)(hit - text), text);
        text = hit + n;
    }
    mem_append(place->owner, &out, "%s", text);
    return out;
}

/* One line a unit: "path [directory] args"; then what was left out. */
static char *dump(struct place *place)
{
    const struct compdb *db = place->compdb;
    char *out = mem_strdup(place->owner, "");

    for (size_t i = 0; i < db->units.n; i++) {
        const struct compile_unit *unit = &db->units.v[i];
        mem_append(place->owner, &out, "%s [%s]", unit->path, unit->directory);
        for (size_t k = 0; k < unit->n_args; k++) {
            mem_append(place->owner, &out, " %s", unit->args[k]);
        }
        assert_null(unit->args[unit->n_args]);
        mem_append(place->owner, &out, "\n");
    }
    for (size_t i = 0; i < db->missing.n; i++) {
        mem_append(place->owner, &out, "missing %s\n", db->missing.v[i]);
    }
    mem_append(place->owner, &out, "cxx %zu asm %zu duplicates %zu\n", db->n_skipped_cxx,
               db->n_skipped_asm, db->n_duplicates);
    return without_dir(place, out);
}

static void find(struct place *place, const char *from, const char *build_dir)
{
    place->err = (struct err){0};
    place->compdb = compdb_find(place->owner, from, build_dir, &place->err);
}

static void check_dump(struct place *place, const char *want)
{
    assert_string_equal(err_is_set(&place->err) ? place->err.text : "", "");
    assert_non_null(place->compdb);
    assert_string_equal(dump(place), want);
}

/* Where the database was found; "none". */
static void check_found(struct place *place, const char *from, const char *want)
{
    find(place, from, NULL);
    assert_string_equal(place->compdb == NULL ? "none" : without_dir(place, place->compdb->dir),
                        want);
}

static void check_error(struct place *place, const char *want)
{
    assert_null(place->compdb);
    assert_int_equal(place->err.kind, ERR_INPUT);
    assert_string_equal(without_dir(place, err_text(place->owner, &place->err)), want);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void c_units_are_sorted_and_the_rest_is_counted(void **state)
{
    struct place *place = *state;

    put(place, "src/b.c", "");
    put(place, "src/a.c", "");
    put(place, "compile_commands.json",
        "[{\"directory\":\"src\",\"file\":\"b.c\",\"command\":\"cc -c -DX=\\\"1 2\\\" b.c\"},\n"
        " {\"directory\":\".\",\"file\":\"src/../src/./a.c\",\"arguments\":[\"cc\",\"-Iinc\"]},\n"
        " {\"directory\":\"/\",\"file\":\"x.cpp\",\"command\":\"c++ x.cpp\"},\n"
        " {\"directory\":\"/\",\"file\":\"x.c\",\"command\":\"g++ x.c\"},\n"
        " {\"directory\":\"/\",\"file\":\"x.m\",\"command\":\"cc x.m\"},\n"
        " {\"directory\":\"/\",\"file\":\"x.S\",\"command\":\"cc x.S\"},\n"
        " {\"directory\":\"src\",\"file\":\"a.c\",\"command\":\"cc -DSECOND a.c\"},\n"
        " {\"directory\":\"src\",\"file\":\"gone.c\",\"command\":\"cc gone.c\"},\n"
        " {\"directory\":\"src\",\"file\":\"gone.c\",\"command\":\"cc gone.c\"},\n"
        " {\"directory\":\"src\",\"file\":\"\",\"command\":\"\"},\n"
        "]\n");
    find(place, place->dir, NULL);
    check_dump(place, "$/src/a.c [$] -Iinc\n"
                      "$/src/b.c [$/src] -DX=1 2\n"
                      "missing $/src/gone.c\n"
                      "cxx 3 asm 1 duplicates 1\n");
}

static void an_empty_database_has_no_units(void **state)
{
    struct place *place = *state;

    put(place, "compile_commands.json", "\xEF\xBB\xBF []\n");
    find(place, place->dir, NULL);
    check_dump(place, "cxx 0 asm 0 duplicates 0\n");
}

static void dot_dot_behind_a_link_follows_it(void **state)
{
    struct place *place = *state;

    put(place, "real/deep/x", "");
    put(place, "real/a.c", "");
    assert_int_equal(symlink("real/deep", "link"), 0);
    put(place, "compile_commands.json",
        "[{\"directory\":\"link\",\"file\":\"../a.c\",\"command\":\"cc ../a.c\"}]");
    find(place, place->dir, NULL);
    check_dump(place, "$/real/a.c [$/link]\ncxx 0 asm 0 duplicates 0\n");
}

/* ---- searching ------------------------------------------------------------------------------- */

static void the_nearest_database_is_found(void **state)
{
    struct place *place = *state;

    put(place, "p/.git/HEAD", "");
    put(place, "p/src/deep/x.c", "");
    put(place, "build-of-others/compile_commands.json", "[]");
    check_found(place, "p/src/deep", "none"); /* not the project's own */
    put(place, "compile_commands.json", "[]");
    check_found(place, "p/src/deep", "$");
    put(place, "p/build-b/compile_commands.json", "[]");
    put(place, "p/build-a/other", "");
    check_found(place, "p/src/deep", "$/p/build-b");
    put(place, "p/build/compile_commands.json", "[]");
    check_found(place, "p", "$/p/build");
    put(place, "p/compile_commands.json", "[]");
    check_found(place, "p/src", "$/p");
    check_found(place, "p/src/../../p/.", "$/p");
}

static void a_named_folder_or_file_is_taken(void **state)
{
    struct place *place = *state;

    put(place, "out/compile_commands.json", "[]");
    find(place, place->dir, "out");
    assert_string_equal(without_dir(place, place->compdb->dir), "$/out");
    find(place, place->dir, "out/compile_commands.json");
    assert_string_equal(without_dir(place, place->compdb->dir), "$/out");
}

static void without_a_database_the_message_says_how_to_make_one(void **state)
{
    struct place *place = *state;

    put(place, "empty/x", "");
    find(place, "empty", NULL);
    check_error(place,
                "snarl: error: no compile_commands.json in '$/empty', its build* folders and the "
                "folders above; run cmake with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or `bear -- "
                "make`, or give the files and their flags: FILES -- FLAGS");
    put(place, "compile_commands.json", "[]");
    find(place, ".", "empty");
    check_error(place, "empty: error: no compile_commands.json here; run cmake with "
                       "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or `bear -- make`, or give the files "
                       "and their flags: FILES -- FLAGS");
}

/* ---- bad databases --------------------------------------------------------------------------- */

static void check_bad(struct place *place, const char *text, const char *want)
{
    char *line = mem_printf(place->owner, "$/compile_commands.json:%s", want);

    put(place, "compile_commands.json", text);
    find(place, place->dir, NULL);
    check_error(place, line);
}

static void bad_databases_are_named_with_their_line(void **state)
{
    struct place *place = *state;

    check_bad(place, "", " error: this compile database is empty; make it anew");
    check_bad(place, "\n# make\n",
              "2:1: error: not a JSON compile database: expected '[': a compile database is a JSON "
              "array; make it anew");
    check_bad(place, "[\n {\"directory\":\"/\",\n  \"file\":\"a.c\"\n",
              "2:2: error: not a JSON compile database: this '{' is not closed; make it anew");
    check_bad(place, "[\n {\"directory\":\"/},\n",
              "2:15: error: not a JSON compile database: this string has no end on its line; make "
              "it anew");
    check_bad(place, "[{\"directory\" \"/\"}]",
              "1:15: error: not a JSON compile database: expected ':' after a key; make it anew");
    check_bad(place, "[{\"directory\":\"/\"\n\"file\":\"x\"}]",
              "2:1: error: not a JSON compile database: expected ',' or '}'; make it anew");
    check_bad(place, "[] x",
              "1:4: error: not a JSON compile database: there is more after the end of the array; "
              "make it anew");
    check_bad(place, "[{]",
              "1:3: error: not a JSON compile database: expected a key in quotes; "
              "make it anew");
    check_bad(place, "[\"\\u00e9\\n\", \"a\\.c\"]",
              "1:16: error: not a JSON compile database: JSON has no such escape sequence; make it "
              "anew");
    check_bad(place, "[?]",
              "1:2: error: not a JSON compile database: expected a value; make it "
              "anew");
}

static void libclang_says_what_is_missing(void **state)
{
    struct place *place = *state;

    check_bad(place, "[{\"directory\":\"/\",\"file\":\"a.c\"}]",
              " error: not a compile database: Missing key: \"command\" or \"arguments\"");
    check_bad(place, "[3]", " error: not a compile database: Expected object");
}

static void deep_nesting_ends_with_a_message(void **state)
{
    struct place *place = *state;
    char *text = mem_array(place->owner, char, 100001);

    memset(text, '[', 100000);
    check_bad(place, text,
              "1:65: error: not a JSON compile database: brackets are nested too deep; make it "
              "anew");
}

static void a_folder_of_that_name_is_no_database(void **state)
{
    struct place *place = *state;

    put(place, "compile_commands.json/x", "");
    find(place, place->dir, NULL);
    check_error(place, "$/compile_commands.json: error: can't read this compile database: Is a "
                       "directory");
}

/* ---- files on the command line --------------------------------------------------------------- */

static void files_share_the_flags(void **state)
{
    struct place *place = *state;
    static const char *const files[] = {"b.c", "sub/../a.c", "x.cc", "no.c", "./b.c"};
    static const char *const flags[] = {"-DA", "-Wall", "-Iinc"};

    put(place, "a.c", "");
    put(place, "b.c", "");
    place->compdb = compdb_of_files(place->owner, files, 5, flags, 3);
    assert_null(place->compdb->dir);
    check_dump(place, "$/a.c [$] -DA -Iinc\n"
                      "$/b.c [$] -DA -Iinc\n"
                      "missing $/no.c\n"
                      "cxx 1 asm 0 duplicates 1\n");
}

static void only_named_files_are_kept(void **state)
{
    struct place *place = *state;
    static const char *const all[] = {"a.c", "b.c", "c.c"};
    static const char *const some[] = {"./c.c", "link.c", "c.c"};
    static const char *const header[] = {"h.h"};
    static const char *const no_file[] = {"nowhere.c"};

    put(place, "a.c", "");
    put(place, "b.c", "");
    put(place, "c.c", "");
    put(place, "h.h", "");
    assert_int_equal(symlink("a.c", "link.c"), 0);
    place->compdb = compdb_of_files(place->owner, all, 3, NULL, 0);
    assert_true(compdb_keep_only(place->compdb, some, 3, &place->err));
    check_dump(place, "$/a.c [$]\n$/c.c [$]\ncxx 0 asm 0 duplicates 0\n");

    assert_false(compdb_keep_only(place->compdb, header, 1, &place->err));
    assert_string_equal(err_text(place->owner, &place->err),
                        "h.h: error: no C source of the compile database; build it with the "
                        "others, or give its flags after --");
    assert_int_equal(place->compdb->units.n, 2);
    place->err = (struct err){0};
    assert_false(compdb_keep_only(place->compdb, no_file, 1, &place->err));
    assert_string_equal(err_text(place->owner, &place->err),
                        "nowhere.c: error: there is no such file");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(c_units_are_sorted_and_the_rest_is_counted),
        TEST(an_empty_database_has_no_units),
        TEST(dot_dot_behind_a_link_follows_it),
        TEST(the_nearest_database_is_found),
        TEST(a_named_folder_or_file_is_taken),
        TEST(without_a_database_the_message_says_how_to_make_one),
        TEST(bad_databases_are_named_with_their_line),
        TEST(libclang_says_what_is_missing),
        TEST(deep_nesting_ends_with_a_message),
        TEST(a_folder_of_that_name_is_no_database),
        TEST(files_share_the_flags),
        TEST(only_named_files_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
