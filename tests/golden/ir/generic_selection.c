// _Generic: only the association that is selected is code; the controlling expression is not run.
int of_int(int);
int of_long(long);
int of_pointer(const void *);
int get(void);
#define of(x) _Generic((x), int: of_int, long: of_long, default: of_pointer)(x)

int by_type(int i, long l, char *p)
{
    return of(i) + of(l) + of(p);
}

int not_evaluated(void)
{
    return _Generic(get(), int: 1, default: get());
}

void an_lvalue(int i, long l)
{
    _Generic(i, int: i, long: l) = 3;
}
