#include "bank.h"

static int rounds;

void *guard(void *arg)
{
    pthread_mutex_lock(&vault);
    rounds++;
    pthread_mutex_unlock(&vault);
    return arg;
}
