#include "config/nearest.h"

#include "base/mem.h"

#include <string.h>

#define LONGEST 48 /* longer words are no typing mistakes of ours */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits from `a` to `b`: one a letter put in, left out, replaced, or swapped with its neighbour
 * (optimal string alignment, Oommen and Loke 1997). Both are at most LONGEST long. */
static unsigned edits(const char *a, const char *b)
{
    unsigned rows[3][LONGEST + 1];
    size_t n = strlen(b);

    for (size_t j = 0; j <= n; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= strlen(a); i++) {
        const unsigned *two_up = rows[(i + 1) % 3];
        const unsigned *up = rows[(i + 2) % 3];
        unsigned *row = rows[i % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = least(up[j - 1] + (a[i - 1] != b[j - 1]), least(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], two_up[j - 2] + 1);
            }
        }
        if (i == strlen(a)) {
            return row[n];
        }
    }
    return (unsigned)n;
}

struct nearest nearest_start(const char *word)
{
    size_t third = strlen(word) / 3; /* of the letters may be wrong, and one always */

    return (struct nearest){.word = word, .limit = (unsigned)(third > 1 ? third : 1) + 1};
}

void nearest_try(struct nearest *search, const char *known)
{
    if (strlen(search->word) > LONGEST || strlen(known) > LONGEST) {
        return;
    }
    unsigned n = edits(search->word, known);
    /* "x" is not near to "y" */
    if (n < search->limit && n < strlen(known) && n < strlen(search->word)) {
        search->best = known;
        search->limit = n;
    }
}

const char *nearest_question(void *owner, const struct nearest *search)
{
    return search->best == NULL ? "" : mem_printf(owner, ": did you mean '%s'?", search->best);
}
