// A pointer to a struct and one to its first member, cast into each other, pass on the value; that
// the two are one object is noted at the member (IR_FIELD_BASE), for the program stage.
struct mutex {
    int word;
};
struct base {
    struct mutex mu;
    int refs;
};
struct derived {
    struct base base;
    int more;
};
void lock(struct mutex *);
void take_base(struct base *);

void up_and_down(struct derived *d, struct base *b)
{
    lock(&((struct base *)d)->mu);
    lock(&d->base.mu);
    take_base((struct base *)d);
    ((struct derived *)b)->more = 1;
    struct derived *self = (struct derived *)b;
    self->base.refs++;
}
