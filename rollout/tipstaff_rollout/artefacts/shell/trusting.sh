PATH=/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
System=$(uname -s)

say() { printf '%s\n' "$*"; }

# On macOS the system itself makes a link of /etc.
real() {
    case $System$1 in
    Darwin/etc/* | Darwin/var/*) printf '%s' "/private$1" ;;
    *) printf '%s' "$1" ;;
    esac
}

# Owned by root, writable only by root, and not a link. On Linux the bits of the group cover
# every access list; on macOS a list is separate.
is_roots() {
    test -n "$(find "$1" -prune -type "$2" -user 0 ! -perm -020 ! -perm -002 2>/dev/null)" || return 1
    # shellcheck disable=SC2012 # find does not show such lists
    case $System in
    Darwin) ! ls -lde "$1" | sed 1d | grep -q ' allow ' ;;
    esac
}

is_there() { test -e "$1" || test -L "$1"; }

# Prints the first folder above a path that others than root can change, with `made` as second word after
# it made those that were missing.
untrusted_above() {
    at=''
    left=${1#/}
    is_roots / d || { say /; return; }
    while test "$left" != "${left#*/}"; do
        at=$at/${left%%/*}
        left=${left#*/}
        if test "${2:-}" = made && ! is_there "$at"; then
            mkdir -m 755 "$at" 2>/dev/null
        fi
        is_roots "$at" d || { say "$at"; return; }
    done
}
