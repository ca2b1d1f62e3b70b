"""The real client asked about one document at a time: does it take it, or refuse to start?"""

import json
import re
import struct
from itertools import pairwise
from pathlib import Path

from conformance.client import Case

PLACES = {"config": ("home", "config.toml"), "requirements": ("etc", "requirements.toml")}
RELATIONS = re.compile(
    r"provider `.*` not found|No such file|failed to read|usable login method"
    r"|aws is only supported|exact ASCII domain names|model_catalog_json path"
    r"|does not set `default_permissions`|default_permissions (requires|refers|must|`)"
    r"|allowed_permission_profiles refers|permissions profile `|filesystem path `"
)
"""Refusals of what a value names, not of its kind: key_relations.py, permission_profiles.py."""
EXCERPT = re.compile(r"^[\d ]*\|.*$", re.MULTILINE)
"""The lines of a document that a refusal quotes."""
NAME = re.compile(rb"[a-z][a-z0-9_]{2,47}")
RUN = re.compile(rb"[A-Za-z0-9_]{8,4000}")


class Plain(str):
    """A value of TOML that is written without quotes."""

    __slots__ = ()


def program_words(program):
    """Return the words that a program's data points to, each as a whole."""
    data = Path(program).read_bytes()
    (table,) = struct.unpack_from("<Q", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x36)
    headers = [struct.unpack_from("<IIQQQQ", data, table + size * n) for n in range(count)]
    loaded = [(address, start, length, flags) for kind, flags, start, address, _, length in headers
              if kind == 1]  # fmt: skip
    found = set()
    for _, start, length, flags in loaded:
        if not flags & 2:
            continue
        numbers = struct.unpack_from(f"<{length // 8}Q", data, start)
        for pointer, size in pairwise(numbers):
            if not 2 <= size <= 60:
                continue
            for address, begin, extent, _ in loaded:
                if address <= pointer < address + extent:
                    at = begin + pointer - address
                    found.add(data[at : at + size])
    return {word.decode() for word in found if re.fullmatch(rb"[A-Za-z_][\w.-]*", word)}


def words_between(program, known):
    """Return what stands between known words where the program holds its words in one piece.

    A name that the program compares without pointing to it lies among its neighbours, with
    nothing between them, or is the end of a longer word.
    """
    # A plain word, such as "default", is a part of many names.
    longest_first = sorted((name.encode() for name in known if "_" in name), key=len)[::-1]
    splitting = re.compile(b"|".join(map(re.escape, longest_first)))
    found = set()
    # Most runs stand there many times, or hold no name of several words.
    for run in {run for run in RUN.findall(Path(program).read_bytes()) if b"_" in run}:
        if splitting.search(run):
            found |= {name for part in splitting.split(run) for name in NAME.findall(part)}
    ends = {
        run_on_name.split(b"_", number)[-1]
        for run_on_name in found
        for number in range(1, min(run_on_name.count(b"_"), 3) + 1)
    }
    return {word.decode() for word in found | ends if NAME.fullmatch(word)}


def as_toml(value):
    if isinstance(value, Plain):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {as_toml(member)}" for key, member in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value)


class Oracle:
    """A client, and the kind of document that it is asked about."""

    def __init__(self, namespace, client, grammar):
        self.namespace, self.client, self.grammar = namespace, client, grammar
        self.asked = 0

    def refusal(self, document, passed_over=RELATIONS, **more):
        """Return why the client refuses a document, or None."""
        self.asked += 1
        kind, name = PLACES[self.grammar]
        text = "".join(f"{json.dumps(k)} = {as_toml(v)}\n" for k, v in document.items())
        case = Case(**{kind: {name: text}, **more})
        out = self.namespace.run([self.client, "login", "status"], case)["err"]
        found = re.search(r"Error loading (config.*)", out, re.DOTALL)
        if not found:
            return None
        message = EXCERPT.sub("", found[1])  # it repeats the document, whose words tell nothing
        return None if passed_over and passed_over.search(message) else message

    def any_refusal(self, documents):
        """Return the refusal of the last of some documents, None where one is taken."""
        refusal = None
        for document in documents:
            refusal = self.refusal(document)
            if refusal is None:
                return None
        return refusal

    def refused_names(self, wrap, value, names):
        """Return the names that are refused with a value, found by halving."""
        if not names or self.any_refusal(wrap(dict.fromkeys(names, value))) is None:
            return []
        if len(names) == 1:
            return list(names)
        half = len(names) // 2
        parts = (names[:half], names[half:])
        return [name for part in parts for name in self.refused_names(wrap, value, part)]
