import pytest

from tdxreview.report.lines import flow, joined, labelled, line, to_string


def texts(lines):
    return [row.plain for row in lines]


def test_a_flow_wraps_at_words_and_indents_what_follows():
    rows = flow([("error[x]", "red"), ("it is wrong here", "")], width=16, indent=4)

    assert texts(rows) == ["error[x]  it is", "    wrong here"]


def test_joined_pieces_stay_whole_where_they_can():
    rows = joined([("1 error", ""), ("2 warnings", ""), ("3 notes", "")], width=20, indent=2)

    assert texts(rows) == ["1 error · 2 warnings", "  3 notes"]


def test_a_label_stands_once_and_its_text_hangs():
    rows = labelled("why", "VMXON is per CPU.\n\nNo flag.", 24)

    assert texts(rows) == ["  why    VMXON is per", "         CPU.", "         No flag."]


def test_prose_is_not_drawn_out_over_a_wide_terminal():
    rows = texts(labelled("why", "word " * 60, 200))

    assert max(map(len, rows)) == 98


def test_without_colour_there_is_no_escape_sequence():
    assert to_string([line(("x", "bold red"), "  ")], width=80, colour=False) == "x\n"


def test_in_colour_foreign_brackets_are_no_markup():
    text = to_string([line(("[bold]x[/bold]", "red"))], width=80, colour=True)

    assert text == "\x1b[31m[bold]x[/bold]\x1b[0m\n"


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("see <a.b-1@example.com>,", "https://lore.kernel.org/r/a.b-1@example.com", "<a.b-1@ex"),
        ("see <a$/b@example.com>,", "https://lore.kernel.org/r/a%24%2Fb@example.com", "<a$/b@ex"),
        ("at https://example.com/x_y.", "https://example.com/x_y", "https://example.com/x_y"),
    ],
)
def test_a_link_leads_to_the_page_or_the_mail(text, target, shown):
    (row,) = to_string([line(text)], width=80, colour=True, links=True).splitlines()

    assert f"\x1b]8;;{target}\x1b\\{shown}" in row
    assert "\x1b]8;" not in to_string([line(text)], width=80, colour=True)


def test_a_link_is_the_same_in_every_run():
    runs = {to_string([line("<a@b>")], width=80, colour=True, links=True) for _ in range(4)}

    assert len(runs) == 1


def test_a_line_longer_than_the_terminal_is_not_wrapped_again():
    long = "a " * 30 + "a"

    assert to_string([line(long)], width=20, colour=True) == f"{long}\n"
