"""Measures what the real client takes for every key of its documents, and writes it as data.

    python -m conformance.measure_key_types          (make key-types CLIENT=0.169.0)

The client itself is asked, by `login status`: it starts, or it refuses its configuration. Which
keys there are is found the same way: all words that its program holds are put into one table,
with a value that hardly any key takes, and whatever is refused is a key.
"""

import argparse
import itertools
import json
import re
import struct
import sys
from pathlib import Path

from conformance.client import ROOT, VERSION, Case, Namespace, find_client
from tipstaff_policy.clients.codex.shapes import BOUNDS

DATA = Path(ROOT) / "policy/tipstaff_policy/clients/codex/accepted"
WORDS = Path(__file__).with_name("key_words.txt")
"""Words that the program does not hold in one piece."""
PLACES = {"config": ("home", "config.toml"), "requirements": ("etc", "requirements.toml")}
MADE_UP = "zz_made_up"
DEEPEST = 12


class Date(str):
    """A TOML date, written without quotes."""

    __slots__ = ()


class Number(str):
    """A TOML number that JSON has not."""

    __slots__ = ()


DATE = Date("1979-05-27")
TEXTS = ("x", "x y", "/x", "~/x", "https://a.b/c")
BLANKS = ("", " ")
CULPRITS = (DATE, 5)
"""Values of which hardly any key takes both."""
BASES = {
    "config": {
        "mcp_servers.*": ({"command": "x"}, {"url": "x"}),
        "mcp_servers.*.env_vars.[]": ({"name": "x"},),
        "mcp_servers.*.oauth": ({}, {"client_id": "x"}),
        "model_providers.*": ({"name": "x"},),
    },
    "requirements": {
        "mcp_servers.*": ({"identity": {"command": "x"}},),
        "mcp_servers.*.identity": ({"command": "x"}, {"url": "x"}),
        "model_providers.*": ({"name": "x"},),
        "rules": ({"prefix_rules": [{"pattern": [{"token": "x"}], "decision": "prompt"}]},),
        "rules.prefix_rules.[]": ({"pattern": [{"token": "x"}], "decision": "prompt"},),
        "rules.prefix_rules.[].pattern.[]": ({"token": "x"}, {"any_of": ["x"]}),
        "config_server": ({"base_url": "https://x"},),
    },
}
"""Members without which the client takes a table for incomplete; each is tried."""
RELATIONS = re.compile(
    r"provider `.*` not found|No such file|failed to read|default_permissions|usable login method"
    r"|aws is only supported"
)
"""Refusals of what a value names, not of its kind: key_relations.py."""
PARTS = ("enabled", "usage_hint_enabled", "usage_hint_text", "root_agent_usage_hint_text",
         "subagent_usage_hint_text", "max_concurrent_threads_per_session", "tool_namespace",
         "hide_spawn_agent_metadata", "min_wait_timeout_ms", "max_wait_timeout_ms",
         "default_wait_timeout_ms", "non_code_mode_only", "excluded_tools", "path",
         "direct_only_tool_namespaces", "proxy_url", "domains", "mode", "limit", "budget",
         "name", "source")  # fmt: skip
"""Members of tables of which the client takes none that holds a member it does not know."""
PROVIDERS = ("amazon-bedrock", "amazon-bedrock-runtime", "azure", "lmstudio", "ollama",
            "ollama-chat", "openai", "openai-compatible", "oss")  # fmt: skip
PROFILES = (":read-only", ":workspace", ":danger-full-access", ":danger-no-sandbox",
                     ":full-access", ":workspace-write", ":external")  # fmt: skip
NAMED_MAPS = ("agents", "apps", "features", "permissions", "hooks")
"""Tables of any names, some of which are not like the others."""
PAIRED = ("mcp_servers.*", "model_providers.*", "ghost_snapshot", "memories",
          "experimental_network", "network_proxy")  # fmt: skip
"""Tables some of whose members exclude each other."""


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
        for pointer, size in itertools.pairwise(numbers):
            if not 2 <= size <= 60:
                continue
            for address, begin, extent, _ in loaded:
                if address <= pointer < address + extent:
                    at = begin + pointer - address
                    found.add(data[at : at + size])
    return {word.decode() for word in found if re.fullmatch(rb"[A-Za-z_][\w.-]*", word)}


def as_toml(value):
    if isinstance(value, Date | Number):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value)


class Measurement:
    """One kind of document of one version."""

    def __init__(self, namespace, client, grammar, words):
        self.namespace, self.client, self.grammar = namespace, client, grammar
        self.words, self.hints = set(words), set()
        self.rows, self.nodes, self.excludes, self.texts = {}, {}, {}, set()
        self.structures, self.kinds = {}, {}
        """The place of each of the client's structures by its name, and the kind of table it is."""
        self.asked = 0

    def refusal(self, document, passed_over=RELATIONS, **more):
        """Return why the client refuses a document, or None."""
        self.asked += 1
        kind, name = PLACES[self.grammar]
        text = "".join(f"{json.dumps(k)} = {as_toml(v)}\n" for k, v in document.items())
        case = Case(**{kind: {name: text}, **more})
        out = self.namespace.run([self.client, "login", "status"], case)["err"]
        found = re.search(r"Error loading (config.*)", out, re.DOTALL)
        return found[1] if found and not (passed_over and passed_over.search(found[1])) else None

    def refused_names(self, wrap, value, names):
        """Return the names that are refused with a value, found by halving."""
        if not names or self.any_refusal(wrap(dict.fromkeys(names, value))) is None:
            return []
        if len(names) == 1:
            return list(names)
        half = len(names) // 2
        parts = (names[:half], names[half:])
        return [name for part in parts for name in self.refused_names(wrap, value, part)]

    def any_refusal(self, documents):
        """Return the refusal of the last of some documents, None where one is taken."""
        refusal = None
        for each in documents:
            refusal = self.refusal(each)
            if refusal is None:
                return None
        return refusal

    def members_of(self, wrap, values):
        found = []
        for value in values:
            for names in (
                sorted(self.hints - {*found}),
                sorted(self.words - self.hints - {*found}),
            ):
                found += self.refused_names(wrap, value, names)
        return found

    def measure(self):
        def wrap(table):
            return [table]

        for name in self.members_of(wrap, CULPRITS):
            self.key("", name, lambda value, name=name: [{name: value}], 0)

    def key(self, above, name, wrap, depth):
        """Measure one key and all below it; return a value that it takes."""
        self.hints.add(name)
        place = f"{above}.{name}" if above else name
        kinds, samples = [], []
        for measured in (self.text, self.numbers, self.others, self.array, self.table):
            more, sample = measured(place, wrap, depth)
            kinds += more
            samples += sample
        takes = " ".join(kinds) or self.nothing(wrap)
        self.rows.setdefault(above, {}).setdefault(takes, []).append(name)
        self.nodes[place] = samples
        if place in PAIRED:
            self.pairs(place, wrap)
        if depth < 3:
            print(f"{self.asked:6} {place}: {takes}", file=sys.stderr, flush=True)
        return samples

    def nothing(self, wrap):
        """Return that the client has given a key up, or that nobody here knows what it takes."""
        refusal = self.any_refusal(wrap("x"))
        return (
            "nothing"
            if re.search(r"no longer supported|is not supported for", refusal)
            else "unsure"
        )

    def text(self, _place, wrap, _depth):
        refusals = {text: self.any_refusal(wrap(text)) for text in (*TEXTS, *BLANKS)}
        taken = [text for text, refusal in refusals.items() if refusal is None]
        if len(taken) == len(refusals):
            return ["path" if self.is_path(wrap) else "text"], ["x"]
        if set(TEXTS) <= {*taken}:
            return ["nonblank"], ["x"]
        if taken:
            keys = any("keybinding" in each for each in refusals.values() if each)
            return ["keys" if keys else "some-text"], taken[:1]
        if "untagged" in refusals["x"] and self.any_refusal(wrap(True)) is None:
            return [], []  # a switch
        words = self.known_variants(refusals["x"], wrap)
        return ([f"words:{'|'.join(words)}"], words[:1]) if words else ([], [])

    def known_variants(self, refusal, wrap):
        if "untagged" in refusal:
            candidates = sorted(self.texts | {*WORDS.read_text().split()})
        else:
            named = re.search(r"unknown variant `[^`]*`, expected (.*)", refusal)
            candidates = re.findall(r"`([^`]+)`", named[1]) if named else []
        words = [word for word in candidates if self.any_refusal(wrap(word)) is None]
        self.texts |= {*words}
        return words

    def is_path(self, wrap):
        """Return whether a relative text stands for a path, resolved where its own layer is right.

        The layer is made wrong by a value that a stronger one beats.
        """
        if self.grammar != "config":
            return False
        (document, *_) = wrap("x")
        if "model" in document or self.refusal(document) is not None:
            return False
        stronger = {"managed_config.toml": 'model = "x"\n'}
        return self.refusal({"model": 5, **document}, etc=stronger) is not None

    def numbers(self, _place, wrap, _depth):
        kinds, sample = [], []
        for kind, form in (("integer", int), ("float", float)):
            if all(self.any_refusal(wrap(form(each))) for each in (0, 1, 50)):
                continue
            ends = [(each, each if kind == "float" else after - 1)
                    for each, after in zip(BOUNDS, (*BOUNDS[1:], 2**63), strict=True)]  # fmt: skip
            taken = [[self.any_refusal(wrap(form(end))) is None for end in pair] for pair in ends]
            first = next(n for n, pair in enumerate(taken) if any(pair))
            last = max(n for n, pair in enumerate(taken) if any(pair))
            sample = [form(BOUNDS[last])]
            if not all(map(all, taken[first : last + 1])):
                kinds.append(f"some-{kind}")
                continue
            least = BOUNDS[first] if first else ""
            beyond = BOUNDS[last + 1] if last + 1 < len(BOUNDS) else ""
            kinds.append(f"{kind}:{least}:{beyond}" if least != "" or beyond else kind)
        return kinds, sample

    def others(self, _place, wrap, _depth):
        kinds, sample = [], []
        if self.any_refusal(wrap(True)) is None:
            kinds.append("boolean" if self.any_refusal(wrap(False)) is None else "some-boolean")
            sample = [True]
        if self.any_refusal(wrap(DATE)) is None:
            kinds.append("date")
        return kinds, sample

    def array(self, place, wrap, depth):
        refusal = self.any_refusal(wrap([]))
        if refusal is not None:
            if re.search(r"invalid length|missing field|cannot be empty|must include", refusal):
                return self.filled(place, wrap, refusal)
            return [], []
        if self.any_refusal(wrap([DATE])) is None and self.any_refusal(wrap([5])) is None:
            return ["array"], [[]]
        self.key(place, "[]", lambda value: wrap([value]), depth + 1)
        return ["array"], [[]]

    def filled(self, place, wrap, refusal):
        """Measure an array that may not be empty; one that stands for a table is left open."""
        if "invalid length" in refusal or "missing field" in refusal:
            return ["some-array"], []
        # Some lists must hold a word of their own beside any other.
        refusal = self.any_refusal(wrap(["x"])) or ""
        named = self.known_variants(
            refusal,
            lambda value: [*wrap([value]), *wrap(["read-only", value])],
        )
        cell = f"words:{'|'.join(named)} some-table" if named else "unsure"
        self.rows.setdefault(place, {}).setdefault(cell, []).append("[]")
        return ["filled"], [[named[0]]] if named else []

    def table(self, place, wrap, depth):
        if depth > DEEPEST:
            return ["some-table"], []
        bases = BASES[self.grammar].get(place) or self.base(wrap)
        if not bases:
            return self.one(place, wrap, depth)
        if isinstance(bases, str):
            return self.tagged(place, wrap, depth, bases)

        def inside(members):
            return [each for base in bases for each in wrap({**base, **members})]

        like = self.like(place, wrap)
        if like:
            self.rows[place] = {"like": like}
            kind = self.kinds[like]
            return [kind, *self.needs(bases, wrap)], [bases[0]]
        kind = self.kind_of_table(place, inside, depth)
        self.kinds[place] = kind
        return [kind, *self.needs(bases, wrap)], [bases[0]]

    def like(self, place, wrap):
        """Return the place of a table that the client reads into the same structure, if any."""
        refusal = self.any_refusal(wrap("x")) or ""
        named = re.search(r"expected (?:struct|internally tagged enum) (\w+)", refusal)
        first = self.structures.setdefault(named[1], place) if named else place
        return "" if first == place else first

    def needs(self, bases, wrap):
        if len(bases) > 1 and self.any_refusal(wrap({})):
            return [f"either:{','.join(name for base in bases for name in base)}"]
        return [f"needs:{','.join(bases[0])}"] if len(bases) == 1 and bases[0] else []

    def base(self, wrap, given=None):
        """Return the members that a table needs, as bases; the name of its tag; or nothing."""
        base, refusal = dict(given or {}), self.any_refusal(wrap(dict(given or {})))
        while refusal is not None:
            missing = re.search(r"missing field `([^`]+)`", refusal)
            if missing is None or missing[1] in base:
                return ()
            name = missing[1]
            self.hints.add(name)
            value, refusal = self.fill(wrap, base, name)
            if isinstance(value, list) and value and value[0] is None:
                return name
            if value is None:
                return ()
            base[name] = value
        return (base,)

    def fill(self, wrap, base, name):
        for value in ("x", "/x", 5, True, [], {}, ["x"]):
            refusal = self.any_refusal(wrap({**base, name: value}))
            if refusal is None or ("missing field" in refusal and f"`{name}`" not in refusal):
                return value, refusal
            named = re.search(r"unknown variant `x`, expected (.*)", refusal)
            words = re.findall(r"`([^`]+)`", named[1]) if named else []
            outcomes = {w: self.any_refusal(wrap({**base, name: w})) for w in words}
            if (
                words
                and not base
                and len({bool(each) for each in outcomes.values()} | {name == "type"}) > 1
            ):
                return [None], None
            for word, outcome in outcomes.items():
                if outcome is None or "missing field" in outcome:
                    self.texts.add(word)
                    return word, outcome
        return None, None

    def tagged(self, place, wrap, depth, tag):
        like = self.like(place, wrap)
        if like:
            self.rows[place] = {"like": like}
            return ["struct", f"tag:{tag}"], []
        refusal = self.any_refusal(wrap({tag: "x"}))
        for word in re.findall(r"`([^`]+)`", refusal.partition("expected")[2]):
            bases = self.base(wrap, {tag: word})
            if not isinstance(bases, tuple) or not bases:
                continue
            self.texts.add(word)

            def inside(members, base=bases[0]):
                return wrap({**base, **members})

            kind = self.kind_of_table(f"{place}.@{word}", inside, depth, skip=(tag,))
            needs = ",".join(bases[0])
            self.rows.setdefault(place, {}).setdefault(f"{kind} needs:{needs}", []).append(
                f"@{word}"
            )
        return ["struct", f"tag:{tag}"], []

    def kind_of_table(self, place, inside, depth, skip=()):
        refusals = [self.any_refusal(inside({MADE_UP: v})) for v in (DATE, 5, "x", {}, [], True)]
        unknown = next((each for each in refusals if each and "unknown field" in each), None)
        if unknown:
            told = unknown.splitlines()[0].partition("expected")[2]
            names, kind = re.findall(r"`([^`]+)`", told), "closed"
        elif all(each and "untagged" in each for each in refusals):
            names, kind = [each for each in PARTS if self.takes_any(inside, each)], "parts"
        elif any(refusals):
            self.key(place, "*", lambda value: inside({MADE_UP: value}), depth + 1)
            names, kind = self.named_in_map(place, inside), "map"
        else:
            names, kind = self.members_of(inside, CULPRITS), "struct"
        for name in names:
            if name not in skip:
                self.key(place, name, lambda value, n=name: inside({n: value}), depth + 1)
        return kind

    def takes_any(self, inside, name):
        values = (True, 50, "x", [], {})
        return any(self.any_refusal(inside({name: each})) is None for each in values)

    def named_in_map(self, place, inside):
        """Return the members of a map that are not like any other of it."""
        samples = self.nodes[f"{place}.*"]
        if not samples:
            return []
        names = self.members_of(inside, samples[:1]) if place in NAMED_MAPS else []
        if place.endswith("features"):  # switches, some of which are tables too
            names += [n for n in sorted(self.hints | self.features()) if n not in names
                      and self.any_refusal(inside({n: {}})) is None]  # fmt: skip
        return names

    def features(self):
        found = self.namespace.run([self.client, "features", "list"], Case())["out"]
        return {line.split()[0] for line in found.splitlines() if line.strip()}

    def one(self, place, wrap, depth):
        """Measure ``{word = {…}}``, the form of a word that brings members."""
        refusal = self.any_refusal(wrap({MADE_UP: {}})) or ""
        named = re.search(rf"unknown variant `{MADE_UP}`, expected (.*)", refusal)
        found = False
        for word in re.findall(r"`([^`]+)`", named[1]) if named else ():
            if self.any_refusal(wrap(word)) is not None:
                found = (
                    bool(self.key(place, word, lambda v, w=word: wrap({w: v}), depth + 1)) or found
                )
        if found:
            return ["one"], []
        plain = re.search(r"invalid type|invalid value|unknown variant|wanted", refusal)
        return ([], []) if plain else (["some-table"], [])

    def pairs(self, place, wrap):
        """Note which members of a table exclude each other."""
        members = {
            path.rpartition(".")[2]: samples[0]
            for path, samples in self.nodes.items()
            if path.startswith(f"{place}.") and path.count(".") == place.count(".") + 1 and samples
        }
        bases = BASES[self.grammar].get(place, ({},))
        found = {}
        for name, value in members.items():
            others = [n for n in members if n > name]
            tables = [{**base, name: value} for base in bases]
            if len(bases) > 1:
                tables, others = (
                    [{name: value}],
                    [n for n in members if n != name and name in bases[0] | bases[1]],
                )
            good = [t for t in tables if self.any_refusal(wrap(t)) is None]
            for other in others if good else ():
                if all(self.any_refusal(wrap({**t, other: members[other]})) for t in good):
                    found.setdefault(name, []).append(other)
        if found:
            self.excludes[place] = found


def rows_of(measurement):
    return {
        place: {
            takes: names if takes == "like" else " ".join(sorted(names))
            for takes, names in sorted(row.items())
        }
        for place, row in sorted(measurement.rows.items())
    }


def built_in(measurement, key, names):
    """Return which of some names the client knows without anybody telling it."""
    return [each for each in names if measurement.refusal({key: each}, None) is None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grammar", choices=tuple(PLACES), action="append")
    options = parser.parse_args()
    client = find_client()
    if client is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make key-types`")
    namespace = Namespace()
    words = program_words(client) | {*WORDS.read_text().split()}
    for grammar in options.grammar or PLACES:
        measurement = Measurement(namespace, client, grammar, words)
        measurement.hints = hints()
        measurement.measure()
        found = {
            "keys": rows_of(measurement),
            "excludes": measurement.excludes,
            "providers": built_in(measurement, "model_provider", PROVIDERS),
            "profiles": built_in(measurement, "default_permissions", PROFILES),
        }
        path = DATA / f"{VERSION}-{grammar}.json"
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    write_words()


def write_words():
    """Write down the client's own words of all versions, which may be shown of a text."""
    found = set()
    for path in DATA.glob("*-*.json"):
        data = json.loads(path.read_text())
        found |= {*data["providers"], *data["profiles"]}
        for row in data["keys"].values():
            for takes, names in row.items():
                found |= {*re.findall(r"[^|]+", (re.findall(r"words:(\S+)", takes) or [""])[0])}
                found |= {name[1:] for name in names.split() if name.startswith("@")}
    (DATA / "words.json").write_text(json.dumps(sorted(found), indent=1) + "\n")


def hints():
    """Return the names of members that other versions were measured to know."""
    return {
        name
        for path in DATA.glob("*-*.json")
        for row in json.loads(path.read_text())["keys"].values()
        for takes, names in row.items()
        if takes != "like"
        for name in names.split()
        if name not in ("*", "[]") and name[0] != "@"
    }


if __name__ == "__main__":
    main()
