"""A rule on client files that are there already, where a policy would replace them."""

from collections.abc import Iterator, Mapping
from typing import Any

from tipstaff_policy.clients.interface.lint import Aim, ClientFile, Files, Hit, LintRule
from tipstaff_policy.model.toml_writing import join_dotted
from tipstaff_rollout.payloads import deployment_of

Path = tuple[str, ...]


def keys_to_lose(files: Files, _: Aim) -> Iterator[Hit]:
    """Find the keys of another administrator's file that no policy given with it ships."""
    own = {origin.path for given in files.policies for origin in _origins(given.policy.client_keys)}
    own |= {given.path for given in files.policies}
    for given in files.policies:
        for file in files.clients:
            if file.rendered or file.path in own:
                continue
            shipped = _find_shipped(given.policy, file)
            if shipped is None:
                continue
            yield from (
                _hit(file, key, given.path) for key in _leaves(file.document) if key not in shipped
            )


def _origins(keys: tuple[Any, ...]) -> Iterator[Any]:
    for key in keys:
        yield from key.origins


def _find_shipped(policy: Any, file: ClientFile) -> frozenset[Path] | None:
    """Return the keys that a policy writes into the same file; None if it writes no such file."""
    deployment = deployment_of(file.client)
    text = next((one.text for one in deployment.files_of(policy) if one.name == file.kind), None)
    return None if text is None else frozenset(deployment.documents.leaves(text))


def _leaves(table: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name)


def _hit(file: ClientFile, key: Path, policy: str) -> Hit:
    line = file.lines.get(key)
    inside = f" in {file.inside}" if file.inside else ""
    return Hit(
        file.path,
        file.at if file.inside else line,
        f"{join_dotted(key)}{inside} is lost where the policy ({policy}) replaces this file",
        "add it to the policy: tipstaff policy render POLICY --merge-into FILE --to policy",
    )


RULES = (
    LintRule(
        "key-lost",
        "warning",
        "a key of a client file that is there, and that the policy does not ship",
        keys_to_lose,
    ),
)
