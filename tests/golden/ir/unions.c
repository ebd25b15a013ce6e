// Members of a union are paths of their own; what they share is a matter of the analysis.
union value {
    long number;
    void *pointer;
    struct {
        int kind;
        int size;
    } head;
};
union value shared;

void *works(union value *v)
{
    shared.number = 1;
    v->head.kind = (int)v->number;
    union value copy = {.pointer = v};
    *v = copy;
    return shared.pointer;
}
