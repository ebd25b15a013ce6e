/* toctou-file: a program asks what a name stands for and then acts on the name, while another
 * process can put another file there in between.
 */
#include "program/filepairs.h"
#include "rules/rule.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What comes of it when somebody exchanges the file in between. */
enum harm {
    HARM_FAILS,   /* the act fails, as it would have if asked later; or does what it would have */
    HARM_READS,   /* another file is read */
    HARM_UNKNOWN, /* snarl can't tell how it is opened */
    HARM_EXISTS,  /* what must be made is there already, and the program takes that for an error */
    HARM_CHANGES, /* another file is written, deleted, replaced, run */
};

/* What is said of an act, and what to do instead. */
struct deed_words {
    const char *does;
    const char *cure;
};

static struct deed_words words_of_act(enum file_deed deed)
{
    switch (deed) {
    case FILE_OPEN:
    case FILE_FOPEN:
        return (struct deed_words){"opens", "open it first, then ask the descriptor with fstat()"};
    case FILE_CREATE:
        return (struct deed_words){"makes or empties",
                                   "open it with O_CREAT | O_EXCL, which fails if it is there"};
    case FILE_LIST:
        return (struct deed_words){
            "lists", "open the directory first, ask its descriptor with fstat(), use fdopendir()"};
    case FILE_CHDIR:
        return (struct deed_words){
            "goes to", "open the directory first, ask its descriptor with fstat(), use fchdir()"};
    case FILE_EXEC:
        return (struct deed_words){
            "runs", "open it first, ask the descriptor with fstat(), run that with fexecve()"};
    case FILE_LOAD:
        return (struct deed_words){
            "loads", "load only from directories that nobody else can write to, without asking"};
    case FILE_REMOVE:
        return (struct deed_words){"removes", NULL};
    case FILE_RMDIR:
        return (struct deed_words){
            "removes", "remove it without asking: rmdir() takes empty directories only"};
    case FILE_RENAME:
        return (struct deed_words){"renames",
                                   "rename it without asking, ENOENT says that it was not there"};
    case FILE_REPLACE:
        return (struct deed_words){
            "replaces", "use renameat2() with RENAME_NOREPLACE, or link() and then unlink()"};
    case FILE_LINK:
    case FILE_MKDIR:
        return (struct deed_words){
            "makes", "make it without asking, EEXIST says that somebody else was faster"};
    case FILE_CHMOD:
        return (struct deed_words){"changes the mode of",
                                   "open it, ask the descriptor with fstat(), then use fchmod()"};
    case FILE_CHOWN:
        return (struct deed_words){"changes the owner of",
                                   "open it, ask the descriptor with fstat(), then use fchown()"};
    case FILE_TRUNCATE:
        return (struct deed_words){
            "shortens", "open it, ask the descriptor with fstat(), then use ftruncate()"};
    case FILE_UTIME:
        return (struct deed_words){"changes the times of",
                                   "open it, ask the descriptor with fstat(), then use futimens()"};
    case FILE_ACCESS:
    case FILE_STAT:
    case FILE_LSTAT:
    case FILE_FSTAT:
        break;
    }
    return (struct deed_words){"uses", NULL};
}

static bool makes(const struct open_flags *flags)
{
    return (flags->sure & (O_CREAT | O_TRUNC)) != 0;
}

/* The form that cures this check with this act. */
static const char *cure_of(const struct file_pair *pair)
{
    const struct file_use *act = &pair->act;
    bool opens = act->deed == FILE_OPEN || act->deed == FILE_FOPEN;

    if (act->deed == FILE_REMOVE) {
        return pair->by_kind
                   ? "remove it with unlinkat() in a directory that nobody else can write "
                     "to, whose descriptor is kept open"
                   : "remove it without asking, ENOENT says that it was not there";
    }
    if (opens && (act->flags.sure & (O_CREAT | O_APPEND)) == O_CREAT && pair->side != SIDE_THERE) {
        return act->deed == FILE_FOPEN
                   ? "open it with mode \"wx\", which fails if it is there"
                   : "open it with O_CREAT | O_EXCL, which fails if it is there";
    }
    if (opens && pair->check.deed == FILE_LSTAT) {
        return "open it with O_NOFOLLOW, then ask the descriptor with fstat()";
    }
    if (opens && pair->check.deed == FILE_ACCESS) {
        return "open it without asking, as the user whose rights count (seteuid), and look at the "
               "error";
    }
    return words_of_act(act->deed).cure;
}

/* ---- how bad it is --------------------------------------------------------------------------- */

static enum harm harm_of_opening(const struct file_use *act)
{
    if (makes(&act->flags) || (act->flags.sure & O_ACCMODE) != O_RDONLY) {
        return HARM_CHANGES;
    }
    return act->flags.known ? HARM_READS : HARM_UNKNOWN;
}

static enum harm harm_of(const struct file_pair *pair)
{
    const struct file_use *act = &pair->act;

    switch (act->deed) {
    case FILE_OPEN:
    case FILE_FOPEN:
    case FILE_CREATE:
        return harm_of_opening(act);
    case FILE_LIST:
    case FILE_CHDIR:
        return HARM_READS;
    case FILE_EXEC:
    case FILE_LOAD:
    case FILE_REMOVE:
        return pair->by_kind ? HARM_CHANGES : HARM_FAILS;
    case FILE_REPLACE:
        return pair->side == SIDE_MISSING ? HARM_CHANGES : HARM_FAILS;
    case FILE_MKDIR:
    case FILE_LINK:
        return act->looked_at && pair->side != SIDE_THERE ? HARM_EXISTS : HARM_FAILS;
    case FILE_CHMOD:
    case FILE_CHOWN:
    case FILE_TRUNCATE:
    case FILE_UTIME:
        return HARM_CHANGES;
    case FILE_RMDIR:
    case FILE_RENAME:
    case FILE_ACCESS:
    case FILE_STAT:
    case FILE_LSTAT:
    case FILE_FSTAT:
        break;
    }
    return HARM_FAILS;
}

/* Does a context of its program surely change the user that the process runs as? Then others have
 * less rights than it has, at times. */
static bool changes_user(const struct prog *prog)
{
    const struct contexts *contexts = prog->contexts;

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        if (call->model == NULL || !call->model->changes_user) {
            continue;
        }
        for (size_t c = 0; c < contexts->v.n; c++) {
            if (contexts_surely_runs(contexts, &contexts->v.v[c], call->fn)) {
                return true;
            }
        }
    }
    return false;
}

/* Does this side end the process, by what a macro says whose argument the condition is:
 * `assert(condition)`, and not `if (condition) die()`? The macro's use begins before the condition.
 */
static bool ends_by_macro(const struct prog *prog, fn_id fn, uint32_t head, loc_id condition)
{
    const struct ir_fn *ir = prog->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[head];
    loc_id where = block->n_ops > 0 ? ir->ops.v[block->first_op].where : block->where;
    bool ends = block->term == IR_UNREACHABLE ||
                (block->n_ops > 0 && doom_at(prog->contexts->doom, fn, (op_id){block->first_op}));

    if (!ends || where.i == ID_NONE || condition.i == ID_NONE) {
        return false;
    }
    const struct ir_loc *use = &ir->locs.v[where.i];
    const struct ir_loc *asked = &ir->locs.v[condition.i];
    return use->macro != NULL && use->file.i == asked->file.i &&
           (use->line < asked->line || (use->line == asked->line && use->column <= asked->column));
}

/* Is the decision an assertion? It says what always holds, and is not there in other builds. */
static bool is_assertion(const struct prog *prog, const struct file_pair *pair)
{
    const struct ir_fn *ir = prog->linked->fns.v[pair->fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[pair->branch];
    bool ends = true;

    for (uint32_t i = 0; i < block->n_succs && ends; i++) {
        ends =
            i == pair->taken ||
            ends_by_macro(prog, pair->fn, ir->succs.v[block->first_succ + i].block.i, block->where);
    }
    return ends;
}

/* A pair, and what is to be said of it. */
struct judged {
    const struct file_pair *pair;
    enum level confidence;
    enum level severity;
    const char *reason;
};

static struct judged judge(const struct prog *prog, const struct file_pair *pair, bool user_changes)
{
    enum harm harm = harm_of(pair);
    bool asks_rights = pair->check.deed == FILE_ACCESS && pair->check.flags.sure != F_OK;
    bool by_user = user_changes && asks_rights;
    struct judged judged = {.pair = pair, .confidence = LEVEL_LOW, .severity = LEVEL_LOW};

    if (pair->place == PLACE_SYSTEM) {
        judged.reason = "only the administrator can put files there";
        return judged;
    }
    if (pair->act.name.dir.i != ID_NONE) {
        judged.reason = "the directory is held open; who else can write to it is not known";
        return judged;
    }
    if (is_assertion(prog, pair)) {
        judged.reason = "the decision is an assertion";
        return judged;
    }
    switch (harm) {
    case HARM_FAILS:
        judged.reason = "if the file is exchanged, the act does no other harm than without a check";
        return judged;
    case HARM_UNKNOWN:
        judged.reason = "how the file is opened is not known";
        return judged;
    case HARM_READS:
        judged.reason = "the file is only read";
        break;
    case HARM_EXISTS:
        judged.confidence = LEVEL_MEDIUM;
        judged.reason = "nothing tells the failure because of another process from other ones";
        break;
    case HARM_CHANGES:
        judged.confidence = LEVEL_MEDIUM;
        judged.severity = LEVEL_MEDIUM;
        judged.reason = "the file is changed, replaced or run";
        break;
    }
    bool exposed = pair->place == PLACE_SHARED || by_user;
    if (exposed && (harm == HARM_CHANGES || pair->by_kind || by_user)) {
        judged.confidence = harm == HARM_CHANGES ? LEVEL_HIGH : LEVEL_MEDIUM;
        judged.severity = LEVEL_HIGH;
    }
    return judged;
}

/* ---- saying it ------------------------------------------------------------------------------- */

/* The pointer, or the buffer, rather than the text. */
static path_id path_without_deref(const struct prog *prog, path_id path)
{
    bool pointed = !path_is_none(path) && path_get(prog->paths, path)->kind == STEP_DEREF;

    return pointed ? path_get(prog->paths, path)->parent : path;
}

static const char *name_of_part(void *owner, const struct prog *prog, const struct file_pair *pair,
                                const struct name_part *part)
{
    const struct ir_fn *ir = prog->linked->fns.v[pair->fn.i].ir;
    const struct ir_value *v = part->value.i == ID_NONE ? NULL : &ir->values.v[part->value.i];

    return v != NULL && v->kind == IR_VALUE_STRING
               ? mem_printf(owner, "\"%s\"", v->u.text)
               : prog_path_name(owner, prog, pair->fn, path_without_deref(prog, part->path));
}

/* How it is made, with the parts in their places: snprintf("%s/lock", dir). */
static const char *name_of_form(void *owner, const struct prog *prog, const struct file_pair *pair)
{
    const struct file_name *name = &pair->act.name;
    const char *from = name->form;
    char *text = mem_strdup(owner, "");

    for (uint32_t i = 0; i < name->n_parts; i++) {
        size_t n = strcspn(from, "$");
        mem_append(owner, &text, "%.*s%s", (int)n, from,
                   name_of_part(owner, prog, pair, &name->parts[i]));
        from += n + (from[n] == '$');
    }
    mem_append(owner, &text, "%s", from);
    return text;
}

static const char *name_of(void *owner, const struct prog *prog, const struct file_pair *pair)
{
    const struct file_name *name = &pair->act.name;
    const struct ir_fn *ir = prog->linked->fns.v[pair->fn.i].ir;

    if (name->text != NULL) {
        return name->text;
    }
    if (name->local != ID_NONE && ir->locals.v[name->local].name != NULL) {
        return ir->locals.v[name->local].name;
    }
    if (name->form != NULL) {
        return name_of_form(owner, prog, pair);
    }
    if (path_is_none(name->path)) {
        const struct ir_value *v = name->value.i == ID_NONE ? NULL : &ir->values.v[name->value.i];
        return v != NULL && v->kind == IR_VALUE_CALL
                   ? calls_at(prog->calls, pair->fn, v->u.op)->name
                   : "the name";
    }
    return prog_path_name(owner, prog, pair->fn, path_without_deref(prog, name->path));
}

static const char *call_name(const struct prog *prog, const struct file_pair *pair, op_id op)
{
    return calls_at(prog->calls, pair->fn, op)->name;
}

/* One call of the story: itself, or by way of a wrapper. */
static void add_call(struct rule_run *run, struct finding *finding, size_t thread, unsigned depth,
                     const struct file_pair *pair, const struct file_use *use, const char *does,
                     const char *name)
{
    struct loc where = prog_loc_of(run->prog, (struct site){pair->fn.i, use->op.i});
    const char *called = call_name(run->prog, pair, use->op);

    if (use->depth == 0) {
        finding_add_step(run, finding, thread, where, depth, NULL, "%s '%s' with '%s'", does, name,
                         called);
    } else {
        finding_add_step(run, finding, thread, where, depth, NULL,
                         "calls '%s', which %s '%s' with '%s'", called, does, name,
                         use->inner->name);
    }
}

static void add_story(struct rule_run *run, struct finding *finding, const struct file_pair *pair,
                      const char *name)
{
    const struct prog *prog = run->prog;
    struct loc check = prog_loc_of(prog, (struct site){pair->fn.i, pair->check.op.i});
    struct loc test = prog_loc_of_condition(prog, pair->fn, pair->branch);
    struct loc act = prog_loc_of(prog, (struct site){pair->fn.i, pair->act.op.i});
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, pair->fn, &depth);

    add_call(run, finding, thread, depth, pair, &pair->check, "checks", name);
    if (test.line != check.line) {
        finding_add_step(run, finding, thread, test, depth, NULL, "decides by what it found");
    }
    add_call(run, finding, thread, depth, pair, &pair->act, words_of_act(pair->act.deed).does,
             name);
    size_t other = finding_add_thread(finding, "another process");
    finding_add_step(run, finding, other, act, 0, NULL,
                     "puts another file, or a link to one, in the place of '%s' before this", name);
}

static void tell(struct rule_run *run, const struct judged *judged)
{
    const struct prog *prog = run->prog;
    const struct file_pair *pair = judged->pair;
    struct loc act = prog_loc_of(prog, (struct site){pair->fn.i, pair->act.op.i});
    struct loc check = prog_loc_of(prog, (struct site){pair->fn.i, pair->check.op.i});
    void *scratch = mem_owner(NULL, "names");
    const char *name = name_of(scratch, prog, pair);
    struct finding *finding = finding_new(
        run, act, "'%s' can be another file by the time '%s' is called: it was checked on line %u",
        name, call_name(prog, pair, pair->act.op), check.line);

    add_story(run, finding, pair, name);
    finding->confidence = judged->confidence;
    finding->severity = judged->severity;
    finding_add_reason(run, finding, "%s", judged->reason);
    if (pair->place == PLACE_SHARED) {
        finding_add_reason(run, finding, "everybody can put files there");
    }
    finding->cure = cure_of(pair);
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, pair->fn), name,
                     call_name(prog, pair, pair->act.op));
    talloc_free(scratch);
}

/* ---- the rule -------------------------------------------------------------------------------- */

/* Are the two about one and the same mistake: one act, or acts behind one check? */
static bool are_one(const struct judged *a, const struct judged *b)
{
    return a->pair->fn.i == b->pair->fn.i &&
           (a->pair->act.op.i == b->pair->act.op.i || a->pair->check.op.i == b->pair->check.op.i);
}

/* Which of two pairs says more: the surer one, then the later check, then the earlier act. */
static bool says_more(const struct judged *a, const struct judged *b)
{
    if (a->confidence != b->confidence) {
        return a->confidence > b->confidence;
    }
    if (a->severity != b->severity) {
        return a->severity > b->severity;
    }
    if (a->pair->check.op.i != b->pair->check.op.i) {
        return a->pair->check.op.i > b->pair->check.op.i;
    }
    return a->pair < b->pair;
}

void rule_toctou_file(struct rule_run *run)
{
    struct filepairs *pairs = filepairs_find(NULL, run->prog->flows);
    bool user_changes = pairs->v.n > 0 && changes_user(run->prog);
    struct judged *judged = mem_array(pairs, struct judged, pairs->v.n + 1);

    for (size_t i = 0; i < pairs->v.n; i++) {
        judged[i] = judge(run->prog, &pairs->v.v[i], user_changes);
    }
    for (size_t i = 0; i < pairs->v.n; i++) {
        bool best = true;
        for (size_t j = 0; j < pairs->v.n && best; j++) {
            best = j == i || !are_one(&judged[i], &judged[j]) || says_more(&judged[i], &judged[j]);
        }
        if (best) {
            tell(run, &judged[i]);
        }
    }
    talloc_free(pairs);
}
