#include "shop.h"

#include <uv.h>

pthread_mutex_t desk = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t till = PTHREAD_MUTEX_INITIALIZER;
int seats_left = 40;
int cash;

/* The till, then the desk: clerk() takes them the other way round. */
static void *auditor(void *arg)
{
    int *sum = arg;

    pthread_mutex_lock(&till);
    pthread_mutex_lock(&desk);
    *sum = seats_left + cash;
    pthread_mutex_unlock(&desk);
    pthread_mutex_unlock(&till);
    return NULL;
}

int look_at_seats(void)
{
    pthread_mutex_lock(&desk);
    int seen = seats_left;
    pthread_mutex_unlock(&desk);
    return seen;
}

static void on_print(uv_timer_t *timer)
{
    (void)timer;
    print_receipt();
}

int main(void)
{
    pthread_t threads[3];
    uv_timer_t printer;
    int sum = 0;

    pthread_create(&threads[0], NULL, clerk, NULL);
    pthread_create(&threads[1], NULL, clerk, NULL);
    pthread_create(&threads[2], NULL, auditor, &sum);
    uv_timer_init(uv_default_loop(), &printer);
    uv_timer_start(&printer, on_print, 100, 100);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return 0;
}
