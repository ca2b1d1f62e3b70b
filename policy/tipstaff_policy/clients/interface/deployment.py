"""What of an organisation's policy a client can read from files of its own."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tipstaff_policy.model.state import HostState, Platform
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.model.client_key import ClientKey, KeyText
    from tipstaff_policy.organisation.client_keys import Contradiction

Path = tuple[str, ...]
"""A key of a document, with the tables around it."""

Way = Literal["files", "profile"]
"""By files at their places, or by what a device manager sets where a platform has such a thing."""


class ClientFile(Record):
    """One of the client's administrators' files."""

    name: str
    """As `DeployedFile.name` has it."""
    text: str


class DeployedFile(Record):
    """A kind of file that a policy is written as; the texts are public words."""

    name: str
    """Letters, digits and underscores; no file of another client has the same name. Artefacts,
    reports and the lint's ``--kind`` use it."""
    file_name: str
    """In a folder with other files of an artefact; no file of another client has the same."""
    channel: str
    """The channel that hands this file out alone."""
    title: str
    """What that channel is, for the list of channels."""


class DropIn(Record):
    """A file that may be delivered in place of another, for hosts where others have that one.

    The client unites both. Only files at places have this form.
    """

    file: str
    """The name of this file."""
    base: str
    """The name of the file whose place it takes."""
    write: Callable[[str], str]
    """Takes the text of that file, and returns the text of this one."""
    united: Callable[[str], tuple[str, ...]]
    """Takes the text of this file, and returns the rules to which other files can add, because the
    client unites their lists."""


class Stamp(Record):
    """By what a rendered file says which policy it is of."""

    id: str
    version: str
    owner: str
    fingerprint: str


class BadStamp(Record):
    """Why the stamp of a file cannot be used."""

    what: str
    expected: str


class Stamps(Record):
    """How the client's files carry a stamp, which its grammar must allow."""

    start: Callable[[str], bytes]
    """Takes a file's name and returns how each rendered one begins, within its first line; no file
    that was written by hand begins so. Scripts compare it: it is plain ASCII without an
    apostrophe, and does not begin with a slash."""
    write: Callable[[str, Stamp, str], bytes]
    """Takes a file's name, the stamp and the text, and returns the whole file."""
    read: Callable[[str, bytes], Stamp | BadStamp]
    """Takes a file's name and the whole file; a digest in it proves the rest of the content."""


class Documents(Record):
    """How the client's files are read and written key by key."""

    grammar: str
    """What the files are, as a person calls it."""
    leaves: "Callable[[str], Mapping[Path, KeyText]]"
    """Raises ValueError where a text is no such document."""
    lines: Callable[[str], Mapping[Path, int]]
    """Lines count from 1; a key whose line is not known has none."""
    write: "Callable[[Iterable[ClientKey]], str]"
    merged_start: bytes
    """How a file begins that holds the keys of another administrator's too."""
    merge: "Callable[[Stamp, str, Iterable[ClientKey]], bytes]"
    """Returns such a file; takes the policy's stamp and where the other's file is kept."""


class RegistryText(Record):
    """A text of the registry that stands for a file on Windows.

    It is below `HKEY_LOCAL_MACHINE`, in the view of 64-bit programs.
    """

    file: str
    """The name of the file."""
    key: str
    """Below the key of all policies, which Windows lets administrators alone change."""
    value: str
    text: Callable[[bytes], str]
    """Takes a rendered file and returns the text: one line of printable ASCII that begins with the
    file's stamp. It has no percent sign, which Group Policy takes for a variable's."""
    data: Callable[[str], bytes]
    """Returns the file that a text stands for, byte for byte. Raises ValueError, which says what
    is wrong with the text."""
    present: Callable[[str], str]
    """Takes the root of an image and returns the text there; empty if there is none. Raises OSError
    where it cannot be read."""
    silences: str
    """The path of a file that the client passes over while the text is there; or nothing."""

    @property
    def place(self) -> str:
        """Return the whole name, as administrators write it."""
        return f"HKLM\\{self.key}\\{self.value}"


class FormField(Record):
    """How a form of a device manager asks for a value of the domain."""

    title: str
    description: str
    type: str
    """As JSON Schema calls it."""
    pattern: str = ""


class Preferences(Record):
    """What device management sets on macOS: values of a domain."""

    domain: str
    display_name: str
    """The client as a person knows it."""
    names: tuple[str, ...]
    """The files that the values stand for."""
    values: Callable[[Mapping[str, bytes]], dict[str, Any]]
    """Takes files by name and returns the values of the domain."""
    files: Callable[[Mapping[str, Any]], dict[str, bytes]]
    """Returns the files that values stand for, byte for byte; other keys are none of them. Raises
    ValueError, which says what is wrong with a value."""
    form: Callable[[str, Any], FormField]
    """Takes a key of the domain and its value."""


class Authoring(Record):
    """What a first policy of this client says, and how its terms read in a sentence."""

    methods: tuple[str, ...]
    """The login methods of a first policy."""
    methods_comment: str
    stores: tuple[str, ...]
    """The words for stores, the one that every host has first."""
    stores_comment: str
    workspaces_of: str
    """The service that has workspaces."""
    oldest_client: str
    """Empty where no policy can name one, because the version is unknown."""
    oldest_client_comment: str


class Deployment(Record):
    """How an adapter writes a policy as files of its client, and reads them."""

    files_of: Callable[[OrganisationPolicy], tuple[ClientFile, ...]]
    """The same policy gives the same text; a file that would say nothing is left out."""
    obstacles: Callable[[OrganisationPolicy, tuple[int, int, int], frozenset[str]], tuple[str, ...]]
    """Why a version of the client cannot enforce what some of those files say."""
    restrictions_in: Callable[[Mapping[str, str]], OrganisationPolicy]
    """What files say, by their names: methods, workspaces and stores; raises PolicyError."""
    places: Mapping[Platform, Mapping[str, str]]
    """The path of each file, with the platform's own separators; a file that only its user could
    get has none, and neither has one that Windows gets as a text of the registry."""
    deploy: Callable[[HostState, Sequence[ClientFile], Way], HostState]
    """The state of a host as it would be with files instead of the present ones."""
    preferences: Preferences | None
    """None where device management cannot set what the client reads."""
    file_of: Mapping[str, str]
    """By a table of `[clients.NAME]`, the file that its keys go into."""
    contradicting: "Callable[[OrganisationPolicy], tuple[Contradiction, ...]]"
    """Keys of those tables that say otherwise than the policy's own fields."""
    words: Callable[[], Collection[str]]
    """Texts of the client's own, which hold no secret."""
    files: tuple[DeployedFile, ...]
    """Every kind of file, in the order in which they are written."""
    stamps: Stamps
    documents: Documents
    authoring: Authoring
    registry: tuple[RegistryText, ...] = ()
    """The files that Windows gets as texts of the registry; they have no place there."""
    drop_ins: tuple[DropIn, ...] = ()
    unwritable: "Callable[[ClientKey], str] | None" = None
    """Says what about the value of a key its file cannot hold; empty if it can. None where the
    grammar of the file is that of the policy."""
    login_ages: tuple[int, ...] = ()
    """The ages of a login, in seconds, from which the client acts otherwise."""
