/* What is left of a compiler's command line, and why the rest is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frontend/flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Splits at single spaces; a tilde stands for a space within an argument. */
static struct flags_command command_of(void *owner, const char *directory, const char *line)
{
    struct flags_command command = {.directory = directory, .has_compiler = true};
    const char **argv = mem_array(owner, const char *, strlen(line) + 1);
    char *rest = mem_strdup(owner, line);

    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        for (char *p = word; *p != '\0'; p++) {
            *p = *p == '~' ? ' ' : *p;
        }
        argv[command.n++] = word;
    }
    command.argv = argv;
    return command;
}

static struct flags *read_line(void *owner, const char *directory, const char *line)
{
    struct flags_command command = command_of(owner, directory, line);

    return flags_read(owner, intern_new(owner), &command);
}

/* The flags that are kept, separated by '|'. */
static void check_in(const char *directory, const char *line, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct flags *flags = read_line(owner, directory, line);
    char *got = mem_strdup(owner, "");

    for (size_t i = 0; i < flags->args.n; i++) {
        mem_append(owner, &got, "%s%s", i == 0 ? "" : "|", flags->args.v[i]);
    }
    assert_string_equal(got, want);
    talloc_free(owner);
}

static void check_kept(const char *line, const char *want)
{
    check_in("/nowhere", line, want);
}

/* "flag: reason" a line. */
static void check_dropped(const char *line, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct flags *flags = read_line(owner, "/nowhere", line);
    char *got = mem_strdup(owner, "");

    for (size_t i = 0; i < flags->dropped.n; i++) {
        mem_append(owner, &got, "%s: %s\n", flags->dropped.v[i].flag, flags->dropped.v[i].reason);
    }
    assert_string_equal(got, want);
    talloc_free(owner);
}

static enum flags_language language(const char *line, const char *path)
{
    void *owner = talloc_new(NULL);
    enum flags_language answer = flags_language_of(read_line(owner, "/", line), path);

    talloc_free(owner);
    return answer;
}

static void meaning_stays(void **state)
{
    (void)state;
    check_kept("cc -DA -D B=1 -DC=a~b -UD -Iinc -I ../inc -isystem /s -isystem/t -include pre.h "
               "-imacros m.h -iquote q -idirafter d -std=gnu11 -m32 -mavx2 -mno-sse -march=native "
               "-O2 -x c -pthread -nostdinc -undef -ansi --sysroot=/r --sysroot /q",
               "-DA|-DB=1|-DC=a b|-UD|-Iinc|-I|../inc|-isystem|/s|-isystem/t|-include|pre.h|"
               "-imacros|m.h|-iquote|q|-idirafter|d|-std=gnu11|-m32|-mavx2|-mno-sse|-march=native|"
               "-O2|-x|c|-pthread|-nostdinc|-undef|-ansi|--sysroot=/r|--sysroot|/q");
}

static void f_flags_stay_when_they_change_types_or_macros(void **state)
{
    (void)state;
    check_kept(
        "gcc -fshort-enums -fno-builtin-memcpy -funsigned-char -fno-common -fPIC -fopenmp "
        "-fopenmp-simd "
        "-ffreestanding -fpack-struct=2 -fplan9-extensions -fno-strict-aliasing "
        "-fno-var-tracking-assignments -fstack-protector-strong -flto=auto -fconserve-stack "
        "-fsanitize=thread -fdiagnostics-color=always -ftracer -fipa-pta",
        "-fshort-enums|-fno-builtin-memcpy|-funsigned-char|-fno-common|-fPIC|-D_OPENMP=201511|"
        "-ffreestanding|-fpack-struct=2|-fms-extensions");
}

static void m_flags_stay_when_they_define_macros(void **state)
{
    (void)state;
    check_kept("gcc -mthumb -mcpu=cortex-m4 -mfloat-abi=hard -mindirect-branch=thunk-extern "
               "-mtune=generic -mpreferred-stack-boundary=3 -mrecord-mcount -mno-red-zone "
               "-mthumb-interwork -msse4.2",
               "-mthumb|-mcpu=cortex-m4|-mfloat-abi=hard|-msse4.2");
}

static void output_dependencies_warnings_and_linking_go(void **state)
{
    (void)state;
    check_kept("/usr/bin/gcc-12 -c -o x.o -ox.o -MD -MMD -MP -MF x.d -MFx.d -MT x.o -MQ x.o -MJ j "
               "-Wall -Werror=format -Wl,-z,now -Wa,--noexecstack -pedantic -w -lm -l m -L/lib "
               "-Tlink.ld -T link.ld -Xlinker --foo -static-libgcc -shared -rdynamic -s -g3 -ggdb "
               "-pipe -save-temps=obj -pg --param ssp-buffer-size=4 -specs=nano.specs -B/x -Xclang "
               "-load -Xclang ./p.so -fplugin=x.so -include-pch a.pch -mllvm -inline -DLAST x.c",
               "-DLAST");
}

static void inputs_go(void **state)
{
    (void)state;
    check_kept("cc -DA a.c b.c lib.a - -DB -- -DC", "-DA|-DB");
}

static void each_drop_has_a_reason(void **state)
{
    (void)state;
    check_dropped("ccache gcc -o x.o -Wall -lm -fipa-pta --unknown x.c -D_FORTIFY_SOURCE=2 -MF",
                  "ccache: a launcher of the compiler\n"
                  "gcc: the compiler\n"
                  "-o x.o: what is written, and where\n"
                  "-Wall: warnings don't change what the source means\n"
                  "-lm: linker\n"
                  "-fipa-pta: optimisation or code generation\n"
                  "--unknown: not known to change what the source means\n"
                  "x.c: an input\n"
                  "-D_FORTIFY_SOURCE=2: hides libc's functions behind inline wrappers\n"
                  "-MF: its value is missing\n");
}

static void launchers_are_looked_through(void **state)
{
    (void)state;
    check_kept("ccache arm-none-eabi-gcc -DA", "--target=arm-none-eabi|-DA");
    check_kept("env CCACHE=1 X=a/b -u Y /opt/sccache distcc cc -DA", "-DA");
    check_kept("nice -n 19 cc -DA", "-DA");
    check_kept("ccache -DA", ""); /* no compiler is left: nothing is read past the end */
    check_kept("env", "");
}

static void cross_compilers_name_their_target(void **state)
{
    (void)state;
    check_kept("arm-none-eabi-gcc -mcpu=cortex-m3", "--target=arm-none-eabi|-mcpu=cortex-m3");
    check_kept("/x/riscv64-unknown-elf-gcc-13.2.exe -DA", "--target=riscv64-unknown-elf|-DA");
    check_kept("avr-gcc -mmcu=atmega328p", "--target=avr|-mmcu=atmega328p");
    check_kept("aarch64-linux-gnu-gcc --target=aarch64-elf", "--target=aarch64-elf");
    check_kept("aarch64-linux-gnu-gcc -target arm -DA", "-target|arm|-DA");
    check_kept("clang-19 -DA", "-DA");
    check_kept("afl-gcc -m32", "-m32");
    check_kept("xtensa-esp32-elf-gcc -mlongcalls -mcpu=lx6 -DA",
               "-DA"); /* clang 19 has no xtensa */
}

static void wrapped_flags_are_unwrapped(void **state)
{
    (void)state;
    check_kept("cc -Wp,-MMD,x.d,-DA -Xpreprocessor -DB -Xclang -include -Xclang p.h -Xclang "
               "-emit-pch -Xclang",
               "-DA|-DB|-include|p.h");
}

static void write_text(const char *dir, const char *name, const char *text)
{
    char *path = mem_printf(NULL, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    talloc_free(path);
}

static void response_files_are_expanded(void **state)
{
    char dir[] = "/tmp/snarl-flags-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(dir));
    write_text(dir, "a.rsp", "-DA=\"x y\"  '-DB=\"q\"'\n-DC=\\\"z\\\" @b.rsp\n-o a.o");
    write_text(dir, "b.rsp", "-Ib\t@a-file-that-is-not-there");
    write_text(dir, "loop.rsp", "-DL @loop.rsp");
    write_text(dir, "empty.rsp", "");
    check_in(dir, "cc @a.rsp -DZ @empty.rsp", "-DA=x y|-DB=\"q\"|-DC=\"z\"|-Ib|-DZ");
    check_in(dir, "cc @loop.rsp -DZ", "-DL|-DL|-DL|-DL|-DL|-DL|-DL|-DL|-DZ");
    check_dropped("cc @x.rsp", "cc: the compiler\n@x.rsp: this file can't be read\n");
    write_text(dir, "many.rsp",
               "@many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp "
               "@many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp @many.rsp");
    check_in(dir, "cc @many.rsp -DZ", "-DZ"); /* in a moment, not after 16^8 files */
    char *pipe_path = mem_printf(NULL, "%s/pipe.rsp", dir);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    check_in(dir, "cc @pipe.rsp -DZ", "-DZ"); /* nobody writes into it: it isn't waited for */
    talloc_free(pipe_path);

    char *clean = mem_printf(NULL, "rm -r '%s'", dir);
    assert_int_equal(system(clean), 0); // NOLINT(cert-env33-c): a path of our own
    talloc_free(clean);
}

static void language_is_of_option_compiler_or_name(void **state)
{
    (void)state;
    assert_int_equal(language("cc", "/a.b/x.c"), FLAGS_C);
    assert_int_equal(language("cc", "x.C"), FLAGS_CXX);
    assert_int_equal(language("cc", "x.cpp"), FLAGS_CXX);
    assert_int_equal(language("cc", "x.m"), FLAGS_CXX);
    assert_int_equal(language("cc", "x.S"), FLAGS_ASM);
    assert_int_equal(language("cc", "/a.c/Makefile"), FLAGS_CXX);
    assert_int_equal(language("g++-12", "x.c"), FLAGS_CXX);
    assert_int_equal(language("cc -x c++", "x.c"), FLAGS_CXX);
    assert_int_equal(language("cc -xassembler-with-cpp", "x.c"), FLAGS_ASM);
    assert_int_equal(language("g++ -xc", "x.cpp"), FLAGS_C);
    assert_int_equal(language("cc -x c++ -x none", "x.c"), FLAGS_C);
}

static void flags_without_a_compiler(void **state)
{
    static const char *const argv[] = {"-DA", "gcc", "-Wall"};
    void *owner = talloc_new(NULL);
    const struct flags_command command = {.directory = "/", .argv = argv, .n = 3};
    const struct flags *flags = flags_read(owner, intern_new(owner), &command);

    (void)state;
    assert_int_equal(flags->args.n, 1);
    assert_string_equal(flags->args.v[0], "-DA");
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meaning_stays),
        cmocka_unit_test(f_flags_stay_when_they_change_types_or_macros),
        cmocka_unit_test(m_flags_stay_when_they_define_macros),
        cmocka_unit_test(output_dependencies_warnings_and_linking_go),
        cmocka_unit_test(inputs_go),
        cmocka_unit_test(each_drop_has_a_reason),
        cmocka_unit_test(launchers_are_looked_through),
        cmocka_unit_test(cross_compilers_name_their_target),
        cmocka_unit_test(wrapped_flags_are_unwrapped),
        cmocka_unit_test(response_files_are_expanded),
        cmocka_unit_test(language_is_of_option_compiler_or_name),
        cmocka_unit_test(flags_without_a_compiler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
