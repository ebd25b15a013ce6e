// _Thread_local and __thread: ordinary places whose symbol says whose they are.
_Thread_local int mine;
static __thread int also_mine;
extern _Thread_local int elsewhere;
int errors;

int counts(void)
{
    static _Thread_local int calls;
    mine++;
    also_mine = mine;
    elsewhere = 2;
    errors = ++calls;
    return calls;
}
