#!/usr/bin/env python3
"""How the time of the analysis grows with the program.

Usage: growth.py BUILD [-o PAGE] [--sizes 1,2,4,8] [--rounds N] [--keep DIR]
Makes programs of one shape and growing size, lets snarl parse each once, and measures what
`snarl check` needs from then on: the reading of the facts and the whole analysis. Prints a Markdown
table, or writes it into PAGE. --keep writes the programs to a folder and measures nothing.
"""
import argparse
import json
import os
import re
import subprocess
import tempfile

import measure

MODULES = 12  # of a program of size 1
PARTS = 16    # functions of a module that do something, each with helpers
DEPTH = 5     # calls from such a function down to the last helper

HEADER = '''#pragma once
#include <pthread.h>
#include <stdlib.h>

/* Every module offers these, and calls those of others through the table. */
struct ops {{
    int (*open)(int key);
    int (*step)(int key);
    void (*close)(int key);
}};
struct item {{
    pthread_mutex_t mu;
    int count;
    int state;
    struct item *next;
}};
extern const struct ops *all_ops[{modules}];
{externs}
'''

MODULE_HEAD = '''#include "program.h"

/* Module {m}: its own lock, its own objects, two threads. */
struct job{m} {{
    pthread_mutex_t mu;
    int (*run)(int key);
    int done;
    struct job{m} *next;
}};
static pthread_mutex_t mu{m} = PTHREAD_MUTEX_INITIALIZER;
static struct job{m} *jobs{m};
static struct item items{m}[8];
static int shared{m};
static int hits{m};
static volatile int stop{m};
'''

# A part: a chain of helpers, of which the last changes shared state in one of several ways.
PART = '''
static int last{m}_{p}(struct item *item, int key)
{{
    {action}
    return key > 3 ? item->state : key;
}}
'''
ACTIONS = [
    '''pthread_mutex_lock(&item->mu);
    item->count += key;
    pthread_mutex_unlock(&item->mu);''',
    '''pthread_mutex_lock(&mu{m});
    shared{m} = key;
    if (key == 7) {{
        pthread_mutex_unlock(&mu{m});
        return -1;
    }}
    pthread_mutex_unlock(&mu{m});''',
    '''if (pthread_mutex_trylock(&mu{m}) != 0)
        return -1;
    hits{m}++;
    pthread_mutex_unlock(&mu{m});''',
    '''if (shared{m} > key) {{
        pthread_mutex_lock(&mu{m});
        shared{m} -= key;
        pthread_mutex_unlock(&mu{m});
    }}''',
    '''for (int i = 0; i < key; i++) {{
        if (item->state == i)
            hits{m} += i;
    }}''',
]
LINK = '''
static int link{m}_{p}_{d}(struct item *item, int key)
{{
    int got = {callee}(item, key + {d});
    if (got < 0)
        return got;
    return item->next != NULL && key < {d} ? {callee}(item->next, key) : got;
}}
'''
MODULE_TAIL = '''
static int open{m}(int key)
{{
    struct job{m} *job = malloc(sizeof *job);
    if (job == NULL)
        return -1;
    pthread_mutex_init(&job->mu, NULL);
    job->run = all_ops[(unsigned)key % {modules}]->step;
    job->done = 0;
    pthread_mutex_lock(&mu{m});
    job->next = jobs{m};
    jobs{m} = job;
    pthread_mutex_unlock(&mu{m});
    return 0;
}}

static int step{m}(int key)
{{
    struct item *item = &items{m}[(unsigned)key % 8];
    switch (key) {{
{cases}    default:
        return {next}_poke(key);
    }}
}}

static void close{m}(int key)
{{
    pthread_mutex_lock(&mu{m});
    while (jobs{m} != NULL) {{
        struct job{m} *job = jobs{m};
        jobs{m} = job->next;
        free(job);
    }}
    pthread_mutex_unlock(&mu{m});
    stop{m} = key;
}}

int m{m}_poke(int key)
{{
    return last{m}_0(&items{m}[0], key);
}}

const struct ops ops{m} = {{open{m}, step{m}, close{m}}};
'''
THREADS = '''
static void *worker{m}(void *arg)
{{
    struct item *item = arg;
    while (!stop{m}) {{
        pthread_mutex_lock(&mu{m});
        struct job{m} *job = jobs{m};
        pthread_mutex_unlock(&mu{m});
        if (job != NULL && job->run(item->count) > 0) {{
            pthread_mutex_lock(&job->mu);
            job->done++;
            pthread_mutex_unlock(&job->mu);
        }}
        step{m}(item->state);
    }}
    return NULL;
}}

void m{m}_start(pthread_t *threads)
{{
    pthread_create(&threads[0], NULL, worker{m}, &items{m}[0]);
    pthread_create(&threads[1], NULL, worker{m}, &items{m}[1]);
}}
'''
MAIN = '''#include "program.h"

const struct ops *all_ops[{modules}] = {{{table}}};

int main(void)
{{
    pthread_t threads[{n_threads}];
    for (int i = 0; i < {modules}; i++)
        all_ops[i]->open(i);
{starts}    for (int i = 0; i < {n_threads}; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < {modules}; i++)
        all_ops[i]->close(i);
    return 0;
}}
'''


def part(m, p):
    """One part of module `m`: helpers that call each other down to one that does something."""
    text = PART.format(m=m, p=p, action=ACTIONS[(m + p) % len(ACTIONS)].format(m=m))
    callee = 'last%d_%d' % (m, p)
    for d in range(DEPTH):
        text += LINK.format(m=m, p=p, d=d, callee=callee)
        callee = 'link%d_%d_%d' % (m, p, d)
    return text, callee


def module(m, modules, starts):
    parts = [part(m, p) for p in range(PARTS)]
    cases = ''.join('    case %d:\n        return %s(item, key);\n' % (p, parts[p][1])
                    for p in range(PARTS))
    return (MODULE_HEAD.format(m=m) + ''.join(text for text, _ in parts) +
            MODULE_TAIL.format(m=m, modules=modules, cases=cases, next='m%d' % ((m + 1) % modules)) +
            (THREADS.format(m=m) if starts else ''))


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def make_program(folder, size, threads_grow):
    """A program of `size` times MODULES modules, with its compile database. Unless `threads_grow`,
    only the first MODULES of them start threads."""
    modules = MODULES * size
    starting = modules if threads_grow else MODULES
    os.makedirs(folder, exist_ok=True)
    externs = ''.join('extern const struct ops ops%d;\nint m%d_poke(int key);\n' % (m, m)
                      for m in range(modules))
    externs += ''.join('void m%d_start(pthread_t *threads);\n' % m for m in range(starting))
    write(os.path.join(folder, 'program.h'), HEADER.format(modules=modules, externs=externs))
    names = []
    for m in range(modules):
        names.append('m%d.c' % m)
        write(os.path.join(folder, names[-1]), module(m, modules, m < starting))
    names.append('main.c')
    write(os.path.join(folder, 'main.c'),
          MAIN.format(modules=modules, n_threads=2 * starting,
                      table=', '.join('&ops%d' % m for m in range(modules)),
                      starts=''.join('    m%d_start(&threads[%d]);\n' % (m, 2 * m)
                                     for m in range(starting))))
    write(os.path.join(folder, 'compile_commands.json'),
          json.dumps([{'directory': folder, 'file': name, 'arguments': ['cc', '-c', name]}
                      for name in names]))


def counts(snarl, args):
    """The numbers that --stats tells: functions, contexts, locks, variables, calls."""
    done = subprocess.run([snarl, *args, '--stats'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    text = done.stderr.decode(errors='replace')
    return [int(re.search(r'^%s +(\d+)' % word, text, re.MULTILINE).group(1))
            for word in ('functions', 'contexts', 'locks', 'variables', 'calls')]


def measure_size(options, size, threads_grow):
    """What the analysis of a program of this size takes: its counts, CPU seconds and memory."""
    with tempfile.TemporaryDirectory(prefix='snarl-growth-') as place:
        folder = os.path.join(place, 'program')
        make_program(folder, size, threads_grow)
        snarl = os.path.join(options.build, 'bin', 'snarl')
        args = ['check', '-q', '-p', folder, '--db=' + os.path.join(place, 'facts.db')]
        numbers = counts(snarl, args)
        args.append('--stats')  # or else the last answer would be given again
        used = [measure.run([snarl, *args], folder) for _ in range(options.rounds)]
        return numbers, measure.median([one.cpu for one in used]), used[0].peak_mb


def growth(options, sizes, threads_grow):
    """The table of all sizes."""
    rows = []
    first = None
    for size in sizes:
        numbers, cpu, peak = measure_size(options, size, threads_grow)
        first = first or cpu
        rows.append(['%d×' % size, *map(str, numbers), '%.2f s' % cpu, '%.1f×' % (cpu / first),
                     '%.0f µs' % (cpu * 1e6 / numbers[0]), '%.0f MB' % peak])
    return measure.table(['size', 'functions', 'contexts', 'locks', 'variables', 'calls', 'CPU',
                          'growth', 'a function', 'memory'], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=os.path.abspath)
    parser.add_argument('-o', '--output', help='page with the marks <!-- growth: begin/end -->')
    parser.add_argument('--sizes', default='1,2,4,8')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--keep', metavar='DIR')
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(',')]

    if options.keep is not None:
        for size in sizes:
            make_program(os.path.join(os.path.abspath(options.keep), 'x%d' % size), size, True)
        return
    text = ('Measured on: %s. Medians of %d runs.\n\nThe same threads in every size:\n\n%s\n\n'
            'Two threads for each module, so their number grows, too:\n\n%s' %
            (measure.machine(), options.rounds, growth(options, sizes, False),
             growth(options, sizes, True)))
    measure.put(options.output, 'growth', text)


if __name__ == '__main__':
    main()
