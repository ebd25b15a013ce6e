// The arguments of the macro that a call comes from, for models of the macro's name: " as
// NAME(...)".
struct mutex {
    int word;
};
struct object {
    struct mutex mu;
};
typedef void lock_fn(struct mutex *, const char *, int);
extern lock_fn *volatile lock_hook;
void lock_raw(int *word, int flags);
int take(int, struct mutex *);
int get(void);
int global;

/* QEMU: through a local pointer, so that a profiler can be put in. */
#define hooked_lock(m)                                                                             \
    ({                                                                                             \
        lock_fn *f_ = lock_hook;                                                                   \
        f_((m), "here", __LINE__);                                                                 \
    })
/* FreeRTOS: a function of another name with further arguments. */
#define semaphore_take(s, ticks) take((ticks), (s))
/* A part of the argument only is handed on. */
#define raw_lock(m) lock_raw(&(m)->word, 3)
/* CPython: another name. */
#define renamed take
#define outer_lock(o) hooked_lock(&(o)->mu)
#define mutex_of(o) (&(o)->mu)
#define two_calls(m)                                                                               \
    do {                                                                                           \
        lock_raw(&(m)->word, 0);                                                                   \
        take(1, m);                                                                                \
    } while (0)
#define no_argument() take(0, 0)

void uses(struct mutex *m, struct object *o, struct object **all)
{
    hooked_lock(m);
    hooked_lock(&o->mu);
    hooked_lock(mutex_of(o)); /* an argument from a macro */
    semaphore_take(m /* , */, global + 1);
    raw_lock(m);
    raw_lock(&all[2]->mu); /* reads all[2]: not lowered a second time, so not known */
    renamed(7, m);
    outer_lock(o);
    two_calls(m);
    no_argument();
    (void)take(get(), m); /* no macro */
}
