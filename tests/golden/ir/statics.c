// Static initialisers: functions, addresses and macros are writes; numbers and texts are left out.
struct mutex {
    int word;
};
#define MUTEX_INITIALIZER {0}
int on(int);
static struct mutex global = MUTEX_INITIALIZER;
static struct mutex *const pointer = &global;
static struct mutex many[2] = {MUTEX_INITIALIZER, MUTEX_INITIALIZER};
static int numbers[] = {1, 2, 3};
static const char *name = "name";
int (*const hook)(int) = on;

int counts(void)
{
    static struct mutex inner = MUTEX_INITIALIZER;
    static int calls = 3;
    calls++;
    return numbers[calls] + many[0].word + inner.word + (name[0] == 'n') + pointer->word + hook(1);
}
