// All eight forms of a for, and loops that a macro makes: libclang leaves out missing parts without
// saying which.
void use(int);
struct node {
    struct node *next;
    int n;
};
#define for_each(at, head) for (at = (head); at; at = at->next)
#define for_each_safe(at, tmp, head) for (at = (head); at && ((tmp) = at->next, 1); at = tmp)
#define forever for (;;)

void init_cond_step(int n)
{
    for (int k = 0; k < n; k++) {
        use(k);
    }
}

void init_cond(int n)
{
    int k;
    for (k = 0; k < n;) {
        use(k++);
    }
}

void init_step(int n)
{
    int k;
    for (k = n;; k--) {
        if (k == 0) {
            break;
        }
    }
}

void cond_step(int k, int n)
{
    for (; k < n; k++) {
        use(k);
    }
}

void only_init(void)
{
    int k;
    for (k = 0;;) {
        use(k);
    }
}

void only_cond(int k)
{
    for (; k;) {
        use(k);
    }
}

void only_step(int k)
{
    for (;; use(k)) {
        if (k) {
            continue;
        }
        k++;
    }
}

void none(void)
{
    for (;;) {
        use(1);
    }
}

void from_macros(struct node *head)
{
    struct node *at;
    struct node *tmp;
    for_each(at, head)
    {
        use(at->n);
    }
    for_each_safe(at, tmp, head)
    {
        use(at->n);
    }
    forever
    {
        use(0);
    }
}
