"""Every credential under every rule, and how the client ends: starts, out (signed out), refused."""

from conformance_claude.credentials import CREDENTIALS, RULES, managed

ORDER = ("none", "claudeai", "console", "org A", "gateway", "sign-in", "sign-in + org A", "no organisation")  # fmt: skip
KEYS = "starts refused refused refused refused refused refused refused"
PASSES = "starts starts starts starts refused refused refused refused"
CLOUD = "starts starts starts starts starts refused refused starts"
EXPECTED = {
    "none": "out out out out refused refused refused refused",
    "login of A": "starts starts starts starts refused starts starts refused",
    "login of B": "starts starts starts refused refused starts refused refused",
    "login, service silent": "starts starts starts refused refused starts refused refused",
    "Console key": PASSES,
    "key variable": KEYS,
    "key variable and login": KEYS,
    "bearer variable": KEYS,
    "bearer variable and login": KEYS,
    "helper": KEYS,
    "helper and login": KEYS,
    "token variable of A": "starts starts starts starts refused starts starts refused",
    "token variable of B": "starts starts starts refused refused starts refused refused",
    "custom headers": PASSES,
    "Bedrock": CLOUD,
    "Bedrock and login": CLOUD,
    "Vertex": CLOUD,
    "Vertex and login": CLOUD,
    "Bedrock and key variable": "starts refused refused refused refused refused refused refused",
    "Vertex and key variable": "starts refused refused refused refused refused refused refused",
    "profile of B": "starts starts starts starts refused refused refused starts",
    "host-managed with a key": CLOUD,
}
WORDS = {"starts": "started", "out": "signed out", "refused": "refused"}
"""The kind of an outcome that each word stands for."""


def _cases():
    for name, words in EXPECTED.items():
        for rule, word in zip(ORDER, words.split(), strict=True):
            rules = managed(**RULES[rule]) if RULES[rule] else {}
            host = CREDENTIALS[name]._replace(managed=rules)
            yield f"matrix: {name} under {rule}", (host, WORDS[word])


CASES = dict(_cases())
