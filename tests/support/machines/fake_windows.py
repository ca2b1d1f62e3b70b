"""The one stand-in for Windows in the tests: its libraries, made of functions with the real types.

Each is a C function of the documented signature, so that `ctypes` converts what is given exactly
as on Windows. What they do is the documented behaviour, no more; Windows itself has not run it.
"""

import ctypes
from types import SimpleNamespace

import pytest

from tipstaff_policy.all_users import windows_sessions
from tipstaff_policy.system.windows import api, credential_manager, known_folders, security

FOLDERS = {
    "905E63B6-C1BF-494E-B29C-65B732D3D21A": "C:\\Program Files",
    "62AB5D82-FDC1-4DC3-A9DD-070D1D495D97": "C:\\ProgramData",
    "0762D272-C50A-4BB0-A382-697DCD729B80": "C:\\Users",
    "F1B32785-6FBA-4FCF-9D55-7B8E7F157091": "C:\\Users\\ada\\AppData\\Local",
    "5E6C858F-0E22-4760-9AFE-EA3317B67173": "C:\\Users\\ada",
    "F38BF404-1D43-42F2-9305-67DE0B28FC23": "C:\\Windows",
    "1AC14E77-02E7-4E5D-B744-2EB1AE5198B7": "C:\\Windows\\System32",
}
"""By the identifiers of Microsoft's page of known folders."""


class FakeWindows:
    """Libraries with functions that a test can replace; all but the usual answers are its own."""

    def __init__(self):
        self.error = 0
        self.credentials = {}
        """By name and type: the content, the comment and the account."""
        self.refuses = None
        """The error with which every call about credentials fails."""
        self.freed = 0
        self.held = []
        """Memory that was given out, kept until the test ends."""
        self.events = []
        self.made = {}
        """The access list of each folder that was made."""
        self.folders = dict(FOLDERS)
        self.sessions = []
        """Number, user, state of each."""
        self.processes = {}
        """The exit code of a process by its user; None for one that does not end."""
        self.started = []
        self.ended = []
        self.closed = []

    def fail(self, code):
        self.error = code
        return 0

    # wincred.h

    def credreadw(self, target, kind, flags, found):
        assert flags == 0
        if self.refuses:
            return self.fail(self.refuses)
        if (target, kind) not in self.credentials:
            return self.fail(1168)
        found[0] = ctypes.pointer(self._credential(target, kind))
        return 1

    def _credential(self, target, kind):
        blob, comment, user = self.credentials[target, kind]
        content = (ctypes.c_ubyte * max(1, len(blob)))(*blob)
        made = api.CREDENTIALW(
            Type=kind, TargetName=target, Comment=comment, CredentialBlobSize=len(blob),
            CredentialBlob=ctypes.cast(content, api.LPBYTE), Persist=3, UserName=user,
        )  # fmt: skip
        self.held += [content, made]
        return made

    def credwritew(self, given, flags):
        assert flags == 0
        if self.refuses:
            return self.fail(self.refuses)
        it = given.contents
        blob = ctypes.string_at(it.CredentialBlob, it.CredentialBlobSize)
        self.credentials[it.TargetName, it.Type] = (blob, it.Comment, it.UserName)
        return 1

    def creddeletew(self, target, kind, flags):
        assert flags == 0
        if self.refuses:
            return self.fail(self.refuses)
        return 1 if self.credentials.pop((target, kind), None) else self.fail(1168)

    def credenumeratew(self, pattern, flags, count, listed):
        assert flags == 0
        if self.refuses:
            return self.fail(self.refuses)
        prefix = (pattern or "").removesuffix("*")
        names = [key for key in self.credentials if key[0].startswith(prefix)]
        if not names:
            return self.fail(1168)
        array = (api.PCREDENTIALW * len(names))(
            *(ctypes.pointer(self._credential(*name)) for name in names)
        )
        self.held.append(array)
        count[0] = len(names)
        listed[0] = ctypes.cast(array, ctypes.POINTER(api.PCREDENTIALW))
        return 1

    def credfree(self, memory):
        assert memory
        self.freed += 1

    # winbase.h

    def registereventsourcew(self, server, source):
        assert server is None
        self.events.append([source])
        return 77

    def reporteventw(self, handle, kind, category, number, user, count, size, texts, data):
        assert (handle, count, size, user, data) == (77, 1, 0, None, None)
        self.events[-1] += [kind, category, number, texts[0]]
        return 1

    def deregistereventsource(self, handle):
        assert handle == 77
        return 1

    # shlobj_core.h

    def shgetknownfolderpath(self, identifier, flags, token, path):
        assert (flags, token) == (0, None)
        raw = identifier.contents
        name = f"{raw.Data1:08X}-{raw.Data2:04X}-{raw.Data3:04X}-"
        tail = bytes(raw.Data4).hex().upper()
        found = self.folders.get(f"{name}{tail[:4]}-{tail[4:]}")
        if found is None:
            return -2147024894  # the file is not there
        buffer = ctypes.create_unicode_buffer(found)
        self.held.append(buffer)
        path[0] = ctypes.addressof(buffer)
        return 0

    def cotaskmemfree(self, memory):
        self.freed += bool(memory)

    # sddl.h, fileapi.h

    def convertstringsecuritydescriptortosecuritydescriptorw(self, text, revision, made, size):
        assert (revision, bool(size)) == (1, False)
        buffer = ctypes.create_unicode_buffer(text)
        self.held.append(buffer)
        made[0] = ctypes.addressof(buffer)
        return 1

    def createdirectoryw(self, path, attributes):
        it = attributes.contents
        assert (it.nLength, it.bInheritHandle) == (24, 0)
        if path in self.made:
            return self.fail(183)
        self.made[path] = ctypes.wstring_at(it.lpSecurityDescriptor)
        return 1

    def localfree(self, memory):
        self.freed += bool(memory)

    # wtsapi32.h, userenv.h, processthreadsapi.h

    def wtsenumeratesessionsw(self, server, reserved, version, listed, count):
        assert (server, reserved, version) == (None, 0, 1)
        array = (api.WTS_SESSION_INFOW * max(1, len(self.sessions)))(
            *(api.WTS_SESSION_INFOW(number, "Console", state) for number, _, state in self.sessions)
        )
        self.held.append(array)
        listed[0] = ctypes.cast(array, ctypes.POINTER(api.WTS_SESSION_INFOW))
        count[0] = len(self.sessions)
        return 1

    def wtsquerysessioninformationw(self, server, session, what, text, length):
        assert (server, what) == (None, 5)
        user = next(user for number, user, _ in self.sessions if number == session)
        buffer = ctypes.create_unicode_buffer(user)
        self.held.append(buffer)
        text[0], length[0] = ctypes.addressof(buffer), 2 * (len(user) + 1)
        return 1

    def wtsfreememory(self, memory):
        self.freed += bool(memory)

    def wtsqueryusertoken(self, session, token):
        user = next(user for number, user, _ in self.sessions if number == session)
        if user not in self.processes:
            return self.fail(1008)
        token[0] = 1000 + session
        return 1

    def createenvironmentblock(self, block, token, inherit):
        assert inherit == 0
        block[0] = token
        return 1

    def destroyenvironmentblock(self, block):
        self.closed.append(block)
        return 1

    def createprocessasuserw(
        self, token, program, line, process, thread, inherit, flags, env, folder, start, made
    ):
        assert (process, thread, inherit) == (None, None, 0)
        assert start.contents.cb == ctypes.sizeof(api.STARTUPINFOW)
        assert env == token
        self.started.append((token, program, line, flags, folder))
        made.contents.hProcess, made.contents.hThread = token + 1, token + 2
        return 1

    def _user_of(self, handle):
        return next(user for number, user, _ in self.sessions if number == handle - 1001)

    def waitforsingleobject(self, handle, _limit_ms):
        return 0 if self.processes[self._user_of(handle)] is not None else 258

    def getexitcodeprocess(self, handle, code):
        code[0] = self.processes[self._user_of(handle)]
        return 1

    def terminateprocess(self, handle, _code):
        self.ended.append(self._user_of(handle))
        return 1

    def closehandle(self, handle):
        self.closed.append(handle)
        return 1

    def isuseranadmin(self):
        return 0

    def library(self, name):
        """Return a library, with every function of it that `api` names."""
        made = {}
        for function, signature in api.SIGNATURES.items():
            if signature.library == name and hasattr(self, function.lower()):
                kind = ctypes.CFUNCTYPE(signature.returns, *signature.takes)
                made[function] = kind(getattr(self, function.lower()))
        return SimpleNamespace(**made)


@pytest.fixture
def windows(monkeypatch):
    """Put a stand-in in the place of every library of Windows."""
    fake = FakeWindows()
    names = {signature.library for signature in api.SIGNATURES.values()}
    monkeypatch.setattr(api, "LOADED", {name: fake.library(name) for name in names})
    for module in (api, credential_manager, security, windows_sessions):
        monkeypatch.setattr(module, "last_error", lambda: fake.error)
    known_folders.find_known_folder.cache_clear()
    yield fake
    known_folders.find_known_folder.cache_clear()
