#include "frontend/flags_table.h"

#include <stddef.h>
#include <string.h>

#define OUTPUT "what is written, and where"
#define DEPS "dependency file"
#define WARNS "warnings don't change what the source means"
#define LINKER "linker"
#define CODE "optimisation or code generation"
#define DEBUG "debug information"
#define PLUGIN "compiler plugin"
#define PCH "a precompiled header of another compiler"
#define UNKNOWN "not known to change what the source means"
#define FORTIFY "hides libc's functions behind inline wrappers"
#define DIRECTORY "the compile database knows the directory"
#define INSTALL "belongs to one compiler's installation"
#define TALK "asks the compiler to print something"

/* The first entry that fits decides, so exceptions stand before their family. gcc: "Option
 * Summary" of its manual; clang: its "Command Line Argument Reference". */
static const struct flag_rule RULES[] = {
    {"-D_FORTIFY_SOURCE", FLAG_PREFIX, FORTIFY, NULL},
    {"-D", FLAG_EITHER, NULL, NULL},
    {"-I", FLAG_EITHER, NULL, NULL},
    {"-W", FLAG_PREFIX, WARNS, NULL},
    {"-U", FLAG_EITHER, NULL, NULL},
    {"-c", FLAG_ALONE, OUTPUT, NULL},
    {"-o", FLAG_EITHER, OUTPUT, NULL},
    {"-include-pch", FLAG_NEXT, PCH, NULL},
    {"-include", FLAG_EITHER, NULL, NULL},
    {"--include", FLAG_NEXT, NULL, "-include"},
    {"-imacros", FLAG_EITHER, NULL, NULL},
    {"-isystem-after", FLAG_EITHER, NULL, NULL},
    {"-isystem", FLAG_EITHER, NULL, NULL},
    {"-isysroot", FLAG_EITHER, NULL, NULL},
    {"-iquote", FLAG_EITHER, NULL, NULL},
    {"-idirafter", FLAG_EITHER, NULL, NULL},
    {"-iprefix", FLAG_EITHER, NULL, NULL},
    {"-iwithprefixbefore", FLAG_EITHER, NULL, NULL},
    {"-iwithprefix", FLAG_EITHER, NULL, NULL},
    {"-iframework", FLAG_EITHER, NULL, NULL},
    {"-imultilib", FLAG_NEXT, INSTALL, NULL},
    {"-iplugindir", FLAG_PREFIX, PLUGIN, NULL},
    {"-index-store-path", FLAG_NEXT, OUTPUT, NULL},
    {"-framework", FLAG_NEXT, LINKER, NULL},
    {"-F", FLAG_EITHER, NULL, NULL},
    {"-std=", FLAG_PREFIX, NULL, NULL},
    {"--std=", FLAG_PREFIX, NULL, NULL},
    {"-ansi", FLAG_ALONE, NULL, NULL},
    {"-trigraphs", FLAG_ALONE, NULL, NULL},
    {"-undef", FLAG_ALONE, NULL, NULL},
    {"-nostdinc", FLAG_PREFIX, NULL, NULL},
    {"-pthread", FLAG_ALONE, NULL, NULL}, /* defines _REENTRANT */
    {"-O", FLAG_PREFIX, NULL, NULL},      /* defines __OPTIMIZE__, and programs ask for it */
    {"-x", FLAG_EITHER, NULL, NULL},
    {"-target", FLAG_NEXT, NULL, NULL},
    {"--target=", FLAG_PREFIX, NULL, NULL},
    {"--sysroot=", FLAG_PREFIX, NULL, NULL},
    {"--sysroot", FLAG_NEXT, NULL, NULL},
    {"--gcc-toolchain=", FLAG_PREFIX, NULL, NULL},
    {"-fplugin", FLAG_PREFIX, PLUGIN, NULL},
    {"-fplan9-extensions", FLAG_ALONE, NULL, "-fms-extensions"},
    /* libclang shows nothing of what OpenMP's directives are about; without them, the code is
     * there, as for one thread. What asks for OpenMP still finds it. */
    {"-fopenmp-simd", FLAG_PREFIX, CODE, NULL},
    {"-fopenmp", FLAG_PREFIX, NULL, "-D_OPENMP=201511"},
    {"-fpch", FLAG_PREFIX, PCH, NULL},
    {"-fsanitize", FLAG_PREFIX, "instruments the code for a test run", NULL},
    {"-fdebug-compilation-dir", FLAG_NEXT, DEBUG, NULL},
    {"-mllvm", FLAG_NEXT, CODE, NULL},
    {"-mthumb-interwork", FLAG_ALONE, CODE, NULL},
    {"-MF", FLAG_EITHER, DEPS, NULL},
    {"-MT", FLAG_EITHER, DEPS, NULL},
    {"-MQ", FLAG_EITHER, DEPS, NULL},
    {"-MJ", FLAG_EITHER, DEPS, NULL},
    {"-M", FLAG_PREFIX, DEPS, NULL},
    {"-w", FLAG_ALONE, WARNS, NULL},
    {"-pedantic", FLAG_PREFIX, WARNS, NULL},
    {"--pedantic", FLAG_PREFIX, WARNS, NULL},
    {"--warn", FLAG_PREFIX, WARNS, NULL},
    {"-gcc-toolchain", FLAG_NEXT, NULL, NULL},
    {"-g", FLAG_PREFIX, DEBUG, NULL},
    {"-pg", FLAG_ALONE, CODE, NULL},
    {"-p", FLAG_ALONE, CODE, NULL},
    {"--param", FLAG_NEXT, CODE, NULL},
    {"--param=", FLAG_PREFIX, CODE, NULL},
    {"-S", FLAG_ALONE, OUTPUT, NULL},
    {"-E", FLAG_ALONE, OUTPUT, NULL},
    {"-P", FLAG_ALONE, OUTPUT, NULL},
    {"-C", FLAG_PREFIX, OUTPUT, NULL},
    {"-emit-", FLAG_PREFIX, OUTPUT, NULL},
    {"-pipe", FLAG_ALONE, OUTPUT, NULL},
    {"-save-", FLAG_PREFIX, OUTPUT, NULL},
    {"--save-", FLAG_PREFIX, OUTPUT, NULL},
    {"-fsyntax-only", FLAG_ALONE, OUTPUT, NULL},
    {"-aux-info", FLAG_NEXT, OUTPUT, NULL},
    {"-auxbase", FLAG_NEXT, OUTPUT, NULL},
    {"-dumpbase", FLAG_NEXT, OUTPUT, NULL},
    {"-dumpbase-ext", FLAG_NEXT, OUTPUT, NULL},
    {"-dumpdir", FLAG_NEXT, OUTPUT, NULL},
    {"-serialize-diagnostics", FLAG_NEXT, OUTPUT, NULL},
    {"--serialize-diagnostics", FLAG_NEXT, OUTPUT, NULL},
    {"-working-directory", FLAG_NEXT, DIRECTORY, NULL},
    {"-working-directory=", FLAG_PREFIX, DIRECTORY, NULL},
    {"-specs=", FLAG_PREFIX, INSTALL, NULL},
    {"--specs=", FLAG_PREFIX, INSTALL, NULL},
    {"-wrapper", FLAG_NEXT, INSTALL, NULL},
    {"-B", FLAG_EITHER, INSTALL, NULL},
    {"-resource-dir", FLAG_NEXT, INSTALL, NULL},
    {"-resource-dir=", FLAG_PREFIX, INSTALL, NULL},
    {"--driver-mode=", FLAG_PREFIX, INSTALL, NULL},
    {"-load", FLAG_NEXT, PLUGIN, NULL},
    {"-plugin", FLAG_NEXT, PLUGIN, NULL},
    {"-add-plugin", FLAG_NEXT, PLUGIN, NULL},
    {"-Xlinker", FLAG_NEXT, LINKER, NULL},
    {"-Xassembler", FLAG_NEXT, "assembler", NULL},
    {"-Xanalyzer", FLAG_NEXT, WARNS, NULL},
    {"-arch", FLAG_NEXT, "a build for several CPUs is analysed for this one", NULL},
    {"-l", FLAG_EITHER, LINKER, NULL},
    {"-L", FLAG_EITHER, LINKER, NULL},
    {"-T", FLAG_EITHER, LINKER, NULL},
    {"-u", FLAG_EITHER, LINKER, NULL},
    {"-z", FLAG_EITHER, LINKER, NULL},
    {"-e", FLAG_NEXT, LINKER, NULL},
    {"-s", FLAG_ALONE, LINKER, NULL},
    {"-r", FLAG_ALONE, LINKER, NULL},
    {"-static", FLAG_PREFIX, LINKER, NULL},
    {"-shared", FLAG_PREFIX, LINKER, NULL},
    {"-rdynamic", FLAG_ALONE, LINKER, NULL},
    {"-pie", FLAG_ALONE, LINKER, NULL},
    {"-no-pie", FLAG_ALONE, LINKER, NULL},
    {"-nostdlib", FLAG_PREFIX, LINKER, NULL},
    {"-nodefaultlibs", FLAG_ALONE, LINKER, NULL},
    {"-nostartfiles", FLAG_ALONE, LINKER, NULL},
    {"-v", FLAG_ALONE, TALK, NULL},
    {"-H", FLAG_ALONE, TALK, NULL},
    {"-Q", FLAG_PREFIX, TALK, NULL},
    {"-d", FLAG_PREFIX, TALK, NULL},
    {"-A", FLAG_EITHER, "an assertion of the preprocessor, which clang does not have", NULL},
    {"-traditional", FLAG_PREFIX, "clang has no traditional preprocessor", NULL},
};

static const struct flag_rule KEPT = {"", FLAG_PREFIX, NULL, NULL};
static const struct flag_rule CODE_ONLY = {"", FLAG_PREFIX, CODE, NULL};
static const struct flag_rule NOT_KNOWN = {"", FLAG_PREFIX, UNKNOWN, NULL};

/* -fNAME and -fno-NAME that change what a file means (types, keywords, predefined macros). */
static const char *const MEANING_F[] = {
    "asm",
    "blocks",
    "builtin",
    "common",
    "declspec",
    "dollars-in-identifiers",
    "exceptions", /* cleanup attributes run on unwinding */
    "fast-math",
    "freestanding",
    "gnu-keywords",
    "gnu89-inline",
    "gnuc-version=",
    "heinous-gnu-extensions",
    "hosted",
    "lax-vector-conversions",
    "ms-compatibility",
    "ms-extensions",
    "pack-struct",
    "short-enums",
    "short-wchar",
    "signed-char",
    "unsigned-char",
    "wrapv",
    "PIC", /* __PIC__; Linux and glibc choose code by it */
    "PIE",
    "pic",
    "pie",
};

/* -mNAME and -mno-NAME that define macros or set the sizes of types. */
static const char *const MEANING_M[] = {
    "16",           "3dnow",        "32",
    "64",           "abi=",         "adx",
    "aes",          "altivec",      "amx-",
    "android",      "arch=",        "arm",
    "avx",          "big-end",      "bmi",
    "clflushopt",   "clwb",         "clzero",
    "cmodel=",      "cpu=",         "crc",
    "crypto",       "cx16",         "f16c",
    "float-abi=",   "fma",          "fpu=",
    "fsgsbase",     "general-regs", "gfni",
    "hard-float",   "invpcid",      "little-end",
    "long-double-", "lwp",          "lzcnt",
    "mcu=",         "mmx",          "movbe",
    "movdir",       "ms-bitfields", "msa",
    "mwaitx",       "pclmul",       "pku",
    "popcnt",       "prfchw",       "ptwrite",
    "rdpid",        "rdrnd",        "rdseed",
    "rtm",          "sahf",         "serialize",
    "sha",          "shstk",        "single-float",
    "soft-float",   "sse",          "tbm",
    "thumb",        "uintr",        "unaligned-access",
    "vaes",         "vpclmulqdq",   "vsx",
    "vx",           "waitpkg",      "x32",
    "xop",          "xsave",
};

static const char *const LAUNCHERS[] = {
    "buildcache", "cachecc1", "cachepot", "ccache", "distcc", "env",       "fastbuild",
    "gomacc",     "icecc",    "nice",     "pump",   "recc",   "rewrapper", "sccache",
};

/* The CPUs of clang's own list (lib/Basic/Targets.cpp), as the first word of a triple. */
static const char *const TARGETS[] = {
    "aarch64",   "aarch64_be",  "arc",           "arm",       "arm64",   "armeb",     "armv6",
    "armv6m",    "armv7",       "armv7a",        "armv7em",   "armv7l",  "armv7m",    "armv8l",
    "avr",       "bpf",         "csky",          "hexagon",   "i386",    "i486",      "i586",
    "i686",      "loongarch32", "loongarch64",   "m68k",      "mips",    "mips64",    "mips64el",
    "mipsel",    "mipsisa32r6", "mipsisa64r6el", "msp430",    "powerpc", "powerpc64", "powerpc64le",
    "powerpcle", "ppc",         "ppc64",         "ppc64le",   "riscv32", "riscv64",   "s390x",
    "sparc",     "sparc64",     "sparcv9",       "thumbv7em", "ve",      "wasm32",    "wasm64",
    "x86_64",
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool fits(const struct flag_rule *rule, const char *arg)
{
    switch (rule->form) {
    case FLAG_ALONE:
    case FLAG_NEXT:
        return strcmp(arg, rule->name) == 0;
    case FLAG_PREFIX:
    case FLAG_EITHER:
        return begins(arg, rule->name);
    }
    return false;
}

/* `name` (what follows -f or -m) is one of `table`, or one of them after "no-". */
static bool means(const char *const *table, size_t n, const char *name)
{
    name += begins(name, "no-") ? 3 : 0;
    for (size_t i = 0; i < n; i++) {
        if (begins(name, table[i])) {
            return true;
        }
    }
    return false;
}

const struct flag_rule *flag_rule_of(const char *arg)
{
    for (size_t i = 0; i < COUNT(RULES); i++) {
        if (arg[1] == RULES[i].name[1] && fits(&RULES[i], arg)) {
            return &RULES[i];
        }
    }
    if (arg[1] == 'f') {
        return means(MEANING_F, COUNT(MEANING_F), arg + 2) ? &KEPT : &CODE_ONLY;
    }
    if (arg[1] == 'm') {
        return means(MEANING_M, COUNT(MEANING_M), arg + 2) ? &KEPT : &CODE_ONLY;
    }
    return &NOT_KNOWN;
}

bool flag_is_launcher(const char *name)
{
    for (size_t i = 0; i < COUNT(LAUNCHERS); i++) {
        if (strcmp(name, LAUNCHERS[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool flag_is_known_target(const char *triple, unsigned long n)
{
    size_t cpu = strcspn(triple, "-");

    cpu = cpu > n ? n : cpu;
    for (size_t i = 0; i < COUNT(TARGETS); i++) {
        if (strlen(TARGETS[i]) == cpu && strncmp(triple, TARGETS[i], cpu) == 0) {
            return true;
        }
    }
    return false;
}
