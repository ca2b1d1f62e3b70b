"""Audit every example host, then enforce on copies of them. Run by `make demo`."""

import contextlib
import io
import json
import re
import sys
import tempfile
import textwrap

from example_hosts import EXPECTED, copy_host, holds_login, options_of

from tipstaff_cli.__main__ import main as run_program

SHOWN = ("compliant-chatgpt", "wrong-workspace", "both-clients")
"""The hosts that are shown as a person sees them; the others are rows of a table."""
MEANING = {
    0: "complies",
    1: "findings",
    3: "policy or configuration invalid, nothing removed",
    4: "not evaluated, nothing removed",
    10: "logged out, and verified",
    11: "log-out incomplete: a login is still usable",
}
WIDTH = 80
LABEL = re.compile(r" *(?:to do|[\w-]+):?  +")
"""What stands in front of the text of a line."""
HEAD = f"""\
This judges {len(EXPECTED)} example hosts and takes about 10 seconds. Nothing of this machine
is read or changed: they are copied from examples/hosts to a scratch folder.
Git does not keep the modes of files, so the demo prepares each copy: 0600 for
files in a home, and other modes where a host is an example of them. An audit of
examples/hosts itself can fail more checks; `make examples` prepares copies for
you. The outputs below are those of `tipstaff` itself, called in this process.
"""


def run(command, name, host, form="text"):
    """Run the program as a command line does, in this process; return exit code and output."""
    words = [command, "--format", form, *options_of(name)]
    out, before = io.StringIO(), sys.argv
    sys.argv = ["tipstaff", *words, "--system-root", str(host)]
    try:
        with contextlib.redirect_stdout(out):
            code = run_program()
    finally:
        sys.argv = before
    return code, out.getvalue()


def show(name, host):
    """Print what a person sees who audits a host and then enforces there."""
    print(f"\n{name}: {EXPECTED[name]['title']}")
    codes = {}
    for command in ("audit", "enforce"):
        codes[command], text = run(command, name, host)
        print(f"\n  $ tipstaff {command} --system-root {name}")
        for line in text.replace(f"{host}/", "/").replace(str(host), name).splitlines():
            print(wrap(line))
        print(f"  exit code {codes[command]}: {MEANING[codes[command]]}")
    return codes["audit"], codes["enforce"]


def wrap(line):
    """Return a line of the program as it fits into a narrow terminal."""
    label = LABEL.match(line)
    indent = label.end() if label else len(line) - len(line.lstrip()) + 2
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def judge(name, host):
    """Audit and enforce; return both exit codes and the checks that fail."""
    audited, report = run("audit", name, host, "json")
    enforced, _ = run("enforce", name, host, "json")
    failing = dict.fromkeys(
        load["check"]
        for load in json.loads(report)["findings"]
        if load["status"] in ("fail", "error")
    )
    return audited, enforced, list(failing)


def row(cells):
    """Return a row of the table."""
    return f"  {cells[0]:<29}  {cells[1]:>5}  {cells[2]:>7}  {cells[3]:<7}  {cells[4]}"


def became(before, after):
    """Return in a word what became of a login in the file store."""
    if not before:
        return "none"
    return "kept" if after else "removed"


def shorten(failing):
    """Return checks as they fit into a line."""
    shown = " ".join(failing[:2])
    return f"{shown} +{len(failing) - 2}" if len(failing) > 2 else shown


def main():
    """Run the demo; return 1 where a host is not judged as its table says."""
    print(HEAD)
    print("1. Three hosts as a person sees them   (tipstaff audit, then tipstaff enforce)")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        hosts = {name: copy_host(name, folder) for name in EXPECTED}
        for name in SHOWN:
            codes = show(name, hosts[name])
            found[name] = (*codes, holds_login(name, hosts[name]))
        print(f"\n2. The other {len(EXPECTED) - len(SHOWN)} hosts   (exit codes; what fails)\n")
        print(row(("host", "audit", "enforce", "login", "checks that fail")))
        for name, host in hosts.items():
            if name in SHOWN:
                continue
            had = holds_login(name, host)
            audited, enforced, failing = judge(name, host)
            left = holds_login(name, host)
            print(row((name, audited, enforced, became(had, left), shorten(failing))).rstrip())
            found[name] = (audited, enforced, left)
    print("\n  exit codes:")
    for code, meaning in MEANING.items():
        print(f"  {code:>4}  {meaning}")
    print("  What each host shows: examples/hosts.toml. A check: `tipstaff checks show ID`.")
    return sum_up(found)


def sum_up(found):
    """Say whether every host was judged as its table says."""
    wrong = [
        name
        for name, expected in EXPECTED.items()
        if (expected["audit"], expected["enforce"], expected["left"]) != found[name]
    ]
    if wrong:
        print(f"\nNot as expected: {', '.join(wrong)}", file=sys.stderr)
        return 1
    print(f"\nAll {len(found)} hosts were judged as expected.")
    print("Next: run `tipstaff audit` here, and read docs/guard.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
