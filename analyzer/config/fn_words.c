#include "config/fn_words.h"

struct fn_words fn_words_new(void)
{
    return (struct fn_words){
        .fn = {.acquire = ARG_NONE,
               .release = ARG_NONE,
               .wait_flag = ARG_NONE,
               .init = ARG_NONE,
               .type = ARG_NONE,
               .sets_type = ARG_NONE,
               .attr = ARG_NONE,
               .destroy = ARG_NONE,
               .downgrade = ARG_NONE,
               .asserts = ARG_NONE,
               .tests = ARG_NONE,
               .wait_cond = ARG_NONE,
               .wait_lock = ARG_NONE,
               .frees = ARG_NONE,
               .copies_to = ARG_NONE,
               .copies_from = ARG_NONE,
               .count = ARG_NONE,
               .signal_mask = ARG_NONE,
               .signals = ARG_NONE,
               .barrier = ARG_NONE,
               .thread_handle = ARG_NONE,
               .thread_entry = ARG_NONE,
               .thread_data = ARG_NONE,
               .join = ARG_NONE,
               .once_call = ARG_NONE,
               .installs = ARG_NONE,
               .blocks_fd = ARG_NONE,
               .waits_many = ARG_NONE,
               .blocks_test_arg = ARG_NONE,
               .descriptor = {.at = ARG_NONE, .flags = ARG_NONE, .type = ARG_NONE, .of = ARG_NONE},
               .nonblock = {.fd = ARG_NONE,
                            .arg = ARG_NONE,
                            .flags = ARG_NONE,
                            .on = ARG_NONE,
                            .off = ARG_NONE},
               .stream = ARG_NONE,
               .writes = ARG_NONE,
               .host = ARG_NONE,
               .watches = ARG_NONE,
               .stops_loop = ARG_NONE,
               .runs_loop = ARG_NONE,
               .makes_loop = ARG_NONE,
               .inits_loop = ARG_NONE,
               .loop_of = ARG_NONE,
               .binds_handle = ARG_NONE,
               .binds_loop = ARG_NONE,
               .builds = ARG_NONE,
               .makes_private = ARG_NONE,
               .atomic_obj = ARG_NONE},
        .kind = KIND_UNSAID,
        .blocks = KIND_UNSAID,
        .guard = ARG_NONE,
        .makes_nonblocking = ARG_NONE,
        .makes_blocking = ARG_NONE,
        .sure = true,
    };
}

/* The test of blocks_if: exactly one of five words. */
static bool finish_test(const struct key_reader *reader, const yaml_node *node,
                        struct fn_words *line)
{
    const struct {
        enum arg_test test;
        const char *value;
    } tests[] = {{TEST_IS, line->is},
                 {TEST_IS_NOT, line->is_not},
                 {TEST_HAS, line->has},
                 {TEST_LACKS, line->lacks},
                 {TEST_ABOVE, line->above}};
    size_t n = 0;

    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (tests[i].value != NULL) {
            line->fn.blocks_test = tests[i].test;
            line->fn.blocks_test_value = tests[i].value;
            n++;
        }
    }
    if (n != (line->fn.blocks_test_arg != ARG_NONE)) {
        return yaml_fail(reader->text, yaml_get(reader->text, node, "blocks_if"), reader->err,
                         "blocks_if needs one of is, is_not, has, lacks and above");
    }
    return true;
}

/* A lock without an argument has a name: its own, or that of the file's `lock` table. */
static bool finish_singleton(const struct key_reader *reader, const yaml_node *node,
                             const struct singleton *singleton, struct fn_words *line)
{
    if (line->fn.acquire != ARG_SINGLETON && line->fn.release != ARG_SINGLETON) {
        line->fn.lock = NULL; /* an argument's number, in guard macros */
        return true;
    }
    if (line->fn.lock == NULL) {
        line->fn.lock = singleton->name;
        line->kind = line->kind == KIND_UNSAID ? singleton->kind : line->kind;
    }
    if (line->fn.lock == NULL) {
        return yaml_fail(reader->text, node, reader->err,
                         "a lock without an argument needs a name: add 'lock: NAME'");
    }
    return true;
}

bool fn_words_finish(const struct key_reader *reader, const yaml_node *node,
                     const struct singleton *singleton, struct fn_words *line)
{
    struct model_fn *fn = &line->fn;

    if (!finish_singleton(reader, node, singleton, line) || !finish_test(reader, node, line)) {
        return false;
    }
    if (line->kind == KIND_UNSAID) {
        line->kind = fn->acquire != ARG_NONE ? LOCK_MUTEX : LOCK_KIND_NONE;
    }
    fn->kind = (enum lock_kind)line->kind;
    fn->shared = line->mode;
    fn->ok = line->ok == NULL ? OK_ALWAYS : words_ok_when(line->ok);
    fn->exits_process = line->exits;
    fn->forks = line->forks;
    if (line->makes_nonblocking != ARG_NONE || line->makes_blocking != ARG_NONE) {
        fn->nonblock.to_blocking = line->makes_nonblocking == ARG_NONE;
        fn->nonblock.fd = fn->nonblock.to_blocking ? line->makes_blocking : line->makes_nonblocking;
    }
    fn->needs_gil = line->gil;
    fn->scoped = line->scope_guard || line->suspends || line->guard != ARG_NONE;
    if (line->returns_lock) {
        fn->init = ARG_RETURNED;
    }
    fn->blocks = line->blocks == KIND_UNSAID ? BLOCKS_NOTHING : (enum blocks_what)line->blocks;
    fn->blocks_surely = line->sure;
    return true;
}
