"""The time of the last refresh is read the same whether it is written as usual or not."""

from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.clients.codex.credentials.auth_document import _any_time, _usual_time
from tipstaff_policy.errors import ShapeError

times = st.one_of(
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{0,9})?[Zz]?", fullmatch=True),
    st.from_regex(
        r"[0-2]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?Z", fullmatch=True
    ),
    st.text(alphabet="0123456789-:T.Z+ ", min_size=19, max_size=24),
)


def of_any_time(text):
    try:
        return _any_time(text)
    except ShapeError:
        return "refused"


@given(times)
def test_the_quick_reader_agrees_with_the_reader_of_all_times(text):
    quick = _usual_time(text)

    assert quick is None or quick == of_any_time(text)


@given(st.datetimes())
def test_the_quick_reader_takes_what_the_client_writes(moment):
    assert _usual_time(f"{moment.isoformat()}Z") is not None
