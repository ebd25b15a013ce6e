// setjmp and longjmp are flagged: the first can return again, the second does not return.
typedef struct {
    long regs[8];
} jmp_buf[1];
int _setjmp(jmp_buf);
int sigsetjmp(jmp_buf, int);
void longjmp(jmp_buf, int);
#define setjmp(env) _setjmp(env)
void use(int);
static jmp_buf env;

int catches(void)
{
    if (setjmp(env) == 0) {
        use(1);
    } else {
        use(2);
    }
    return sigsetjmp(env, 1);
}

void throws(int n)
{
    if (n) {
        longjmp(env, n);
    }
    use(3);
}

void builtin_forms(void **buffer)
{
    if (__builtin_setjmp(buffer)) {
        return;
    }
    __builtin_longjmp(buffer, 1);
}
