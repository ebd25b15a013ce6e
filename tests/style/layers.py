"""Who may include what: every #include of analyzer/ and rules/ against the tables below.

Usage: layers.py TOP
The tables are those of docs/ARCHITECTURE.md; each folder's target_link_libraries says the same.
"""
import os
import re
import sys

# Folder -> folders whose headers it may include (its own always).
MAY_USE = {
    'base': [],
    'ir': ['base'],
    'config': ['base', 'ir'],
    'frontend': ['base', 'ir', 'config'],
    'facts': ['base', 'ir', 'config'],
    'program': ['base', 'ir', 'config', 'facts'],
    'rules': ['base', 'config', 'program'],
    'report': ['base', 'ir', 'config', 'program', 'rules'],
    'triage': ['base', 'config', 'facts', 'report', 'rules'],
    'run': ['base', 'ir', 'config', 'facts', 'frontend', 'program', 'rules'],
    'lsp': None,      # None: all of them
    'cli': None,  # main.c, cmd_*.c and what stands beside them
}

# Exceptions to MAY_USE: one header of a folder that is otherwise out of sight.
ALSO = {
    ('rules', 'ir/ids.h'),
}

# Headers of other libraries, by how their name begins -> folders that may include them.
ONLY_IN = [
    ('clang-c/', ['frontend']),
    ('sqlite3', ['facts']),
    ('xxhash', ['facts']),
    ('yaml', ['config']),
    ('jansson', ['report', 'triage', 'lsp']),
    ('talloc', ['base']),
    ('uthash', ['base']),
    ('utarray', ['base']),
    ('utlist', ['base']),
    ('argp', ['cli']),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    """'analyzer/ir/ir.c' -> 'ir'; 'rules/x.c' -> 'rules'; 'analyzer/cli/main.c' -> 'cli'."""
    parts = path.split('/')
    if parts[0] == 'rules':
        return 'rules'
    return parts[1] if len(parts) > 2 else 'top'


def complaint(path, bracket, header, exists):
    """What is wrong with this include, or None. `exists` tells if a file of the tree is there."""
    folder = folder_of(path)
    if folder not in MAY_USE:
        return 'folder %s is in no table of tests/style/layers.py' % folder
    beside = os.path.dirname(path) + '/' + header
    if bracket == '"' and '/' not in header and exists(beside):
        return None
    used = header.split('/')[0]
    if used in MAY_USE and (exists('analyzer/' + header) or exists(header)):
        allowed = MAY_USE[folder]
        if allowed is None or used == folder or used in allowed or (folder, header) in ALSO:
            return None
        return '%s/ must not include %s' % (folder, header)
    for prefix, folders in ONLY_IN:
        if header.startswith(prefix) and folder not in folders:
            return '%s belongs in %s only' % (header, ' and '.join(folders))
    if bracket == '"':
        return 'no file "%s" in analyzer/, rules/ or beside it' % header
    return None


def c_files(top):
    for start in ('analyzer', 'rules'):
        for folder, _, names in os.walk(os.path.join(top, start)):
            for name in names:
                if name.endswith(('.c', '.h', '.def')):
                    yield os.path.relpath(os.path.join(folder, name), top)


def complaints_of(top):
    tree = set(c_files(top))
    for path in sorted(tree):
        with open(os.path.join(top, path), encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                match = INCLUDE.match(line)
                if match is None:
                    continue
                text = complaint(path, match.group(1), match.group(2), tree.__contains__)
                if text is not None:
                    yield '%s:%d: %s' % (path, number, text)


def check_itself():
    """A checker that finds nothing looks like a clean tree: these must be told apart."""
    tree = {'analyzer/ir/ir.h', 'analyzer/ir/ids.h', 'analyzer/program/paths.h', 'rules/rule.h',
            'analyzer/base/mem.h', 'analyzer/cli/cmd.h', 'analyzer/facts/facts.h'}.__contains__
    right = [('analyzer/ir/ir.c', '"', 'base/mem.h'), ('rules/x.c', '"', 'ir/ids.h'),
             ('analyzer/cli/cmd_check.c', '"', 'program/paths.h'),
             ('analyzer/ir/ir.c', '<', 'stdio.h'),
             ('analyzer/cli/cmd_check.c', '"', 'cmd.h'), ('analyzer/cli/main.c', '<', 'argp.h'),
             ('analyzer/frontend/body.c', '<', 'clang-c/Index.h'), ('rules/x.c', '"', 'rule.h')]
    wrong = [('analyzer/ir/ir.c', '"', 'facts/facts.h'), ('rules/x.c', '"', 'ir/ir.h'),
             ('analyzer/program/x.c', '<', 'clang-c/Index.h'), ('rules/x.c', '<', 'sqlite3.h'),
             ('analyzer/ir/ir.c', '"', 'cli/cmd.h'), ('analyzer/facts/store.c', '<', 'talloc.h'),
             ('analyzer/base/mem.c', '"', 'ir/ir.h'), ('analyzer/new/x.c', '<', 'stdio.h')]
    for case in right:
        assert complaint(*case, tree) is None, case
    for case in wrong:
        assert complaint(*case, tree) is not None, case


def main():
    top = sys.argv[1]
    check_itself()
    n_files = len(list(c_files(top)))
    found = list(complaints_of(top))
    print('\n'.join(found))
    print('%d files, %d includes that go the wrong way' % (n_files, len(found)))
    return 1 if found or n_files == 0 else 0


sys.exit(main())
