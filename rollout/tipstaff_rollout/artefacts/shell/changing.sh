require_root() {
    test "$(id -u)" = 0 && return
    say 'must be run by root; nothing was changed'
    exit 1
}

without_access_list() {
    case $System in
    Darwin) chmod -N "$1" ;;
    esac
}

# A folder that others could have changed is kept, under a name that nothing reads. Only root can change
# names here, so no other process can interfere.
set_aside() {
    number=1
    while is_there "$1.untrusted-$number"; do
        number=$((number + 1))
    done
    mv "$1" "$1.untrusted-$number" 2>/dev/null || return 1
    say "set aside: $1.untrusted-$number"
}

ready_folder() {
    bad=$(untrusted_above "$1" made)
    if test -n "$bad"; then
        wrong "others than root can change it: $bad"
        return 1
    fi
    folder_is_right "$1" "$2" && return
    if is_there "$1" && ! is_roots "$1" d; then
        if test "$2" = shared; then
            wrong "others than root can change it: $1"
            return 1
        fi
        set_aside "$1" || { wrong "cannot be set aside: $1"; return 1; }
    fi
    test -d "$1" || mkdir -m 755 "$1" 2>/dev/null || { wrong "cannot be made: $1"; return 1; }
    test "$2" = shared || { chown 0:0 "$1" && chmod 755 "$1" && without_access_list "$1"; }
}

# Always the same name, so the next run cleans up after one that was killed.
new_name() { printf '%s' "$1.tipstaff-new"; }

# Writes a file next to its place, and syncs it.
stage() {
    path=$(real "$1")
    folder=${path%/*}
    ready_folder "${folder:-/}" "$4" || return 1
    new=$(new_name "$path")
    rm -f "$new"
    file_is_right "$path" "$2" "${6:-644}" && return
    "$3" | base64 "$Decode" 2>/dev/null >"$new" && chown 0:0 "$new" && chmod "${6:-644}" "$new" &&
        without_access_list "$new" && file_is_right "$new" "$2" "${6:-644}" && return
    wrong "cannot be written: $path"
    return 1
}

# Keeps a file of another administrator, once; the link has its name until ours replaces it.
keep() {
    if is_there "$path$Before"; then
        wrong "a copy of an earlier file exists already: $path$Before"
        return 1
    elif test -n "$(find "$path" -prune -type f)"; then
        ln "$path" "$path$Before" 2>/dev/null || cp -p "$path" "$path$Before" 2>/dev/null
    else
        mv "$path" "$path$Before" 2>/dev/null
    fi || { wrong "cannot be kept: $path"; return 1; }
    say "kept: $path$Before"
}

put() {
    path=$(real "$1")
    new=$(new_name "$path")
    test -f "$new" || return 0
    if is_there "$path" && ! is_ours "$path" "$2" "$5"; then
        keep || return 1
    fi
    # Onto a link to a folder, or a folder, mv would put the file into it.
    if is_there "$path" && test -z "$(find "$path" -prune -type f)"; then
        set_aside "$path" || { wrong "cannot be set aside: $path"; return 1; }
    fi
    mv -f "$new" "$path" 2>/dev/null || { wrong "cannot be written: $path"; return 1; }
    say "written: $path"
}

forget() {
    path=$(real "$1")
    test -n "$(untrusted_above "$path")" || rm -f "$(new_name "$path")"
}

# Whether one of the words is --replace, by which an administrator replaces existing files.
replaces() {
    for word; do
        test "$word" != --replace || return 0
    done
    return 1
}

# All files stay as they are if one of them is another administrator's.
refuse_others() {
    each_file find_other
    each_value find_other_value
    test "$Others" = 1 || return 0
    if replaces "$@"; then
        Others=0
        return
    fi
    say 'nothing was changed: take those keys into the policy (tipstaff policy render --merge-into FILE),'
    say "or use --replace, which keeps the file as FILE$Before"
    exit 3
}

# All files are staged before the first is replaced: a full disk leaves the old ones.
install() {
    require_root
    refuse_others "$@"
    umask 077
    trap 'each_file forget' EXIT
    trap 'exit 1' HUP INT TERM
    each_file stage && each_file put && check
}
