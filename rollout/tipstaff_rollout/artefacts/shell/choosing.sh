case ${1:-} in
install | check | remove) "$@" ;;
*)
    say "usage: ${0##*/} install [--replace] | check | remove"
    exit 2
    ;;
esac
