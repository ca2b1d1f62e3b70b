"""Fakes of the programs of a Mac; each answers as its manual page says, and no more.

No test has run on a Mac. Where one of these is used, a real Mac is still to be asked
(docs/try-one-first.md).
"""

LAUNCHCTL = """\
#!/bin/sh
# A fake: remembers by a file each what is loaded. {folder}/sessions lists who is logged in.
echo "$*" >> {folder}/calls
loaded() {{ echo "{folder}/$(echo "$1" | tr / _).loaded"; }}
case "$1" in
print)
	case "$2" in
	system) exit 0 ;;
	gui/*/*) ;;
	gui/*) grep -qx "${{2#gui/}}" {folder}/sessions && exit 0
		echo "Could not find domain for" >&2; exit 113 ;;
	esac
	test -e "$(loaded "$2")" || {{ echo "Could not find service" >&2; exit 113; }}
	echo "$2 = {{"
	cat "$(loaded "$2")"
	echo "}}" ;;
bootstrap)
	test -e {folder}/refuses && {{ echo "Bootstrap failed: 5: Input/output error" >&2
		read left < {folder}/refuses
		if test "$left" -gt 1; then echo $((left - 1)) > {folder}/refuses
		else rm {folder}/refuses; fi
		exit 5; }}
	name=${{3##*/}}
	printf '\\tstate = running\\n' > "$(loaded "$2/${{name%.plist}}")" ;;
bootout)
	rm "$(loaded "$2")" 2>/dev/null || {{ echo "Boot-out failed: 3: No such process" >&2; exit 3; }} ;;
print-disabled)
	echo "disabled services = {{"
	cat {folder}/disabled 2>/dev/null
	echo "}}" ;;
*) exit 64 ;;
esac
exit 0
"""


def write_program(path, text):
    """Write a fake program that can be started."""
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def fake_launchctl(folder, sessions=()):
    """Return the path of a fake launchctl, with the uids that have a session with a screen."""
    folder.mkdir()
    (folder / "sessions").write_text("".join(f"{uid}\n" for uid in sessions))
    return write_program(folder / "launchctl", LAUNCHCTL.format(folder=folder))


SECURITY = """\
#!/bin/sh
# A fake: an entry is a file SERVICE/ACCOUNT in {folder}/entries. {folder}/state says "open",
# "locked" (no window), "dismissed" (a window that the person closes) or "silent" (a window that
# is not answered). {folder}/own holds the services whose entries `security` itself has made.
printf '%s\\n' "$*" >> {folder}/calls
command=$1
shift
show=
while test $# -gt 0; do
	case "$1" in
	-w) show=yes ;;
	-s) service=$2; shift ;;
	-a) account=$2; shift ;;
	-d) shift ;;
	*.keychain-db) ;;
	*) exit 2 ;;
	esac
	shift
done
entry="{folder}/entries/$service/$account"
read state < {folder}/state
missing() {{ echo "The specified item could not be found in the keychain." >&2; exit 44; }}
case "$command" in
list-keychains) test -e {folder}/keychains || exit 1
	cat {folder}/keychains ;;
find-generic-password)
	test -e "$entry" || missing
	test -n "$show" || {{ echo "keychain: login.keychain-db"; exit 0; }}
	if test "$state" = open && ! grep -qxF "$service" {folder}/own; then
		state=$(cat {folder}/window)
	fi
	case "$state" in
	open | allowed) cat "$entry"; echo ;;
	locked) exit 36 ;;
	dismissed) exit 128 ;;
	silent) exec sleep 60 ;;
	*) exit "$state" ;;
	esac ;;
delete-generic-password)
	test -e "$entry" || missing
	test "$state" = open || exit 36
	rm "$entry" ;;
*) exit 2 ;;
esac
exit 0
"""
SESSION = """\
#!/bin/sh
test "$1" = managername && echo {name}
"""


class FakeKeychain:
    """A fake of `/usr/bin/security` and of the session that it is asked in."""

    def __init__(self, folder, monkeypatch):
        from tipstaff_policy.system.mac import asking, keychain

        self.folder = folder
        self._patch = monkeypatch
        (folder / "entries").mkdir(parents=True)
        (folder / "own").write_text("")
        self.state("open", window="allowed")
        self.program = write_program(folder / "security", SECURITY.format(folder=folder))
        monkeypatch.setattr(keychain, "SECURITY", self.program)
        monkeypatch.setattr(keychain, "PROMPT_LIMIT_S", 0.5)
        monkeypatch.setattr(keychain, "_unasked_until", {})
        self.session("Aqua")
        # A folder of tests is not root's alone, as /usr/bin is.
        monkeypatch.setattr(keychain, "ask_program", asking._run)
        self.opens(unlocked=True)

    def lists(self, *files):
        """Let a process in no session see which keychains there are."""
        (self.folder / "keychains").write_text("".join(f'    "{file}"\n' for file in files))

    def session(self, name):
        """Let launchctl call this session something."""
        from tipstaff_policy.system.mac import keychain

        program = write_program(self.folder / "session", SESSION.format(name=name))
        self._patch.setattr(keychain, "LAUNCHCTL", program)

    def state(self, name, window="allowed"):
        """Say whether the keychain is open, and what becomes of a window that asks for an entry."""
        (self.folder / "state").write_text(f"{name}\n")
        (self.folder / "window").write_text(f"{window}\n")

    def opens(self, *, unlocked):
        """Say what Apple's frameworks answer about the keychain; None for nothing."""
        from tipstaff_policy.system.mac import keychain

        answer = None if unlocked is None else {"unlocked": unlocked}
        self._patch.setattr(keychain, "ask_frameworks", lambda *_: answer)

    def add(self, service, account, secret, *, made_by_security=False):
        """Put an entry into it."""
        place = self.folder / "entries" / service
        place.mkdir(exist_ok=True)
        (place / account).write_text(secret)
        if made_by_security:
            with (self.folder / "own").open("a") as own:
                own.write(f"{service}\n")

    def entries(self):
        """Return every entry that is there."""
        inside = self.folder / "entries"
        return sorted(str(path.relative_to(inside)) for path in inside.rglob("*") if path.is_file())

    def calls(self):
        """Return the words of every call."""
        calls = self.folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []
