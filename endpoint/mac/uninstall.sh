#!/bin/sh
# Takes Tipstaff away from this Mac: sudo /opt/tipstaff/uninstall.sh
# Policies, logs and the last good copy stay, as they do on Linux.
set -eu
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
place=/opt/tipstaff
aside=/Library/Tipstaff/clients
test "$(id -u)" -eq 0 || {
	echo "error: only root can take a program of all users away: sudo $0" >&2
	exit 4
}
if ! "$place/bin/tipstaff" uninstall; then
	# Tipstaff itself may fail. The clients are restored anyway, each to the place of its shim.
	echo "tipstaff: clients are put back without it" >&2
	for label in tipstaff.enforce tipstaff.audit; do
		launchctl bootout "system/$label" 2>/dev/null || :
		rm -f "/Library/LaunchDaemons/$label.plist"
	done
	rm -f /Library/LaunchAgents/tipstaff.watch.plist /etc/newsyslog.d/tipstaff.conf
	if test -d "$aside"; then
		find "$aside" ! -type d | while read -r client; do
			entry=${client#"$aside"}
			second=
			test ! -f "$entry" || { read -r _ && read -r second; } <"$entry" || :
			case "$second" in
			"# tipstaff shim "*) mv -f "$client" "$entry" || exit 1 ;;
			esac
		done
	fi
fi
pkgutil --forget tipstaff >/dev/null 2>&1 || :
rm -f /etc/paths.d/tipstaff
rm -rf "$place"
echo "tipstaff: taken away"
