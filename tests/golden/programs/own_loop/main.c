#include "loop.h"

#include <sys/epoll.h>
#include <unistd.h>

static int alarms;

static void raise_alarm(const struct line *line)
{
    alarms += page(line, "112");
}

static void on_sensor(int fd, void *data)
{
    char value;

    if (read(fd, &value, 1) == 1 && value == 'h') {
        raise_alarm(data);
    }
}

int main(void)
{
    struct loop loop = {.set = epoll_create1(0)};
    struct line line = {.dial = serial_dial};
    struct watch sensor;

    if (loop_add(&loop, &sensor, 0, on_sensor, &line) != 0) {
        return 1;
    }
    loop_run(&loop);
    return alarms;
}
