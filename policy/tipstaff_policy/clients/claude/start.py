"""What a start of the client may say, and the host on which `tipstaff doctor` rehearses."""

from tipstaff_policy.clients.claude.config.personal import SOURCES_OPTION
from tipstaff_policy.clients.interface.rehearsal import MadeUpHost
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Request

PERSONAL = ("user", "project", "local")
MADE_UP = (
    '{"claudeAiOauth": {"accessToken": "made-up-for-a-rehearsal", "scopes": ["user:inference"]}}'
)
REHEARSAL = MadeUpHost(
    store="credentials",
    login=MADE_UP,
    files={"etc/claude-code/managed-settings.json": '{"forceLoginMethod": "console"}\n'},
)


def check_start(request: Request) -> None:
    """Refuse options that the client would not take.

    Raises:
        UsageError: There is one.
    """
    for override in request.overrides:
        if override.startswith(SOURCES_OPTION):
            _check_sources(override.removeprefix(SOURCES_OPTION))
    if request.profile is not None:
        raise UsageError("the client takes no profile on its command line")


def _check_sources(named: str) -> None:
    unknown = [word for word in map(str.strip, named.split(",")) if word and word not in PERSONAL]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no source of settings", expected=" or ".join(PERSONAL))
