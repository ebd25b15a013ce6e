// The parts of a for that comes from a macro: hidden semicolons, parts that are the macro's
// arguments and may be missing, loops that are statements in disguise.
int get(void);
void use(int);
struct node {
    struct node *next;
    int n;
};
#define range(k, n)                                                                                \
    int k = 0;                                                                                     \
    k < (n);                                                                                       \
    k++
#define nothing
#define parts(init, cond, step) for (init; cond; step)
#define step_only(k) for (;; k++)
#define cond_only() for (; get();)
#define call_step(k) for (;; use(k))
#define each(at, list)                                                                             \
    for (struct node *at = (list), *next_ = at ? at->next : 0; at;                                 \
         at = next_, next_ = at ? at->next : 0)
#define with_lock() for (int once_ = (use(1), 1); once_; once_ = 0, use(2))

void hidden_semicolons(int n)
{
    for (range(k, n)) {
        use(k);
    }
}

void empty_macros(int k)
{
    for (nothing; k < 3; nothing) {
        use(k);
    }
    for (nothing; nothing; nothing k++) {
        if (k) {
            break;
        }
    }
}

void arguments(void)
{
    parts(, , use(1))
    {
        if (get()) {
            break;
        }
    }
    parts(, get(), )
    {
        use(2);
    }
    parts(use(3), , )
    {
        if (get()) {
            break;
        }
    }
    parts(use(4), get(), )
    {
        use(5);
    }
    parts(, get(), use(6))
    {
        use(7);
    }
}

void fixed(int k)
{
    step_only(k)
    {
        if (get()) {
            break;
        }
    }
    cond_only()
    {
        use(k);
    }
    call_step(k)
    {
        if (get()) {
            break;
        }
    }
}

void lists(struct node *list)
{
    each(at, list)
    {
        if (at->n == 0) {
            continue;
        }
        use(at->n);
    }
}

void once(void)
{
    with_lock()
    {
        use(3);
    }
}
