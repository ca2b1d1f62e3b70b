# A file that replaced ours is not removed with the package.
case ${1:-} in
remove | 0)
    for path in $Files; do
        if is_there "$Root$path" && ! is_ours "$Root$path"; then
            mv "$Root$path" "$Root$path$Left"
        fi
    done
    ;;
esac
