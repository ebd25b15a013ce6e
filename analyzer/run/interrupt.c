#include "run/interrupt.h"

#include <stddef.h>

struct interrupt interrupt_hold(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct interrupt interrupt;

    (void)sigemptyset(&interrupt.held);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action;
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
            (void)sigaddset(&interrupt.held, numbers[i]);
        }
    }
    (void)sigprocmask(SIG_BLOCK, &interrupt.held, &interrupt.before);
    return interrupt;
}

void interrupt_release(const struct interrupt *interrupt)
{
    (void)sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
}
