"""The clients that Tipstaff knows; an adapter is a folder here and a line in these tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tipstaff_policy import load_part
from tipstaff_policy.clients.interface.adapter import Adapter, program_name
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.state import Method

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.organisation.fields import Field

CLIENTS = {
    "codex": "tipstaff_policy.clients.codex.adapter",
    "claude": "tipstaff_policy.clients.claude.adapter",
}
"""The module of each client's adapter."""
PROGRAMS = {"codex": "codex", "claude": "claude"}
"""The client that each program is, so that a command is known without loading an adapter."""
HOMES = {"--codex-home": "codex"}
"""Options that name the folder of one client, each with that client; `--client-home` names that of
the client that is meant."""


def load_client(name: str) -> Adapter:
    """Return the adapter of a client, importing nothing of the others.

    Raises:
        UsageError: No such client.
    """
    if name not in CLIENTS:
        raise UsageError(f"unknown client {name!r}", expected=", ".join(sorted(CLIENTS)))
    adapter: Adapter = load_part(f"{CLIENTS[name]}:ADAPTER")
    return adapter


def load_clients(name: str | None = None) -> tuple[Adapter, ...]:
    """Return the adapter of one client, or of every client that Tipstaff knows.

    Raises:
        UsageError: No such client.
    """
    return tuple(load_client(client) for client in ([name] if name else CLIENTS))


def list_known_methods() -> tuple[Method, ...]:
    """Return every way to sign in to any client that Tipstaff knows."""
    return tuple(dict.fromkeys(method for client in load_clients() for method in client.methods))


def client_of_program(program: str) -> str | None:
    """Return which client a program is, by its path or name; None for any other program."""
    return PROGRAMS.get(program_name(program))


def choose_clients(
    named: str | None, program: str | None, given: Sequence[str]
) -> tuple[Adapter, ...]:
    """Return the clients that are judged: the one that is meant, else every known one.

    Args:
        named: By ``--client``.
        program: The program that is judged or started, which says whose it is.
        given: The options on the command line that mean one client alone.
    Raises:
        UsageError: There is no such client, or nothing says which one an option means.
    """
    if named is None and len(CLIENTS) > 1:
        named = client_of_program(program) if program else None
        if named is None and given:
            raise require_client(f"{given[0]} applies to one client")
    return load_clients(named)


def only_client_with(options: frozenset[str], entry_point: str | None) -> str | None:
    """Return the only client that has some start options and an entry point.

    None where nothing distinguishes the clients, or where none or several have them all.

    Args:
        options: Start options as a client calls them.
        entry_point: One that is named; None for the usual one.
    """
    found = [
        adapter.name
        for adapter in load_clients()
        if options <= {option.name for option in adapter.start_options}
        and entry_point in (None, *adapter.entry_points)
    ]
    return found[0] if len(found) == 1 else None


def client_of_home(option: str, named: str | None, program: str | None) -> str:
    """Return the client whose folder an option of `HOMES` names.

    Args:
        named: The client that ``--client`` names.
        program: The program that is judged or started.
    Raises:
        UsageError: Another client is named or started.
    """
    client = HOMES[option]
    for other in (named, client_of_program(program) if program else None):
        if other not in (None, client):
            raise UsageError(
                f"{option} is the folder of {client}, and {other} is meant",
                expected=f"--client-home for the folder of {other}",
            )
    return client


def require_client(what: str) -> UsageError:
    """Return the error of a command line that does not say which client it means."""
    return UsageError(
        f"{what}, and Tipstaff knows several", expected=f"--client with one of {', '.join(CLIENTS)}"
    )


def own_command(name: str, command: str) -> str:
    """Return a command of Tipstaff's, with the client that it is for where several are known.

    Args:
        command: Such as ``tipstaff login --by device``; of another program it stays as it is.
    """
    of_ours = len(CLIENTS) > 1 and "tipstaff " in command
    return f"{command} --client {name}" if of_ours else command


def commands_of(adapter: Adapter, program: str) -> dict[str, str]:
    """Return what to type to sign in, by login method.

    Args:
        program: The client's own, or ``tipstaff``.
    """
    commands = {**adapter.sign_in, **(adapter.sign_in_here if program == "tipstaff" else {})}
    return {
        method: own_command(adapter.name, command.format(program))
        for method, command in commands.items()
    }


def client_of_short_form() -> str:
    """Return the client that the keys at the top of a policy document stand for.

    Where it is not known, the first that is: then no such key is of any client that counts.
    """
    from tipstaff_policy.organisation.fields import SHORT_FORM_OF  # noqa: PLC0415 - authors only

    return SHORT_FORM_OF if SHORT_FORM_OF in CLIENTS else next(iter(CLIENTS))


def entry_points_of(name: str) -> tuple[str, ...]:
    """Return the entry points of a client, the first for where none is named.

    Its package states them, so that help and completion load no adapter.
    """
    return _list_package_adapters(name, "ENTRY_POINTS")


def stores_to_move_to(name: str) -> tuple[str, ...]:
    """Return the stores that a login of a client can be moved into, stated as its entry points."""
    return _list_package_adapters(name, "MOVES_TO")


def _list_package_adapters(name: str, what: str) -> tuple[str, ...]:
    module = CLIENTS[name]
    package = __import__(module.rpartition(".")[0] or module, fromlist=[what])
    stated: tuple[str, ...] = getattr(package, what, ())
    return stated


def policy_fields_of(name: str) -> "Mapping[str, Field] | None":
    """Return what the table of a client may hold in a policy document; None of no known client.

    Its package states them in a module of its own, so that a policy which names several clients
    loads no adapter but that of the client that is judged.
    """
    if name not in CLIENTS:
        return None
    package = CLIENTS[name].rpartition(".")[0]
    fields: Mapping[str, Field] = __import__(f"{package}.policy_table", fromlist=["FIELDS"]).FIELDS
    return fields
