"""Profiles, projects, and who trusts them."""

from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import Case
from support.clients.logins import API_KEY

FORCED_API = 'forced_login_method = "api"\n'
FILE = ".codex/config.toml"
GIT = {"../.git/HEAD": "x"}


def trust(folder="cwd", level="trusted"):
    return f'[projects."/mnt/host/{folder}"]\ntrust_level = "{level}"\n'


def project(text, user="", *, etc=None, home=None, cwd=None, flags=()):
    """Return a host with an API key, a user's file, and a project's file."""
    return Case(
        etc=etc or {},
        home={"auth.json": API_KEY, "config.toml": user, **(home or {})},
        cwd={FILE: text, **(cwd or {})},
        flags=flags,
    )


def profile(text, user="", *, etc=None, flags=(), name="p"):
    return Case(
        etc=etc or {},
        home={"auth.json": API_KEY, "config.toml": user, f"{name}.config.toml": text},
        flags=("-p", name, *flags),
    )


TRUSTED = trust()
ROOT_TRUST = '[projects."/mnt/host"]\ntrust_level = "trusted"\n'
BAD = {
    "profile": 'profile = "x"\n',
    "profiles of a wrong type": "profiles = 1\n",
    "features of a wrong type": "features = 1\n",
    "a feature of a wrong type": "[features]\nx = 1\n",
    "projects of a wrong type": "projects = 1\n",
    "trust of no level": '[projects.a]\ntrust_level = "x"\n',
    "an address of a wrong type": "chatgpt_base_url = 1\n",
    "no TOML": "x =",
    "a bad method": 'forced_login_method = "x"\n',
    "a bad store": 'cli_auth_credentials_store = "x"\n',
}
LINKED = {"real/.codex/config.toml": FORCED_CHATGPT, "linked": {"link": "real"}}
LEGACY = {
    "the chosen one selected": 'profile = "p"\n',
    "another selected": 'profile = "q"\n',
    "the chosen one as table": '[profiles.p]\nmodel = "x"\n',
    "another as table": '[profiles.q]\nmodel = "x"\n',
}
UNTRUSTED = trust(level="untrusted")
ROOT_UNTRUSTED = ROOT_TRUST.replace('"trusted"', '"untrusted"')


def by_flag(level):
    return ("-c", f'projects={{"/mnt/host/cwd"={{trust_level="{level}"}}}}')


TRUST = {
    "user no, managed yes": project(
        FORCED_CHATGPT, UNTRUSTED, etc={"managed_config.toml": TRUSTED}
    ),
    "user yes, system no": project(FORCED_CHATGPT, TRUSTED, etc={"config.toml": UNTRUSTED}),
    "user no, system yes": project(FORCED_CHATGPT, UNTRUSTED, etc={"config.toml": TRUSTED}),
    "user yes, -c no": project(FORCED_CHATGPT, TRUSTED, flags=by_flag("untrusted")),
    "user no, -c yes": project(FORCED_CHATGPT, UNTRUSTED, flags=by_flag("trusted")),
    "-c yes, managed no": project(
        FORCED_CHATGPT, etc={"managed_config.toml": UNTRUSTED}, flags=by_flag("trusted")
    ),
    "-c no, managed yes": project(
        FORCED_CHATGPT, etc={"managed_config.toml": TRUSTED}, flags=by_flag("untrusted")
    ),
    "system yes, managed no": project(
        FORCED_CHATGPT, etc={"config.toml": TRUSTED, "managed_config.toml": UNTRUSTED}
    ),
    "user yes, managed another": project(
        FORCED_CHATGPT, TRUSTED, etc={"managed_config.toml": trust("cwd/sub")}
    ),
    "user yes, managed without a level": project(
        FORCED_CHATGPT, TRUSTED, etc={"managed_config.toml": '[projects."/mnt/host/cwd"]\n'}
    ),
    "git root: user yes, managed no": project(
        FORCED_CHATGPT, ROOT_TRUST, etc={"managed_config.toml": ROOT_UNTRUSTED}, cwd=GIT
    ),
    "git root: user yes, folder: managed no": project(
        FORCED_CHATGPT, ROOT_TRUST, etc={"managed_config.toml": UNTRUSTED}, cwd=GIT
    ),
    "root by a marker that managed names": project(
        FORCED_CHATGPT,
        ROOT_TRUST,
        etc={"managed_config.toml": 'project_root_markers = ["mark"]\n'},
        cwd={"../mark": ""},
    ),
}
P, Q = "[profiles.p]\n", 'profile = "q"\n'
TABLES = {
    "in user's file": profile("", P),
    "with a rule in it": profile("", P + FORCED_CHATGPT),
    "with a store in it": profile("", P + 'cli_auth_credentials_store = "ephemeral"\n'),
    "of another type": profile("", "[profiles]\np = 5\n"),
    "another of another type": profile("", "[profiles]\nq = 5\np = {}\n"),
    "in system's file": profile("", etc={"config.toml": P}),
    "in managed file": profile("", etc={"managed_config.toml": P}),
    "in requirements": profile("", etc={"requirements.toml": P}),
    "in a trusted project": profile("", TRUSTED)._replace(cwd={FILE: P}),
    "by -c": profile("", flags=("-c", "profiles={p={}}")),
    "by dotted -c": profile("", flags=("-c", "profiles.p.model=x")),
    "in the ignored user's file": profile("", P, flags=("--ignore-user-config",)),
    "beside a choice in user's file": profile("", Q + P),
    "beside a choice in managed file": profile("", P, etc={"managed_config.toml": Q}),
    "missing, managed chooses another": profile(
        "", etc={"managed_config.toml": Q + "[profiles.q]\n"}
    ),
    "beside a choice by -c": profile("", P, flags=("-c", "profile=q")),
    "beside a choice that is no text": profile("", "profile = 5\n" + P),
}
CHOICES = {
    "user's, there": project("", 'profile = "p"\n' + P),
    "user's, with a rule in it": project("", 'profile = "p"\n' + P + FORCED_CHATGPT),
    "user's, missing": project("", Q),
    "user's, empty": project("", 'profile = ""\n'),
    "user's, no text": project("", "profile = 5\n"),
    "user's, over the system's missing one": project(
        "", 'profile = "p"\n' + P, etc={"config.toml": Q}
    ),
    "user's, under the managed missing one": project(
        "", 'profile = "p"\n' + P, etc={"managed_config.toml": Q}
    ),
    "ignored user's, missing": project("", Q, flags=("--ignore-user-config",)),
    "trusted project's, missing": project(Q, TRUSTED),
}
CASES = {
    **{f"trust: {name}": case for name, case in TRUST.items()},
    **{f"profile as a table {name}": case for name, case in TABLES.items()},
    **{f"profile chosen by a file: {name}": case for name, case in CHOICES.items()},
    "profile": profile(FORCED_CHATGPT),
    "profile beats user": profile(FORCED_CHATGPT, FORCED_API),
    "profile is beaten by managed": profile(
        FORCED_CHATGPT, etc={"managed_config.toml": FORCED_API}
    ),
    "profile is beaten by -c": profile(FORCED_CHATGPT, flags=("-c", "forced_login_method=api")),
    "profile that does not exist": Case(home={"auth.json": API_KEY}, flags=("-p", "none")),
    "profile and user's file ignored": profile(FORCED_CHATGPT, flags=("--ignore-user-config",)),
    "bad profile and user's file ignored": profile("x =", flags=("--ignore-user-config",)),
    **{f"profile with {name}": profile(text) for name, text in BAD.items()},
    **{f"legacy profile: {name}": profile("", text) for name, text in LEGACY.items()},
    **{
        f"legacy profile in system's file: {name}": profile("", etc={"config.toml": text})
        for name, text in LEGACY.items()
    },
    "legacy profile, user's file ignored": profile(
        "", LEGACY["the chosen one selected"], flags=("--ignore-user-config",)
    ),
    "trusted project": project(FORCED_CHATGPT, TRUSTED),
    "untrusted project": project(FORCED_CHATGPT),
    "trusted project, trusted by a table": project(
        FORCED_CHATGPT, TRUSTED.replace('"trusted"', "{trusted = {}}")
    ),
    **{f"trusted project with {name}": project(text, TRUSTED) for name, text in BAD.items()},
    **{f"untrusted project with {name}": project(text) for name, text in BAD.items()},
    "trusted project with a store": project('cli_auth_credentials_store = "ephemeral"\n', TRUSTED),
    "inner file beats the root's": project(
        FORCED_API, ROOT_TRUST, cwd={**GIT, "../.codex/config.toml": FORCED_CHATGPT}
    ),
    "git root trusted": project(FORCED_CHATGPT, ROOT_TRUST, cwd=GIT),
    "git root trusted, folder not": project(
        FORCED_CHATGPT, trust("cwd", "untrusted") + ROOT_TRUST, cwd=GIT
    ),
    "folder trusted, git root not": project(
        FORCED_CHATGPT, TRUSTED + ROOT_TRUST.replace('"trusted"', '"untrusted"'), cwd=GIT
    ),
    "folder trusted, root's file alone": project(
        "", TRUSTED, cwd={**GIT, "../.codex/config.toml": FORCED_CHATGPT}
    ),
    "folder trusted, root's file broken": project(
        "", TRUSTED, cwd={**GIT, "../.codex/config.toml": "x ="}
    ),
    "git file as root": project(FORCED_CHATGPT, ROOT_TRUST, cwd={"../.git": "gitdir: /nowhere\n"}),
    "own marker as root": project(
        FORCED_CHATGPT, 'project_root_markers = ["mark"]\n' + ROOT_TRUST, cwd={"../mark": ""}
    ),
    "own marker instead of git": project(
        FORCED_CHATGPT, 'project_root_markers = ["mark"]\n' + ROOT_TRUST, cwd=GIT
    ),
    "no marker at all": project(
        FORCED_CHATGPT, "project_root_markers = []\n" + ROOT_TRUST, cwd=GIT
    ),
    "trusted by the system's file": project(FORCED_CHATGPT, etc={"config.toml": TRUSTED}),
    "trusted by the managed file": project(FORCED_CHATGPT, etc={"managed_config.toml": TRUSTED}),
    "trusted by user, not by managed": project(
        FORCED_CHATGPT, TRUSTED, etc={"managed_config.toml": trust(level="untrusted")}
    ),
    "trusted by a requirement": project(FORCED_CHATGPT, etc={"requirements.toml": TRUSTED}),
    "trusted by a profile": project(
        FORCED_CHATGPT, home={"p.config.toml": TRUSTED}, flags=("-p", "p")
    ),
    "trusted by user, not by profile": project(
        FORCED_CHATGPT, TRUSTED, home={"p.config.toml": trust(level="untrusted")}, flags=("-p", "p")
    ),
    "trusted by -c": project(
        FORCED_CHATGPT, flags=("-c", 'projects={"/mnt/host/cwd"={trust_level="trusted"}}')
    ),
    "trusted by the ignored user's file": project(
        FORCED_CHATGPT, TRUSTED, flags=("--ignore-user-config",)
    ),
    "other folder by -C": Case(
        home={"auth.json": API_KEY, "config.toml": trust("cwd/sub")},
        cwd={"sub/.codex/config.toml": FORCED_CHATGPT},
        flags=("-C", "sub"),
    ),
    "linked folder, target trusted": Case(
        home={"auth.json": API_KEY, "config.toml": trust("cwd/real")},
        cwd=LINKED,
        flags=("-C", "linked"),
    ),
    "linked folder, link trusted": Case(
        home={"auth.json": API_KEY, "config.toml": trust("cwd/linked")},
        cwd=LINKED,
        flags=("-C", "linked"),
    ),
    "target folder, link trusted": Case(
        home={"auth.json": API_KEY, "config.toml": trust("cwd/linked")},
        cwd=LINKED,
        flags=("-C", "real"),
    ),
    "trusted in another case": project(FORCED_CHATGPT, TRUSTED.replace("cwd", "CWD")),
    "trusted parent": project(FORCED_CHATGPT, ROOT_TRUST),
    "trusted with a slash at the end": project(FORCED_CHATGPT, TRUSTED.replace("cwd", "cwd/")),
    "home as project": Case(
        home={"auth.json": API_KEY, "config.toml": FORCED_API + trust("home")},
        flags=("-C", "/mnt/host/home"),
    ),
    "project is beaten by managed": project(
        FORCED_CHATGPT, TRUSTED, etc={"managed_config.toml": FORCED_API}
    ),
    "project is beaten by -c": project(
        FORCED_CHATGPT, TRUSTED, flags=("-c", "forced_login_method=api")
    ),
    "project beats profile": project(
        FORCED_CHATGPT, TRUSTED, home={"p.config.toml": FORCED_API}, flags=("-p", "p")
    ),
}
