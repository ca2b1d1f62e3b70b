"""Text as YAML takes it, whatever reads the file before a parser of YAML does."""

import json


def quote(text: str) -> str:
    """Return text as YAML quotes it, in plain ASCII; beyond 16 bits not as JSON would.

    A dollar is escaped too: Fleet replaces variables before it parses.
    """
    return "".join(
        letter if letter <= "~" else f"\\U{ord(letter):08x}"
        for letter in json.dumps(text, ensure_ascii=False).replace("$", "\\x24")
    )
