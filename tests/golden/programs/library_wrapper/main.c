#include "ext.h"

#include <pthread.h>

static struct ext_mutex *front;
static struct ext_mutex *back;
static int seats = 10; /* guarded by front */
static int coats;      /* guarded by back */

static void *usher(void *arg)
{
    ext_lock(front);
    ext_lock(back);
    seats++;
    coats++;
    ext_unlock(back);
    ext_unlock(front);
    return arg;
}

static void *porter(void *arg)
{
    ext_lock(back);
    ext_lock(front);
    coats--;
    seats--;
    ext_unlock(front);
    ext_unlock(back);
    return arg;
}

/* Looks under the lock, lets it go, and acts on what it saw. */
static void *seller(void *arg)
{
    ext_lock(front);
    int seen = seats;
    ext_unlock(front);
    if (seen > 0) {
        ext_lock(front);
        seats--;
        ext_unlock(front);
    }
    return arg;
}

int main(void)
{
    pthread_t threads[4];

    front = ext_mutex_new();
    back = ext_mutex_new();
    pthread_create(&threads[0], NULL, usher, NULL);
    pthread_create(&threads[1], NULL, porter, NULL);
    pthread_create(&threads[2], NULL, seller, NULL);
    pthread_create(&threads[3], NULL, seller, NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
