# Restores the earlier file.
give_back() {
    is_there "$path$Before" || return 0
    mv "$path$Before" "$path" 2>/dev/null || { wrong "cannot be restored: $path"; return 0; }
    say "restored: $path"
}

take_away() {
    path=$(real "$1")
    folder=${path%/*}
    bad=$(untrusted_above "$path")
    if ! is_there "$path"; then
        test -n "$bad" || give_back
        test "$4" = shared || rmdir "$folder" 2>/dev/null
        return 0
    elif test -n "$bad"; then
        wrong "left, because others than root can change this: $bad"
    elif test -n "$(find "$path" -prune -type f)" && test "$(digest "$path")" = "$2"; then
        rm -f "$path" 2>/dev/null || { wrong "cannot be removed: $path"; return 0; }
        say "removed: $path"
        give_back
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
