/* nearest.h - the known word that somebody probably meant. */
#pragma once

/* A search for the word nearest to `word`: try every known one, then ask for the answer. */
struct nearest {
    const char *word;
    const char *best; /* NULL: none near enough so far */
    unsigned limit;   /* only words with fewer edits than this are near enough */
};

struct nearest nearest_start(const char *word);
void nearest_try(struct nearest *search, const char *known);

/* ": did you mean 'best'?" owned by `owner`, or "" when nothing is near. */
const char *nearest_question(void *owner, const struct nearest *search);
