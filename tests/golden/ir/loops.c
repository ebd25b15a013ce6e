// while, do, break and continue; the condition of a do is reached by continue.
int next(void);
void use(int);

void while_loop(int n)
{
    while (n > 0) {
        if (next()) {
            continue;
        }
        if (n == 5) {
            break;
        }
        n--;
    }
}

void do_loop(int n)
{
    do {
        if (next()) {
            continue;
        }
        use(n);
    } while (--n);
}

void once(int n)
{
    do {
        if (n) {
            break;
        }
        use(n);
    } while (0);
    use(1);
}

void nested(int n)
{
    while (n) {
        while (next()) {
            if (n == 1) {
                break;
            }
            continue;
        }
        n--;
    }
}
