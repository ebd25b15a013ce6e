#include "loop.h"

#include <sys/epoll.h>

enum { MAX_EVENTS = 16 };

int loop_add(struct loop *loop, struct watch *watch, int fd,
             void (*on_readable)(int fd, void *data), void *data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

    watch->fd = fd;
    watch->on_readable = on_readable;
    watch->data = data;
    return epoll_ctl(loop->set, EPOLL_CTL_ADD, fd, &event);
}

static void loop_turn(struct loop *loop)
{
    struct epoll_event events[MAX_EVENTS];
    int n = epoll_wait(loop->set, events, MAX_EVENTS, -1);

    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data.ptr;
        watch->on_readable(watch->fd, watch->data);
    }
}

void loop_run(struct loop *loop)
{
    while (!loop->stopped) {
        loop_turn(loop);
    }
}
