"""A person bent on keeping a forbidden login: random files, links, locks, flags and variables.

    python -m conformance.evasion --cases 2000 --seed 1

Under an organisation's policy that allows ChatGPT alone, and with no rule in the client's own
files, each mutated home goes through the guard. The command behind it is the real client's
`login status` on the same folder, variables and flags. A case fails where the client is started
and signed in, where it is still signed in after exit 10, or where the guard calls a credential
unreadable that the real client reads and that is removable. One failure is exit code 1.
"""

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from conformance.client import find_client
from support.clients.logins import API_KEY, BEDROCK, chatgpt
from tipstaff_policy import guard

WITHOUT_CAPABILITIES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
POLICY = 'schema = 1\nid = "x"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
SWAP = """
set -e
mount -t tmpfs own /mnt
mkdir -p /mnt/etc /mnt/old
mount --bind /etc /mnt/old
for each in /mnt/old/* ; do
  name=${each##*/}
  case $name in codex|tipstaff) ;; *) ln -s "$each" "/mnt/etc/$name" ;; esac
done
mkdir /mnt/etc/codex /mnt/etc/tipstaff
printf '%s' "$1" > /mnt/etc/tipstaff/policy.toml
mount --bind /mnt/etc /etc
shift
exec "$@"
"""
SIGNED_IN = ("Logged in", "API key configured")
LIMIT_S = 60
KEY = "sk-made-up-0123456789"
K = json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": KEY})
CONFIGS = (
    "a = = 1\n",
    "x = [\n",
    "model = 5\n",
    'cli_auth_credentials_store = "ephemeral"\n',
    'cli_auth_credentials_store = "auto"\n',
    'cli_auth_credentials_store = "keyring"\n',
    "[features]\nsecret_auth_storage = true\n",
    'forced_login_method = "api"\n',
    'default_permissions = "mine"\n[permissions.mine]\nextends = ":workspace"\n',
    '[agents]\ndefault_subagent_model = "m"\n',
    'model_provider = "y"\n[model_providers.y]\nname = "y"\nbase_url = "http://127.0.0.1/"\n',
    "[zz]\nt = 1990-12-31T23:59:60Z\n",
    "x = {a = 1,\n}\n",
    "[zz" + ".a" * 78 + "]\nx = {a = {b = {c = {}}}}\n",
    "# " + "x" * (5 << 20) + "\n",
    'profile = "p"\n[profiles.p]\nmodel = "m"\n',
    "\ufeffmodel = 'm'\n",
    "".join(f"[t{n}]\nx = 1\n" for n in range(3000)),
)
DOTENVS = (
    "HOME={other}\n",
    "export HOME='{other}'\n",
    'HOME="{other}" # moved\n',
    "X=${{HOME}}\nHOME=$X/../other\n",
    "broken line\nHOME={other}\n",
    "CODEX_HOME={other}/.codex\n",
    "OPENAI_API_KEY=" + KEY + "\n",
    "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere\n",
    "\ufeffHOME={other}\n",
    "HOME=\n",
)
FLAGS = (
    ("-c", 'cli_auth_credentials_store="ephemeral"'),
    ("-c", 'cli_auth_credentials_store="file"'),
    ("-c", "features.secret_auth_storage=true"),
    ("--enable", "secret_auth_storage"),
    ("-c", "forced_login_method=bogus"),
    ("-c", "=x"),
)
LOGINS = (
    K,
    K + "\n\n",
    " \t" + K,
    json.dumps({"OPENAI_API_KEY": KEY}),
    json.dumps({"OPENAI_API_KEY": KEY, "tokens": json.loads(chatgpt())["tokens"]}),
    json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": KEY, "x": "y" * (5 << 20)}),
    json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": KEY, "x": [[[[[[]]]]]]}),
    '{"x":' + "[" * 120 + "]" * 120 + "," + K[1:],
    '{"a":1,"a":2,' + K[1:],
    "{" + ",".join(f'"a{n}":0' for n in range(20000)) + "," + K[1:],
    K[:-1] + ',"agent_identity":{"agent_runtime_id":"r","agent_private_key":"k","account_id":"a",'
    '"chatgpt_user_id":"u","email":"e","plan_type":"pro","chatgpt_account_is_fedramp":false}}',
    K[:-1] + ',"last_refresh":"2026-11-24T00:00:00Z"}',
    K[:-1] + ',"x":1e999}',
    K[:-1] + ',"x":"\\ud800"}',
    BEDROCK,
    API_KEY,
)
"""Forbidden logins that the real client reads, or may read."""


class Home:
    """One mutated home, and how the client is started in it."""

    def __init__(self, folder, chance):
        self.folder, self.chance = folder, chance
        self.home = folder / "home"
        self.codex = self.home / ".codex"
        self.cwd = folder / "cwd"
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        self.flags = []
        self.unremovable = False
        self.message = []
        for written_folder in (self.codex, self.cwd, folder / "other/.codex"):
            written_folder.mkdir(parents=True)
        self.login = self.codex / "auth.json"
        self.login.write_text(chance.choice(LOGINS))
        for mutate in chance.sample(MUTATIONS, chance.randint(1, 4)):
            self.message.append(mutate.__name__)
            with suppress(OSError):  # two mutations of one place
                mutate(self)

    def config(self):
        path = self.codex / "config.toml"
        if not path.exists() or path.is_file():  # an earlier mutation may have laid a pipe there
            path.write_text(self.chance.choice(CONFIGS))

    def config_of_a_kind(self):
        path = self.codex / "config.toml"
        path.unlink(missing_ok=True)
        kind = self.chance.choice(("fifo", "folder", "link", "mode"))
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to("config.toml")
        else:
            path.write_text("x = 1\n")
            path.chmod(0)

    def project(self):
        (self.cwd / ".codex").mkdir(exist_ok=True)
        (self.cwd / ".codex/config.toml").write_text(self.chance.choice(CONFIGS[:8]))
        trust = f'[projects."{self.cwd}"]\ntrust_level = "trusted"\n'
        if not (self.codex / "config.toml").exists():
            (self.codex / "config.toml").write_text(trust)

    def profile(self):
        (self.codex / "work.config.toml").write_text(self.chance.choice(CONFIGS[:8]))

    def dotenv(self):
        other = self.folder / "other"
        (self.codex / ".env").write_text(self.chance.choice(DOTENVS).format(other=other))
        if self.chance.random() < 0.7:
            shutil.move(self.login, other / ".codex/auth.json")

    def lock(self):
        path = self.codex / self.chance.choice(("auth.lock", "auth.json.lock"))
        kind = self.chance.choice(("fifo", "folder", "link", "dangling", "mode"))
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to("/etc/passwd")
        elif kind == "dangling":
            path.symlink_to("gone")
        else:
            path.touch()
            path.chmod(0)

    def moved(self):
        target = self.folder / "elsewhere"
        shutil.move(self.codex, target)
        kind = self.chance.choice(("link", "CODEX_HOME", "relative", "bytes"))
        if kind == "link":
            self.codex.symlink_to(target)
        elif kind == "CODEX_HOME":
            self.env["CODEX_HOME"] = str(target)
        elif kind == "relative":
            self.env["CODEX_HOME"] = "../elsewhere"
        else:
            shutil.move(target, self.codex)
            odd = os.fsencode(self.folder) + b"/x\xff"
            os.mkdir(odd)
            self.env["CODEX_HOME"] = os.fsdecode(odd)

    def linked(self):
        place = next((path for path in self.folder.rglob("auth.json")), None)
        if place is None or place.is_symlink():
            return
        self.unremovable = True
        if self.chance.random() < 0.5:
            shutil.move(place, self.folder / "target.json")
            place.symlink_to(self.folder / "target.json")
        else:
            os.link(place, self.folder / "second.json")

    def unreadable(self):
        self.unremovable = True
        place = next((path for path in self.folder.rglob("auth.json")), None)
        if place is not None and not place.is_symlink():
            place.chmod(self.chance.choice((0, 0o200)))

    def frozen_folder(self):
        self.unremovable = True
        place = next((path for path in self.folder.rglob("auth.json")), None)
        if place is not None:
            place.parent.chmod(0o500)

    def flag(self):
        self.flags += self.chance.choice(FLAGS)

    def variable(self):
        name, value = self.chance.choice(
            (
                ("CODEX_API_KEY", KEY),
                ("CODEX_API_KEY", "\udcff"),
                ("CODEX_ACCESS_TOKEN", "at-made-up"),
                ("OPENAI_API_KEY", KEY),
                ("CODEX_HOME", ""),
                ("CODEX_HOME", " "),
                ("OPENAI_FEDERATION_RULE_ID", "rule"),
                ("SSL_CERT_FILE", "/nowhere"),
                ("XDG_STATE_HOME", "/proc/nowhere"),
            )
        )
        self.env[name] = value
        self.unremovable = True

    def junk(self):
        (self.codex / "secrets").mkdir(exist_ok=True)
        (self.codex / "secrets/codex_auth.age").write_bytes(os.urandom(30))
        self.unremovable = True


MUTATIONS = (
    Home.config, Home.config, Home.config_of_a_kind, Home.project, Home.profile, Home.dotenv,
    Home.dotenv, Home.lock, Home.lock, Home.moved, Home.linked, Home.unreadable,
    Home.frozen_folder, Home.flag, Home.variable, Home.junk,
)  # fmt: skip


def run_as_person(words, home):
    """Run a program without any right beyond those of the files' owner."""
    done = subprocess.run(
        [*WITHOUT_CAPABILITIES, *words],
        cwd=home.cwd,
        env={os.fsencode(k): os.fsencode(v) for k, v in home.env.items()},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def status(client, home):
    """Return whether the real client is signed in on what is there now."""
    _, out = run_as_person([client, *home.flags, "login", "status"], home)
    return any(words in out for words in SIGNED_IN)


def judge(home, client):
    """Return how a case ended, and why that is a failure; nothing where it is none."""
    signed_in_before = status(client, home)
    front = [sys.executable, "-I", "-S", guard.__file__, "--"]
    code, out = run_as_person([*front, client, *home.flags, "login", "status"], home)
    started = "tipstaff: " not in out
    if started and any(words in out for words in SIGNED_IN):
        return f"started {code}", "the client was started and is signed in"
    if not started and code == 10 and status(client, home):
        return "10", "still signed in after exit 10"
    if not started and code in (4, 11) and signed_in_before and not home.unremovable:
        return str(code), "the client reads the login, and it could have been removed"
    if not started and code not in (4, 10, 11):
        return str(code), "an exit code that says nothing"
    return "started, signed out" if started else str(code), ""


def inside(options):
    """Run the cases in the namespace; return the exit code."""
    client = find_client()
    counts, failures = collections.Counter(), 0
    began = time.monotonic()
    for number in range(options.first, options.first + options.cases):
        folder = Path(f"/mnt/case-{number}")
        folder.mkdir(mode=0o755)
        home = Home(folder, random.Random(f"{options.seed}-{number}"))
        ended, why = judge(home, client)
        counts[ended] += 1
        if why:
            failures += 1
            message = f"{', '.join(home.message)}; flags {home.flags}; variables {sorted(home.env)}"
            print(f"FAILED case {number}: exit {ended}: {why}: {message}", flush=True)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        if number % 100 == 99:
            print(f"{number + 1} cases, {failures} failed", file=sys.stderr, flush=True)
    print(f"seed {options.seed}: {options.cases} cases in {time.monotonic() - began:.0f} s")
    for ended, count in sorted(counts.items()):
        print(f"  {count:6} ended {ended}")
    print(f"failures: {failures}")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the homes, to look at them")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    if os.geteuid() != 0 or find_client() is None:
        print("not run: it needs root, for a machine of its own, and the real client")
        return 2
    words = [sys.executable, "-m", "conformance.evasion", *sys.argv[1:], "--inside"]
    return subprocess.run(
        ["unshare", "-mnp", "--fork", "--mount-proc", "sh", "-c", SWAP, "sh", POLICY, *words],
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
