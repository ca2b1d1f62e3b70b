"""How the client signs in, and where it stores the login.

Source: docs/clients/claude.md (client 2.1.332).
"""

from tipstaff_policy.clients.claude.credentials.members import ASKS, KEY_KIND, OAUTH_KIND
from tipstaff_policy.clients.claude.credentials.places import (
    BACKUPS,
    DOCUMENT,
    LEGACY,
    SECURE_VARIABLE,
    global_file_in_force,
    places_of,
)
from tipstaff_policy.clients.claude.locations import HOME_VARIABLE
from tipstaff_policy.clients.claude.service import SERVICE
from tipstaff_policy.clients.claude.slots import DOCUMENT_SLOT, MAIN_SLOT
from tipstaff_policy.clients.interface.sign_in import Flow, Place, Ran, SignIn, Trouble
from tipstaff_policy.errors import FINDINGS_EXIT, UNEVALUATED_EXIT
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState

FLOWS = {
    "claudeai": Flow(
        ("auth", "login", "--claudeai"),
        "",
        "claudeai",
        OAUTH_KIND,
        needs_service=True,
        gives_out=True,
        owner_known_by=ASKS,
        owner="organisation",
        stored="a claude.ai login",
    ),
    "console": Flow(
        ("auth", "login", "--console"),
        "",
        "console",
        KEY_KIND,
        needs_service=True,
        stored="an API key of the Console",
        store=MAIN_SLOT.store,
    ),
}
GLOBAL_FILE = ".claude.json"
OWN_NAMES = (
    DOCUMENT,
    LEGACY,
    GLOBAL_FILE,
    BACKUPS,
    ".storage-write.lock",
    ".oauth_refresh.lock",
    ".oauth_refresh.lock.owner",
)
OTHER_OWNER = "your authentication token belongs to organization"


def store_of(state: HostState) -> Place:
    """Return where the client stores a login of its usual kind; no setting moves it."""
    del state
    return Place(DOCUMENT_SLOT.store, DOCUMENT_SLOT.store, empties=())


def obstacle(request: Request, flow: Flow) -> Trouble | None:
    """Return what would keep the client from storing a login where it is judged first."""
    places = places_of(request)
    if flow.store and global_file_in_force(places, request) != places.main:
        what = f"{places.legacy} is in force; the key would be stored where no start finds it"
        remedy = f"move {places.legacy} to {places.main}, or use `claude auth login --console`"
        return Trouble(what, remedy, UNEVALUATED_EXIT)
    if request.env.get(SECURE_VARIABLE) is None:
        return None
    what = f"{SECURE_VARIABLE} is set; the client would store the login there at once"
    remedy = f"unset {SECURE_VARIABLE} for this sign-in, or use `claude auth login`"
    return Trouble(what, remedy, UNEVALUATED_EXIT)


def explain(_request: Request, _state: HostState, ran: Ran, _begun: int) -> Trouble:
    """Return why a login failed."""
    if OTHER_OWNER in ran.said.casefold():
        what = "the service signed you in to an organisation that is not allowed"
        return Trouble(what, "choose an allowed organisation in the browser", FINDINGS_EXIT)
    what = f"claude auth login ended with {ran.code}"
    return Trouble(what, "sign in again", UNEVALUATED_EXIT)


SIGN_IN = SignIn(
    flows=FLOWS,
    home_variable=HOME_VARIABLE,
    store_key="",
    service=SERVICE,
    own_names=OWN_NAMES,
    store_of=store_of,
    options=lambda _request, _state: (),
    obstacle=obstacle,
    hints=lambda _request, _flow: (),
    log_end=lambda _request, _state: 0,
    explain=explain,
)
