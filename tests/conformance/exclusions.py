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
        taken = [table for table in tables if measurement.any_refusal(wrap(table)) is None]
        others = [member for member in members if member != name and (alone or member > name)]
        against = [
            other
            for other in others
            if taken
            and all(measurement.any_refusal(wrap({**t, other: members[other]})) for t in taken)
        ]
        if against:
            found[name] = against
    return {place: found} if found else {}
