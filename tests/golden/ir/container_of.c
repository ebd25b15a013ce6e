// container_of: a step from a member to the object around it, in each of its spellings.
typedef unsigned long size_t;
typedef unsigned long uintptr_t;
#define offsetof(type, member) __builtin_offsetof(type, member)
/* Linux */
#define container_of(ptr, type, member)                                                            \
    ({                                                                                             \
        const typeof(((type *)0)->member) *mptr_ = (ptr);                                          \
        (type *)((char *)mptr_ - offsetof(type, member));                                          \
    })
/* libuv, QUEUE_DATA */
#define simple_container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
/* before offsetof was a builtin */
#define old_container_of(ptr, type, member)                                                        \
    ((type *)((char *)(ptr) - (size_t)&(((type *)0)->member)))
/* by way of an integer */
#define integer_container_of(ptr, type, member)                                                    \
    ((type *)((uintptr_t)(ptr) - offsetof(type, member)))

struct mutex {
    int word;
};
struct link {
    struct link *next;
};
struct conn {
    struct mutex mu;
    struct link link;
    union {
        int number;
        struct {
            struct link deep;
        } inner;
    };
    struct link many[3];
};
void lock(struct mutex *);

void spellings(struct link *l)
{
    struct conn *c = container_of(l, struct conn, link);
    lock(&c->mu);
    lock(&simple_container_of(l, struct conn, link)->mu);
    lock(&old_container_of(l, struct conn, link)->mu);
    lock(&integer_container_of(l->next, struct conn, link)->mu);
}

void members_of_members(struct link *l, int *n)
{
    lock(&simple_container_of(l, struct conn, inner.deep)->mu);
    lock(&old_container_of(l, struct conn, inner.deep)->mu);
    lock(&simple_container_of(n, struct conn, number)->mu);
    lock(&simple_container_of(l, struct conn, many[1])->mu);
}

struct link *to_and_fro(struct conn *c)
{
    lock(&simple_container_of(&c->link, struct conn, link)->mu);
    return &simple_container_of(c->link.next, struct conn, link)->link;
}

long no_container(char *p, struct conn *c)
{
    return (p - sizeof *c) - (char *)c;
}
