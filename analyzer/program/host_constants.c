#include "program/host_constants.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name;
    int64_t value;
} constants[] = {
    {"NULL", 0},
    {"FALSE", 0},
    {"O_NONBLOCK", O_NONBLOCK},
    {"WNOHANG", WNOHANG},
    {"MSG_DONTWAIT", MSG_DONTWAIT},
    {"LOCK_NB", LOCK_NB},
    {"F_LOCK", F_LOCK},
    {"F_SETLKW", F_SETLKW},
    {"F_SETFL", F_SETFL},
    {"FIONBIO", FIONBIO},
    {"NI_NUMERICHOST", NI_NUMERICHOST},
    {"NOWAIT_LOCK", 0},
};

bool host_constant(const char *name, int64_t *ret)
{
    char *end;

    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (strcmp(constants[i].name, name) == 0) {
            *ret = constants[i].value;
            return true;
        }
    }
    *ret = strtoll(name, &end, 0);
    return end != name && *end == '\0';
}
