// Any label that an asm goto names may come next, or the next statement. Cleanups of the scopes
// that it leaves are run.
void use(int);
void drop(int *);
#define jump_to(label) __asm__ goto("jmp %l0" : : : : label)

int one_of_three(int n)
{
    __asm__ volatile goto("test %0, %0; jz %l[zero]" : : "r"(n) : "cc" : zero, error);
    use(1);
    return 0;
zero:
    return 1;
error:
    return 2;
elsewhere:
    return 3;
}

int leaves_a_scope(int n)
{
    {
        int held __attribute__((cleanup(drop))) = n;
        __asm__ goto("" : : : : inside, out);
        use(held);
    inside:
        use(2);
    }
out:
    return 0;
}

void by_a_macro(void)
{
    jump_to(end);
    use(1);
end:
    use(2);
}

void plain(int n, int *p)
{
    int result;
    __asm__("add %1, %0" : "=r"(result), "+m"(*p) : "r"(n));
    use(result);
}
