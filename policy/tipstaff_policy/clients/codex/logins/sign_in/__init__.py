"""How the client signs in: its flows, where it stores a login, and what is in the way of one.

Source: tests/conformance/test_login.py (client 0.169.0).
"""

from tipstaff_policy.clients.codex.credentials.identities import SERVICE
from tipstaff_policy.clients.codex.facts.bundle import ca_bundle
from tipstaff_policy.clients.codex.facts.diagnostics import FOLDER_KEY, log_folder
from tipstaff_policy.clients.codex.facts.ports import callback_ports
from tipstaff_policy.clients.codex.facts.stated_rules import (
    find_stated_rules,
    readable_rules,
    store_use,
)
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.logins.sign_in.failures import explain, log_end
from tipstaff_policy.clients.interface.sign_in import Flow, Place, SignIn, Trouble
from tipstaff_policy.errors import UNEVALUATED_EXIT
from tipstaff_policy.model.host_facts import CallbackPorts
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, UnreadableCredential

FLOWS = {
    "browser": Flow(
        ("login",),
        "",
        "chatgpt",
        "chatgpt",
        needs_service=True,
        returns_by_port=True,
        revokes_earlier=True,
        gives_out=True,
    ),
    "device": Flow(
        ("login", "--device-auth"),
        "--device-auth",
        "chatgpt",
        "chatgpt",
        needs_service=True,
        revokes_earlier=True,
        gives_out=True,
    ),
    "api-key": Flow(
        ("login", "--with-api-key"), "--with-api-key", "api", "apikey", needs_service=False
    ),
    "access-token": Flow(
        ("login", "--with-access-token"),
        "--with-access-token",
        "chatgpt",
        "personalAccessToken",
        needs_service=True,
        owner_known_by="whoami",
    ),
}
OWN_NAMES = ("auth.json", "auth.lock", "auth.json.lock", "log", "tmp", "secrets")
"""What a login writes, and the encrypted store. Some paths of the configuration count from the
client's folder, so that everything else has to be found there."""


def store_of(state: HostState) -> Place:
    """Return where the client stores a login."""
    rules = readable_rules(state)
    if rules is None:
        return Place("file", "file")
    use = store_use(state, rules, find_stated_rules(state))
    if use.name == "file" or use.falls_back:
        return Place(use.name, "file", use.origins)
    if use.name == "ephemeral":
        return Place(use.name, "", use.origins)
    if use.unclear or rules.encrypted:
        encrypted = "an encrypted file is opened by one folder's passphrase, and is not moved"
        return Place(use.name, "encrypted", use.origins, use.unclear or encrypted)
    there = next(
        (credential.content for credential in state.credentials if credential.source == "keyring"),
        None,
    )
    unread = f"it {there.reason}" if isinstance(there, UnreadableCredential) else ""
    return Place(use.name, "keyring", use.origins, unread, empties=("file",))


def options(request: Request, state: HostState) -> tuple[str, ...]:
    """Return the option that keeps the log of logins at its place."""
    import json  # noqa: PLC0415 - whose texts are TOML's too

    return ("-c", f"{FOLDER_KEY}={json.dumps(log_folder(request, state), ensure_ascii=False)}")


def obstacle(request: Request, flow: Flow) -> Trouble | None:
    """Return what would make the client's login fail after its user has signed in."""
    bundle = ca_bundle(settle(request).request) if flow.needs_service else None
    if bundle and bundle.fault:
        what = f"the file of {bundle.variable}, {bundle.path}, {bundle.fault}"
        remedy = f"let {bundle.variable} name a PEM file with certificates, or unset it"
        return Trouble(f"{what}; the client could not reach its service", remedy, UNEVALUATED_EXIT)
    return _ports_taken(callback_ports()) if flow.returns_by_port else None


def _ports_taken(ports: CallbackPorts) -> Trouble | None:
    for port in ports.taken:
        if port.client:  # which a second one would break off
            what = f"another sign-in waits on port {port.port}: {port.by}"
            return Trouble(what, "finish it in its browser, or end that process", UNEVALUATED_EXIT)
    if len(ports.taken) < len(ports.needed):
        return None
    who = " and ".join(f"port {port.port} is taken by {port.by}" for port in ports.taken)
    remedy = "end one of them, or sign in by `tipstaff login --device-auth`"
    return Trouble(f"{who}; the browser could not return", remedy, UNEVALUATED_EXIT)


def hints(request: Request, flow: Flow) -> tuple[str, ...]:
    """Return how a browser on another machine finds back, and to which port."""
    if not flow.returns_by_port:
        return ()
    ports = callback_ports()
    taken = {taken_port.port: taken_port for taken_port in ports.taken}
    port = next((number for number in ports.needed if number not in taken), None)
    if port is None:
        return ()
    found = [
        f"port {listener.port} is taken by {listener.by}; the client uses {port}"
        for listener in taken.values()
    ]
    if request.env.get("SSH_CONNECTION"):
        found.append(
            f"over SSH the browser comes back by `ssh -L {port}:localhost:{port}` from the machine "
            "where it runs; or sign in by `tipstaff login --device-auth`"
        )
    return tuple(found)


SIGN_IN = SignIn(
    flows=FLOWS,
    home_variable="CODEX_HOME",
    store_key="cli_auth_credentials_store",
    service=SERVICE,
    own_names=OWN_NAMES,
    store_of=store_of,
    options=options,
    obstacle=obstacle,
    hints=hints,
    log_end=log_end,
    explain=explain,
)
