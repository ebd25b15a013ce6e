// Cases inside of loops that macros make, one switch around all: coroutines without a stack.
// Labels that are local to a block have the same name and are not the same.
int get(void);
void use(int);
struct thread {
    int line;
};
#define begin(t)                                                                                   \
    switch ((t)->line) {                                                                           \
    case 0:
#define wait_for(t, cond)                                                                          \
    do {                                                                                           \
        (t)->line = __LINE__;                                                                      \
    case __LINE__:                                                                                 \
        if (!(cond)) {                                                                             \
            return 0;                                                                              \
        }                                                                                          \
    } while (0)
#define end(t)                                                                                     \
    }                                                                                              \
    (t)->line = 0;                                                                                 \
    return 1
#define skip_if(x)                                                                                 \
    do {                                                                                           \
        __label__ out;                                                                             \
        if (x) {                                                                                   \
            goto out;                                                                              \
        }                                                                                          \
        use(1);                                                                                    \
    out:;                                                                                          \
    } while (0)

int run(struct thread *t)
{
    begin(t);
    use(1);
    wait_for(t, get());
    use(2);
    wait_for(t, get() > 1);
    end(t);
}

void local_labels(int n)
{
    skip_if(n);
    skip_if(n + 1);
}
