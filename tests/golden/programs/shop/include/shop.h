/* shop.h - one hazard of each rule, each of them over both files. */
#pragma once

#include <pthread.h>

extern pthread_mutex_t desk; /* guards seats_left */
extern pthread_mutex_t till; /* guards cash */
extern int seats_left;
extern int cash;

void *clerk(void *arg);
int look_at_seats(void);
void print_receipt(void);
