"""Which members of a table the client does not take together."""

from conformance.key_hints import BASES


def exclusions(measurement, place, wrap):
    """Return by member what it excludes, under the place of the table; nothing where none does."""
    members = {
        path.rpartition(".")[2]: samples[0]
        for path, samples in measurement.nodes.items()
        if path.rpartition(".")[0] == place and samples
    }
    bases = BASES[measurement.grammar].get(place, ({},))
    alone = len(bases) > 1  # each base is a way of its own, and excludes what goes with the other
    found = {}
    for name in members if not alone else [name for base in bases for name in base]:
        tables = (
            [{name: members[name]}] if alone else [{**base, name: members[name]} for base in bases]
        )
        taken = [each for each in tables if measurement.any_refusal(wrap(each)) is None]
        others = [each for each in members if each != name and (alone or each > name)]
        against = [
            each
            for each in others
            if taken
            and all(measurement.any_refusal(wrap({**t, each: members[each]})) for t in taken)
        ]
        if against:
            found[name] = against
    return {place: found} if found else {}
