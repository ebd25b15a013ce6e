#include "config/words.h"

#include "config/nearest.h"

#include <string.h>

/* What cannot be held (a condition, a barrier) is LOCK_KIND_NONE. */
const struct word words_lock_kind[] = {
    {"mutex", LOCK_MUTEX},       {"rwlock", LOCK_RWLOCK},
    {"spin", LOCK_SPIN},         {"sem", LOCK_SEM},
    {"file", LOCK_FILE},         {"gil", LOCK_GIL},
    {"rwspin", LOCK_RWLOCK}, /* that it spins matters less than that readers share it */
    {"rcu", LOCK_OTHER},         {"irq", LOCK_OTHER},
    {"bit", LOCK_OTHER},         {"seq", LOCK_OTHER},
    {"sched", LOCK_OTHER},       {"critical-section", LOCK_OTHER},
    {"comutex", LOCK_OTHER},     {"context", LOCK_OTHER},
    {"audio", LOCK_OTHER},       {"other", LOCK_OTHER},
    {"cond", LOCK_KIND_NONE},    {"event", LOCK_KIND_NONE},
    {"barrier", LOCK_KIND_NONE}, {"once", LOCK_KIND_NONE},
    {"loop", LOCK_KIND_NONE},    {0},
};

const struct word words_type[] = {
    {"mutex", LOCK_MUTEX},
    {"rwlock", LOCK_RWLOCK},
    {"spin", LOCK_SPIN},
    {"sem", LOCK_SEM},
    {"file", LOCK_FILE},
    {"cond", LOCK_KIND_NONE},
    {"event", LOCK_KIND_NONE},
    {"barrier", LOCK_KIND_NONE},
    {"once", LOCK_KIND_NONE},
    {"tls", LOCK_KIND_NONE},
    {"loop", LOCK_KIND_NONE},
    {"other", LOCK_OTHER},
    {"thread", TYPE_NOT_SYNC},
    {"signal-safe", TYPE_NOT_SYNC},
    {0},
};

const struct word words_mode[] = {{"exclusive", false}, {"shared", true}, {0}};

const struct word words_runs[] = {
    {"loop", RUNS_LOOP},
    {"worker", RUNS_WORKER},
    {"thread", RUNS_THREAD},
    {"signal", RUNS_SIGNAL},
    {"caller", RUNS_CALLER},
    {"exit", RUNS_EXIT},
    {"thread-exit", RUNS_EXIT},
    {"caller-or-loop", RUNS_LOOP}, /* the worse of the two: it must not wait there */
    {"any-thread", RUNS_ANY_THREAD},
    {"any", RUNS_OTHER},
    {"irq", RUNS_OTHER},
    {"softirq", RUNS_OTHER},
    {"before-fork", RUNS_OTHER},
    {"after-fork-parent", RUNS_OTHER},
    {"after-fork-child", RUNS_OTHER},
    {"coroutine", RUNS_OTHER},
    {"fiber", RUNS_OTHER},
    {"main-with-gil", RUNS_ANY_THREAD},
    {"caller-with-gil", RUNS_ANY_THREAD},
    {0},
};

const struct word words_file_deed[] = {
    {"access", FILE_ACCESS},   {"stat", FILE_STAT},
    {"lstat", FILE_LSTAT},     {"fstat", FILE_FSTAT},
    {"open", FILE_OPEN},       {"fopen", FILE_FOPEN},
    {"create", FILE_CREATE},   {"list", FILE_LIST},
    {"chdir", FILE_CHDIR},     {"exec", FILE_EXEC},
    {"load", FILE_LOAD},       {"remove", FILE_REMOVE},
    {"rmdir", FILE_RMDIR},     {"rename", FILE_RENAME},
    {"replace", FILE_REPLACE}, {"link", FILE_LINK},
    {"mkdir", FILE_MKDIR},     {"chmod", FILE_CHMOD},
    {"chown", FILE_CHOWN},     {"truncate", FILE_TRUNCATE},
    {"utime", FILE_UTIME},     {0},
};

const struct word words_fd_kind[] = {
    {"socket", FD_SOCKET},   {"datagram", FD_DATAGRAM}, {"pipe", FD_PIPE},
    {"event", FD_EVENT},     {"file", FD_FILE},         {"memory", FD_MEMORY},
    {"process", FD_PROCESS}, {"standard", FD_STANDARD}, {0},
};

const struct word words_place[] = {
    {"shared", PLACE_SHARED},
    {"system", PLACE_SYSTEM},
    {"shared_variables", PLACE_VARIABLE},
    {0},
};

/* Up to BLOCKS_ANY in the order of enum blocks_what, for blocks_name(). */
const struct word words_blocks[] = {
    {"none", BLOCKS_NOTHING}, {"sleep", BLOCKS_SLEEP},   {"lock", BLOCKS_LOCK},
    {"cond", BLOCKS_COND},    {"join", BLOCKS_JOIN},     {"net", BLOCKS_NET},
    {"dns", BLOCKS_DNS},      {"nss", BLOCKS_NSS},       {"file", BLOCKS_FILE},
    {"open", BLOCKS_OPEN},    {"sync", BLOCKS_SYNC},     {"meta", BLOCKS_META},
    {"close", BLOCKS_CLOSE},  {"fd", BLOCKS_FD},         {"poll", BLOCKS_POLL},
    {"proc", BLOCKS_PROC},    {"tty", BLOCKS_TTY},       {"ipc", BLOCKS_IPC},
    {"db", BLOCKS_DB},        {"tls", BLOCKS_TLS},       {"log", BLOCKS_LOG},
    {"load", BLOCKS_LOAD},    {"random", BLOCKS_RANDOM}, {"signal", BLOCKS_SIGNAL},
    {"loop", BLOCKS_LOOP},    {"any", BLOCKS_ANY},       {"alloc", BLOCKS_OTHER},
    {"fault", BLOCKS_OTHER},  {"cpu", BLOCKS_OTHER},     {0},
};

const struct word words_nesting[] = {
    {"undefined", NESTING_UNDEFINED},
    {"refused", NESTING_REFUSED},
    {"allowed", NESTING_ALLOWED},
    {0},
};

const struct word words_exits[] = {{"thread", false}, {"process", true}, {0}};

const struct word words_atomic_op[] = {
    {"load", ATOMIC_LOAD}, {"store", ATOMIC_STORE}, {"rmw", ATOMIC_RMW},
    {"cas", ATOMIC_CAS},   {"init", ATOMIC_INIT},   {0},
};

const struct word words_fork[] = {{"fork", true}, {"vfork", true}, {"daemon", false}, {0}};
const struct word words_gil[] = {{"needs", true}, {0}};
const struct word words_disables[] = {{"irq", 0}, {"softirq", 0}, {"preempt", 0}, {0}};

static const struct word words_zero[] = {
    {"zero", 0}, {"0", 0}, {"false", 0}, {"thrd_success", 0}, {"WAIT_OBJECT_0", 0}, {0},
};

enum ok_when words_ok_when(const char *constant)
{
    return words_find(words_zero, constant) != NULL ? OK_ZERO : OK_NONZERO;
}

const struct word *words_find(const struct word *words, const char *text)
{
    for (; words->text != NULL; words++) {
        if (strcmp(words->text, text) == 0) {
            return words;
        }
    }
    return NULL;
}

const char *words_advice(void *owner, const struct word *words, const char *text)
{
    struct nearest search = nearest_start(text);

    for (const struct word *word = words; word->text != NULL; word++) {
        nearest_try(&search, word->text);
    }
    if (search.best != NULL) {
        return nearest_question(owner, &search);
    }
    char *advice = mem_printf(owner, ": use %s", words->text);
    for (const struct word *word = words + 1; word->text != NULL; word++) {
        mem_append(owner, &advice, "%s%s", word[1].text != NULL ? ", " : " or ", word->text);
    }
    return advice;
}

const char *blocks_name(enum blocks_what what)
{
    return what == BLOCKS_OTHER ? "other" : words_blocks[what].text;
}
