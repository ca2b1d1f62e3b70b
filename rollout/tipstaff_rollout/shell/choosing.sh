case ${1:-} in
install | check | remove) "$1" ;;
*)
    say "usage: ${0##*/} install | check | remove"
    exit 2
    ;;
esac
