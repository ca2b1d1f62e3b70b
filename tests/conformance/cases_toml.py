"""What counts as a document: TOML's edges, and what may lie in place of a file."""

from conformance.cases_rules import FORCED_CHATGPT as F
from conformance.cases_rules import managed, required
from conformance.client import Case
from support.clients.logins import API_KEY

KEY = {"auth.json": API_KEY}
TEXTS = {
    "byte order mark": "\ufeff" + F,
    "windows line ends": "x = 1\r\n" + F.replace("\n", "\r\n"),
    "carriage returns alone": 'x = 1\rforced_login_method = "chatgpt"\r',
    "byte order mark later": "x = 1\n\ufeff" + F,
    "largest integer": F + "x = 9223372036854775807\n",
    "integer too large": F + "x = 9223372036854775808\n",
    "smallest integer": F + "x = -9223372036854775808\n",
    "integer too small": F + "x = -9223372036854775809\n",
    "integer far too large": F + f"x = {'9' * 5000}\n",
    "hexadecimal too large": F + "x = 0xFFFFFFFFFFFFFFFF\n",
    "float overflows": F + "x = 1e400\n",
    "infinity": F + "x = -inf\n",
    "leap day": F + "x = 2020-02-29T00:00:00Z\n",
    "arrays 80 deep": F + "x = " + "[" * 80 + "]" * 80 + "\n",
    "key of 80 parts": F + ".".join("a" * 80) + " = 1\n",
    "arrays 20,000 deep": F + "x = " + "[" * 20000 + "]" * 20000 + "\n",
    "inline tables 79 deep": F + "x = " + "{a = " * 79 + "1" + "}" * 79 + "\n",
    "duplicate key": F + F,
    "duplicate table": F + "[a]\nx = 1\n[a]\ny = 1\n",
    "inline table extended": F + "a = {b = 1}\na.c = 2\n",
    "table before its parent": F + "[a.b]\nx = 1\n[a]\ny = 1\n",
    "dotted key then header": F + "a.b = 1\n[a]\nc = 1\n",
    "array then array of tables": F + "a = []\n[[a]]\n",
    "TOML 1.1 inline table over lines": F + "x = {a = 1,\n b = 2, # c\n}\n",
    "TOML 1.1 escapes": F + 'x = "\\e\\x41"\n',
    "TOML 1.1 time without seconds": F + "x = 12:30\n",
    "TOML 1.1 in the value itself": "forced_login_method = {chatgpt = {},\n}\n",
    "letters beyond ASCII in a bare key": F + "é = 1\n",
    "half a character": F + 'x = "\\uD800"\n',
    "control character in a comment": F + "# a\x01b\n",
    "zero byte": F + 'x = "a\0b"\n',
    "double underscore": F + "x = 1__0\n",
    "date with a space": F + "x = 2020-01-01 10:00:00\n",
    "empty key": F + '"" = 1\n',
    "value on the next line": F + "a =\n1\n",
    "not closed": F + "a = [1\n",
    "only a comment": "# nothing\n",
    "empty": "",
    "key of 81 parts": F + ".".join("a" * 81) + " = 1\n",
    "arrays 81 deep": F + "x = " + "[" * 81 + "]" * 81 + "\n",
    "deep header over deep arrays": F + f"[{'.'.join('a' * 70)}]\nx = {'[' * 70}{']' * 70}\n",
    "leap second": F + "x = 2020-12-31T23:59:60Z\n",
    "leap second of no day": F + "x = 23:59:60\n",
    "second 61": F + "x = 2020-12-31T23:59:61Z\n",
    "day that does not exist": F + "x = 2020-02-30\n",
    "year 0": F + "x = 0000-01-01\n",
    "five megabytes": F + "# " + "x" * 5_000_000 + "\n",
    "two megabytes": F + "# " + "x" * 2_000_000 + "\n",
}
ODD_FILES = {
    "a directory": {"directory": True},
    "a pipe": {"fifo": True},
    "a link in a circle": None,
    "a link to nowhere": {"link": "/nowhere/at/all"},
    "a link below a file": {"link": "/etc/passwd/x"},
    "not UTF-8": {"hex": b'x = "\xe9"\n'.hex()},
}
FILES = ("managed_config.toml", "requirements.toml", "config.toml")


def odd(name, content):
    return Case(etc={name: content or {"link": name}}, home=KEY)


CASES = {
    **{f"managed: {name}": managed(text) for name, text in TEXTS.items()},
    **{
        f"requirements: {name}": required(text.replace(F, 'allowed_login_methods = ["chatgpt"]\n'))
        for name, text in TEXTS.items()
        if name
        in (
            "byte order mark",
            "integer too large",
            "duplicate table",
            "TOML 1.1 escapes",
            "leap second of no day",
            "not closed",
        )
    },
    **{
        f"{name} is {kind}": odd(name, content)
        for kind, content in ODD_FILES.items()
        for name in FILES
    },
    **{
        f"{name} not readable": Case(
            etc={name: {"text": "", "mode": 0}}, home=KEY, without_capabilities=True
        )
        for name in FILES
    },
    "user file is a directory": Case(home={**KEY, "config.toml": {"directory": True}}),
    "user file is a link in a circle": Case(home={**KEY, "config.toml": {"link": "config.toml"}}),
    "user file malformed": Case(
        etc={"managed_config.toml": F}, home={**KEY, "config.toml": "a = [\n"}
    ),
    "user file with a key of 81 parts": managed(F)._replace(
        home={**KEY, "config.toml": ".".join("a" * 81) + " = 1\n"}
    ),
    "home missing": Case(env={"CODEX_HOME": "/nowhere"}),
    "home is a file": Case(env={"CODEX_HOME": "/etc/passwd"}),
    "home empty": Case(env={"CODEX_HOME": ""}, etc={"managed_config.toml": F}, home=KEY),
    "home relative": Case(
        env={"CODEX_HOME": "../home/.codex"}, etc={"managed_config.toml": F}, home=KEY
    ),
}
