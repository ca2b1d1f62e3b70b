"""How the client signs in, and how its credentials are revoked."""

from scribe.config import STORE_KEY
from scribe.credentials import ASKS, read_login
from scribe.places import HOME_VARIABLE, LOCK, STATE, VAULT
from scribe.reading import SERVICE
from scribe.rules import rules_of
from tipstaff_policy.clients.interface.issuer import Issuer, NotRevocable, Revocable, Sealed
from tipstaff_policy.clients.interface.sign_in import Flow, Place, Ran, SignIn, Trouble
from tipstaff_policy.errors import FINDINGS_EXIT, UNEVALUATED_EXIT
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState

FLOWS = {
    "team": Flow(
        ("login", "--team"),
        "",
        "team",
        "team",
        needs_service=True,
        gives_out=True,
        owner_known_by=ASKS,
        owner="organisation",
        stored="a team login",
    ),
    "key": Flow(("login", "--key"), "--with-api-key", "key", "key", needs_service=False),
}


def _store_of(state: HostState) -> Place:
    rules = rules_of(state.layers)
    origins = (rules.store_origin,) if rules.store_origin else ()
    empties = ("vault",) if rules.store == "state" else ()
    return Place(rules.store, rules.store, origins, empties=empties)


def _explain(_request: Request, _state: HostState, ran: Ran, _begun: int) -> Trouble:
    if "organisation" in ran.said:
        what = "the service signed you in to an organisation that is not allowed"
        return Trouble(what, "choose an allowed organisation", FINDINGS_EXIT)
    return Trouble(f"scribe login ended with {ran.code}", "sign in again", UNEVALUATED_EXIT)


SIGN_IN = SignIn(
    flows=FLOWS,
    home_variable=HOME_VARIABLE,
    store_key=STORE_KEY,
    service=SERVICE,
    own_names=(STATE, VAULT, LOCK),
    store_of=_store_of,
    options=lambda _request, _state: (),
    obstacle=lambda _request, _flow: None,
    hints=lambda _request, _flow: (),
    log_end=lambda _request, _state: 0,
    explain=_explain,
)


def _revocable(request: Request, home: str, store: str) -> Revocable | NotRevocable:
    try:
        login = read_login(request, home, store)
    except FileNotFoundError:
        login = None
    if not login:
        return NotRevocable("holds no credential")
    if login["method"] == "key":
        return NotRevocable("a Scribe key is revoked where it was made")
    return Revocable(Sealed(f"token={login['secret']}".encode()))


ISSUER = Issuer(
    url="https://auth.scribe.example/revoke",
    content_type="application/x-www-form-urlencoded",
    overrides=(),
    read=_revocable,
    ca_variable=lambda _request: None,
    authorities=lambda _request: (),
)
