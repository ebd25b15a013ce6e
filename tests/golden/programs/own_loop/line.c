#include "loop.h"

#include <unistd.h>

static void wait_for_tone(void)
{
    sleep(2);
}

int serial_dial(const char *number)
{
    wait_for_tone();
    return number[0] != '\0';
}

int page(const struct line *line, const char *number)
{
    return line->dial(number);
}
