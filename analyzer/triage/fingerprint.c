#include "triage/fingerprint.h"

#include "base/map.h"
#include "facts/facts.h"

#include <stdio.h>
#include <string.h>

/* How many findings had this identity so far. */
struct identity {
    const char *text;
    unsigned n;
    UT_hash_handle hh;
};

struct identities {
    struct identity *table;
};

static unsigned count(struct identities *known, const char *text)
{
    struct identity *identity;

    HASH_FIND_STR(known->table, text, identity);
    if (identity == NULL) {
        identity = mem_new(known, struct identity);
        identity->text = text;
        HASH_ADD_KEYPTR(hh, known->table, identity->text, strlen(identity->text), identity);
    }
    return identity->n++;
}

void fingerprint_all(struct finding_list *all)
{
    struct identities *known = mem_new(NULL, struct identities);
    char number[16];

    for (size_t i = 0; i < all->n; i++) {
        struct finding *finding = all->v[i];
        (void)snprintf(number, sizeof number, "%u", count(known, finding->identity));
        const char *parts[] = {finding->rule->id, finding->identity, number, NULL};
        struct facts_hash hash = facts_hash_strings(parts);
        (void)snprintf(finding->fingerprint, sizeof finding->fingerprint, "%016llx%016llx",
                       (unsigned long long)hash.high, (unsigned long long)hash.low);
    }
    HASH_CLEAR(hh, known->table);
    talloc_free(known);
}
