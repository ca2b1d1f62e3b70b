#!/bin/sh
# Makes the package, on a Mac: package.sh [FILE [IDENTITY]]
# FILE: where it goes; default tipstaff-VERSION.pkg. IDENTITY: a "Developer ID Installer" that signs it.
# Every file is compared with its hash first, so that the package holds what was laid out.
set -eu
cd "$(dirname "$0")"
read -r version <VERSION
file=${1:-tipstaff-$version.pkg}
test "$(uname -s)" = Darwin || {
	echo "error: pkgbuild is a program of macOS; run this on a Mac" >&2
	exit 4
}
(cd root && /usr/bin/grep -v '^#' ../payload.sha256 | /usr/bin/shasum -a 256 -c --quiet -) || {
	echo "error: a file differs from payload.sha256; lay the folder out again" >&2
	exit 6
}
count=$(/usr/bin/grep -cv '^#' payload.sha256)
test "$count" -eq "$(find root -type f | wc -l)" || {
	echo "error: root has files that payload.sha256 does not name; lay the folder out again" >&2
	exit 6
}
set -- --root root --install-location / --identifier tipstaff --version "$version" \
	--scripts scripts --ownership recommended ${2:+--sign} ${2:+"$2"} "$file"
/usr/bin/pkgbuild "$@"
echo "$file: $count files"
