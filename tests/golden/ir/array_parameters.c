// A parameter that is written as an array is a pointer (C11 6.7.6.3), and so is what is made of it;
// one that is written as a function is a pointer, too.
struct mutex {
    int word;
};
typedef int vector[3];
void lock(struct mutex *);
int use(int);

int elements(int a[], int *b, vector v, int grid[][3], int i)
{
    v[1] = 2;
    *v = 3;
    grid[1][2] = 4;
    *(*(grid + i) + 1) = 5;
    return *a + *b + a[1] + b[1] + *(a + 1) + *(1 + a) + (a + 1)[2];
}

void locks(struct mutex all[], struct mutex some[static 4], int i)
{
    lock(all);
    lock(&all[1]);
    lock(all + 1);
    lock(some + i);
    all->word = 1;
    (all + 1)->word = 2;
    (*all).word = 3;
}

int as_a_pointer(int a[], volatile int device[], int *b)
{
    typeof(a) copy = a;
    __auto_type other = a;
    copy[1] = other[2];
    a++;
    a = b;
    device[0] = 1;
    if (a == b || !a) {
        return (int)(a - b);
    }
    int **pp = &a;
    return **pp + (int)sizeof a;
}

int functions(int call(int), int (*table[])(int), int argc, char *argv[])
{
    if (call && argc > 1) {
        use(argv[1][0]);
    }
    return call(1) + (*call)(2) + table[3](3);
}
