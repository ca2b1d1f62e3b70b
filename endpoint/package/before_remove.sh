set -e
# Not in an upgrade: dpkg says `remove`, rpm that none will be left.
case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac
/usr/lib/tipstaff/bin/tipstaff uninstall && exit 0
# Tipstaff itself may fail. The clients are restored anyway, each to the place of its shim.
echo "tipstaff: clients are put back without it; its units are left" >&2
aside=/usr/local/lib/tipstaff/clients
test -d "$aside" || exit 0
find "$aside" ! -type d | while read -r client; do
	entry=${client#"$aside"}
	second=
	test ! -f "$entry" || { read -r _ && read -r second; } <"$entry" || :
	case "$second" in
	"# tipstaff shim "*) mv -f "$client" "$entry" || exit 1 ;;
	esac
done
