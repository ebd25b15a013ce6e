// Where the bounds of variable-length arrays are evaluated: in declarations of arrays, of pointers
// to them, of types and parameters, in casts, and in a sizeof that depends on them.
int get(void);
void use(int);

void declared(int n)
{
    int grid[n][get() + 1];
    int(*rows)[get() + 2] = 0;
    typedef int row[get() + 3];
    row a; /* not evaluated again */
    struct {
        int m[3];
    } many[get() + 4];
    grid[1][2] = (*rows)[1];
    a[0] = many[0].m[1];
    for (int i[get() + 5], k = 0; k < n; k++) {
        i[k] = 0;
    }
}

int sizes(int n, int (*p)[n])
{
    int a[n];
    int sum = sizeof(int[get()]);
    sum += sizeof a + sizeof p + sizeof(get());
    return sum + sizeof p[get()];
}

int *cast(int *p)
{
    return *(int(*)[get()])p;
}

void parameters(int n, int a[get()], int grid[static get() + 1][get() + 2])
{
    a[0] = n;
    grid[1][0] = 0;
}
