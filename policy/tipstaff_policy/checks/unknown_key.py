"""TIP304: a key looks like a sign-in setting and has no effect where it stands."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at
from tipstaff_policy.model.state import ReadLayer

CHECK = Check(
    id="TIP304",
    title="Key without effect",
    severity="medium",
    since="0.1.0",
    fails_when="a sign-in key is misspelt, in the wrong case, inside a table by mistake, or in "
    "the wrong kind of file",
    rationale="The client ignores it without a word: the restriction that was written is not "
    "in force.",
    remedy="Correct the key as the finding says.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/misspelt-key",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each key without effect."""
    state = host.state
    found = [
        stray
        for layer in state.layers
        if isinstance(layer.content, ReadLayer)
        for stray in layer.content.strays
    ]
    if not found:
        return (Outcome("pass", "policy", "every sign-in key has an effect"),)
    return tuple(
        Outcome("fail", stray.key, f"{stray.key}: {stray.reason}", stray.likely, at(stray.origin))
        for stray in found
    )
