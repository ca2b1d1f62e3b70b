# Prints the keys of a file that are not in the policy's own, whose keys are the second word, with
# their lines; never a value. The third word is what the file is called.
keys_in() {
    case $1 in
    *.json) json_keys_in "$@" ;;
    *) toml_keys_in "$@" ;;
    esac
}

# Goes from letter to letter; an array is a value as a whole.
json_keys_in() {
    awk -v path="${3:-$1}" -v carried=" $2 " '
        { text = text $0 "\n" }
        END {
            line = 1
            for (place = 1; place <= length(text); place++) {
                letter = substr(text, place, 1)
                if (letter == "\n") line++
                if (inside) {
                    if (letter == "\"") inside = 0
                    else {
                        if (letter == "\\") word = word substr(text, place++, 1)
                        word = word substr(text, place, 1)
                    }
                    continue
                }
                if (letter ~ /[ \t\r\n]/) continue
                leaf = waiting && letter != "{"
                if (letter == "\"") { inside = 1; if (!lists && !waiting) word = "" }
                else if (letter == "[") lists++
                else if (letter == "]") lists--
                else if (!lists && letter == "{") depth++
                else if (!lists && letter == "}") {
                    depth--
                    leaf = before == "{" && depth > 0
                }
                before = letter
                if (leaf) {
                    key = name[1]
                    for (each = 2; each <= depth; each++) key = key "." name[each]
                    if (index(carried, " " key " ")) kept++
                    else if (++number <= 20) print "  contains " key " at " path ":" at ", which would be lost"
                }
                waiting = 0
                if (!lists && letter == ":") { name[depth] = word; at = line; waiting = 1; word = "" }
            }
            if (number > 20) print "  and " number - 20 " more"
            if (kept && !number) print "  each of its keys is in the file of the policy too"
        }' "$1"
}

# As far as lines show them.
toml_keys_in() {
    awk -v path="${3:-$1}" -v carried=" $2 " '
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
