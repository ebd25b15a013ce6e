// C23: nullptr, true, constexpr, auto, labels before declarations and at the end of a block,
// attributes on statements, parameters without names.
int get(void);
void use(int);
struct state {
    void *data;
    bool ready;
};

void words(struct state *s)
{
    constexpr int k = 3;
    auto z = get();
    typeof_unqual(k) y = z;
    s->ready = true;
    s->data = nullptr;
    use(y + k);
}

void labels(int n)
{
    if (n) {
        goto end;
    }
    switch (get()) {
    case 1:
        use(1);
        [[fallthrough]];
    case 2:
        __attribute__((fallthrough));
    default:
        int late = 2;
        use(late);
    }
end:
}

int attributes(int, int n)
{
    for (int i = 0; i < 2; ++i) [[likely]] {
        use(i);
    }
    if (n) [[unlikely]] {
        use(5);
    }
    return 0;
}
