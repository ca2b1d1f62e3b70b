"""How a text is shown that may hold a secret: the one place that decides it (ADR 0043).

Values of people's files become values of ours here: what looks like a credential never gets any
further, so that no report, log, message or ``repr`` has to think of it again. Texts that differ
stay different, because claims are compared with rules: the second hidden text of a process is
called ``(2)``, and so on. The number says nothing of the text.
"""

PREFIXES = ("sk-", "at-", "eyJ")
"""How keys, access tokens and web tokens begin, whatever their length."""
LONGEST = 40
"""Characters of a name or an id; what is longer and without a break is taken for a secret."""
HIDDEN = "[not shown: looks like a credential]"
"""Without a comma, which has a meaning in a list of ids."""
USERINFO = "[not shown]"
REMEMBERED = 1000
"""Texts that keep their number; more would only fill the memory of a process that runs for long."""

_IDS = r"(?<![A-Za-z0-9_])(?:sk-|at-|eyJ)|[A-Za-z0-9_+=~./-]{41}"
_WORDS = (
    r"(?<![A-Za-z0-9_])(?:(?:sk-|eyJ)[A-Za-z0-9_+=~.-]{8,}|at-[A-Za-z0-9_-]{16,})"
    r"|[A-Za-z0-9_+~-]{41,}=*"
)
_USERINFO = r"(?<=//)(?:[^\s/?#]*|[^\s/?#:@]*:[^\s@]*)@"
_numbers: dict[str, int] = {}


def mask_text(text: str) -> str:
    """Return an id, a claim or an address as everything after its reading knows it.

    Texts that differ are shown differently, so that comparing them gives what it would have given.
    """
    if not _may_hold_a_secret(text):
        return text
    if "//" in text:
        return mask_words(text)
    name, at, host = text.rpartition("@")
    if at and ":" in name:
        return f"{USERINFO}@{mask_text(host)}"
    # A list in one text stays one.
    return ",".join(_hide(part) for part in text.split(","))


def mask_words(text: str) -> str:
    """Return words, or a name by which other things are looked up, without what is secret in them.

    Short words with a hyphen stay as they are: ``at-work`` is a fine name for a profile.
    """
    if not _may_hold_a_secret(text):
        return text
    import re  # noqa: PLC0415 - rarely needed

    return re.sub(_WORDS, HIDDEN, re.sub(_USERINFO, f"{USERINFO}@", text))


def _may_hold_a_secret(text: str) -> bool:
    return len(text) > LONGEST or "@" in text or any(prefix in text for prefix in PREFIXES)


def _hide(text: str) -> str:
    import re  # noqa: PLC0415 - rarely needed

    core = text.strip()
    if not re.search(_IDS, core):
        return text
    if len(_numbers) >= REMEMBERED:
        _numbers.clear()
    number = _numbers.setdefault(core, len(_numbers) + 1)
    name = HIDDEN if number == 1 else f"{HIDDEN[:-1]} ({number})]"
    return text.replace(core, name)
