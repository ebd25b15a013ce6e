// Members of anonymous structs and unions: the same path however deep they are.
struct event {
    int kind;
    union {
        int number;
        struct {
            char *text;
            int length;
        };
        struct {
            int x;
        } named;
    };
};

int reads(struct event *e, struct event *all)
{
    return e->number + e->length + e->named.x + all[1].length;
}

void writes(struct event *e, char *text)
{
    e->text = text;
    (&e->named)->x = 1;
    struct event fresh = {.kind = 1, .text = text, .length = 2};
    (void)fresh;
}
