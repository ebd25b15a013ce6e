#include "lock.h"

static struct my front = {0, PTHREAD_MUTEX_INITIALIZER};
static struct my back = {0, PTHREAD_MUTEX_INITIALIZER};
static int seats = 10; /* guarded by front */
static int coats;      /* guarded by back */

static void *usher(void *arg)
{
    my_lock(&front);
    my_lock(&back);
    seats++;
    coats++;
    my_unlock(&back);
    my_unlock(&front);
    return arg;
}

static void *porter(void *arg)
{
    my_lock(&back);
    my_lock(&front);
    coats--;
    seats--;
    my_unlock(&front);
    my_unlock(&back);
    return arg;
}

/* Looks under the lock, lets it go, and acts on what it saw. */
static void *seller(void *arg)
{
    my_lock(&front);
    int seen = seats;
    my_unlock(&front);
    if (seen > 0) {
        my_lock(&front);
        seats--;
        my_unlock(&front);
    }
    return arg;
}

int main(void)
{
    pthread_t threads[4];

    pthread_create(&threads[0], NULL, usher, NULL);
    pthread_create(&threads[1], NULL, porter, NULL);
    pthread_create(&threads[2], NULL, seller, NULL);
    pthread_create(&threads[3], NULL, seller, NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
