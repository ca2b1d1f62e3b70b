# Prints the keys of a TOML file that are not in the policy's own, whose keys are the second word,
# with their lines, as far as lines show them; never a value.
keys_in() {
    awk -v path="$1" -v carried=" $2 " '
        { sub(/\r$/, "") }
        inside { if (index($0, mark)) inside = 0; next }
        /^[ \t]*\[\[?[^=,]+\]\]?[ \t]*(#.*)?$/ {
            table = $0; sub(/^[ \t]*\[\[?[ \t]*/, "", table); sub(/[ \t]*\].*$/, "", table); table = table "."
            next
        }
        /^[ \t]*([A-Za-z0-9_-]+|"[^"]*")([ \t]*[.][ \t]*([A-Za-z0-9_-]+|"[^"]*"))*[ \t]*=[ \t]*[^ \t=]/ {
            key = $0; sub(/[ \t]*=.*$/, "", key); sub(/^[ \t]*/, "", key)
            if (index(carried, " " table key " ")) kept++
            else if (++number <= 20) print "  contains " table key " at " path ":" NR ", which would be lost"
        }
        {
            for (mark = "\"\"\""; ; mark = "\047\047\047") {
                if (split($0, part, mark) % 2 == 0) { inside = 1; break }
                if (mark != "\"\"\"") break
            }
        }
        END {
            if (number > 20) print "  and " number - 20 " more"
            if (kept && !number) print "  each of its keys is in the file of the policy too"
        }' "$1"
}
