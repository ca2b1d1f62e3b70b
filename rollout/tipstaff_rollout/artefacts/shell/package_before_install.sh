Others=0
for path in $Shipped; do
    if is_there "$Root$path" && ! is_ours "$Root$path"; then
        Others=1
        say "not Tipstaff's own: $path"
        test ! -f "$Root$path" || keys_in "$Root$path" "$(carried_keys "$path")" >&2 || :
        say "  mv $path $path$Before   # the package restores it when it is removed"
    fi
done
if test "$Others" = 1; then
    say 'nothing was installed: take those keys into the policy (tipstaff policy render --merge-into FILE),'
    say 'and move the file away as shown'
    exit 3
fi
