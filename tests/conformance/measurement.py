"""What the client takes for each of its keys, found by asking it."""

import re
import sys

from conformance.client import Case
from conformance.exclusions import exclusions
from conformance.key_hints import (
    BASES,
    NAMED_MAPS,
    ONLY_TEXTS,
    PAIRED,
    PARTS,
    RESERVED_NAMES,
    SCOPED,
    WORDS,
)
from conformance.oracle import Oracle, Plain
from tipstaff_policy.clients.codex.config.value_shapes import BOUNDS

MADE_UP = "zz_made_up"
DEEPEST = 12
DATE = Plain("1979-05-27")
ADDRESS = "https://a.b/c"
TEXTS = ("x", "x y", "/x", "~/x", ADDRESS)
BLANKS = ("", " ")
ABSOLUTE = ("/x", "~/x")
NAMES = ("gpt-5.1", "A_b", "x9")
BINDINGS = ("ctrl-alt-shift-x", "ctrl-enter", "f2")
CULPRITS = (DATE, 5)
"""Values of which hardly any key takes both."""


class Measurement(Oracle):
    """One kind of document of one version."""

    def __init__(self, namespace, client, grammar, words):
        super().__init__(namespace, client, grammar)
        self.words, self.hints = set(words), set()
        self.rows, self.nodes, self.excludes, self.texts = {}, {}, {}, set()
        self.structures, self.kinds = {}, {}
        """The place of each of the client's structures by its name, and the kind of table it is."""

    def members_of(self, wrap, values):
        found = []
        for value in values:
            for names in (
                sorted(self.hints - {*found}),
                sorted(self.words - self.hints - {*found}),
            ):
                found += self.refused_names(wrap, value, names)
        return found

    def measure(self, keys=None):
        """Measure some keys, else all that the client knows."""

        def wrap(table):
            return [table]

        for name in keys or self.members_of(wrap, CULPRITS):
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
            self.excludes |= exclusions(self, place, wrap)
        if depth < 3:
            print(f"{self.asked:6} {place}: {takes}", file=sys.stderr, flush=True)
        return samples

    def nothing(self, wrap):
        """Return that the client has given a key up, or that what it takes is unknown."""
        refusal = self.any_refusal(wrap("x"))
        return (
            "nothing"
            if re.search(r"no longer supported|is not supported for|is reserved for", refusal)
            else "unsure"
        )

    def text(self, place, wrap, _depth):
        refusals = {text: self.any_refusal(wrap(text)) for text in (*TEXTS, *BLANKS)}
        taken = [text for text, refusal in refusals.items() if refusal is None]
        if len(taken) == len(refusals):
            return ["path" if self.is_path(wrap) else "text"], ["x"]
        if set(TEXTS) <= {*taken}:
            return ["nonblank"], ["x"]
        if taken == [ADDRESS]:
            return ["address"], taken
        if taken:
            return self.part_of_texts(taken, wrap), taken[:1]
        if "untagged" in refusals["x"] and self.any_refusal(wrap(True)) is None:
            return [], []  # a switch
        words = self.known_variants(refusals["x"], wrap) or [
            accepted_text
            for accepted_text in ONLY_TEXTS.get(place, ())
            if self.any_refusal(wrap(accepted_text)) is None
        ]
        return ([f"words:{'|'.join(words)}"], words[:1]) if words else ([], [])

    def part_of_texts(self, taken, wrap):
        """Return the kinds of text that the client takes where it does not take every text."""
        if {*taken} <= {*ABSOLUTE}:
            return ["absolute"]
        if "x" in taken and all(self.any_refusal(wrap(name)) is None for name in NAMES):
            return ["name"] if taken == ["x"] else ["name", "some-text"]
        if "x" in taken and all(self.any_refusal(wrap(binding)) is None for binding in BINDINGS):
            return ["keys"]
        return [*(["absolute"] if {*ABSOLUTE} <= {*taken} else []), "some-text"]

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
            if all(self.any_refusal(wrap(form(number))) for number in (0, 1, 50)):
                continue
            ends = [(bound, bound if kind == "float" else after - 1)
                    for bound, after in zip(BOUNDS, (*BOUNDS[1:], 2**63), strict=True)]  # fmt: skip
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
            if re.search(r"invalid length|missing field|empty|must include", refusal):
                return self.filled(place, wrap, refusal, depth)
            return [], []
        if self.any_refusal(wrap([DATE])) is None and self.any_refusal(wrap([5])) is None:
            return ["array"], [[]]
        self.key(place, "[]", lambda value: wrap([value]), depth + 1)
        return ["array"], [[]]

    def filled(self, place, wrap, refusal, depth):
        """Measure an array that may not be empty; one that stands for a table is left open."""
        if "invalid length" in refusal or "missing field" in refusal:
            return ["some-array"], []
        refusal = self.any_refusal(wrap(["x"])) or ""
        if not refusal or "expected struct" in refusal:
            self.key(place, "[]", lambda value: wrap([value]), depth + 1)
            return ["filled"], [[self.nodes[f"{place}.[]"][0]]]
        # Some lists must hold a word of their own next to any other.
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
            return [document for base in bases for document in wrap({**base, **members})]

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
                and len({bool(outcome) for outcome in outcomes.values()} | {name == "type"}) > 1
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
        # Of a map of closed tables the refusal names a member of the value: a date is a table too.
        own = f"unknown field `{MADE_UP}`"
        unknown = next((refusal for refusal in refusals if refusal and own in refusal), None)
        if unknown:
            message = unknown.splitlines()[0].partition("expected")[2]
            names, kind = re.findall(r"`([^`]+)`", message), "closed"
        elif place not in SCOPED and all(refusal and "untagged" in refusal for refusal in refusals):
            names, kind = [part for part in PARTS if self.takes_any(inside, part)], "parts"
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
        values = (True, 50, "x", [], {}, "local")
        return any(self.any_refusal(inside({name: value})) is None for value in values)

    def named_in_map(self, place, inside):
        """Return the members of a map that are not like any other of it."""
        samples = self.nodes[f"{place}.*"]
        if not samples:
            return []
        names = self.members_of(inside, samples[:1]) if place in NAMED_MAPS else []
        if self.grammar == "requirements":
            names += [name for name in RESERVED_NAMES.get(place, ()) if name not in names]
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
        plain = re.search(
            r"invalid type|invalid value|unknown variant|wanted|reserved for", refusal
        )
        return ([], []) if plain else (["some-table"], [])
