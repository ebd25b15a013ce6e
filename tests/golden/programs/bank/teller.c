#include "bank.h"

/* The book, then the vault. */
void *teller(void *arg)
{
    pthread_mutex_lock(&book);
    pthread_mutex_lock(&vault);
    pthread_mutex_unlock(&vault);
    pthread_mutex_unlock(&book);
    return arg;
}
