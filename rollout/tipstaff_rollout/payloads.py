"""What payloads there are: Tipstaff's own, and each file that the adapter of a client writes."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from tipstaff_policy.clients import CLIENTS, client_of_short_form, load_client
from tipstaff_policy.clients.interface.deployment import (
    DeployedFile,
    Deployment,
    Preferences,
    RegistryText,
)
from tipstaff_policy.model.state import Platform
from tipstaff_policy.model.toml_writing import join_dotted
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.model import NAMES, Compiled, Payload, PayloadName

PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]+")
"""What neither a shell nor a template reads as something else."""


class ClientPayload(NamedTuple):
    """A payload that is a file of a client."""

    client: str
    deployment: Deployment
    file: DeployedFile

    @property
    def start(self) -> bytes:
        """What a rendered file begins with, whatever it is called now."""
        return self.deployment.stamps.start(self.file.name)

    def place(self, platform: Platform) -> str:
        """Return the path of the file; empty if a platform has no place for it."""
        return self.deployment.places[platform].get(self.file.name, "")

    def goes_to(self, platform: Platform) -> bool:
        """Return whether a platform gets it at a place, or as a text of the registry."""
        return bool(self.place(platform) or (platform == "windows" and self.registry))

    @property
    def registry(self) -> RegistryText | None:
        """Return the text of the registry that stands for the file on Windows."""
        found = (text for text in self.deployment.registry if text.file == self.file.name)
        return next(found, None)


def default_client() -> str:
    """Return the client that a policy speaks of where it names none."""
    return client_of_short_form()


def deployment_of(client: str) -> Deployment:
    """Return how a policy is written as files of a client."""
    return load_client(client).deployment()


def client_payloads() -> dict[PayloadName, ClientPayload]:
    """Return every file of every client by its name, in the order in which they are written."""
    return {
        file.name: ClientPayload(client, deployment, file)
        for client in CLIENTS
        for deployment in (deployment_of(client),)
        for file in deployment.files
    }


def file_names() -> dict[PayloadName, str]:
    """Return the file name of each payload."""
    return NAMES | {name: payload.file.file_name for name, payload in client_payloads().items()}


def every_payload() -> tuple[PayloadName, ...]:
    """Return what a channel carries that can carry any payload."""
    return tuple(file_names())


def with_places(
    platform: Platform, own: tuple[PayloadName, ...] = tuple(NAMES)
) -> tuple[PayloadName, ...]:
    """Return what a channel carries that puts files at their places on a platform."""
    found = client_payloads().items()
    return (*own, *(name for name, payload in found if payload.goes_to(platform)))


def in_registry() -> tuple[PayloadName, ...]:
    """Return what goes to Windows as texts of the registry."""
    return tuple(name for name, payload in client_payloads().items() if payload.registry)


def in_preferences() -> tuple[PayloadName, ...]:
    """Return what goes to a Mac as values of the clients' domains."""
    return tuple(
        name
        for client in CLIENTS
        if (preferences := deployment_of(client).preferences)
        for name in preferences.names
    )


def client_places(platform: Platform) -> frozenset[str]:
    """Return the paths of client files."""
    places = (payload.place(platform) for payload in client_payloads().values())
    return frozenset(place for place in places if place)


def is_stamped(data: bytes) -> bool:
    """Return whether a file says that it is a client's, and was rendered."""
    return data.startswith(tuple(payload.start for payload in client_payloads().values()))


def is_merged(data: bytes) -> bool:
    """Return whether a file also contains keys of another administrator."""
    documents = (deployment_of(client).documents for client in CLIENTS)
    return data.startswith(tuple(document.merged_start for document in documents))


def drop_ins() -> dict[PayloadName, PayloadName]:
    """Return each file that can be delivered in place of another, and that other."""
    return {
        drop_in.file: drop_in.base
        for client in CLIENTS
        for drop_in in deployment_of(client).drop_ins
    }


def has_drop_in(payloads: Iterable[Payload]) -> bool:
    """Return whether a file among payloads is in the form of a drop-in."""
    known = drop_ins()
    return any(payload.name in known for payload in payloads)


def list_united_rules(compiled: Compiled) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each drop-in of a policy by its file name, with the rules that others can widen."""
    names = file_names()
    for client in CLIENTS:
        for form in deployment_of(client).drop_ins:
            data = compiled.data(form.file)
            keys = form.united(data.decode()) if data else ()
            if keys:
                yield names[form.file], keys


def choose_payloads(compiled: Compiled, names: Collection[PayloadName]) -> tuple[Payload, ...]:
    """Return what goes by a channel that can carry some payloads.

    A drop-in goes in place of its base where the channel can carry it.
    """
    carried = [payload for payload in compiled.payloads if payload.name in names]
    known = drop_ins()
    bases = {known[payload.name] for payload in carried if payload.name in known}
    return tuple(payload for payload in carried if payload.name not in bases)


def clients_of(compiled: Compiled) -> tuple[str, ...]:
    """Return the clients whose files a policy has; the default one where it has none yet."""
    known = client_payloads()
    named = {known[payload.name].client for payload in compiled.payloads if payload.name in known}
    return tuple(client for client in CLIENTS if client in named) or (default_client(),)


def files_of(compiled: Compiled, platform: Platform | None = None) -> tuple[ClientPayload, ...]:
    """Return every kind of file of a policy's clients, also those that it does not have now.

    Of a file and its drop-in one counts: the drop-in if the policy has it.

    Args:
        platform: Only those that have a place there.
    """
    clients, known = clients_of(compiled), drop_ins()
    here = {payload.name for payload in compiled.payloads}
    others = {base if name in here else name for name, base in known.items()}
    return tuple(
        payload
        for name, payload in client_payloads().items()
        if payload.client in clients and name not in others
        if platform is None or payload.place(platform)
    )


def texts_of(compiled: Compiled) -> tuple[RegistryText, ...]:
    """Return every text of the registry of a policy's clients, also if it is empty now."""
    clients = clients_of(compiled)
    found = [payload for payload in client_payloads().values() if payload.client in clients]
    return tuple(payload.registry for payload in found if payload.registry)


def preferences_of(compiled: Compiled) -> tuple[Preferences, ...]:
    """Return the domains of a policy's clients."""
    found = (deployment_of(client).preferences for client in clients_of(compiled))
    return tuple(preferences for preferences in found if preferences)


def files_for(policy: OrganisationPolicy) -> tuple[PayloadName, ...]:
    """Return the files of clients that a policy is written as."""
    return tuple(file.name for client in CLIENTS for file in deployment_of(client).files_of(policy))


def can_be_drop_in(policy: OrganisationPolicy) -> bool:
    """Return whether a file that a policy is written as has the form of a drop-in."""
    return not {*files_for(policy)}.isdisjoint(drop_ins().values())


def list_carried_keys(compiled: Compiled) -> dict[PayloadName, tuple[str, ...]]:
    """Return the keys in each client file that a policy ships, as scripts on hosts compare them.

    A key that is not plain is left out, so that a script that finds it says that it would be lost.
    """
    known = client_payloads()
    return {
        payload.name: tuple(
            key
            for path in known[payload.name].deployment.documents.leaves(payload.data.decode())
            if PLAIN_KEY.fullmatch(key := join_dotted(path))
        )
        for payload in compiled.payloads
        if payload.name in known
    }


def either(words: Sequence[str]) -> str:
    """Return alternatives in words."""
    return " or ".join(words)
