"""Audit every example host, then enforce on copies of them. Run by `make demo`."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from example_hosts import EXPECTED, copy_host, platform_of

TIPSTAFF = Path(sys.executable).parent / "tipstaff"
MEANING = {
    0: "complies",
    1: "findings",
    3: "policy invalid, nothing removed",
    4: "not evaluated, nothing removed",
    10: "logged out and verified",
    11: "log-out incomplete",
}


def run(command, host, name):
    done = subprocess.run(
        [
            TIPSTAFF,
            command,
            "--format",
            "json",
            "--client-version",
            "0.169.0",
            *platform_of(name),
            "--system-root",
            host,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        hosts = {name: copy_host(name, folder) for name in EXPECTED}
        print(
            f"1. What is the state of {len(hosts)} hosts?   (tipstaff audit --system-root HOST)\n"
        )
        for name, host in hosts.items():
            code, report = run("audit", host, name)
            failing = [
                each["check"] for each in report["findings"] if each["status"] in ("fail", "error")
            ]
            print(f"  {name}: {EXPECTED[name]['title']}")
            print(
                f"    {report['decision']['verdict']}, exit {code}: {MEANING[code]} {' '.join(failing)}"
            )
            print(f"    {report['decision']['reason'].replace(str(host), '')}")
            wrong += [name] if code != EXPECTED[name]["audit"] else []
        print("\n2. And now enforce, on the copies   (tipstaff enforce --system-root HOST)\n")
        for name, host in hosts.items():
            code, report = run("enforce", host, name)
            stored = host / EXPECTED[name].get("home", "home/dev/.codex") / "auth.json"
            left = stored.is_symlink() or stored.exists()
            print(
                f"  {name:<30} exit {code:>2}: {MEANING[code]}; credential {'kept' if left else 'gone'}"
            )
            for step in report["steps"]:
                if step["detail"]:
                    print(f"    {step['detail']}")
            wrong += (
                [name]
                if (code, left) != (EXPECTED[name]["enforce"], EXPECTED[name]["left"])
                else []
            )
    if wrong:
        print(f"\nNot as expected: {', '.join(wrong)}", file=sys.stderr)
        return 1
    print(
        "\nEvery host was judged as expected. Next: docs/guard.md puts the guard in front of the client."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
