// The names that the attributes had before capabilities.
struct __attribute__((lockable)) mutex {
    int word;
};
struct mutex mu;
int by_some __attribute__((guarded_var));
int *to_some __attribute__((pt_guarded_var));
void lock(void) __attribute__((exclusive_lock_function(mu)));
void lock_shared(void) __attribute__((shared_lock_function(mu)));
int trylock(void) __attribute__((exclusive_trylock_function(1, mu)));
int trylock_shared(void) __attribute__((shared_trylock_function(0, mu)));
void unlock(void) __attribute__((unlock_function(mu)));
void needs(void) __attribute__((exclusive_locks_required(mu)));
void needs_shared(void) __attribute__((shared_locks_required(mu)));
void claims(void) __attribute__((assert_exclusive_lock(mu)));
void claims_shared(void) __attribute__((assert_shared_lock(mu)));

void uses(void)
{
    lock();
    lock_shared();
    by_some = *to_some;
    unlock();
    trylock();
    trylock_shared();
    needs();
    needs_shared();
    claims();
    claims_shared();
    mu.word = 1;
}
