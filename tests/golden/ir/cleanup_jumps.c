// Jumps and cleanups: each way out of a scope runs the scope's cleanups, inner ones first, and what
// is returned is read before.
int get(void);
void use(int);
void drop(int *);
void *make_cleanup(int (*)(int));
int other(int);
#define auto_drop __attribute__((cleanup(drop)))

void into_a_scope(int n)
{
    if (n) {
        goto inside;
    }
    {
        int a auto_drop = 1;
        use(a);
    inside:
        use(2);
    }
    use(3);
}

void backwards_out_of_two(int n)
{
again:;
    int a auto_drop = get();
    if (a) {
        goto again;
    }
    {
        int b auto_drop = 2;
        if (n) {
            goto again;
        }
        if (n == 2) {
            goto inner;
        }
        use(b);
    inner:
        use(9);
    }
}

void in_a_loop(int n)
{
    while (n--) {
        int a auto_drop = n;
        if (n == 1) {
            continue;
        }
        if (n == 2) {
            break;
        }
        if (n == 3) {
            return;
        }
        switch (n) {
        case 4: {
            int c auto_drop = 4;
            break; /* the switch's: a stays */
        }
        case 5:
            continue; /* the loop's: a goes */
        }
        use(a);
    }
}

void of_a_for(int n)
{
    for (int i auto_drop = 0; i < n; i++) {
        if (get()) {
            break;
        }
        if (get()) {
            return;
        }
    }
}

int returned_before(int n)
{
    int a auto_drop = n;
    int b auto_drop = n + 1;
    if (n) {
        return get();
    }
    return a + b;
}

int statement_expression(int n)
{
    int a auto_drop = n;
    return ({
               int b auto_drop = 2;
               if (n) {
                   return b;
               }
               b + a;
           }) +
           get();
}

void breaks_out_of_an_expression(int n)
{
    for (;;) {
        int a auto_drop = n;
        use(({
            int b auto_drop = 1;
            if (n) {
                break;
            }
            if (get()) {
                continue;
            }
            b;
        }));
    }
}

void goes_out_of_an_expression(int n)
{
    int a auto_drop = n;
    use(({
        int b auto_drop = 1;
        if (n) {
            goto out;
        }
        b;
    }));
out:
    use(1);
}

void case_into_a_scope(int n)
{
    switch (n) {
    case 1: {
        int a auto_drop = 1;
    case 2:
        use(a);
    }
    default:
        use(7);
    }
}

/* Only the attribute counts, not what is called like it. */
void names(void)
{
    int cleanup_count auto_drop = 1;
    int other_one __attribute__((unused)) = (make_cleanup(other), 3);
    int outer __attribute__((unused)) = ({
        int inner auto_drop = get();
        inner;
    });
    int in_brackets [[gnu::cleanup(drop)]] = 5;
    int of_two __attribute__((unused, __cleanup__(drop)));
}
