// C11 atomics: plain use of an atomic object is seq_cst; the functions, with and without an order.
#include <stdatomic.h>

struct counter {
    _Atomic int hits;
    atomic_flag busy;
    _Atomic(int *) where;
};
atomic_int total = 0;

int plain(struct counter *c)
{
    c->hits++;
    c->hits += 2;
    total = c->hits;
    c->where = &c->hits == 0 ? 0 : (int *)0;
    return total;
}

int functions(struct counter *c, int expected)
{
    atomic_init(&c->hits, 1);
    atomic_store(&c->hits, 2);
    atomic_store_explicit(&c->hits, 3, memory_order_release);
    int seen = atomic_load_explicit(&c->hits, memory_order_acquire);
    seen += atomic_load(&total);
    seen += atomic_exchange_explicit(&c->hits, 4, memory_order_relaxed);
    seen += atomic_fetch_add(&c->hits, 5);
    seen += atomic_fetch_or_explicit(&c->hits, 6, memory_order_acq_rel);
    if (atomic_compare_exchange_strong(&c->hits, &expected, 7)) {
        seen++;
    }
    if (atomic_compare_exchange_weak_explicit(&c->hits, &expected, 8, memory_order_seq_cst,
                                              memory_order_consume)) {
        seen--;
    }
    while (atomic_flag_test_and_set(&c->busy)) {
    }
    atomic_flag_clear_explicit(&c->busy, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    return seen;
}
