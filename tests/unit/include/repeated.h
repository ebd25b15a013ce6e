/* A header with bodies, as test_repeats.c needs it. */
static inline int doubled(int n)
{
    return n + n;
}
