/* guard.h - a header with functions that only some programs use, as test_unlock_not_held.c needs
 * it.
 */
#pragma once

#include <pthread.h>

typedef void guard;

static inline void guard_end(guard *held)
{
    pthread_mutex_unlock((pthread_mutex_t *)held);
}

static inline void guard_clear(guard **held)
{
    guard_end(*held);
}
