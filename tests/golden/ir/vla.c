// The bounds of variable-length arrays are evaluated where they are declared; sizeof of one is not
// known.
int get(void);
void use(int);

int sums(int n)
{
    int a[get()];
    int grid[n][n + 1];
    a[0] = 1;
    grid[n - 1][2] = a[0];
    use((int)sizeof grid);
    return grid[0][n];
}

void as_a_parameter(int n, int rows[n][n])
{
    rows[1][n] = 2;
}
