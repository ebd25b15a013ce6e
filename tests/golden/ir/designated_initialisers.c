// Designators, nested and in arrays, what follows one without a designator, and GNU ranges.
typedef int handler(int);
int on(int);
int off(int);
struct ops {
    handler *start;
    handler *stop;
};
struct device {
    int id;
    struct ops ops;
    struct ops more[2];
};

struct device table[] = {
    {1, {on, off}, {{on}}},
    {.ops.stop = off, .more[1] = {.start = on}, .id = 2},
    {.more = {[1].stop = off}, .ops = {.start = on, off}},
};
handler *const by_range[8] = {[0 ... 3] = on, off, [7] = on};
struct ops old_style = {start : on, stop : off};

void locals(int n)
{
    struct device d = {.ops = {.stop = off}, {{on, off}}, .id = n};
    int sparse[4] = {[2] = n, n + 1};
    (void)d;
    (void)sparse;
}
