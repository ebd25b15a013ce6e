/* lock.h - the project's own locks: a struct around a mutex, behind functions. */
#pragma once

#include <pthread.h>

struct my {
    int taken; /* how often; guarded by mu */
    pthread_mutex_t mu;
};

void my_lock(struct my *lock);
void my_unlock(struct my *lock);
