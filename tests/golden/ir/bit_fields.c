// Bit-fields are members like others; an unnamed one takes no initialiser.
struct flags {
    unsigned a : 1;
    unsigned b : 3;
    unsigned : 4;
    unsigned c : 8;
};
struct flags shared;

unsigned works(struct flags *f)
{
    f->a = 1;
    f->b++;
    shared.c |= 4;
    struct flags g = {1, 2, 3};
    return f->b + g.c;
}
