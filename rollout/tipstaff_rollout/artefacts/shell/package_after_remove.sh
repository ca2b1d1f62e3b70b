for path in $Files; do
    if ! is_there "$Root$path" && is_there "$Root$path$Left"; then
        mv "$Root$path$Left" "$Root$path"
        say "left, as it is not Tipstaff's own: $path"
    fi
done
give_back
