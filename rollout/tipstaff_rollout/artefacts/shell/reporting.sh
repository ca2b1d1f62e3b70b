Program=/opt/tipstaff/bin/tipstaff
Report=''
Exit=4

result() { printf '<result>%s</result>\n' "$(printf '%s' "$*" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g')"; }

# Root runs no program that another user could have put there.
audit_all() {
    if test -n "$(untrusted_above "$Program")" || ! is_roots "$Program" f; then
        return 1
    fi
    Report=$("$Program" audit --all-users --format json 2>/dev/null)
    Exit=$?
}

# macOS has no tool for JSON that every release has; Tipstaff writes one member a line, and the
# depth of a line says whose it is.
versions() {
    printf '%s\n' "$Report" | awk '
        /^        "policy": [{]$/ { inside = 1 }
        inside && /^          "version": / {
            sub(/^ *"version": /, ""); sub(/,$/, ""); gsub(/^"|"$/, "")
            print $0 == "null" ? "none" : $0
            inside = 0
        }
        END { if (NR < 2) print "unknown" }' | sort -u | paste -s -d , -
}

# Prints check and user of each finding that is `failed` or `waived`, or the `number` that failed.
# An unreadable report does not count as an empty one.
findings() {
    printf '%s\n' "$Report" | awk -v wanted="$1" '
        { split($0, part, "\"") }
        /^      "user": / { user = part[4] }
        /^        "findings": \[$/ { inside = 1; seen = 1 }
        /^        \]/ { inside = 0 }
        inside && /^          [{]$/ { standing = "" }
        inside && /^            "check": / { check = part[4] }
        inside && /^            "status": / { status = part[4] }
        inside && /^              "standing": / { standing = part[4] }
        inside && /^          [}]/ && status == "fail" && !listed[check, user, standing]++ {
            if ((standing == "active") != (wanted == "waived")) next
            number++
            if (wanted != "number") print check, user
        }
        END {
            if (wanted == "number") print seen ? number + 0 : -1
            else if (!seen) print "no findings can be read"
        }' || say -1
}

# Exit 0 and 1 are those of an audit that could judge everything.
judged() { test "$Exit" = 0 || test "$Exit" = 1; }

unjudged() { judged || say "not everything could be judged (exit $Exit)"; }
