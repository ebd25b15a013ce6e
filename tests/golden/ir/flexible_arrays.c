// Flexible array members, and the older [0] and [1].
struct packet {
    int n;
    struct {
        int key;
    } items[];
};
struct old {
    int n;
    char tail[0];
};

int reads(struct packet *p, struct old *o, int i)
{
    return p->items[i].key + p->items->key + o->tail[2];
}

struct packet fixed = {2, {{1}, {2}}};
