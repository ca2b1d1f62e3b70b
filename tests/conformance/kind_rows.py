"""The rows of a version's data: its neighbour's, with what was measured again in their place."""

import copy


def merged(known, paths, rows):
    """Return the neighbour's rows, with what was measured again in the place of what it had.

    Args:
        known: Its rows by place, as the data has them.
        paths: The keys that were measured again, or that are gone.
        rows: What was measured: by place, what is taken, and the names.
    """
    made = {}
    for place, row in copy.deepcopy(known).items():
        if not any(place == path or place.startswith(f"{path}.") for path in paths):
            made[place] = _without(place, row, paths)
    for place, row in rows.items():
        before = made.setdefault(place, {})
        for takes, names in row.items():
            if takes == "like":
                before["like"] = names
            else:
                before[takes] = " ".join(sorted({*before.get(takes, "").split(), *names}))
    return {
        place: dict(sorted((takes, names) for takes, names in row.items() if names))
        for place, row in sorted(made.items())
    }


def _without(place, row, paths):
    return {
        takes: names if takes == "like" else " ".join(
            name for name in names.split() if (f"{place}.{name}" if place else name) not in paths
        )
        for takes, names in row.items()
    }  # fmt: skip


def dangling(rows):
    """Return the places that are like one that is there no longer."""
    return [place for place, row in rows.items() if row.get("like", place) not in rows]
