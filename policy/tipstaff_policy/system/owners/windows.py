"""The places on a path that other users could change on Windows, by security descriptors.

A live Windows is queried for them. An image does not contain them, so a file at its top lists
them, one ``PATH<TAB>SDDL`` per line (docs/ownership.md).
"""

import os
import re
import stat
import sys
from collections.abc import Callable, Mapping

from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.owners.path_walk import LoosePlace, Places, walk
from tipstaff_policy.system.owners.sddl import SddlError, parse_sddl, who_else_can_write

SIDECAR = "/security-descriptors.tsv"
SIZE_LIMIT = 4 << 20
REPARSE_POINT = 0x400
Described = Callable[[str], str]
"""From a place to the text of its descriptor; OSError or BadSidecarError without one."""


class BadSidecarError(ValueError):
    """The file next to an image cannot be used, or lacks a line."""


def windows_places(path: str, top: str) -> tuple[LoosePlace, ...] | None:
    """Return the places on the way to a path that others than the administrators can change.

    Args:
        top: The path of the image; empty for this machine.

    Returns:
        None if unknown: an image without the file, or no Windows at all.
    """
    if not top:
        if sys.platform == "win32":
            return _live_places(path)
        return None
    try:
        listed = parse_sidecar(read_bounded(top + SIDECAR, SIZE_LIMIT))
    except FileNotFoundError:
        return None
    except OSError as error:
        return (LoosePlace(top + SIDECAR, f"cannot be read ({error.strerror})"),)
    except BadSidecarError as error:
        return (LoosePlace(top + SIDECAR, f"cannot be used: {error}"),)
    return _judge(path, top, lambda place: _list_names(listed, place.removeprefix(top)))


def parse_sidecar(data: bytes) -> Mapping[str, str]:
    """Return the descriptors that a file lists, by path: no drive, slashes, folded case.

    Raises:
        BadSidecarError: It is no UTF-8, or a line is not of the form, or contradicts another.
    """
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadSidecarError(f"no UTF-8 at byte {error.start + 1}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        path, tab, text = line.removesuffix("\r").partition("\t")
        if not path and not tab:
            continue
        if not tab or not re.match(r"[A-Za-z]:\\", path):
            raise BadSidecarError(f"line {number}: a path with its drive, a tab and SDDL expected")
        if found.setdefault(_key(path[2:]), text) != text:
            raise BadSidecarError(f"line {number}: {path} has two descriptors")
    return found


def _key(path: str) -> str:
    return "/" + path.replace("\\", "/").strip("/").casefold()


def _list_names(descriptors: Mapping[str, str], place: str) -> str:
    text = descriptors.get(_key(place))
    if text is None:
        raise BadSidecarError(f"no line in {SIDECAR}")
    return text


def _judge(path: str, top: str, described: Described) -> tuple[LoosePlace, ...]:
    places, broken = walk(path, top, ignore_case=True)
    loose = []
    for place, above in _with_distance(places):
        try:
            why = who_else_can_write(parse_sddl(described(place)), folder_above=above)
        except OSError as error:
            why = (f"has a security descriptor that cannot be read ({error.strerror})",)
        except (SddlError, BadSidecarError) as error:
            why = (f"has no security descriptor that can be judged ({error})",)
        loose += [LoosePlace(place, reason) for reason in why]
    return (*loose, *broken)


def _with_distance(places: Places) -> list[tuple[str, bool]]:
    """Return each place with whether it is a folder above that of the last place."""
    near = {place for place, _ in places[-1:]} | {os.path.dirname(path) for path, _ in places[-1:]}
    return [(path, stat.S_ISDIR(facts.st_mode) and path not in near) for path, facts in places]


if sys.platform == "win32":  # for the type checker too, which knows these calls only there

    def _live_places(path: str) -> tuple[LoosePlace, ...]:
        from tipstaff_policy.system.windows.known_folders import live_path  # noqa: PLC0415

        drive, rest = os.path.splitdrive(os.path.abspath(live_path(path)))
        return _judge(rest.replace("\\", "/"), drive, _read_descriptor)

    def _read_descriptor(place: str) -> str:
        """Ask this Windows for a descriptor.

        Raises:
            OSError: It refuses, or the place is a link, whose own descriptor it does not return.
        """
        import ctypes  # noqa: PLC0415 - a live Windows only

        if os.lstat(place).st_file_attributes & REPARSE_POINT:
            raise OSError(0, "it is a link")
        file_object, wanted, revision = 1, 1 | 2 | 4, 1  # owner, group, discretionary list
        security, kernel = ctypes.WinDLL("advapi32", use_last_error=True), ctypes.WinDLL("kernel32")
        kernel.LocalFree.argtypes = [ctypes.c_void_p]
        descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
        failed = security.GetNamedSecurityInfoW(
            ctypes.c_wchar_p(place),
            file_object,
            wanted,
            None,
            None,
            None,
            None,
            ctypes.byref(descriptor),
        )
        if failed:
            raise ctypes.WinError(failed)
        try:
            if not security.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor, revision, wanted, ctypes.byref(text), None
            ):
                raise ctypes.WinError(ctypes.get_last_error())
            return text.value or ""
        finally:
            kernel.LocalFree(ctypes.cast(text, ctypes.c_void_p))
            kernel.LocalFree(descriptor)
