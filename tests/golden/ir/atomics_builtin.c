// GCC's builtins: __atomic_* in both forms, and the older __sync_*.
struct shared {
    int n;
    int lock;
    void *head;
};

int gnu_atomic(struct shared *s, int order)
{
    int old = __atomic_load_n(&s->n, __ATOMIC_ACQUIRE);
    int desired = 3;
    __atomic_store_n(&s->n, 1, __ATOMIC_RELEASE);
    __atomic_load(&s->n, &old, __ATOMIC_CONSUME);
    __atomic_store(&s->n, &desired, __ATOMIC_RELAXED);
    __atomic_exchange(&s->n, &desired, &old, __ATOMIC_ACQ_REL);
    old += __atomic_exchange_n(&s->n, 2, __ATOMIC_SEQ_CST);
    old += __atomic_fetch_sub(&s->n, 4, __ATOMIC_RELAXED);
    old += __atomic_add_fetch(&s->n, 5, __ATOMIC_RELAXED);
    old += __atomic_fetch_nand(&s->n, 6, order);
    old += __atomic_compare_exchange_n(&s->n, &old, 7, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    while (__atomic_test_and_set(&s->lock, __ATOMIC_ACQUIRE)) {
    }
    __atomic_clear(&s->lock, __ATOMIC_RELEASE);
    return old;
}

int gnu_sync(struct shared *s, void *node)
{
    int n = __sync_fetch_and_add(&s->n, 1);
    n += __sync_sub_and_fetch(&s->n, 2);
    n += __sync_lock_test_and_set(&s->lock, 1);
    __sync_lock_release(&s->lock);
    n += __sync_val_compare_and_swap(&s->n, 3, 4);
    __sync_synchronize();
    return __sync_bool_compare_and_swap(&s->head, (void *)0, node) ? n : 0;
}
