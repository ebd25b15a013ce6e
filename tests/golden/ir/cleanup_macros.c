// The attribute behind macros: systemd's _cleanup_, GLib's g_autoptr, QEMU's guards.
#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(freep)
#define G_PASTE(a, b) a##b
#define g_autoptr(type) __attribute__((cleanup(G_PASTE(glib_auto_, type)))) type *
#define g_steal(pp)                                                                                \
    ({                                                                                             \
        __auto_type p_ = *(pp);                                                                    \
        *(pp) = 0;                                                                                 \
        p_;                                                                                        \
    })
#define GUARD(m) struct mutex *guard __attribute__((cleanup(auto_unlock), unused)) = auto_lock(m)
#define WITH_GUARD(m)                                                                              \
    for (struct mutex * with __attribute__((cleanup(auto_unlock))) = auto_lock(m); with;           \
         auto_unlock(&with), with = 0)

struct mutex {
    int word;
};
typedef struct {
    int n;
} Thing;
void *malloc(unsigned long);
void freep(void *);
void glib_auto_Thing(Thing **);
Thing *thing_new(void);
struct mutex *auto_lock(struct mutex *);
void auto_unlock(struct mutex **);
void use(int);
static struct mutex mu;

int systemd(int n)
{
    _cleanup_free_ char *text = malloc(3);
    if (n) {
        return -1;
    }
    text[0] = 'a';
    return 0;
}

Thing *glib(int n)
{
    g_autoptr(Thing) thing = thing_new();
    if (n) {
        return g_steal(&thing);
    }
    return 0;
}

int qemu(int n)
{
    GUARD(&mu);
    if (n) {
        return 1;
    }
    use(n);
    return 0;
}

void qemu_with(void)
{
    WITH_GUARD(&mu)
    {
        use(1);
    }
    use(2);
}
