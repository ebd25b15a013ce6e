#include <pthread.h>

pthread_mutex_t desk = PTHREAD_MUTEX_INITIALIZER;
int seats = 40;
int meals = 40;

static int seats_seen(void)
{
    pthread_mutex_lock(&desk);
    int seen = seats;
    pthread_mutex_unlock(&desk);
    return seen;
}

static int meals_seen(void)
{
    pthread_mutex_lock(&desk);
    int seen = meals;
    pthread_mutex_unlock(&desk);
    return seen;
}

static void *clerk(void *arg)
{
    if (seats_seen() > 0) {
        pthread_mutex_lock(&desk);
        seats--;
        pthread_mutex_unlock(&desk);
    }
    return arg;
}

static void *cook(void *arg)
{
    if (meals_seen() > 0) {
        pthread_mutex_lock(&desk);
        meals--;
        pthread_mutex_unlock(&desk);
    }
    return arg;
}

int main(void)
{
    pthread_t threads[4];

    pthread_create(&threads[0], NULL, clerk, NULL);
    pthread_create(&threads[1], NULL, clerk, NULL);
    pthread_create(&threads[2], NULL, cook, NULL);
    pthread_create(&threads[3], NULL, cook, NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
