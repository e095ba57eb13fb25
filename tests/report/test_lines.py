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


def test_a_line_longer_than_the_terminal_is_not_wrapped_again():
    long = "a " * 30 + "a"

    assert to_string([line(long)], width=20, colour=True) == f"{long}\n"
