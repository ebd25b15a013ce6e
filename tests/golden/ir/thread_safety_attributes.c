// clang's Thread Safety Analysis: capabilities, plain, behind macros, and in C23's brackets.
#define TSA(x) __attribute__((x))
#define GUARDED_BY(x) TSA(guarded_by(x))
#define REQUIRES(...) TSA(requires_capability(__VA_ARGS__))
#define ACQUIRED_AFTER(first, second) TSA(acquired_after(first, second))
#define EXCLUDES_MU_OF(p) TSA(locks_excluded((p)->mu))

struct __attribute__((capability("mutex"))) mutex {
    int word;
};
static struct mutex other;
extern struct mutex gate __attribute__((acquired_before(other)));
struct account {
    struct mutex mu;
    struct mutex inner ACQUIRED_AFTER(mu, gate);
    long balance GUARDED_BY(mu);
    long *history __attribute__((__pt_guarded_by__(mu)));
    int plain;
};
static int open_accounts GUARDED_BY(gate) = 1;

void lock(struct mutex *m) __attribute__((acquire_capability(m)));
void lock_shared(struct mutex *m) __attribute__((acquire_shared_capability(*m)));
int trylock(struct mutex *m) __attribute__((try_acquire_capability(1, m)));
void unlock(struct mutex *m) __attribute__((release_capability(m)));
[[clang::release_generic_capability(gate)]] void unlock_any(struct mutex *m);
void held(struct mutex *m) __attribute__((assert_capability(m)));
void pay(struct account *a) REQUIRES(a->mu, gate);
void ask(struct account *a) EXCLUDES_MU_OF(a);
struct mutex *mutex_of(struct account *a) __attribute__((lock_returned(gate)));
void unchecked(void) __attribute__((no_thread_safety_analysis));

void lock(struct mutex *m)
{
    m->word = 1;
}

void pay(struct account *a)
{
    a->balance++;
    *a->history = a->plain;
    open_accounts++;
}

void uses(struct account *a)
{
    lock(&gate);
    lock(&a->mu);
    pay(a);
    unlock(mutex_of(a));
    unlock_any(&gate);
    lock_shared(&other);
    held(&other);
    if (trylock(&a->inner)) {
        ask(a);
    }
    unchecked();
}
