// __attribute__((cleanup)): at each exit of the scope, in reverse order, after the returned value.
void drop(int *);
void unlock(int **);
int get(void);
void use(int);

int at_the_end(int *mu)
{
    int *held __attribute__((cleanup(unlock))) = mu;
    {
        int inner __attribute__((cleanup(drop))) = 1;
        int second __attribute__((cleanup(drop))) = 2;
        use(inner + second);
    }
    return get();
}

int early(int *mu, int n)
{
    int *held __attribute__((cleanup(unlock))) = mu;
    if (n) {
        return *held;
    }
    int later __attribute__((cleanup(drop))) = n;
    use(later);
    return 0;
}

void loops(int n)
{
    for (int k __attribute__((cleanup(drop))) = 0; k < n; k++) {
        int each __attribute__((cleanup(drop))) = k;
        if (each == 1) {
            continue;
        }
        if (each == 2) {
            break;
        }
        use(each);
    }
}

void jumps(int n)
{
    int outer __attribute__((cleanup(drop))) = n;
again: {
    int inner __attribute__((cleanup(drop))) = n;
    if (n == 1) {
        goto again;
    }
    if (n == 2) {
        goto out;
    }
    use(inner);
}
    use(1);
out:
    use(2);
}

void in_a_switch(int n)
{
    switch (n) {
    case 1: {
        int one __attribute__((cleanup(drop))) = n;
        use(one);
        break;
    }
    default:
        use(2);
    }
}
