set -e
# dpkg says `configure`, and after an upgrade the version before; rpm, how many there are now.
case "$1 ${2:-}" in
"configure " | "1 ") ;;
"configure "* | "2 ")
	# After `tipstaff uninstall` an upgrade must not install the guard again.
	test -e /var/lib/tipstaff/install.json || exit 0
	;;
*) exit 0 ;;
esac
code=0
/usr/lib/tipstaff/bin/tipstaff install || code=$?
if test "$code" -eq 1; then
	echo "tipstaff: installed, but for what is named above" >&2
	code=0
fi
exit "$code"
