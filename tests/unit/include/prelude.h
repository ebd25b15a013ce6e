/* prelude.h - what every test source of harness.h starts with. */
#pragma once

#define _GNU_SOURCE /* the NP initialisers */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern pthread_mutex_t m, m2, m3;
extern pthread_rwlock_t rw;
extern pthread_cond_t cond;
extern int hits, more;
extern bool flag;
void elsewhere(void); /* a function without a body */
