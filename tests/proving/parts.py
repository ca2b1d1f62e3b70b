"""What a client brings to its proof: a module beside its comparison with the real program.

`PARTS` names the modules. Each has these functions and values:

- ``NAME``, ``PACKAGE``: the client, and its package on npm.
- ``install(version)``: the words that start this version; raises `ProofError`.
- ``stated_version(program)``: the version that the installed program states by itself.
- ``newest()``, ``proven()``: the newest proven version, and all of them, oldest first.
- ``read_surface(program)``: what the client shows of itself, section by section, as
  ``{section: {name: what}}``, and the seconds that its starts took.
- ``kept_surface(version)``: the same of an earlier proof, or None.
- ``neighbour_of(version)``: the version that it is compared with, or None.
- ``measure(run)``: what it takes for every key; None where a wrong value stops no start of this
  client. ``kinds_in_words(kinds)``: what was measured again, line by line.
- ``data_faults(version, surface, kinds)``: where data that the project has of this version is not
  what was read and measured, line by line.
- ``write_measured(run)``: what was read and measured, as files of the project.
- ``take_row(version, row)``: other values of the row of behaviour, as files of the project.
- ``table_hosts(version)``, ``random_hosts(version, seed, count)``: hosts by their names.
- ``as_plain(host)``, ``in_words(host)``: a host as JSON, and as one line for people.
- ``Side(program, version)``: the client and Tipstaff in one namespace, see `hosts.py`.
- ``smaller(host)``: hosts that are a little smaller.
- ``row_of(version)``, ``parse_row(text, version)``: the row, and values of one from a command.
- ``alternatives(version)``: by field of the row of this version, the other values to try.
- ``judge_as(version, row, hosts)``: by name whether Tipstaff, by other values of the row, ends as the
  client did; hosts are triples of name, host and the client's end.
- ``run_suite(run)``: what else of its suite asks the client, as the lines of what is no agreement
  and counts; None where there is nothing else.
- ``replay_recorded(jobs)``: every recorded host again, without the client.
- ``write(run)``: the version's data, tables, record and change, as the files written.
"""

import importlib

PARTS = {"codex": "conformance.proof", "claude": "conformance_claude.proof"}


class ProofError(Exception):
    """A proof that cannot go on, and why, in one sentence."""


def load_part(name):
    """Return the part of a client."""
    return importlib.import_module(PARTS[name])
