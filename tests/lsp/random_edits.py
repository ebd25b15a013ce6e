"""Random edits of open documents: after each, the server says what a fresh `snarl check` says.

Usage: random_edits.py SNARL PROGRAM N [SEED]
PROGRAM is a folder with sources in src/ and include/. Edits are made line by line (deleted,
doubled, exchanged, taken from elsewhere), with half-typed lines among them, so that many texts do
not compile. Some files stay closed: what is shown of them follows a little later. Ends with status 1
at the first difference, and shows it.
"""

import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import time

from client import Client

SOON_S = 20
HALF_TYPED = ["if (", "pthread_mutex_lock(&", "/* ", "}", "int x = ", "\u00fc\u00f6 \U0001f512",
              "#define X", "return;", "for (;;) {"]


class Program:
    """A copy of the program, with its compile database."""

    def __init__(self, source):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="snarl-edits-"))
        shutil.copytree(source, self.dir, dirs_exist_ok=True)
        self.units = sorted(os.path.join("src", name) for name in os.listdir(self.path("src"))
                            if name.endswith(".c"))
        entries = [{"directory": self.dir, "file": name,
                    "arguments": ["cc", "-Iinclude", "-c", name]} for name in self.units]
        self.write("compile_commands.json", json.dumps(entries))

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def texts(self):
        headers = [os.path.join("include", name) for name in os.listdir(self.path("include"))]
        return {name: self.read(name) for name in self.units + sorted(headers)}


def fresh_findings(snarl, program):
    """(file, line, rule, message) of each finding of a run that knows nothing."""
    done = subprocess.run([snarl, "check", "--db", ":memory:", "-q", "--format=json"],
                          cwd=program.dir, capture_output=True, text=True, timeout=120, check=False)
    return sorted((found["file"], found["line"], found["rule"], found["message"])
                  for found in json.loads(done.stdout)["findings"])


def shown_findings(client, program):
    found = []
    for uri, params in client.diagnostics.items():
        name = os.path.relpath(uri[len("file://"):], program.dir)
        for one in params["diagnostics"]:
            if "code" in one:
                found.append((name, one["range"]["start"]["line"] + 1, one["code"],
                              one["message"].partition("\n")[0]))
    return sorted(found)


def wait_for_all(client, opened, before):
    """Waits for new diagnostics of each open file: those of one text are sent one after the other.
    `before`: what client.diagnostics was."""
    end = time.monotonic() + SOON_S
    for uri in map(client.uri, opened):
        while client.diagnostics.get(uri) is before.get(uri):
            client.take(max(0.01, end - time.monotonic()))


def is_right(client, program, fresh, opened):
    """Is what is shown of the open files right at once, and of the others soon?"""
    def of_open(findings):
        return [found for found in findings if found[0] in opened]

    return (of_open(shown_findings(client, program)) == of_open(fresh) and
            gets_right(client, program, fresh))


def gets_right(client, program, fresh):
    end = time.monotonic() + SOON_S
    while shown_findings(client, program) != fresh:
        try:
            client.take(max(0.01, end - time.monotonic()))
        except queue.Empty:
            return False
    return True


def position(text, offset):
    """A place as the protocol counts it, in UTF-16."""
    before = text[:offset]
    line = before.count("\n")
    return {"line": line,
            "character": len(before[before.rfind("\n") + 1:].encode("utf-16-le")) // 2}


def random_edit(chance, text, other):
    """(begin, end, replacement): what is put in the place of text[begin:end]."""
    starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]
    begin = chance.choice(starts)
    end = text.find("\n", begin) + 1 or len(text)
    kind = chance.randrange(6)
    if kind == 0:
        return begin, end, ""
    if kind == 1:
        return begin, begin, text[begin:end]
    if kind == 2:
        lines = other.splitlines(keepends=True) or ["\n"]
        return begin, end, chance.choice(lines)
    if kind == 3:
        return begin, begin, chance.choice(HALF_TYPED) + "\n"
    if kind == 4:
        begin = chance.randrange(len(text) + 1)
        end = min(len(text), begin + chance.randrange(6))
        return begin, end, chance.choice(["", ";", "x", "(", "&"])
    return begin, begin, "\n"


def run(snarl, source, n, seed):
    chance = random.Random(seed)
    edited = Program(source)
    copy = Program(source)
    texts = edited.texts()
    originals = dict(texts)
    versions = dict.fromkeys(texts, 1)
    client = Client(snarl, edited.dir)
    opened = [name for name in texts if chance.randrange(4) > 0] or list(texts)[:1]
    for name in opened:
        client.open(name)
    try:
        if not gets_right(client, edited, fresh_findings(snarl, copy)):  # the first index is there
            print("the server does not get to what a fresh check finds")
            return 1
        for i in range(n):
            name = chance.choice(opened)
            if chance.randrange(10) == 0:  # back to what compiles
                begin, end, new = 0, len(texts[name]), originals[name]
            else:
                begin, end, new = random_edit(chance, texts[name],
                                              texts[chance.choice(list(texts))])
            versions[name] += 1
            before = dict(client.diagnostics)
            client.change(name, versions[name],
                          [{"range": {"start": position(texts[name], begin),
                                      "end": position(texts[name], end)}, "text": new}])
            texts[name] = texts[name][:begin] + new + texts[name][end:]
            copy.write(name, texts[name])
            client.wait_for(name, versions[name])
            wait_for_all(client, opened, before)
            fresh = fresh_findings(snarl, copy)
            if not is_right(client, edited, fresh, opened):
                shown = shown_findings(client, edited)
                print(f"edit {i} (seed {seed}) of {name}: {new!r} for {end - begin} characters\n"
                      f"server: {json.dumps(shown, indent=1)}\nfresh: {json.dumps(fresh, indent=1)}")
                return 1
        status = client.close()
        print(f"{n} edits of {len(opened)} files, findings equal after each; the server's exit "
              f"status is {status}")
        return status
    finally:
        client.kill()
        shutil.rmtree(edited.dir)
        shutil.rmtree(copy.dir)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2], int(sys.argv[3]),
                 int(sys.argv[4]) if len(sys.argv) > 4 else 1))
