"""The rules' documentation against rules/rules.def: what a user reads of a rule is there, and true.

Usage: docs.py TOP
Checks that README.md's rule table says what rules.def says; that every rule has a page in
docs/rules/ with its title line and headings, and every page a rule; that the C lines a page shows
are lines of the fixture it names; and that links between the documents lead somewhere.
"""
import os
import re
import sys

HEADINGS = ['Why it hurts', 'Example', 'How snarl decides', 'Known gaps', 'Silence it', 'Sources']
MAX_LINES = 120  # a page is read in a terminal and in an editor's hover

RULE = re.compile(r'^RULE\(\w+,\s*"([^"]+)",\s*"([^"]+)",\s*(\d+),\s*"([^"]+)"\)', re.MULTILINE)
ROW = re.compile(r'^\| \[`([a-z-]+)`\]\(([^)]+)\) \| (\w+) \| (\d+) \| (.+) \|$', re.MULTILINE)
TITLE = re.compile(r'# ([a-z-]+) +(\w+) · CWE-(\d+) · since \d+\.\d+')
FIXTURE = re.compile(r'`(fixtures/[\w/.-]+\.c)`')
LINK = re.compile(r'\]\(([^)#:]+)(?:#[^)]*)?\)')
COMMENT = re.compile(r'\s*(//.*|/\*.*\*/)\s*$')


def rules_of(text):
    """{id: (level, cwe, summary)} of rules.def."""
    return {id: (level, cwe, summary) for id, level, cwe, summary in RULE.findall(text)}


def check_table(readme, rules):
    rows = {row[0]: row for row in ROW.findall(readme)}

    for id in sorted(rules.keys() - rows.keys()):
        yield 'README.md: the rule table has no line for %s' % id
    for id in sorted(rows.keys() - rules.keys()):
        yield 'README.md: rules.def has no rule %s' % id
    for id in sorted(rows.keys() & rules.keys()):
        _, link, *told = rows[id]
        if tuple(told) != rules[id]:
            yield 'README.md: %s is %s here, %s in rules.def' % (id, told, list(rules[id]))
        if link != 'docs/rules/%s.md' % id:
            yield 'README.md: %s should lead to docs/rules/%s.md' % (id, id)


def check_shape(id, page, rule):
    """Title, headings, length of one page."""
    lines = page.splitlines()
    title = TITLE.fullmatch(lines[0]) if lines else None

    if title is None or title.groups() != (id, rule[0], rule[1]):
        yield 'the first line should be: # %s   %s · CWE-%s · since X.Y' % (id, rule[0], rule[1])
    headings = [line[3:] for line in lines if line.startswith('## ')]
    if headings != HEADINGS:
        yield 'the headings should be: %s' % ', '.join(HEADINGS)
    if len(lines) > MAX_LINES:
        yield '%d lines are too many: at most %d' % (len(lines), MAX_LINES)
    for number, line in enumerate(lines, 1):
        if len(line) > 100:
            yield 'line %d has more than 100 columns' % number


def code_of(line):
    return COMMENT.sub('', line).rstrip()


def check_examples(page, read):
    """Each ```c block is a run of lines from the fixture named last before it, comments aside."""
    fixture = None
    block = None

    for line in page.splitlines():
        if block is not None:
            if line != '```':
                block.append(code_of(line))
                continue
            source = read(fixture) if fixture else None
            if source is None:
                yield 'an example names no fixture, or one that is not there: %s' % fixture
            elif '\n'.join(block) not in '\n'.join(map(code_of, source.splitlines())):
                yield 'these are no lines of %s:\n    %s' % (fixture, '\n    '.join(block))
            block = None
        elif line == '```c':
            block = []
        else:
            named = FIXTURE.findall(line)
            fixture = named[-1] if named else fixture


def check_page(id, page, rule, read):
    yield from check_shape(id, page, rule)
    yield from check_examples(page, read)
    for word in ('bad', 'good'):
        if not re.search(r'`fixtures/%s/\w+_%s\.c`' % (id, word), page):
            yield 'no example from a fixtures/%s/*_%s.c' % (id, word)


def check_links(path, text, exists):
    for target in LINK.findall(text):
        full = os.path.normpath(os.path.join(os.path.dirname(path), target))
        if not exists(full):
            yield '%s: nothing is at %s' % (path, target)


def complaints_of(top):
    def exists(path):
        return os.path.exists(os.path.join(top, path))

    def read(path):
        if not exists(path):
            return None
        with open(os.path.join(top, path), encoding='utf-8') as file:
            return file.read()

    rules = rules_of(read('rules/rules.def') or '')
    pages = {name[:-3] for name in os.listdir(os.path.join(top, 'docs/rules'))
             if name.endswith('.md')}
    if not rules:
        yield 'rules/rules.def: no rules found'
    yield from check_table(read('README.md') or '', rules)
    for id in sorted(pages - rules.keys()):
        yield 'docs/rules/%s.md: rules.def has no such rule' % id
    for id in sorted(rules):
        path = 'docs/rules/%s.md' % id
        page = read(path)
        if page is None:
            yield '%s is missing' % path
            continue
        for text in check_page(id, page, rules[id], read):
            yield '%s: %s' % (path, text)
    for path in ['README.md', 'docs/ARCHITECTURE.md', 'docs/config.md']:
        text = read(path)
        if text is None:
            yield '%s is missing' % path
        else:
            yield from check_links(path, text, exists)


def check_itself():
    """A checker that finds nothing looks like clean documents: these must be told apart."""
    rules = rules_of('RULE(a_b, "a-b", "warning", 367, "a sentence")\n')
    row = '| [`a-b`](docs/rules/a-b.md) | %s | 367 | a sentence |\n'
    fixture = 'int x;\n    x = 1; // EXPECT a-b: x\n'
    page = '# a-b   warning · CWE-367 · since 0.1\n' + '\n'.join(
        '## ' + heading for heading in HEADINGS)
    example = '\n`fixtures/a-b/%s_bad.c` `fixtures/a-b/x_good.c`\n```c\n    x = %d; // here\n```\n'
    read = {'fixtures/a-b/x_good.c': fixture}.get

    def says(complaints):
        return bool(list(complaints))

    assert rules == {'a-b': ('warning', '367', 'a sentence')}
    assert not says(check_table(row % 'warning', rules))
    assert says(check_table(row % 'error', rules))
    assert says(check_table('', rules))
    assert says(check_table(row % 'warning' + row.replace('a-b', 'c') % 'note', rules))
    assert not says(check_page('a-b', page + example % ('x', 1), rules['a-b'], read))
    assert says(check_page('a-b', page + example % ('x', 2), rules['a-b'], read))
    assert says(check_page('a-b', page, rules['a-b'], read))
    assert says(check_shape('a-b', page.replace('367', '368'), rules['a-b']))
    assert says(check_shape('a-b', page.replace('## Sources', ''), rules['a-b']))
    assert says(check_shape('a-b', page + '\n' * MAX_LINES, rules['a-b']))
    assert says(check_examples('```c\nint x;\n```', read))
    assert says(check_links('docs/x.md', 'see [it](y.md)', lambda path: path == 'y.md'))
    assert not says(check_links('docs/x.md', 'see [it](../y.md#z)', lambda path: path == 'y.md'))


def main():
    check_itself()
    found = list(complaints_of(sys.argv[1]))
    print('\n'.join(found))
    print('%d things wrong with the documents' % len(found))
    return 1 if found else 0


sys.exit(main())
