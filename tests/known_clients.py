"""A second client, for tests of what is done for every known one: as the first, under another name.

Its folder, its program and its name are its own; the files of its administrators are the first's.
"""

import os
import sys

from hosts import run
from tipstaff_policy.clients import CLIENTS, PROGRAMS, load_client

NAME = "scribe"
FIRST = load_client("codex")
RUN = (
    "import sys; sys.path.insert(0, {tests!r}); import known_clients; known_clients.register();"
    "from {module} import main; sys.exit(main())"
)


def _own(request):
    """Return the request that the first client's adapter takes for the second one."""
    named = request.client_home or (request.system_root or "") + "/home/dev/.scribe"
    client = request.client and request.client._replace(name=FIRST.name)
    return request._replace(client_home=named, client=client)


def _read_state(request):
    state = FIRST.read_state(_own(request))
    return state._replace(client=state.client._replace(name=NAME))


def _find_installations(request):
    if request.client:
        return (request.client,)
    program = f"{request.system_root or ''}/usr/bin/{NAME}"
    version = request.client_version or FIRST.versions.newest
    (client,) = FIRST.find_installations(request._replace(client_version=version))
    installed = os.path.exists(program)
    return (
        client._replace(
            name=NAME,
            path=program if installed else None,
            version_source="package" if installed else "assumed",
        ),
    )


def _read_invocation(command):
    is_own = command and os.path.basename(command[0]) == NAME
    return FIRST.read_invocation((FIRST.program, *command[1:])) if is_own else None


def _custody():
    stores = FIRST.custody()
    return stores._replace(every_store=lambda request: stores.every_store(_own(request)))


ADAPTER = FIRST._replace(
    name=NAME,
    program=NAME,
    folder=".scribe",
    entry_points=("interactive", "print"),
    read_state=_read_state,
    find_installations=_find_installations,
    read_invocation=_read_invocation,
    custody=_custody,
    programs=lambda _request: (),
    observe=lambda request, state: FIRST.observe(_own(request), state),
)
ENTRY_POINTS = ADAPTER.entry_points


def register():
    """Make the second client known to this process."""
    CLIENTS[NAME] = "known_clients"
    PROGRAMS[NAME] = NAME


def run_with_both(module, *words, **options):
    """Run a program of Tipstaff that knows both clients."""
    code = RUN.format(tests=os.path.dirname(__file__), module=module)
    return run([sys.executable, "-c", code, *words], **options)
