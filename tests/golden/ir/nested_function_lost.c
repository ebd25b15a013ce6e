// What clang can't parse costs the function it is in, as far as it is broken; the rest is there.
int get(void);

int good(int n)
{
    return n + get();
}

int broken(int n)
{
    int (*f)(int) = undeclared_thing;
    return f(n) + get();
}

int also_good(void)
{
    return good(1);
}
