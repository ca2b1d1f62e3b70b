"""Permission profiles, sandboxes, rules of commands and named files: what stops the client's start.

Every host here would be logged out, did the client start. The types of their members are in the
tables that were measured; here is what one value asks of another.
"""

from conformance.cases_other_keys import stopped
from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import Case
from support.clients.logins import API_KEY

MODES = 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n'
FULL = 'sandbox_mode = "danger-full-access"\n'
CHOSEN = 'default_permissions = "m"\n'
PLAIN = "[allowed_permission_profiles]\n"
BOTH = f'{PLAIN}":read-only" = true\n":workspace" = true\n'
ALLOWED = f'default_permissions = ":workspace"\n{BOTH}'
BAD = '[permissions.bad.filesystem]\n"x" = "read"\n'
ROOT = f'{CHOSEN}[permissions.m.filesystem]\n":root" = "write"\n'
PLACES = {
    "a place of a later release": '":foo" = "read"',
    "a place below the home": '"~/x" = "read"\n"~" = "read"',
    "a relative place": '"x" = "read"',
    "a wide place, denied": '"/x/*.y" = "deny"',
    "a wide place, read": '"/x/*.y" = "read"',
    "a wide end, read": '"/x/**" = "read"',
    "a part": '":workspace_roots" = {"." = "write", "a/b" = "read"}',
    "a part above": '":workspace_roots" = {"../a" = "write"}',
    "a part of nothing": '":workspace_roots" = {"" = "write"}',
    "a part from the root": '":workspace_roots" = {"/a" = "write"}',
    "a part of a folder": '"/x" = {"y" = "write", "*.z" = "deny"}',
    "a part of what has none": '":tmpdir" = {"x" = "write"}',
    "the whole of what has no parts": '":tmpdir" = {"." = "write"}',
    "a part of a later release": '":foo" = {"x" = "write"}',
    "a depth": "glob_scan_max_depth = 1",
    "no depth": "glob_scan_max_depth = 0",
}
USERS = {
    "a profile of one's own": f'{CHOSEN}[permissions.m]\nextends = ":workspace"\n',
    "an unknown member": f"{CHOSEN}[permissions.m]\nfoo = 5\n",
    "a wrong description": 'sandbox_mode = "read-only"\n[permissions.m]\ndescription = 5\n',
    "a parent": f'{CHOSEN}[permissions.m]\nextends = "o"\n[permissions.o]\nextends = ":read-only"\n',
    "a parent that is not there": f'{CHOSEN}[permissions.m]\nextends = "o"\n',
    "a parent that is not there, of one not chosen": 'sandbox_mode = "read-only"\n[permissions.m]\nextends = "o"\n',
    "its own parent": f'{CHOSEN}[permissions.m]\nextends = "m"\n',
    "full access as a parent": f'{CHOSEN}[permissions.m]\nextends = ":danger-full-access"\n',
    "a parent with a relative place": f'{CHOSEN}[permissions.m]\nextends = "bad"\n{BAD}',
    "a name with a colon": 'sandbox_mode = "read-only"\n[permissions.":m"]\n',
    "a choice that is not there": f'sandbox_mode = "read-only"\n{CHOSEN}',
    "a blank choice": 'default_permissions = " "\n',
    "no choice, beside a sandbox": 'sandbox_mode = "read-only"\n[permissions.m]\n',
    "no profile": "[permissions]\n",
    "a choice beside a sandbox, with a relative place": f'sandbox_mode = "read-only"\ndefault_permissions = "bad"\n{BAD}',
}
REQUIRED = {
    "rule": ("[rules]\nprefix_rules = [{pattern = [{token = 'x'}], decision = 'forbidden'}]\n", ""),
    "no rule": ("rules = {prefix_rules = []}\n", ""),
    "list without a default": (BOTH, ""),
    "list of one without a default": (f'{PLAIN}":read-only" = true\n', ""),
    "list of nothing": (PLAIN, ""),
    "default without a list": ('default_permissions = ":workspace"\n', ""),
    "default that is forbidden": (f'default_permissions = ":workspace"\n{PLAIN}":workspace" = false\n', ""),
    "default of a wrong type": (f"default_permissions = 5\n{BOTH}", ""),
    "profile that is not there": (f"{ALLOWED}m = false\n", ""),
    "profile of the user's": (f"{ALLOWED}m = true\n", f'{CHOSEN}[permissions.m]\nextends = ":read-only"\n'),
    "profile with a relative place": (f'default_permissions = "bad"\n{PLAIN}bad = true\n{BAD}', ""),
    "profile with a relative place, not the default": (f"{ALLOWED}bad = true\n{BAD}", ""),
    "profile of a name in both": ('[permissions.m]\nextends = ":read-only"\n', f"{CHOSEN}[permissions.m]\n"),
    "profile that the user chooses": ('[permissions.m]\nextends = ":read-only"\n', CHOSEN),
    "profile that nobody chooses": ('[permissions.m]\nextends = ":read-only"\n', ""),
    "list, and the user's choice is not there": (ALLOWED, 'default_permissions = "nope"\n'),
    "list, and the user's profile is bad": (ALLOWED, f'default_permissions = "bad"\n{BAD}'),
    "files that are not read": ('[permissions.filesystem]\ndeny_read = ["~/.ssh"]\n', ""),
    "profile of a name that is taken": ('[permissions.filesystem]\nextends = ":read-only"\n', ""),
    "modes, and full access": (MODES, FULL),
    "modes, and full access that may not go unasked": (f'{MODES}allowed_approval_policies = ["on-request"]\n', FULL),
    "modes, and full access by a profile": (MODES, 'default_permissions = ":danger-full-access"\n'),
    "modes, and a profile that may write all": (MODES, ROOT),
    "modes, and a profile that may write nearly all": (MODES, f'{ROOT}"/x" = "read"\n'),
    "modes, and a profile beside full access": (MODES, f'default_permissions = ":read-only"\n{FULL}'),
    "modes, and full access by a required profile": (f'{MODES}default_permissions = ":danger-full-access"\n{BOTH}":danger-full-access" = true\n', ""),
    "list of profiles, and full access": (f"{MODES}{ALLOWED}", FULL),
    "modes by host": (f'{MODES}[[remote_sandbox_config]]\nhostname_patterns = ["a-*"]\nallowed_sandbox_modes = ["read-only"]\n', FULL),
    "domains of the application": ('[application.network.domains]\n"a.b" = "allow"\n"10.0.0.1" = "deny"\n', ""),
    "domain without a dot": ('[application.network.domains]\n"localhost" = "allow"\n', ""),
    "domain with an underscore": ('[application.network.domains]\n"a_b.c" = "allow"\n', ""),
    "domain with a port": ('[application.network.domains]\n"a.b:80" = "allow"\n', ""),
    "folder of the application": ('[application.storage]\ndefault_project_parent = "~/x"\n', ""),
    "folder of the application, relative": ('[application.storage]\ndefault_project_parent = "x"\n', ""),
}  # fmt: skip
FILES = {
    "a file that is not there": ("/nowhere.md", {}),
    "a file by the home": ("~/.codex/x.md", {"x.md": "x"}),
    "an empty file": ("x.md", {"x.md": "\n"}),
    "a folder": ("x.md", {"x.md": {"directory": True}}),
    "a file that is no text": ("x.md", {"x.md": {"hex": "ff"}}),
}
NEVER = 'approval_policy = "never"\n'


def layered(user, **files):
    """Return a host whose administrators' files hold some text, beneath what a user has."""
    return stopped(user, etc={f"{name}.toml": text for name, text in files.items()})


CASES = {
    **{
        name: stopped(f"{CHOSEN}[permissions.m.filesystem]\n{text}\n")
        for name, text in PLACES.items()
    },
    **{name: stopped(text) for name, text in USERS.items()},
    **{
        f"required {name}": layered(user, requirements=text)
        for name, (text, user) in REQUIRED.items()
    },
    **{
        f"instructions: {name}": Case(
            home={
                "auth.json": API_KEY,
                "config.toml": f'{FORCED_CHATGPT}model_instructions_file = "{path}"\n',
                **files,
            }
        )
        for name, (path, files) in FILES.items()
    },
    "a catalogue that is not there": stopped('model_catalog_json = "/nowhere.json"\n'),
    "a catalogue of nothing": stopped(
        'model_catalog_json = "/etc/codex/m.json"\n', etc={"m.json": '{"models": []}'}
    ),
    "full access in a weaker layer": layered(
        'sandbox_mode = "read-only"\n', config=FULL, requirements=MODES
    ),
    "full access in a stronger layer": layered(
        FULL, config='default_permissions = ":read-only"\n', requirements=MODES
    ),
    "full access, managed": layered("", managed_config=FULL, requirements=MODES),
    "full access, and managed asks": layered(
        FULL, managed_config='approval_policy = "on-request"\n', requirements=MODES
    ),
    "full access, and managed never asks": layered(FULL, managed_config=NEVER, requirements=MODES),
    **{
        f"full access by {entry_point}{', never asks' if never else ''}": layered(
            f"{FULL}{never}", requirements=MODES
        )._replace(entry_point=entry_point)
        for entry_point in ("status", "app-server", "interactive")
        for never in ("", NEVER)
    },
}
UNKNOWN = {
    "required modes by host, which differ": layered(
        FULL,
        requirements='[[remote_sandbox_config]]\nhostname_patterns = ["a-*"]\n'
        'allowed_sandbox_modes = ["read-only"]\n',
    ),
    "a name that is not kept": stopped(
        'default_permissions = "my/own"\n[permissions."my/own"]\nextends = ":workspace"\n'
    ),
}
"""What only the client knows: which host it is, and which name a text is that is not kept."""
