#include "config/keys.h"

#include <assert.h>

static_assert(sizeof(enum lock_kind) == sizeof(int), "KEY_WORD stores an int into enums");

#define ARG_KEY(text, to) {.name = (text), .shape = KEY_ARG, .member = (to)}
#define ARGS_KEY(text, to) {.name = (text), .shape = KEY_ARGS, .member = (to)}
#define FLAG_KEY(text, to) {.name = (text), .shape = KEY_FLAG, .member = (to)}
#define TEXT_KEY(text, to) {.name = (text), .shape = KEY_TEXT, .member = (to)}
#define WORD_KEY(text, to, list)                                                                   \
    {.name = (text), .shape = KEY_WORD, .member = (to), .words = (list)}
#define MAP_KEY(text, table) {.name = (text), .shape = KEY_MAP, .member = 0, .keys = (table)}
#define NAMES_KEY(text) {.name = (text), .shape = KEY_NAMES, .member = KEY_CHECKED}
#define LIST_KEY(text, to) {.name = (text), .shape = KEY_NAMES, .member = (to)}
#define TABLE_KEY(text, table)                                                                     \
    {.name = (text), .shape = KEY_TABLE, .member = KEY_CHECKED, .keys = (table)}
#define CHECKED KEY_CHECKED

#define FN(m) offsetof(struct fn_words, m)
#define CALLBACK(m) offsetof(struct model_callback, m)
#define PATH(m) offsetof(struct model_path, m)
#define INIT(m) offsetof(struct init_words, m)
#define LOOP(m) offsetof(struct model_loop, m)

static const struct word words_innermost[] = {{"innermost", ARG_NONE}, {0}};
static const struct word words_many[] = {{"fd_sets", MANY_FD_SETS}, {0}};
static const struct word words_always[] = {{"always", AGAIN_ALWAYS}, {0}};
static const struct word words_nonblocking[] = {{"nonblocking", FD_NONBLOCKING}, {0}};

/* ---- maps inside a line of fn ---------------------------------------------------------------- */

static const struct key keys_wait[] = {
    {.name = "cond", .shape = KEY_ARG, .member = FN(fn.wait_cond), .needed = true},
    {.name = "lock", .shape = KEY_ARG, .member = FN(fn.wait_lock), .needed = true},
    {0},
};

static const struct key keys_copies[] = {
    {.name = "to", .shape = KEY_ARG, .member = FN(fn.copies_to), .needed = true},
    {.name = "from", .shape = KEY_ARG, .member = FN(fn.copies_from), .needed = true},
    {0},
};

static const struct key keys_once[] = {
    ARG_KEY("guard", CHECKED),
    {.name = "call", .shape = KEY_ARG, .member = FN(fn.once_call), .needed = true},
    {0},
};

static const struct key keys_thread[] = {
    ARG_KEY("handle", FN(fn.thread_handle)),
    {.name = "entry", .shape = KEY_ARG, .member = FN(fn.thread_entry), .needed = true},
    ARG_KEY("data", FN(fn.thread_data)),
    {0},
};

static const struct key keys_blocks_if[] = {
    {.name = "arg", .shape = KEY_ARG, .member = FN(fn.blocks_test_arg), .needed = true},
    TEXT_KEY("is", FN(is)),
    TEXT_KEY("is_not", FN(is_not)),
    TEXT_KEY("has", FN(has)),
    TEXT_KEY("lacks", FN(lacks)),
    TEXT_KEY("above", FN(above)),
    {.name = "flags", .shape = KEY_FLAGS, .member = KEY_CHECKED},
    {0},
};

static const struct key keys_descriptor[] = {
    {.name = "at", .shape = KEY_ARG, .member = FN(fn.descriptor.at), .needed = true},
    WORD_KEY("is", FN(fn.descriptor.kind), words_fd_kind),
    ARG_KEY("flags", FN(fn.descriptor.flags)),
    ARG_KEY("type", FN(fn.descriptor.type)),
    ARG_KEY("of", FN(fn.descriptor.of)),
    FLAG_KEY("nonblocking", FN(fn.descriptor.nonblocking)),
    {0},
};

static const struct key keys_sets_nonblocking[] = {
    {.name = "fd", .shape = KEY_ARG, .member = FN(fn.nonblock.fd), .needed = true},
    ARG_KEY("arg", FN(fn.nonblock.arg)),
    TEXT_KEY("is", FN(fn.nonblock.is)),
    ARG_KEY("flags", FN(fn.nonblock.flags)),
    ARG_KEY("on", FN(fn.nonblock.on)),
    ARG_KEY("off", FN(fn.nonblock.off)),
    {0},
};

static const struct key keys_atomic[] = {
    {.name = "obj", .shape = KEY_ARG, .member = FN(fn.atomic_obj), .needed = true},
    {.name = "op",
     .shape = KEY_WORD,
     .member = FN(fn.atomic_op),
     .words = words_atomic_op,
     .needed = true},
    ARG_KEY("order", CHECKED),
    {0},
};

const struct key keys_builtin[] = {
    ARG_KEY("obj", FN(fn.atomic_obj)),
    WORD_KEY("op", FN(fn.atomic_op), words_atomic_op),
    ARG_KEY("order", CHECKED),
    FLAG_KEY("fence", FN(fn.fence)),
    {0},
};

static const struct key keys_binds[] = {
    {.name = "handle", .shape = KEY_ARG, .member = FN(fn.binds_handle), .needed = true},
    {.name = "loop", .shape = KEY_ARG, .member = FN(fn.binds_loop), .needed = true},
    {0},
};

static const struct key keys_callback[] = {
    {.name = "arg", .shape = KEY_ARG, .member = CALLBACK(arg), .needed = true},
    {.name = "runs",
     .shape = KEY_WORD,
     .member = CALLBACK(runs),
     .words = words_runs,
     .needed = true},
    ARG_KEY("data", CALLBACK(data)),
    ARG_KEY("loop", CALLBACK(loop)),
    ARG_KEY("handle", CALLBACK(handle)),
    FLAG_KEY("pool", CALLBACK(pool)),
    {.name = "again", .shape = KEY_ARG, .member = CALLBACK(again), .words = words_always},
    ARG_KEY("again_bit", CALLBACK(again_bit)),
    {.name = "fd", .shape = KEY_ARG, .member = CALLBACK(fd), .words = words_nonblocking},
    ARG_KEY("fd_at", CALLBACK(fd_at)),
    FLAG_KEY("at_start", CALLBACK(at_start)),
    TEXT_KEY("holds", CALLBACK(holds)),
    {0},
};

static const struct key keys_path[] = {
    {.name = "arg", .shape = KEY_ARG, .member = PATH(arg), .needed = true},
    {.name = "does",
     .shape = KEY_WORD,
     .member = PATH(does),
     .words = words_file_deed,
     .needed = true},
    ARG_KEY("dir", PATH(dir)),
    ARG_KEY("flags", PATH(flags)),
    ARG_KEY("into", PATH(into)),
    {0},
};

const struct key keys_field[] = {
    {.name = "runs",
     .shape = KEY_WORD,
     .member = CALLBACK(runs),
     .words = words_runs,
     .needed = true},
    ARG_KEY("data", CALLBACK(data)),
    TEXT_KEY("holds", CALLBACK(holds)),
    FLAG_KEY("in_handle", CALLBACK(in_handle)),
    FLAG_KEY("at_start", CALLBACK(at_start)),
    FLAG_KEY("realtime", CHECKED),
    {0},
};

/* ---- fn: in the order of the table in models/README.md --------------------------------------- */

const struct key keys_fn[] = {
    /* take */
    ARGS_KEY("acquire", FN(fn.acquire)),
    WORD_KEY("kind", FN(kind), words_lock_kind),
    WORD_KEY("mode", FN(mode), words_mode),
    FLAG_KEY("recursive", FN(fn.recursive)),
    TEXT_KEY("lock", FN(fn.lock)),
    ARG_KEY("subclass", CHECKED),
    FLAG_KEY("process_shared", CHECKED),
    /* may fail */
    FLAG_KEY("try", FN(fn.is_try)),
    FLAG_KEY("timed", FN(fn.timed)),
    ARG_KEY("wait_flag", FN(fn.wait_flag)),
    ARG_KEY("timeout", CHECKED),
    NAMES_KEY("forever"),
    NAMES_KEY("nowait"),
    TEXT_KEY("ok", FN(ok)),
    FLAG_KEY("eintr", CHECKED),
    /* give back */
    {.name = "release", .shape = KEY_ARGS, .member = FN(fn.release), .words = words_innermost},
    ARG_KEY("downgrade", FN(fn.downgrade)),
    /* scope guard */
    ARG_KEY("guard", FN(guard)),
    ARG_KEY("release_guard", CHECKED),
    FLAG_KEY("scope_guard", FN(scope_guard)),
    ARG_KEY("class", CHECKED),
    /* life */
    ARG_KEY("init", FN(fn.init)),
    ARG_KEY("destroy", FN(fn.destroy)),
    FLAG_KEY("returns_lock", FN(returns_lock)),
    ARG_KEY("type", FN(fn.type)),
    ARG_KEY("sets_type", FN(fn.sets_type)),
    ARG_KEY("attr", FN(fn.attr)),
    ARG_KEY("count", FN(fn.count)),
    TEXT_KEY("needs_type", CHECKED),
    /* claims */
    ARG_KEY("asserts", FN(fn.asserts)),
    ARG_KEY("asserts_free", CHECKED),
    ARG_KEY("tests", FN(fn.tests)),
    /* condition */
    MAP_KEY("wait", keys_wait),
    FLAG_KEY("in_loop", FN(fn.in_loop)),
    ARG_KEY("signal", FN(fn.signals)),
    ARG_KEY("broadcast", FN(fn.signals)),
    FLAG_KEY("lock_should_be_held", CHECKED),
    ARG_KEY("barrier", FN(fn.barrier)),
    ARG_KEY("waits_on", CHECKED),
    MAP_KEY("once", keys_once),
    ARG_KEY("once_enter", CHECKED),
    ARG_KEY("once_leave", CHECKED),
    /* threads */
    MAP_KEY("thread", keys_thread),
    ARG_KEY("join", FN(fn.join)),
    ARG_KEY("detach", CHECKED),
    ARG_KEY("cancel", CHECKED),
    WORD_KEY("exits", FN(exits), words_exits),
    FLAG_KEY("noreturn", FN(fn.noreturn)),
    ARG_KEY("tls_key", CHECKED),
    ARG_KEY("tls_get", CHECKED),
    ARG_KEY("tls_set", CHECKED),
    ARG_KEY("data", CHECKED),
    /* callbacks */
    {.name = "callback", .shape = KEY_CALLBACKS, .member = 0, .keys = keys_callback},
    ARG_KEY("installs", FN(fn.installs)),
    /* waiting */
    WORD_KEY("blocks", FN(blocks), words_blocks),
    MAP_KEY("blocks_if", keys_blocks_if),
    ARG_KEY("fd", FN(fn.blocks_fd)),
    FLAG_KEY("sure", FN(sure)),
    {.name = "many", .shape = KEY_ARG, .member = FN(fn.waits_many), .words = words_many},
    ARG_KEY("host", FN(fn.host)),
    TEXT_KEY("use", FN(fn.use)),
    TEXT_KEY("why", FN(fn.why)),
    ARG_KEY("stream", FN(fn.stream)),
    /* descriptors */
    MAP_KEY("descriptor", keys_descriptor),
    MAP_KEY("sets_nonblocking", keys_sets_nonblocking),
    ARG_KEY("makes_nonblocking", FN(makes_nonblocking)),
    ARG_KEY("makes_blocking", FN(makes_blocking)),
    ARG_KEY("watches", FN(fn.watches)),
    ARG_KEY("writes", FN(fn.writes)),
    /* names of files */
    {.name = "path", .shape = KEY_PATHS, .member = 0, .keys = keys_path},
    ARG_KEY("builds", FN(fn.builds)),
    ARG_KEY("makes_private", FN(fn.makes_private)),
    FLAG_KEY("changes_user", FN(fn.changes_user)),
    FLAG_KEY("returns_errno", FN(fn.returns_errno)),
    FLAG_KEY("reads_environment", FN(fn.reads_environment)),
    FLAG_KEY("returns_shared", FN(fn.returns_shared)),
    /* loops */
    ARG_KEY("runs_loop", FN(fn.runs_loop)),
    FLAG_KEY("runs_callbacks", FN(fn.runs_callbacks)),
    TEXT_KEY("hosted_by", FN(fn.hosted_by)),
    ARG_KEY("stops_loop", FN(fn.stops_loop)),
    FLAG_KEY("returns_loop", FN(fn.returns_loop)),
    FLAG_KEY("default_loop", FN(fn.default_loop)),
    ARG_KEY("makes_loop", FN(fn.makes_loop)),
    ARG_KEY("inits_loop", FN(fn.inits_loop)),
    ARG_KEY("loop_of", FN(fn.loop_of)),
    MAP_KEY("binds", keys_binds),
    FLAG_KEY("loop_only", FN(fn.loop_only)),
    FLAG_KEY("any_thread", FN(fn.any_thread)),
    FLAG_KEY("per_thread", FN(fn.per_thread)),
    FLAG_KEY("guards_loop", FN(fn.guards_loop)),
    FLAG_KEY("signal_safe", CHECKED),
    ARG_KEY("after_fork", CHECKED),
    /* atomics */
    MAP_KEY("atomic", keys_atomic),
    FLAG_KEY("fence", FN(fn.fence)),
    ARG_KEY("order", CHECKED),
    /* data */
    FLAG_KEY("fresh", FN(fn.fresh)),
    FLAG_KEY("zeroed", FN(fn.zeroed)),
    ARG_KEY("frees", FN(fn.frees)),
    MAP_KEY("copies", keys_copies),
    ARG_KEY("hands_over", CHECKED),
    ARG_KEY("takes_over", CHECKED),
    ARG_KEY("touches", CHECKED),
    /* marks: facts kept for rules to come */
    FLAG_KEY("macro", CHECKED),
    FLAG_KEY("object_like", CHECKED),
    ARG_KEY("saves", CHECKED),
    ARG_KEY("key", CHECKED),
    ARG_KEY("ordered_by", CHECKED),
    TEXT_KEY("waits_readers", CHECKED), /* an argument or a lock's name */
    ARG_KEY("seq_begin", CHECKED),
    ARG_KEY("seq_retry", CHECKED),
    FLAG_KEY("yields", CHECKED),
    FLAG_KEY("lost_wakeup", CHECKED),
    ARG_KEY("waits_handle", CHECKED),
    ARG_KEY("waits_handles", CHECKED),
    ARG_KEY("waits_address", CHECKED),
    FLAG_KEY("suspends", FN(suspends)),
    ARG_KEY("suspends_thread", CHECKED),
    FLAG_KEY("enables_threads", CHECKED),
    ARG_KEY("signals_thread", CHECKED),
    ARG_KEY("cancel_type", CHECKED),
    ARG_KEY("cancel_state", CHECKED),
    FLAG_KEY("cancel_point", CHECKED),
    FLAG_KEY("runs_exit_handlers", CHECKED),
    ARG_KEY("signal_mask", FN(fn.signal_mask)),
    FLAG_KEY("single_thread_only", CHECKED),
    ARG_KEY("sets_context", CHECKED),
    TEXT_KEY("opens", FN(fn.opens)),
    FLAG_KEY("releases_gil_while_waiting", CHECKED),
    FLAG_KEY("starts_interpreter", FN(fn.starts_interpreter)),
    FLAG_KEY("ends_interpreter", CHECKED),
    FLAG_KEY("before_fork", CHECKED),
    FLAG_KEY("runs_arbitrary_code", CHECKED),
    FLAG_KEY("realtime", CHECKED),
    /* other */
    WORD_KEY("fork", FN(forks), words_fork),
    FLAG_KEY("exec", CHECKED),
    FLAG_KEY("spawn", CHECKED),
    WORD_KEY("gil", FN(gil), words_gil),
    WORD_KEY("disables", CHECKED, words_disables),
    FLAG_KEY("isr_ok", CHECKED),
    TEXT_KEY("unsafe", CHECKED),
    TEXT_KEY("since", CHECKED),
    {0},
};

/* ---- other tables ---------------------------------------------------------------------------- */

const struct key keys_static_init[] = {
    WORD_KEY("kind", INIT(kind), words_lock_kind),
    FLAG_KEY("recursive", INIT(recursive)),
    FLAG_KEY("errorcheck", INIT(checks)),
    {0},
};

const struct key keys_lock[] = {
    {.name = "kind",
     .shape = KEY_WORD,
     .member = INIT(kind),
     .words = words_lock_kind,
     .needed = true},
    NAMES_KEY("held_at_entry"),
    {0},
};

const struct key keys_lock_type[] = {
    ARG_KEY("value", INIT(value)),
    FLAG_KEY("flag", INIT(is_flag)),
    FLAG_KEY("recursive", INIT(recursive)),
    FLAG_KEY("errorcheck", INIT(checks)),
    FLAG_KEY("robust", CHECKED),
    FLAG_KEY("timed", CHECKED),
    {0},
};

static const struct key keys_declares[] = {
    {.name = "name", .shape = KEY_ARG, .member = KEY_CHECKED, .needed = true},
    WORD_KEY("kind", CHECKED, words_lock_kind),
    FLAG_KEY("recursive", CHECKED),
    ARG_KEY("count", CHECKED),
    ARG_KEY("callback", CHECKED),
    WORD_KEY("runs", CHECKED, words_runs),
    ARG_KEY("entry", CHECKED),
    ARG_KEY("data", CHECKED),
    TEXT_KEY("private", CHECKED),
    {0},
};

const struct key keys_loop[] = {
    TEXT_KEY("kind", CHECKED),
    LIST_KEY("calls", LOOP(calls)),
    LIST_KEY("objects", LOOP(objects)),
    LIST_KEY("bound", LOOP(bound)),
    LIST_KEY("any_thread", LOOP(any_thread)),
    LIST_KEY("thread_on", LOOP(thread_on)),
    LIST_KEY("with_threads", LOOP(with_threads)),
    LIST_KEY("signal_ok", LOOP(signal_ok)),
    TEXT_KEY("wake", LOOP(wake)),
    TEXT_KEY("offload", LOOP(offload)),
    WORD_KEY("nesting", LOOP(nesting), words_nesting),
    {0},
};

const struct key keys_names[] = {NAMES_KEY("names"), {0}};

const struct key keys_not_blocking[] = {NAMES_KEY("names"), TEXT_KEY("why", CHECKED), {0}};

static const struct key keys_only_if[] = {
    {.name = "arg", .shape = KEY_ARG, .member = KEY_CHECKED, .needed = true},
    TEXT_KEY("is", CHECKED),
    TEXT_KEY("is_not", CHECKED),
    {0},
};

static const struct key keys_mt_unsafe[] = {
    TEXT_KEY("why", CHECKED), TEXT_KEY("use", CHECKED), MAP_KEY("only_if", keys_only_if), {0}};

static const struct key keys_mt_unsafe_in_posix[] = {
    TEXT_KEY("glibc", CHECKED), TEXT_KEY("use", CHECKED), TEXT_KEY("report", CHECKED), {0}};

static const struct key keys_signal_safe[] = {
    NAMES_KEY("names"), NAMES_KEY("not_after_fork_in_threads"), {0}};

static const struct key keys_signal_safe_types[] = {NAMES_KEY("read_write"), {0}};

const struct key keys_gil[] = {
    NAMES_KEY("needs"), NAMES_KEY("free"), NAMES_KEY("runs_python"), {0}};

static const struct key keys_rule[] = {TEXT_KEY("isr_only_suffix", CHECKED), {0}};

static const struct key keys_scope_class[] = {
    WORD_KEY("kind", CHECKED, words_lock_kind),
    WORD_KEY("mode", CHECKED, words_mode),
    FLAG_KEY("try", CHECKED),
    WORD_KEY("disables", CHECKED, words_disables),
    {0},
};

static const struct key keys_directive[] = {
    FLAG_KEY("thread_body", CHECKED),
    FLAG_KEY("many", CHECKED),
    TEXT_KEY("region_lock", CHECKED),
    FLAG_KEY("atomic_block", CHECKED),
    FLAG_KEY("one_thread", CHECKED),
    FLAG_KEY("joins", CHECKED),
    {0},
};

static const struct key keys_annotation[] = {
    TEXT_KEY("acquire", CHECKED),
    TEXT_KEY("release", CHECKED),
    TEXT_KEY("requires", CHECKED),
    TEXT_KEY("guarded_by", CHECKED),
    TEXT_KEY("pt_guarded_by", CHECKED),
    WORD_KEY("mode", CHECKED, words_mode),
    TEXT_KEY("ok", CHECKED),
    TEXT_KEY("context", CHECKED),
    {0},
};

/* ---- a whole file ---------------------------------------------------------------------------- */

const struct key keys_models[] = {
    /* of the file */
    TEXT_KEY("schema", CHECKED),
    TEXT_KEY("library", CHECKED),
    NAMES_KEY("active"),
    TABLE_KEY("lock", keys_lock),
    MAP_KEY("loop", keys_loop),
    /* what names mean */
    TABLE_KEY("fn", keys_fn),
    TABLE_KEY("builtin", keys_builtin),
    TABLE_KEY("field", keys_field),
    {.name = "hint", .shape = KEY_TEXTS, .member = KEY_CHECKED},
    {.name = "type", .shape = KEY_WORDS, .member = KEY_CHECKED, .words = words_type},
    TABLE_KEY("static_init", keys_static_init),
    TABLE_KEY("lock_type", keys_lock_type),
    {.name = "blocks", .shape = KEY_LISTS, .member = KEY_CHECKED, .words = words_blocks},
    MAP_KEY("not_blocking", keys_not_blocking),
    MAP_KEY("sync_of_async", keys_names),
    {.name = "places", .shape = KEY_LISTS, .member = KEY_CHECKED, .words = words_place},
    MAP_KEY("memory_files", keys_names),
    MAP_KEY("watch_fields", keys_names),
    MAP_KEY("gil", keys_gil),
    /* only checked: facts for rules to come */
    TEXT_KEY("checked", CHECKED),
    TEXT_KEY("docs", CHECKED),
    TABLE_KEY("declares", keys_declares),
    MAP_KEY("cpu", keys_names),
    TABLE_KEY("mt_unsafe", keys_mt_unsafe),
    TABLE_KEY("mt_unsafe_in_posix", keys_mt_unsafe_in_posix),
    MAP_KEY("signal_safe", keys_signal_safe),
    MAP_KEY("signal_safe_types", keys_signal_safe_types),
    MAP_KEY("rule", keys_rule),
    TABLE_KEY("scope_class", keys_scope_class),
    TABLE_KEY("directive", keys_directive),
    TABLE_KEY("annotation", keys_annotation),
    {0},
};
