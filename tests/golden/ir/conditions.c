// &&, || and ! are control flow; so are ?: with and without a middle, and the comma.
int a(void);
int b(void);
int c(void);
void use(int);

void and_or(void)
{
    if (a() && (b() || !c())) {
        use(1);
    } else {
        use(2);
    }
}

int logic_as_a_value(int n)
{
    int both = n && a();
    return both || b();
}

int ternary(int n)
{
    use(n ? a() : b());
    return n > 0 ? 1 : n < 0 ? -1 : 0;
}

void ternary_of_void(int n)
{
    n ? use(1) : (void)a();
}

int missing_middle(int n)
{
    return a() ?: n; /* a() runs once */
}

int comma(int n)
{
    int last = (use(1), use(2), n);
    if (use(3), a()) {
        last++;
    }
    return last;
}

void conditions_of_conditions(int n)
{
    while ((n ? a() : b()) && n) {
        n--;
    }
}
