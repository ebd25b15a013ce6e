// nonblocking and blocking are part of a function's type; annotate is on any declaration.
void callback(void) __attribute__((nonblocking));
void waits(void) __attribute__((blocking));
void either(void) __attribute__((nonblocking(0)));
__attribute__((annotate("runs on: loop"))) void on_loop(void);
struct state {
    int mode __attribute__((annotate("loop only")));
};
static int level __attribute__((annotate("a \"quoted\" // text")));

void uses(struct state *s)
{
    callback();
    waits();
    either();
    on_loop();
    s->mode = level;
}
