#include "bank.h"

pthread_mutex_t book = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t vault = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
    pthread_t threads[2];

    pthread_create(&threads[0], NULL, teller, NULL);
    pthread_create(&threads[1], NULL, guard, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
