// What clang can't parse costs the function it is in, as far as it is broken; the rest is there. A
// function inside a function (GCC) is reported as lost; its calls are calls of a function without a
// body.
int get(void);

int good(int n)
{
    return n + get();
}

int outer(int n)
{
    int sum = 0;
    int add(int k)
    {
        sum += k;
        return get();
    }
    n = add(2);
    return n ? add(3) : sum;
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
