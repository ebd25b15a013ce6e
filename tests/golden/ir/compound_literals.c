// Compound literals are unnamed objects: temporaries inside functions.
struct point {
    int x;
    int y;
};
void take(struct point);
void take_pointer(const struct point *);
void take_all(const int *);

void by_value(int n)
{
    take((struct point){n, 2});
}

void by_address(int n)
{
    take_pointer(&(struct point){.y = n});
    take_all((int[]){1, n, 3});
}

int read_back(int n)
{
    return ((struct point){.x = n}).x;
}

void assigned(struct point *p, int n)
{
    *p = (struct point){.x = n, .y = n};
}

static const struct point *const origin = &(const struct point){0, 0};
const struct point *get_origin(void)
{
    return origin;
}
