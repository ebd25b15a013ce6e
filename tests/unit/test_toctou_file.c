/* toctou-file: what counts as one name, and the twins that must not be reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* The source's own lines begin with number 5. */
#define HEAD                                                                                       \
    "#include <errno.h>\n"                                                                         \
    "#include <fcntl.h>\n"                                                                         \
    "#include <stdio.h>\n"                                                                         \
    "#include <sys/stat.h>\n"

#define check(source, want) harness_check_rule("toctou-file", HEAD source, want)

#define FOUND(act, name, call, checked)                                                            \
    act " [toctou-file] '" name "' can be another file by the time '" call                         \
        "' is called: it was checked on line " checked
#define HIGH(...) FOUND(__VA_ARGS__) "\n"
#define MEDIUM(...) FOUND(__VA_ARGS__) " (medium)\n"
#define LOW(...) FOUND(__VA_ARGS__) " (low)\n"

/* ---- one name -------------------------------------------------------------------------------- */

static void by_a_variable(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) == 0 && S_ISREG(st.st_mode)) unlink(p);\n"
          "}\n",
          MEDIUM("7", "p", "unlink", "7"));
}

static void not_if_the_variable_has_another_value(void **state)
{
    (void)state;
    check("void f(const char *p, const char *q) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) != 0 || !S_ISREG(st.st_mode)) return;\n"
          "  p = q;\n"
          "  chmod(p, 0644);\n"
          "}\n",
          "");
}

static void by_one_index(void **state)
{
    (void)state;
    check("void f(char **v, int i, int j) {\n"
          "  if (access(v[i], F_OK) == 0) chmod(v[i], 0600);\n"
          "  if (access(v[i], F_OK) == 0) chmod(v[j], 0600);\n"
          "  if (access(v[i] + 1, F_OK) == 0) chmod(v[i] + 2, 0600);\n"
          "}\n",
          MEDIUM("6", "v[]", "chmod", "6"));
}

static void by_a_call_with_the_same_arguments(void **state)
{
    (void)state;
    check("char *path_of(const char *dir, int n);\n"
          "void f(const char *d, int n) {\n"
          "  if (access(path_of(d, n), F_OK) == 0) truncate(path_of(d, n), 0);\n"
          "  if (access(path_of(d, n), F_OK) == 0) truncate(path_of(d, 1), 0);\n"
          "}\n",
          MEDIUM("7", "path_of()", "truncate", "7"));
}

static void by_a_buffer_until_it_is_filled_anew(void **state)
{
    (void)state;
    check("void f(const char *d) {\n"
          "  char b[99];\n"
          "  snprintf(b, sizeof b, \"%s/a\", d);\n"
          "  if (access(b, F_OK) != 0) return;\n"
          "  snprintf(b, sizeof b, \"%s/a\", d);\n"
          "  chmod(b, 0600);\n"
          "  if (access(b, F_OK) != 0) return;\n"
          "  snprintf(b, sizeof b, \"%s/b\", d);\n"
          "  chmod(b, 0700);\n"
          "}\n",
          MEDIUM("10", "b", "chmod", "8"));
}

static void not_if_a_callee_changes_the_text(void **state)
{
    (void)state;
    check("static void upper(char *s) { s[0] = 'A'; }\n"
          "static size_t length(char *s) { size_t n = 0; while (s[n]) n++; return n; }\n"
          "void f(char *p) {\n"
          "  if (access(p, F_OK) == 0) { length(p); chmod(p, 0600); }\n"
          "}\n"
          "void g(char *p) {\n"
          "  if (access(p, F_OK) == 0) { upper(p); chmod(p, 0600); }\n"
          "}\n",
          MEDIUM("8", "p", "chmod", "8"));
}

static void not_if_a_field_is_written(void **state)
{
    (void)state;
    check("struct c { char *path; };\n"
          "static void turn(struct c *c) { c->path++; }\n"
          "void f(struct c *c) {\n"
          "  if (access(c->path, F_OK) == 0) chmod(c->path, 0600);\n"
          "  if (access(c->path, F_OK) == 0) { turn(c); chmod(c->path, 0600); }\n"
          "}\n",
          MEDIUM("8", "c->path", "chmod", "8"));
}

/* ---- wrappers -------------------------------------------------------------------------------- */

static void through_two_wrappers(void **state)
{
    (void)state;
    check("static int there(const char *p) { return access(p, F_OK) == 0; }\n"
          "static bool is_there(const char *p) { return there(p) ? true : false; }\n"
          "static int put(const char *p, int flags) { return open(p, flags, 0600); }\n"
          "static int make(const char *p) { return put(p, O_WRONLY | O_CREAT); }\n"
          "static int take(const char *p) { return put(p, O_WRONLY | O_CREAT | O_EXCL); }\n"
          "void f(const char *p) { if (!is_there(p)) make(p); }\n"
          "void g(const char *p) { if (!is_there(p)) take(p); }\n",
          MEDIUM("10", "p", "make", "10"));
}

static void by_what_a_wrapper_has_stored(void **state)
{
    (void)state;
    check("static int ask(const char *p, struct stat *st) { return stat(p, st); }\n"
          "void f(const char *p) {\n"
          "  struct stat st;\n"
          "  ask(p, &st);\n"
          "  if (st.st_size == 0) unlink(p);\n"
          "}\n",
          MEDIUM("9", "p", "unlink", "8"));
}

static void by_what_another_function_tells_of_it(void **state)
{
    (void)state;
    check("static bool is_plain(const struct stat *st) { return S_ISREG(st->st_mode); }\n"
          "static bool plain(const char *p) {\n"
          "  struct stat st;\n"
          "  return stat(p, &st) == 0 && is_plain(&st);\n"
          "}\n"
          "void f(const char *p) { if (plain(p)) unlink(p); }\n",
          MEDIUM("10", "p", "unlink", "10"));
}

static void by_a_name_that_wrappers_make(void **state)
{
    (void)state;
    check("static bool has(const char *dir) {\n"
          "  char b[99];\n"
          "  snprintf(b, sizeof b, \"%s/lock\", dir);\n"
          "  return access(b, F_OK) == 0;\n"
          "}\n"
          "static void make(int mode, const char *dir) {\n"
          "  char b[199];\n"
          "  snprintf(b, sizeof b, \"%s/lock\", dir);\n"
          "  open(b, O_WRONLY | O_CREAT, mode);\n"
          "}\n"
          "static void other(const char *dir) {\n"
          "  char b[99];\n"
          "  snprintf(b, sizeof b, \"%s/look\", dir);\n"
          "  open(b, O_WRONLY | O_CREAT, 0600);\n"
          "}\n"
          "void f(const char *d) { if (!has(d)) make(0600, d); }\n"
          "void g(const char *d, const char *e) { if (!has(d)) make(0600, e); }\n"
          "void h(const char *d) { if (!has(d)) other(d); }\n"
          "void i(const char *d) {\n"
          "  char p[50];\n"
          "  snprintf(p, sizeof p, \"%s/lock\", d);\n"
          "  if (access(p, F_OK) != 0) make(0600, d);\n"
          "}\n",
          MEDIUM("20", "snprintf(\"%s/lock\", d)", "make", "20")
              MEDIUM("26", "snprintf(\"%s/lock\", d)", "make", "26"));
}

static void not_from_the_turn_before(void **state)
{
    (void)state;
    check("int send(const char *p, struct stat *st);\n"
          "void f(char **v, int n) {\n"
          "  struct stat st;\n"
          "  int bad = 0;\n"
          "  for (int i = 0; i < n && !bad; i++) {\n"
          "    const char *p = v[i];\n"
          "    stat(p, &st);\n"
          "    bad = send(p, &st);\n"
          "    chmod(p, 0600);\n"
          "  }\n"
          "}\n",
          "");
}

static void not_if_the_wrapper_looks_again(void **state)
{
    (void)state;
    check("static void run(const char *p) {\n"
          "  struct stat st;\n"
          "  int fd = open(p, O_RDONLY);\n"
          "  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return;\n"
          "  unlink(p);\n"
          "}\n"
          "void f(const char *p) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) == 0 && S_ISREG(st.st_mode)) run(p);\n"
          "}\n",
          "");
}

static void told_once_where_it_is_in_the_wrapper(void **state)
{
    (void)state;
    check("static void tidy(const char *p) { if (access(p, F_OK) == 0) chmod(p, 0600); }\n"
          "void f(const char *p) { if (access(p, F_OK) == 0) tidy(p); }\n",
          MEDIUM("5", "p", "chmod", "5"));
}

/* ---- twins ----------------------------------------------------------------------------------- */

static void not_if_the_descriptor_is_asked(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  struct stat st;\n"
          "  int fd = open(p, O_RDWR);\n"
          "  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) fchmod(fd, 0600);\n"
          "}\n"
          "void g(const char *p) {\n"
          "  struct stat a, b;\n"
          "  if (lstat(p, &a) != 0 || !S_ISREG(a.st_mode)) return;\n"
          "  FILE *f = fopen(p, \"r+\");\n"
          "  if (f && fstat(fileno(f), &b) == 0 && a.st_ino == b.st_ino) fputs(\"x\", f);\n"
          "}\n",
          "");
}

static void not_if_it_only_chooses_a_message(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  if (access(p, F_OK) == 0) puts(\"replaced\");\n"
          "  fclose(fopen(p, \"w\"));\n"
          "}\n"
          "void g(const char *p) {\n"
          "  if (access(p, F_OK) == 0) { puts(\"replaced\"); truncate(p, 0); }\n"
          "  else { puts(\"?\"); truncate(p, 0); }\n"
          "}\n",
          "");
}

static void not_where_the_program_has_freed_the_name(void **state)
{
    (void)state;
    check("int f(const char *p) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) == 0 && S_ISDIR(st.st_mode)) return -1;\n"
          "  unlink(p);\n"
          "  return mkfifo(p, 0600);\n"
          "}\n",
          MEDIUM("8", "p", "unlink", "7"));
}

static void after_a_side_that_may_leave(void **state)
{
    (void)state;
    check("int f(const char *p, int force) {\n"
          "  if (access(p, F_OK) == 0) {\n"
          "    if (!force) return -1;\n"
          "    puts(\"replaced\");\n"
          "  }\n"
          "  return open(p, O_WRONLY | O_CREAT | O_TRUNC, 0600);\n"
          "}\n",
          MEDIUM("10", "p", "open", "6"));
}

static void not_if_the_failure_is_handled(void **state)
{
    (void)state;
    check("int f(const char *p) {\n"
          "  if (access(p, F_OK) == 0) return 0;\n"
          "  if (mkdir(p, 0700) < 0 && errno != EEXIST) return -1;\n"
          "  return 0;\n"
          "}\n"
          "int g(const char *p) {\n"
          "  if (access(p, F_OK) == 0) return 0;\n"
          "  return mkdir(p, 0700);\n"
          "}\n"
          "int h(const char *p) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) == 0) return 0;\n"
          "  if (mkdir(p, 0700) < 0 && stat(p, &st) < 0) return -1;\n"
          "  return 0;\n"
          "}\n",
          MEDIUM("12", "p", "mkdir", "11"));
}

static void not_after_the_act(void **state)
{
    (void)state;
    check("int f(const char *p) {\n"
          "  struct stat st;\n"
          "  chmod(p, 0600);\n"
          "  return stat(p, &st) == 0 && S_ISREG(st.st_mode);\n"
          "}\n",
          "");
}

static void not_in_a_private_directory(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  char d[] = \"/tmp/x-XXXXXX\";\n"
          "  char b[99];\n"
          "  if (mkdtemp(d) == NULL) return;\n"
          "  snprintf(b, sizeof b, \"%s/a\", d);\n"
          "  if (access(b, F_OK) != 0) fclose(fopen(b, \"w\"));\n"
          "}\n",
          "");
}

/* ---- how much it matters --------------------------------------------------------------------- */

static void more_where_everybody_can_write(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  char b[99];\n"
          "  const char *dir = getenv(\"TMPDIR\");\n"
          "  if (access(\"/tmp/log\", F_OK) != 0) fopen(\"/tmp/log\", \"w\");\n"
          "  if (access(p, F_OK) != 0) fopen(p, \"w\");\n"
          "  if (access(\"/etc/log\", F_OK) != 0) fopen(\"/etc/log\", \"w\");\n"
          "  snprintf(b, sizeof b, \"%s/log\", dir);\n"
          "  if (access(b, F_OK) != 0) fopen(b, \"w\");\n"
          "}\n",
          HIGH("8", "/tmp/log", "fopen", "8") MEDIUM("9", "p", "fopen", "9")
              LOW("10", "/etc/log", "fopen", "10") HIGH("12", "b", "fopen", "12"));
}

static void more_where_the_user_changes(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  if (access(p, R_OK) == 0) fopen(p, \"r\");\n"
          "  if (access(p, F_OK) == 0) fopen(p, \"r\");\n"
          "}\n"
          "int main(int n, char **v) { seteuid(1); f(v[n]); return 0; }\n",
          MEDIUM("6", "p", "fopen", "6") LOW("7", "p", "fopen", "7"));
}

static void less_where_it_is_only_read(void **state)
{
    (void)state;
    check("void f(const char *p) {\n"
          "  if (access(p, R_OK) != 0) return;\n"
          "  FILE *f = fopen(p, \"r\");\n"
          "  if (f) fclose(f);\n"
          "}\n"
          "void g(const char *p) { if (access(p, F_OK) == 0) unlink(p); }\n",
          LOW("7", "p", "fopen", "6") LOW("10", "p", "unlink", "10"));
}

static void less_for_an_assertion(void **state)
{
    (void)state;
    check("#define MUST(x) do { if (!(x)) { puts(\"no\"); abort(); } } while (0)\n"
          "void f(const char *p) {\n"
          "  struct stat st;\n"
          "  MUST(stat(p, &st) == 0);\n"
          "  MUST(st.st_size == 3);\n"
          "  unlink(p);\n"
          "}\n"
          "#define DIE(text) do { puts(text); abort(); } while (0)\n"
          "void g(const char *p) {\n"
          "  struct stat st;\n"
          "  if (stat(p, &st) != 0 || st.st_size != 3) DIE(\"no\");\n"
          "  unlink(p);\n"
          "}\n",
          LOW("10", "p", "unlink", "8") MEDIUM("16", "p", "unlink", "15"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_a_variable),
        cmocka_unit_test(not_if_the_variable_has_another_value),
        cmocka_unit_test(by_one_index),
        cmocka_unit_test(by_a_call_with_the_same_arguments),
        cmocka_unit_test(by_a_buffer_until_it_is_filled_anew),
        cmocka_unit_test(not_if_a_callee_changes_the_text),
        cmocka_unit_test(not_if_a_field_is_written),
        cmocka_unit_test(through_two_wrappers),
        cmocka_unit_test(by_what_a_wrapper_has_stored),
        cmocka_unit_test(by_what_another_function_tells_of_it),
        cmocka_unit_test(by_a_name_that_wrappers_make),
        cmocka_unit_test(not_from_the_turn_before),
        cmocka_unit_test(not_if_the_wrapper_looks_again),
        cmocka_unit_test(told_once_where_it_is_in_the_wrapper),
        cmocka_unit_test(not_if_the_descriptor_is_asked),
        cmocka_unit_test(not_if_it_only_chooses_a_message),
        cmocka_unit_test(not_where_the_program_has_freed_the_name),
        cmocka_unit_test(after_a_side_that_may_leave),
        cmocka_unit_test(not_if_the_failure_is_handled),
        cmocka_unit_test(not_after_the_act),
        cmocka_unit_test(not_in_a_private_directory),
        cmocka_unit_test(more_where_everybody_can_write),
        cmocka_unit_test(more_where_the_user_changes),
        cmocka_unit_test(less_where_it_is_only_read),
        cmocka_unit_test(less_for_an_assertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
