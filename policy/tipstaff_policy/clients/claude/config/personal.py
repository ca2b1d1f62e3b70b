"""A person's own settings: of the home, of the folder, of the command line, and the environment.

Rules in them restrict nothing; what they set of variables and helper programs counts.

Source: docs/clients/claude.md, "Layers" and "Which credential is active" (client 2.1.332).
"""

import os

from tipstaff_policy.clients.claude.config.documents import (
    LayerFile,
    NoDocumentError,
    absent,
    make_ignored_layer,
    parse_document,
    personal_document,
    read_personal,
)
from tipstaff_policy.clients.claude.config.given_policy import GIVEN_OPTION
from tipstaff_policy.clients.claude.config.keys import (
    HOST_MANAGED,
    ON,
    SIMPLE,
    STATE_VARIABLES,
    env_key,
    state_of_variable,
)
from tipstaff_policy.clients.claude.locations import FOLDER, LOCAL_SETTINGS, SETTINGS, in_home
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    AbsentLayer,
    Fault,
    Layer,
    Origin,
    ReadLayer,
    Setting,
)
from tipstaff_policy.system.files import show_path

ENVIRONMENT, USER, PROJECT, LOCAL, FLAGS = "environment", "user", "project", "local", "flags"
OF_PROJECT = (PROJECT, LOCAL)
"""The layers that may set some variables only."""
SOURCES_OPTION = "--setting-sources="
"""How that option stands among the overrides, where only `--settings` has no name before it."""
SETTINGS_OPTION = "--settings"
BARE_OPTION = "--bare"
"""Sets a variable for the session: no stored login is read."""


def environment_layer(request: Request) -> LayerFile:
    """Return what the real environment says; nothing where it is not seen."""
    seen = not request.system_root and not request.options.unasked
    env = request.env if seen else {}
    settings = [
        Setting(env_key(name), state_of_variable(name, value), Origin(ENVIRONMENT, name, None))
        for name in STATE_VARIABLES
        if (value := env.get(name)) is not None
    ]
    if request.ignore_user_config:
        settings.append(Setting(env_key(SIMPLE), ON, Origin(ENVIRONMENT, BARE_OPTION, None)))
    content = ReadLayer(tuple(settings)) if settings else AbsentLayer()
    layer = Layer(
        ENVIRONMENT, 0, "the environment", administrators=False, grammar="config", content=content
    )
    return LayerFile(layer, {})


def is_managed_by_host(request: Request) -> bool:
    """Return whether the real environment says that a host manages the provider."""
    seen = not request.system_root and not request.options.unasked
    value = request.env.get(HOST_MANAGED) if seen else None
    return value is not None and state_of_variable(HOST_MANAGED, value) == ON


def read_personal_files(request: Request, home: str) -> list[LayerFile]:
    """Return the settings of the home, the folder and the command line, the weakest first."""
    folder = f"{request.cwd}/{FOLDER}"
    places = {
        USER: f"{home}/{SETTINGS}",
        PROJECT: f"{folder}/{SETTINGS}",
        LOCAL: f"{folder}/{LOCAL_SETTINGS}",
    }
    wanted = setting_sources(request)
    files = [
        _file(name, path, request)
        for name, path in places.items()
        if wanted is None or name in wanted
    ]
    return [*files, *(_of_option(value, request) for value in settings_options(request))]


def setting_sources(request: Request) -> tuple[str, ...] | None:
    """Return the personal files that a command line restricts a start to; None for all."""
    named = [override for override in request.overrides if override.startswith(SOURCES_OPTION)]
    if not named:
        return None
    return tuple(word.strip() for word in named[-1].removeprefix(SOURCES_OPTION).split(","))


def settings_options(request: Request) -> list[str]:
    """Return the value of `--settings`, of which the last one counts."""
    others = (SOURCES_OPTION, GIVEN_OPTION)
    return [override for override in request.overrides if not override.startswith(others)][-1:]


def is_json(value: str) -> bool:
    """Return whether a value of `--settings` is no name of a file."""
    return value.strip().startswith("{") and value.strip().endswith("}")


def why_not_taken(request: Request) -> Fault | None:
    """Return why the client stops at its `--settings`: no such file, or no JSON.

    Source: docs/clients/claude.md, "Layers" (client 2.1.332). A file that holds no JSON is passed
    over.
    """
    for value in filter(None, settings_options(request)):
        if is_json(value):
            if not _is_object(value):
                what = "Invalid JSON provided to --settings"
                return Fault(what, SETTINGS_OPTION, "refuse", "a JSON object")
        else:
            path = os.path.join(request.started_in, value)
            if isinstance(_of_option(value, request).layer.content, AbsentLayer):
                return Fault("Settings file not found", path, "refuse", "a file of settings")
    return None


def _is_object(value: str) -> bool:
    try:
        parse_document(value.encode("utf-8", "surrogateescape"))
    except NoDocumentError:
        return False
    return True


def _file(name: str, path: str, request: Request) -> LayerFile:
    shown = show_path(path, request.system_root)
    try:
        place = in_home(path, request)
    except OSError as error:
        return make_ignored_layer(name, shown, f"cannot be read: {error.strerror}")
    return read_personal(name, shown, place, request.options.detail)


def _of_option(value: str, request: Request) -> LayerFile:
    if is_json(value):
        data = value.encode("utf-8", "surrogateescape")
        return personal_document(FLAGS, SETTINGS_OPTION, data, "none")
    if not value:
        return absent(FLAGS, SETTINGS_OPTION)
    return _file(FLAGS, os.path.join(request.started_in, value), request)
