"""The client's files key by key: read, written, and merged with another administrator's."""

import tomllib
from collections.abc import Iterable, Mapping

from tipstaff_policy.clients.interface.deployment import Documents, Path, Stamp
from tipstaff_policy.model.client_key import ClientKey, KeyText
from tipstaff_policy.model.toml_writing import as_toml
from tipstaff_policy.organisation.client_keys import document_of, leaves_of
from tipstaff_policy.parsing.toml_lines import locate_keys

MERGED = b"# Merged by `tipstaff policy sync`; do not edit.\n"


def _leaves(text: str) -> Mapping[Path, KeyText]:
    return dict(leaves_of(tomllib.loads(text)))


def _merge(stamp: Stamp, kept: str, keys: Iterable[ClientKey]) -> bytes:
    message = f"policy {stamp.id} {as_toml(stamp.version)}, {stamp.fingerprint}"
    head = f"# {message}\n# and the keys of {kept}\n"
    return MERGED + head.encode() + document_of(keys).encode()


DOCUMENTS = Documents("TOML", _leaves, locate_keys, document_of, MERGED, _merge)
