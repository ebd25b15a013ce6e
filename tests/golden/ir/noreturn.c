// Control ends after a call that does not return, however it is said.
_Noreturn void c11(void);
void gnu(int) __attribute__((noreturn));
typedef void stop_fn(void) __attribute__((noreturn));
void abort(void);
void use(int);

int ends(int n)
{
    if (n == 1) {
        c11();
    }
    if (n == 2) {
        gnu(n);
        use(2);
    }
    if (n == 3) {
        abort();
    }
    return n;
}

__attribute__((noreturn)) void loops(void)
{
    for (;;) {
        use(1);
    }
}
