// A place has the name of the macro that is written at its line; what was written as the macro's
// argument has none. `spell` shows where its text is.
void take(int *, const char *, int);
void give(int *);
int get(void);
#define TAKE(m) take((m), "here", __LINE__)
#define OUTER(m) TAKE(m)
#define BOTH(m)                                                                                    \
    do {                                                                                           \
        TAKE(m);                                                                                   \
        give(m);                                                                                   \
    } while (0)
#define BEGIN give(&global);
#define END
static int global;

void uses(int *m)
{
    TAKE(m);
    OUTER(&m[get()]);
    BOTH(m);
    BEGIN
    global++;
    END
}
