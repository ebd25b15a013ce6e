// Elements of arrays, of structs and of arrays; pointer arithmetic along an array.
struct mutex {
    int word;
};
struct account {
    struct mutex mu;
    long balance[2];
};
struct account accounts[16];
struct account *by_name[4];
void lock(struct mutex *);

void elements(int i, struct account *p)
{
    lock(&accounts[i].mu);
    lock(&accounts[3].mu);
    lock(&(accounts + i)->mu);
    accounts[i].balance[1] = 2;
    p[i].balance[0] = 1;
    (p + 2)->balance[1]++;
    (*(p + i)).mu.word = 3;
    (&p[1])[i].mu.word = 4;
    by_name[i]->balance[0] = 5;
    *accounts[i].balance = 6;
    *(accounts[i].balance + 1) = 7;
    2 [accounts].mu.word = 8;
}

void walks(struct account *p, struct account *end)
{
    for (; p != end; p++) {
        lock(&p->mu);
    }
    lock(&end[-1].mu);
}
