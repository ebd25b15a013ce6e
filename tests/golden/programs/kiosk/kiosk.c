/* kiosk.c - a ticket kiosk that has something for each query of docs/queries.md. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "uv.h"

struct account {
    pthread_mutex_t mu;
    int balance;
};

static pthread_mutex_t desk = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t till = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t ledger = PTHREAD_MUTEX_INITIALIZER;
static struct account accounts[8];
static int seats_left = 100;
static int cash;
static int pages;
static int sold_today;
static int visitors;
static atomic_int open_now;
static volatile sig_atomic_t closing;

static void note_sale(void)
{
    pthread_mutex_lock(&ledger);
    pages++;
    pthread_mutex_unlock(&ledger);
}

static void *seller(void *arg)
{
    struct account *account = arg;

    while (atomic_load(&open_now)) {
        __atomic_fetch_add(&visitors, 1, __ATOMIC_RELAXED);
        pthread_mutex_lock(&desk);
        int seats = seats_left;
        pthread_mutex_unlock(&desk);
        if (seats > 0) {
            pthread_mutex_lock(&desk);
            seats_left--;
            pthread_mutex_lock(&till);
            cash += 10;
            note_sale();
            pthread_mutex_unlock(&till);
            pthread_mutex_unlock(&desk);
            pthread_mutex_lock(&account->mu);
            account->balance += 10;
            pthread_mutex_unlock(&account->mu);
            sold_today++; // snarl: allow(data-race) a rough number for the display
        }
    }
    return NULL;
}

static void *auditor(void *arg)
{
    int *sum = arg;

    pthread_mutex_lock(&till);
    pthread_mutex_lock(&desk);
    *sum = cash + seats_left;
    pthread_mutex_unlock(&desk);
    pthread_mutex_unlock(&till);
    return NULL;
}

static void close_kiosk(int signal)
{
    (void)signal;
    closing = 1;
}

static void show_seats(uv_timer_t *timer)
{
    (void)timer;
    printf("%d %d\n", seats_left, visitors); /* the desk is not locked */
}

static void print_tickets(uv_timer_t *timer)
{
    (void)timer;
    usleep(300000);
    if (closing) {
        atomic_store(&open_now, 0);
    }
}

int main(void)
{
    static int sum;
    uv_timer_t timers[2];
    pthread_t threads[9];

    atomic_store(&open_now, 1);
    (void)signal(SIGTERM, close_kiosk);
    for (int i = 0; i < 8; i++) {
        pthread_mutex_init(&accounts[i].mu, NULL);
        pthread_create(&threads[i], NULL, seller, &accounts[i]);
    }
    pthread_create(&threads[8], NULL, auditor, &sum);
    uv_timer_init(uv_default_loop(), &timers[0]);
    uv_timer_start(&timers[0], show_seats, 1000, 1000);
    uv_timer_init(uv_default_loop(), &timers[1]);
    uv_timer_start(&timers[1], print_tickets, 50, 50);
    return uv_run(uv_default_loop(), 0);
}
