// GNU statement expressions: their value, their scope, and jumps out of them.
int get(void);
void use(int);
void drop(int *);
#define max(x, y)                                                                                  \
    ({                                                                                             \
        int x_ = (x);                                                                              \
        int y_ = (y);                                                                              \
        x_ > y_ ? x_ : y_;                                                                         \
    })
#define get_or_return()                                                                            \
    ({                                                                                             \
        int got_ = get();                                                                          \
        if (got_ < 0) {                                                                            \
            return -1;                                                                             \
        }                                                                                          \
        got_;                                                                                      \
    })

int value(int n)
{
    return max(n, get());
}

int returns_from_inside(void)
{
    return get_or_return() + 1;
}

void breaks_from_inside(int n)
{
    while (n) {
        use(({
            if (get()) {
                break;
            }
            n;
        }));
    }
}

void goes_from_inside(int n)
{
    use(({
        if (n) {
            goto out;
        }
        n + 1;
    }));
out:
    use(2);
}

int scope_ends_before_the_value_is_used(void)
{
    return ({
               int held __attribute__((cleanup(drop))) = get();
               held + 1;
           }) *
           2;
}

void empty(void)
{
    ({});
    (void)({ use(1); });
}
