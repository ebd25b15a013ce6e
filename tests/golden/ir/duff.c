// Cases inside nested blocks: Duff's device, and a case in an if.
void put(char);

void device(const char *from, int n)
{
    switch (n % 4) {
    case 0:
        do {
            put(*from++);
        case 3:
            put(*from++);
        case 2:
            put(*from++);
        case 1:
            put(*from++);
        } while ((n -= 4) > 0);
    }
}

void in_an_if(int n, int m)
{
    switch (n) {
    case 1:
        if (m) {
        case 2:
            put('2');
        } else {
        case 3:
            put('3');
        }
    }
}
