#pragma once

#include <pthread.h>

extern pthread_mutex_t book;
extern pthread_mutex_t vault;

void *teller(void *arg);
void *guard(void *arg);
