Wrong=0
Others=0
Before=.before-tipstaff
if test "$(printf 'QQ==' | base64 --decode 2>/dev/null)" = A; then
    Decode=--decode
else
    Decode=-d
fi

wrong() {
    say "$*"
    Wrong=1
}

digest() {
    { sha256sum <"$1" || shasum -a 256 <"$1"; } 2>/dev/null | cut -c 1-64
}

# Whether a file is from a delivery: every file in a folder of Tipstaff's is; a client's file begins
# with a stamp; public keys elsewhere are, if the current policy names their place.
is_ours() {
    case $3 in
    '') return 0 ;;
    /*) grep -qF "${1#/private}" "$3" 2>/dev/null && return 0 ;;
    *) test "$(head -c "${#3}" "$1" 2>/dev/null | tr -d '\000')" = "$3" && test ! -L "$1" && return 0 ;;
    esac
    test ! -L "$1" && test "$(digest "$1")" = "$2"
}

# Only root can have put these files there, so they are another administrator's.
find_other() {
    path=$(real "$1")
    folder=${path%/*}
    is_roots "${folder:-/}" d && is_there "$path" && ! is_ours "$path" "$2" "$5" || return 0
    Others=1
    say "not Tipstaff's own: $path"
    case $5 in
    '' | /*) ;;
    *) test ! -f "$path" || keys_in "$path" "$(carried_keys "$1")" ;;
    esac
    ! is_there "$path$Before" || say "  a copy of an earlier file exists already: $path$Before"
}

# A value of a domain on a Mac that another profile forces. Of two profiles that set one domain no one
# knows which wins.
find_other_value() {
    list="/Library/Managed Preferences/$1.plist"
    test -f "$list" || return 0
    value=$(/usr/libexec/PlistBuddy -c "Print :$2" "$list" 2>/dev/null) || return 0
    text=$(printf '%s' "$value" | base64 "$Decode" 2>/dev/null | tr -d '\000')
    case $text in
    "$3"*) return 0 ;;
    esac
    Others=1
    say "not Tipstaff's own: $2 in $list"
    printf '%s\n' "$text" | keys_in - "$4" "$2"
    say '  remove the profile that forces it, after its keys are in the policy'
}

# The third word is the mode; only root can read a file that is for root.
file_is_right() {
    test -n "$(find "$1" -prune -type f -links 1 -user 0 -group 0 -perm "${3:-644}" 2>/dev/null)" &&
        is_roots "$1" f && { test ! -r "$1" || test "$(digest "$1")" = "$2"; }
}

# A folder that is only for the policy is readable by all; any other only has to be root's.
folder_is_right() {
    is_roots "$1" d || return 1
    test "$2" = shared || test -n "$(find "$1" -prune -group 0 -perm 755)"
}

look_at() {
    path=$(real "$1")
    folder=${path%/*}
    bad=$(untrusted_above "${folder:-/}")
    if test -n "$bad"; then
        wrong "others than root can change it, or it is missing: $bad"
    elif ! folder_is_right "${folder:-/}" "$4"; then
        wrong "others than root can change it, or it is missing: ${folder:-/}"
    elif ! is_there "$path"; then
        wrong "missing: $path"
    elif ! is_ours "$path" "$2" "$5"; then
        find_other "$@"
    elif ! file_is_right "$path" "$2" "${6:-644}"; then
        wrong "differs from the policy: $path"
    fi
}

check() {
    each_file look_at
    each_value find_other_value
    test "$Others" = 0 || return 3
    test "$Wrong" = 0 && say "in place: $Policy"
}
