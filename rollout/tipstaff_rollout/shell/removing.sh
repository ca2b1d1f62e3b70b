take_away() {
    path=$(real "$1")
    folder=${path%/*}
    bad=$(untrusted_above "$path")
    if ! is_there "$path"; then
        test "$4" = shared || rmdir "$folder" 2>/dev/null
        return 0
    elif test -n "$bad"; then
        wrong "left, as this is not root's alone: $bad"
    elif test -n "$(find "$path" -prune -type f)" && test "$(digest "$path")" = "$2"; then
        rm -f "$path" 2>/dev/null || { wrong "cannot be removed: $path"; return 0; }
        say "removed: $path"
        test "$4" = shared || rmdir "$folder" 2>/dev/null
    else
        say "left, as it is not of this policy: $path"
    fi
    return 0
}

remove() {
    require_root
    each_file take_away
    test "$Wrong" = 0
}
