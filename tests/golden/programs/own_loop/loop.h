/* loop.h - a small event loop over epoll, and the line by which somebody is paged. */
#pragma once

struct watch {
    int fd;
    void (*on_readable)(int fd, void *data);
    void *data;
};

struct loop {
    int set;
    int stopped;
};

int loop_add(struct loop *loop, struct watch *watch, int fd,
             void (*on_readable)(int fd, void *data), void *data);
void loop_run(struct loop *loop);

struct line {
    int (*dial)(const char *number);
};

int page(const struct line *line, const char *number);
int serial_dial(const char *number);
