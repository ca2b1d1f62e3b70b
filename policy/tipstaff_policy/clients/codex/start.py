"""What a start of the client may say, and the host on which `tipstaff doctor` rehearses."""

import re

from tipstaff_policy.clients.interface.rehearsal import MadeUpHost
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Request

PROFILE_NAME = re.compile(r"[A-Za-z0-9_-]+")
REHEARSAL = MadeUpHost(
    store="file",
    login='{"auth_mode": "apikey", "OPENAI_API_KEY": "made-up-for-a-rehearsal"}',
    files={"etc/codex/managed_config.toml": 'forced_login_method = "chatgpt"\n'},
)


def check_start(request: Request) -> None:
    """Refuse options that the client would not take.

    Raises:
        UsageError: There is one.
    """
    profile = request.profile
    if profile is not None and not PROFILE_NAME.fullmatch(profile):
        raise UsageError(
            f"{profile!r} is no name of a profile", expected="letters, digits, dashes, underscores"
        )
    if profile is not None and request.entry_point == "status":
        raise UsageError("`codex login status` takes no profile", remedy="leave --profile out")
    for override in request.overrides:
        key, _, _ = override.partition("=")
        if "=" not in override or not key.strip():
            raise UsageError(f"-c {override!r} has no key or no value", expected="key=value")
