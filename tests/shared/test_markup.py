"""Where blocks of code end and which lines are prose, against the rules applied one by one."""

from hypothesis import given, strategies as st

from chat_shared.markup import FENCE, Backticks, Fences, prose

_LINES = st.lists(
    st.sampled_from(
        ["```", "````", "~~~", "~~~~", "  ```", "```py", "``", "```~", "~~~ ", "x", "", "> x", ">x"]
    ),
    max_size=14,
)


def _block_end(lines: list[str], at: int) -> int | None:
    """Return the first line after `at` with at least as many of the same sign and nothing else."""
    fence = FENCE.fullmatch(lines[at])
    if fence is None:
        return None
    run = fence["run"]
    for end in range(at + 1, len(lines)):
        line = lines[end].strip(" ")
        if len(line) >= len(run) and set(line) == {run[0]}:
            return end if end > at + 1 else None
    return None


@given(_LINES)
def test_a_block_ends_at_the_first_fence_that_is_as_long(lines: list[str]) -> None:
    fences = Fences(lines)

    assert [fences.block_end(at) for at in range(len(lines))] == [
        _block_end(lines, at) for at in range(len(lines))
    ]


@given(_LINES)
def test_prose_is_what_is_neither_code_nor_a_quote(lines: list[str]) -> None:
    text, expected, at = "\n".join(lines), [], 0
    while at < len(lines):
        end = _block_end(lines, at)
        if end is None and not lines[at].startswith("> "):
            expected.append(lines[at])
        at = at + 1 if end is None else end + 1

    found = list(prose(text)) if lines else []

    assert [line for _, line in found] == expected
    assert all(text[offset:].startswith(line) for offset, line in found)
    assert [offset for offset, _ in found] == sorted({offset for offset, _ in found})


@given(st.text(alphabet="`a", max_size=20))
def test_code_ends_at_the_next_run_of_as_many_backticks(line: str) -> None:
    runs, at = [], 0
    while at < len(line):
        length = len(line[at:]) - len(line[at:].lstrip("`"))
        if length:
            runs.append((at, length))
        at += length or 1
    backticks = Backticks(line)

    for number, (start, length) in enumerate(runs):
        later = (begin for begin, other in runs[number + 1 :] if other == length)
        assert backticks.closing(start, start + length) == next(later, None)
