/* descriptors.h: what descriptors and streams lead to, and whether they block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

enum { HEADER_LINES = 6 }; /* of HEADERS */

static char *dump(void *owner, const struct prog *prog)
{
    static const char *const states[] = {"may block", "never blocks", "blocks"};
    static const char *const kinds[] = {"something", "socket", "datagram", "pipe",   "event",
                                        "file",      "memory", "standard", "process"};
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        const struct model_fn *model = call->model;
        if (model == NULL || (model->blocks_fd == ARG_NONE && model->stream == ARG_NONE)) {
            continue;
        }
        struct fd_answer answer =
            descriptors_ask(prog->contexts->descriptors, call,
                            model->blocks_fd == ARG_NONE ? model->stream : model->blocks_fd);
        struct loc where = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
        mem_append(owner, &text, "%u %s %s%s%s%s\n", where.line - HEADER_LINES, call->name,
                   states[answer.state], answer.state == FD_BLOCKS ? ": " : "",
                   answer.state == FD_BLOCKS ? kinds[answer.kind] : "",
                   answer.watched ? ", watched" : "");
    }
    return text;
}

#define HEADERS                                                                                    \
    "#include <fcntl.h>\n"                                                                         \
    "#include <stdio.h>\n"                                                                         \
    "#include <sys/eventfd.h>\n"                                                                   \
    "#include <sys/epoll.h>\n"                                                                     \
    "#include <sys/ioctl.h>\n"                                                                     \
    "#include <sys/socket.h>\n"

/* "LINE CALL STATE: KIND": each call whose wait depends on a descriptor or stream. */
static void check(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);

    harness_check(dump, mem_printf(owner, "%s%s", HEADERS, source), want);
    talloc_free(owner);
}

static void flags_where_it_is_opened(void **state)
{
    (void)state;
    check("void f(char *p, int flags) {\n"
          "  int a = socket(AF_INET, SOCK_STREAM, 0), b = socket(1, SOCK_STREAM | SOCK_NONBLOCK, "
          "0);\n"
          "  send(a, p, 99, 0); send(b, p, 99, 0);\n"
          "  int c = open(\"x\", O_RDONLY), d = open(\"x\", O_RDONLY | O_NONBLOCK);\n"
          "  read(c, p, 1); read(d, p, 1);\n"
          "  int e = open(\"x\", flags), g = open(\"x\", flags | O_NONBLOCK);\n"
          "  read(e, p, 1); read(g, p, 1);\n"
          "  int h = eventfd(0, 0), i = eventfd(0, EFD_NONBLOCK);\n"
          "  read(h, p, 8); read(i, p, 8);\n"
          "  int j = accept4(a, NULL, NULL, SOCK_CLOEXEC), k = accept4(a, NULL, NULL, "
          "SOCK_NONBLOCK);\n"
          "  read(j, p, 1); read(k, p, 1);\n"
          "  int l = socket(AF_INET, SOCK_DGRAM, 0);\n"
          "  send(l, p, 1, 0);\n"
          "}\n",
          "3 send blocks: socket\n"
          "3 send never blocks\n"
          "5 read blocks: file\n"
          "5 read never blocks\n"
          "7 read may block\n"
          "7 read never blocks\n"
          "9 read blocks: event\n"
          "9 read never blocks\n"
          "10 accept4 blocks: socket\n"
          "10 accept4 blocks: socket\n"
          "11 read blocks: socket\n"
          "11 read never blocks\n"
          "13 send blocks: datagram\n");
}

static void ends_of_a_pipe(void **state)
{
    (void)state;
    check("static int both[2], one[2];\n"
          "void f(char *p) {\n"
          "  pipe(one); pipe2(both, O_NONBLOCK);\n"
          "  fcntl(one[0], F_SETFL, fcntl(one[0], F_GETFL) | O_NONBLOCK);\n"
          "  read(one[0], p, 1);\n"
          "  write(one[1], p, 1);\n"
          "  read(both[0], p, 1);\n"
          "}\n",
          "5 read never blocks\n"
          "6 write blocks: pipe\n"
          "7 read never blocks\n");
}

static void a_helper_makes_it_nonblocking(void **state)
{
    (void)state;
    check("static int set_nonblock(int fd) {\n"
          "  int flags = fcntl(fd, F_GETFL);\n"
          "  if (flags == -1) return -1;\n"
          "  flags |= O_NONBLOCK;\n"
          "  return fcntl(fd, F_SETFL, flags);\n"
          "}\n"
          "static int outer(int s) { return set_nonblock(s); }\n"
          "void f(char *p) {\n"
          "  int a = socket(1, SOCK_STREAM, 0), b = socket(1, SOCK_STREAM, 0);\n"
          "  outer(a);\n"
          "  write(a, p, 1);\n"
          "  write(b, p, 1);\n"
          "}\n",
          "11 write never blocks\n"
          "12 write blocks: socket\n");
}

static void a_helper_does_both(void **state)
{
    (void)state;
    check("static int set_block(int fd, int non) {\n"
          "  int flags = fcntl(fd, F_GETFL);\n"
          "  if (non) flags |= O_NONBLOCK; else flags &= ~O_NONBLOCK;\n"
          "  return fcntl(fd, F_SETFL, flags);\n"
          "}\n"
          "void f(char *p) {\n"
          "  int a = socket(1, SOCK_STREAM, 0), b = socket(1, SOCK_STREAM | SOCK_NONBLOCK, 0);\n"
          "  set_block(a, 1); set_block(b, 0);\n"
          "  write(a, p, 1);\n"
          "  write(b, p, 1);\n"
          "}\n",
          "9 write never blocks\n"
          "10 write blocks: socket\n");
}

static void a_helper_gets_a_pointer(void **state)
{
    (void)state;
    check("static int nonblock(int *s) {\n"
          "  int opt = fcntl(*s, F_GETFL, 0);\n"
          "  return fcntl(*s, F_SETFL, opt | O_NONBLOCK);\n"
          "}\n"
          "static int open_both(int *one, int *two) {\n"
          "  *one = socket(1, SOCK_STREAM, 0);\n"
          "  *two = socket(1, SOCK_STREAM, 0);\n"
          "  return nonblock(one);\n"
          "}\n"
          "void f(char *p) {\n"
          "  int a, b;\n"
          "  if (open_both(&a, &b)) return;\n"
          "  write(a, p, 1);\n"
          "  write(b, p, 1);\n"
          "}\n",
          "13 write never blocks\n"
          "14 write blocks: socket\n");
}

static void kept_in_a_member(void **state)
{
    (void)state;
    check("struct conn { int fd; int log; };\n"
          "static struct conn *make(int fd) {\n"
          "  struct conn *c = malloc(sizeof *c);\n"
          "  c->fd = fd; c->log = open(\"log\", O_WRONLY);\n"
          "  return c;\n"
          "}\n"
          "static void use(struct conn *c, char *p) {\n"
          "  write(c->fd, p, 1);\n"
          "  write(c->log, p, 1);\n"
          "}\n"
          "void f(int listener, char *p) {\n"
          "  int fd = accept(listener, NULL, NULL), on = 1;\n"
          "  if (fd < 0 || ioctl(fd, FIONBIO, &on) < 0) return;\n"
          "  use(make(fd), p);\n"
          "}\n",
          "8 write never blocks\n"
          "9 write blocks: file\n"
          "12 accept may block\n");
}

static void a_use_before_it_is_made_nonblocking(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  int s = socket(AF_INET, SOCK_STREAM, 0);\n"
          "  connect(s, NULL, 0);\n"
          "  fcntl(s, F_SETFL, O_NONBLOCK);\n"
          "  connect(s, NULL, 0);\n"
          "}\n",
          "3 connect blocks: socket\n"
          "5 connect never blocks\n");
}

static void some_do_and_some_do_not(void **state)
{
    (void)state;
    check("static void put(int fd, char *p) { write(fd, p, 99); }\n"
          "void f(char *p) {\n"
          "  put(socket(1, SOCK_STREAM, 0), p);\n"
          "  put(socket(1, SOCK_STREAM | SOCK_NONBLOCK, 0), p);\n"
          "}\n",
          "1 write may block\n");
}

static void another_name_for_the_same(void **state)
{
    (void)state;
    check("void f(char *p) {\n"
          "  int a = socket(1, SOCK_STREAM | SOCK_NONBLOCK, 0), b = dup(a);\n"
          "  write(b, p, 9);\n"
          "  fputs(p, fdopen(b, \"w\"));\n"
          "}\n",
          "3 write never blocks\n"
          "4 fputs never blocks\n");
}

static void streams(void **state)
{
    (void)state;
    check("void f(char *p, int n) {\n"
          "  FILE *a = fopen(\"/proc/1/stat\", \"r\"), *b = popen(\"ls\", \"r\"), *c = fopen(p, "
          "\"r\");\n"
          "  fgets(p, n, a);\n"
          "  fgets(p, n, b);\n"
          "  fgets(p, n, c);\n"
          "  fgets(p, n, stdin);\n"
          "}\n",
          "3 fgets blocks: memory\n"
          "4 fgets blocks: process\n"
          "5 fgets blocks: file\n"
          "6 fgets blocks: standard\n");
}

static void the_standard_ones(void **state)
{
    (void)state;
    check("void f(char *p) { read(0, p, 1); write(STDERR_FILENO, p, 1); }\n",
          "1 read blocks: standard\n"
          "1 write blocks: standard\n");
}

static void a_loop_watches_it(void **state)
{
    (void)state;
    check("struct watch { int fd; };\n"
          "void f(int ep, char *p, struct watch *w) {\n"
          "  w->fd = accept(5, NULL, NULL);\n"
          "  epoll_ctl(ep, EPOLL_CTL_ADD, w->fd, NULL);\n"
          "  read(w->fd, p, 1);\n"
          "}\n",
          "3 accept may block\n"
          "5 read blocks: socket, watched\n");
}

static void what_a_library_hands_to_a_callback(void **state)
{
    (void)state;
    check("#include <event2/event.h>\n"
          "static void on_read(int fd, short what, void *data) {\n"
          "  (void)what; read(fd, data, 1); write(fd, data, 99);\n"
          "}\n"
          "int main(void) {\n"
          "  event_add(event_new(NULL, socket(1, SOCK_STREAM, 0), 2, on_read, NULL), NULL);\n"
          "  return event_base_dispatch(NULL);\n"
          "}\n",
          "3 read blocks: socket, watched\n"
          "3 write blocks: socket, watched\n");
}

static void poll_watches_it(void **state)
{
    (void)state;
    check("#include <poll.h>\n"
          "void f(char *p) {\n"
          "  int s = accept(5, NULL, NULL);\n"
          "  struct pollfd one = {.fd = s, .events = POLLIN};\n"
          "  if (poll(&one, 1, 0) > 0) read(s, p, 1);\n"
          "}\n",
          "3 accept may block\n"
          "5 read blocks: socket, watched\n");
}

static void select_watches_it(void **state)
{
    (void)state;
    check("#include <sys/select.h>\n"
          "static int t;\n"
          "void f(char *p, fd_set *in) {\n"
          "  int s = accept(5, NULL, NULL), u = accept(5, NULL, NULL);\n"
          "  t = accept(5, NULL, NULL);\n"
          "  FD_SET(s, in); FD_SET(t, in); FD_CLR(u, in);\n"
          "  select(9, in, NULL, NULL, NULL);\n"
          "  read(s, p, 1);\n"
          "  read(t, p, 1);\n"
          "  read(u, p, 1);\n"
          "}\n",
          "4 accept may block\n"
          "4 accept may block\n"
          "5 accept may block\n"
          "8 read blocks: socket, watched\n"
          "9 read blocks: socket, watched\n"
          "10 read blocks: socket\n");
}

static void what_a_thread_is_handed(void **state)
{
    (void)state;
    check(
        "#include <pthread.h>\n"
        "#include <stdlib.h>\n"
        "static char c[8];\n"
        "static void *behind(void *a) { read(*(int *)a, c, 8); return a; }\n"
        "static void *behind_copy(void *a) { int *p = a; int fd = *p; read(fd, c, 8); return a; }\n"
        "static void *itself(void *a) { read((int)(long)a, c, 8); return a; }\n"
        "static void *on_heap(void *a) { int *p = a; read(*p, c, 8); free(p); return a; }\n"
        "static void *second(void *a) { int *p = a; read(p[1], c, 8); return a; }\n"
        "static void *unknown(void *a) { read(*(int *)a, c, 8); return a; }\n"
        "void f(int *given) {\n"
        "  pthread_t t;\n"
        "  int ends[2], s = socket(1, SOCK_STREAM | SOCK_NONBLOCK, 0);\n"
        "  int b = socket(1, SOCK_STREAM, 0);\n"
        "  pipe2(ends, O_NONBLOCK);\n"
        "  int *fresh = malloc(sizeof *fresh);\n"
        "  *fresh = s;\n"
        "  pthread_create(&t, NULL, behind, &s);\n"
        "  pthread_create(&t, NULL, behind_copy, &b);\n"
        "  pthread_create(&t, NULL, itself, (void *)(long)s);\n"
        "  pthread_create(&t, NULL, on_heap, fresh);\n"
        "  pthread_create(&t, NULL, second, ends);\n"
        "  pthread_create(&t, NULL, unknown, given);\n"
        "}\n",
        "4 read never blocks\n"
        "5 read blocks: socket\n"
        "6 read never blocks\n"
        "7 read never blocks\n"
        "8 read never blocks\n"
        "9 read may block\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_where_it_is_opened),
        cmocka_unit_test(ends_of_a_pipe),
        cmocka_unit_test(a_helper_makes_it_nonblocking),
        cmocka_unit_test(a_helper_does_both),
        cmocka_unit_test(a_helper_gets_a_pointer),
        cmocka_unit_test(kept_in_a_member),
        cmocka_unit_test(a_use_before_it_is_made_nonblocking),
        cmocka_unit_test(some_do_and_some_do_not),
        cmocka_unit_test(another_name_for_the_same),
        cmocka_unit_test(streams),
        cmocka_unit_test(the_standard_ones),
        cmocka_unit_test(a_loop_watches_it),
        cmocka_unit_test(poll_watches_it),
        cmocka_unit_test(select_watches_it),
        cmocka_unit_test(what_a_library_hands_to_a_callback),
        cmocka_unit_test(what_a_thread_is_handed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
