// goto forwards, backwards, out of blocks, and into one.
void use(int);

int out(int n)
{
    while (n) {
        if (n == 3) {
            goto done;
        }
        n--;
    }
    return 1;
done:
    use(n);
    return 0;
}

void back(int n)
{
again:
    use(n);
    if (n-- > 0) {
        goto again;
    }
}

void into(int n)
{
    if (n) {
        goto inside;
    }
    while (n < 10) {
        n++;
    inside:
        use(n);
    }
}

void past_dead_code(void)
{
    goto end;
    use(1);
end:
    use(2);
}
