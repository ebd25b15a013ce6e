// What is assigned to, or read from, is found in any expression: results of calls, ?:, the comma,
// assignments that are values, steps before and after.
struct pair {
    int x;
    int y;
    int all[4];
    struct pair *next;
};
int get(void);
void *find(void);
void use(int);
struct pair make(void);
extern struct pair *head;
extern struct pair table[3];

int results(void)
{
    return make().x + make().all[1] + make().next->y + ((struct pair *)find())->x;
}

void chosen(int n, struct pair *a, struct pair *b, struct pair c, struct pair d)
{
    (n ? a : b)->x = 1;
    *(n ? &a->y : &b->y) = 2;
    use((n ? c : d).y);
    (use(1), b)->y = 3;
}

void chains(int *x, int *y)
{
    int a;
    int b;
    *x = *y = head->x = 3;
    a = b = get();
    use(a + b);
}

void steps(int *p, int *q, struct pair *s)
{
    *p++ = *q++;
    (*p)++;
    *++p = *--q;
    *p += *q;
    s->next->y++;
    s->all[s->x++] += get();
    table[get()].x--;
    --s->next->all[2];
}

int assigned_in_conditions(void)
{
    int c;
    struct pair *p;
    if ((p = find()) != 0) {
        use(p->x);
    }
    while ((c = get()) != -1) {
        use(c);
    }
    if (!(p = find()) || (c = p->x) < 0) {
        return c;
    }
    do {
    } while ((c = get()));
    return __builtin_expect((c = get()), 0) ? c : 0;
}

void addresses(struct pair *p, int i)
{
    int *q = &p->all[i];
    int *r = &*p->all;
    struct pair *v = &p[i];
    int(*all)[4] = &p->all;
    (*all)[1] = *q + *r + v->x;
    (*&p)->x = 1;
    *(volatile int *)0 = 1;
}
