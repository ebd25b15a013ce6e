"""What both benchmarks need: running a program and what it used, and writing a part of a page."""
import os
import statistics
import subprocess
import threading
import time


class Used:
    """CPU and wall seconds of a process with all its children, and its peak memory in MB."""

    def __init__(self, cpu, wall, status, peak_mb):
        self.cpu, self.wall, self.status, self.peak_mb = cpu, wall, status, peak_mb


def run(args, cwd=None):
    """Runs a program, its output thrown away."""
    start = time.monotonic()
    process = subprocess.Popen(args, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Used(usage.ru_utime + usage.ru_stime, time.monotonic() - start, process.returncode,
                usage.ru_maxrss / 1024)


def high_water(pid):
    """The most memory the process has had so far, in MB; 0: it is gone."""
    try:
        with open('/proc/%d/status' % pid, encoding='ascii', errors='replace') as status:
            for line in status:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as listed:
            return [int(child) for child in listed.read().split()]
    except OSError:
        return []


def peaks(args, cwd=None):
    """Peak memory in MB of the program itself, and of the biggest of its workers."""
    process = subprocess.Popen(args, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    most = [0, 0]
    done = threading.Event()

    def watch():
        while not done.is_set():
            most[0] = max(most[0], high_water(process.pid))
            for child in children(process.pid):
                most[1] = max(most[1], high_water(child))
            done.wait(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    done.set()
    watcher.join()
    return most


def median(values):
    return statistics.median(values)


def output(args):
    """What a program prints, in one line."""
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors='replace').strip()


def first_line(path, word):
    try:
        with open(path, encoding='utf-8') as file:
            for line in file:
                if line.startswith(word):
                    return line.split(':', 1)[1].strip()
    except OSError:
        pass
    return 'unknown'


def machine():
    """A sentence about where this runs."""
    load = ' '.join('%.1f' % part for part in os.getloadavg())
    return '%s, %d cores, %s, Linux %s, load %s, %s' % (
        first_line('/proc/cpuinfo', 'model name'), os.cpu_count(),
        first_line('/proc/meminfo', 'MemTotal'), os.uname().release, load,
        time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime()))


def table(head, rows):
    """A Markdown table."""
    lines = ['| ' + ' | '.join(head) + ' |', '|---' * len(head) + '|']
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows])


def put(page, name, text):
    """Writes `text` to stdout, or between the two marks `name` of the page."""
    if page is None:
        print(text)
        return
    begin, end = '<!-- %s: begin -->' % name, '<!-- %s: end -->' % name
    with open(page, encoding='utf-8') as file:
        before, _, rest = file.read().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit('%s has no place for this table: it needs the lines %s and %s' %
                         (page, begin, end))
    with open(page, 'w', encoding='utf-8') as file:
        file.write(before + begin + '\n' + text.strip() + '\n' + end + after)
