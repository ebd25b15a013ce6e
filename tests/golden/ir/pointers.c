// Pointers to pointers, arithmetic, functions through pointers and tables.
struct node {
    struct node *next;
    int (*run)(int);
    int n;
};
typedef int fn(int);
int one(int);
extern struct node *head;
fn *const table[2] = {one, &one};

int reads(struct node **list, char *bytes)
{
    (*list)->n = 1;
    list[2]->next->n = 2;
    **list = *head->next;
    *(int *)(bytes + 8) = 3;
    *bytes++ = 4;
    return head->next->next->n;
}

int calls(struct node *node, fn *f, int i)
{
    return node->run(1) + f(2) + (*f)(3) + (**f)(4) + table[i](5) + one(6) + (&one)(7);
}
