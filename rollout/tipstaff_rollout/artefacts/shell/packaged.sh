Root=${DPKG_ROOT:-}
Before=.before-tipstaff
Left=.tipstaff-left
Files=''
Shipped=''

say() { printf '%s\n' "$*" >&2; }

is_there() { test -e "$1" || test -L "$1"; }

# By the stamp in its first line; no program but the shell is needed.
is_ours() {
    test -f "$1" && test ! -L "$1" || return 1
    first=''
    IFS= read -r first <"$1" || :
    case $first in 'no stamp') ;; *) return 1 ;; esac
}

give_back() {
    for path in $Files; do
        if ! is_there "$Root$path" && is_there "$Root$path$Before"; then
            mv "$Root$path$Before" "$Root$path"
            say "restored: $path"
        fi
    done
}
