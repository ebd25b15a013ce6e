// typeof and __auto_type name types; a typeof's expression is not run.
struct list {
    struct list *next;
    int n;
};
int get(void);
#define swap(x, y)                                                                                 \
    do {                                                                                           \
        typeof(x) tmp_ = (x);                                                                      \
        (x) = (y);                                                                                 \
        (y) = tmp_;                                                                                \
    } while (0)
#define first(l)                                                                                   \
    ({                                                                                             \
        __auto_type l_ = (l);                                                                      \
        l_->n;                                                                                     \
    })

int uses(struct list *a, struct list *b)
{
    swap(a->n, b->n);
    typeof(get()) none = 0;
    __typeof__(*a) copy = *b;
    return first(a) + none + copy.n;
}
