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
