// A computed goto may reach each label whose address was taken, and no other.
void use(int);

void interpret(const unsigned char *code)
{
    static void *const table[] = {&&add, &&halt};
    goto *table[*code++];
add:
    use(1);
    goto *table[*code++];
unused:
    use(2);
halt:
    use(3);
    if (*code) {
        goto unused;
    }
}
