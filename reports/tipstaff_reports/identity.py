"""Whose a row is, in formats that know a row by a text alone."""

from collections import Counter
from collections.abc import Sequence

from tipstaff_reports.text import clean
from tipstaff_schemas.report import Report


def identities(reports: Sequence[Report]) -> list[str]:
    """Return a text for each report that no other one of the document has.

    Host and user, so that it is the same from run to run; client, folder and entry point where
    several share that, and at last the moment and a number.
    """
    short = [clean(f"tipstaff.{report.run.host.name}/{report.run.user}") for report in reports]
    longer = [
        clean(
            f"{text}/{report.client.name}/{report.client.entry_point}/{report.state.home.lstrip('/')}"
        )
        for text, report in zip(short, reports, strict=True)
    ]
    longest = [
        f"{text}/{report.run.finished_at}" for text, report in zip(longer, reports, strict=True)
    ]
    once, twice = Counter(short), Counter(longer)
    return number_doubles(
        [
            short[at] if once[short[at]] == 1 else longer[at] if twice[longer[at]] == 1 else far
            for at, far in enumerate(longest)
        ]
    )


def number_doubles(texts: Sequence[str]) -> list[str]:
    """Return texts, of which those that were there before are numbered."""
    seen = Counter[str]()
    found = []
    for text in texts:
        seen[text] += 1
        found.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return found
