// Fall-through, several labels at one statement, GNU case ranges, no default, a switch in a loop.
enum color { RED, GREEN = 4 };
void use(int);

int fall_through(int n)
{
    switch (n) {
    case 1:
        use(1);
        /* fall through */
    case 2:
    case 3:
        use(2);
        break;
    case 'a' ... 'z':
        return 7;
    default:
        use(9);
    }
    return 0;
}

void no_default(enum color c)
{
    switch (c) {
    case RED:
        use(0);
        break;
    case GREEN:
        break;
    }
}

void default_first(int n)
{
    switch (n) {
    default:
        use(1);
        break;
    case -1:
        use(2);
    }
}

void in_a_loop(int n)
{
    while (n) {
        switch (n--) {
        case 1:
            continue; /* the loop's */
        case 2:
            break; /* the switch's */
        }
        use(n);
    }
}
