Wrong=0

wrong() {
    say "$*"
    Wrong=1
}

digest() {
    { sha256sum <"$1" || shasum -a 256 <"$1"; } 2>/dev/null | cut -c 1-64
}

file_is_right() {
    test -n "$(find "$1" -prune -type f -links 1 -user 0 -group 0 -perm 644 2>/dev/null)" &&
        is_roots "$1" f && test "$(digest "$1")" = "$2"
}

# A folder that is there for the policy alone is readable by all; another is only to be root's.
folder_is_right() {
    is_roots "$1" d || return 1
    test "$2" = shared || test -n "$(find "$1" -prune -group 0 -perm 755)"
}

look_at() {
    path=$(real "$1")
    folder=${path%/*}
    bad=$(untrusted_above "${folder:-/}")
    if test -n "$bad"; then
        wrong "not root's alone, or not there: $bad"
    elif ! folder_is_right "${folder:-/}" "$4"; then
        wrong "not root's alone, or not there: ${folder:-/}"
    elif ! is_there "$path"; then
        wrong "missing: $path"
    elif ! file_is_right "$path" "$2"; then
        wrong "not as the policy wants it: $path"
    fi
}

check() {
    each_file look_at
    test "$Wrong" = 0 && say "in place: $Policy"
}
