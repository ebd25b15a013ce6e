// Builtins that are no calls: __builtin_expect, _choose_expr, _unreachable, _constant_p and others.
#define likely(x) __builtin_expect(!!(x), 1)
int get(void);
void use(int);

void expect(int n)
{
    if (likely(n > 0 && get())) {
        use(1);
    }
    use((int)__builtin_expect(get(), 0));
}

int choose(int n)
{
    return __builtin_choose_expr(sizeof n == 4, n, get()) + __builtin_choose_expr(0, get(), 2);
}

int unreachable(int n)
{
    switch (n) {
    case 1:
        return 10;
    default:
        __builtin_unreachable();
    }
}

int traps(int n)
{
    if (n) {
        __builtin_trap();
    }
    return 0;
}

int constants(int n)
{
    int a[3];
    return __builtin_constant_p(get()) + (int)sizeof(a) + (int)sizeof(get()) + _Alignof(long) +
           __builtin_types_compatible_p(int, long) + n;
}
