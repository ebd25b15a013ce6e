// volatile is kept apart from atomic; a volatile that is only named is read.
struct device {
    volatile unsigned status;
    unsigned plain;
};
volatile int stop;

void waits(struct device *d, volatile int *flag)
{
    while (!stop) {
    }
    stop;
    (void)d->status;
    (void)d->plain;
    d->status |= 1;
    *flag = 2;
    *(volatile unsigned *)&d->plain = 3;
}
