"""How the guard and `tipstaff enforce` grow with what they read: n, 2n and 4n in one run.

The result is the processor time of the whole process minus that of the same host with almost
nothing in the file, so start-up, which is the same for all, hides nothing. Each host violates, so
that what is read again under the locks counts too. The reference reader is the one of the standard
library, on the same bytes and in this run. Of several runs the least counts: others only add.

Bars: where a reader is named, at most 3 times what it needs at 4n; everywhere at most 7 times as
much for 4n as for n, where 4 is linear, 16 quadratic, and the rest is what a busy machine adds.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

from tipstaff_policy import guard

RUNS = 3
READER_BAR, GROWTH_BAR = 3.0, 7.0
LEAST_S = 0.02
"""The resolution of processor clocks: smaller values count as this when two are compared."""
KEY = '{"OPENAI_API_KEY": "made-up-key-000"}'
MANAGED = 'forced_login_method = "chatgpt"\n'
POLICY = 'schema = 1\nid = "bench"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
WAIVER = """[[waivers]]
check = "TIP101"
expires = 2099-01-01
owner = "owner"
approver = "approver"
ticket = "T-{0}"
reason = "a reason"
host = "host-{0}"
"""
PROGRAMS = {
    "guard": [sys.executable, "-I", "-S", guard.__file__],
    "enforce": [str(Path(sys.executable).with_name("tipstaff")), "enforce"],
}
OPTIONS = ["--client", "codex", "--client-version", "0.169.0", "--system-root"]
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def repeat(form, n):
    return "".join(form.format(number) for number in range(n))


def fields(n):
    """Return a login of n unknown fields of which one is there twice."""
    return f'{KEY[:-1]}, {repeat(chr(34) + "a{0}" + chr(34) + ": {0}, ", n)}"a0": 1}}'


class Subject(NamedTuple):
    """A file that grows."""

    file: str
    most: int
    content: object
    reader: object = None


HOME = "home/dev/.codex"
SUBJECTS = {
    "config.toml: tables": Subject(
        f"{HOME}/config.toml",
        20_000,
        lambda n: repeat('[table-{0}]\nnumber = {0}\nname = "x"\n', n),
        tomllib.loads,
    ),
    "config.toml: projects": Subject(
        f"{HOME}/config.toml",
        20_000,
        lambda n: repeat('[projects."/home/dev/{0}"]\ntrust_level = "trusted"\n', n),
        tomllib.loads,
    ),
    "config.toml: servers": Subject(
        f"{HOME}/config.toml",
        20_000,
        lambda n: repeat('[mcp_servers.s{0}]\ncommand = "x"\nargs = ["a", "b"]\n', n),
        tomllib.loads,
    ),
    "auth.json: fields": Subject(f"{HOME}/auth.json", 40_000, fields, json.loads),
    "policy: workspaces": Subject(
        "etc/tipstaff/policy.toml",
        10_000,
        lambda n: POLICY + repeat('[[workspaces]]\nid = "ws-{0}"\nname = "Name {0}"\n', n),
    ),
    "policy: waivers": Subject(
        "etc/tipstaff/policy.toml", 100_000, lambda n: POLICY + repeat(WAIVER, n)
    ),
}


def host(folder, subject, n):
    """Return an image that contains a file of n parts."""
    root = Path(folder) / "host"
    for name, text in (
        ("etc/codex/managed_config.toml", MANAGED),
        ("etc/tipstaff/policy.toml", POLICY),
        (f"{HOME}/config.toml", ""),
        (f"{HOME}/auth.json", KEY),
        (subject.file, subject.content(n)),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def process_s(words):
    """Return the processor time of one whole process, which logs out."""
    process = subprocess.Popen(words, **SILENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 10, (words, process.returncode)
    return usage.ru_utime + usage.ru_stime


def reader_s(subject, text):
    """Return the processor time of the standard library's reader on a text."""
    begun = time.process_time()
    subject.reader(text)
    return time.process_time() - begun


def measure(subject, program):
    """Return the seconds of n, 2n and 4n less those of a start, and of the reader at 4n."""
    found, readings = [], []
    for n in (1, subject.most // 4, subject.most // 2, subject.most):
        runs = []
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory() as folder:
                root = host(folder, subject, n)
                runs.append(process_s([*PROGRAMS[program], *OPTIONS, root]))
        found.append(min(runs))
        if subject.reader and n == subject.most:
            readings = [reader_s(subject, subject.content(n)) for _ in range(2 * RUNS)]
    start, *rest = found
    return [moment - start for moment in rest], min(readings, default=None), start


def main():
    gc.disable()  # as in the programs; nothing here makes cycles
    asked = sys.argv[1:]
    over = []
    print(f"processor seconds less start-up, the least of {RUNS} runs")
    head = f"{'start':>8}{'n':>8}{'2n':>8}{'4n':>8}{'2n/n':>7}{'4n/n':>7}"
    print(f"{'':35}{'4n is':>8}{head}{'reader':>8}{'x reader':>10}")
    for name, subject in SUBJECTS.items():
        for program in PROGRAMS:
            if asked and not any(word in f"{name}, {program}" for word in asked):
                continue
            (one, two, four), reading, start = measure(subject, program)
            shown = f"{start:8.2f}{one:8.3f}{two:8.3f}{four:8.3f}"
            floor = max(one, LEAST_S)
            growth = four / floor
            row = f"{f'{name}, {program}':35}{subject.most:8}{shown}{two / floor:7.1f}{growth:7.1f}"
            times = four / reading if reading else None
            print(row + (f"{reading:8.3f}{times:10.1f}" if reading else ""), flush=True)
            if growth > GROWTH_BAR or (times is not None and times > READER_BAR):
                over.append(f"{name}, {program}")
    bars = f"bars: {READER_BAR} x reader, {GROWTH_BAR} x for 4n"
    print(f"{bars}: {'MISSED by ' + '; '.join(over) if over else 'held'}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
