import pytest
from rich.text import Text

from tdxreview.report.terminal import terminal_report
from tdxreview.report.view import View
from tdxreview.review.model import Verdict
from tdxreview.rules.model import Severity
from tdxreview.source.model import LetGo, NotExamined
from tdxreview.source.place import Place, Step


def report(review, *, width=80, colour=False, notes=False):
    return terminal_report(review, View(width=width, colour=colour, notes=notes))


def to_view(review, **asked):
    return terminal_report(review, View(width=80, **asked))


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
def test_golden_report(risky_review, golden, width, colour):
    suffix = "ansi" if colour else "txt"
    golden(f"risky-{width}.{suffix}", report(risky_review, width=width, colour=colour, notes=True))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(risky_review, width):
    rows = report(risky_review, width=width, notes=True).splitlines()

    assert [row for row in rows if len(row) > width] == []


def test_colour_changes_nothing_but_the_colour(risky_review):
    coloured = Text.from_ansi(report(risky_review, colour=True)).plain

    assert [row.rstrip() for row in coloured.splitlines()] == report(risky_review).splitlines()


def test_nothing_found_is_said_in_three_lines(make_review):
    assert report(make_review()) == (
        "x86/virt/tdx: Start TDX when KVM loads · v2, 3 patches · patches alone\n"
        "  read from an mbox with 4 messages\n"
        "\n"
        "No SEAMCALL sites · 0 errors, 0 warnings\n"
        "Everything was examined.\n"
    )


def test_everything_was_examined_is_said_only_if_so(make_review):
    review = make_review(not_examined=(NotExamined(1, "tdx.c", "cut off"),))

    assert "Everything was examined" not in report(review)


def test_missing_patches_are_said_in_one_line(make_review, make_series, make_patch):
    absent = [n for n in range(1, 21) if n != 5]
    review = make_review(
        series=make_series(total=20, missing=tuple(absent)),
        patches=(make_patch(1, number=5, label="05/20"),),
        not_examined=tuple(
            NotExamined(None, None, f"patch {n}/20 is not in the input", absent=True)
            for n in absent
        ),
    )

    assert "\nNot examined\n  patches 1-4, 6-20 of 20  not in the input\n\n" in report(review)


def test_notes_are_counted_and_shown_when_asked_for(make_review, make_finding):
    review = make_review(findings=(make_finding(severity=Severity.NOTE),), excerpts=((),))

    assert "note[status-ignored]" not in report(review)
    assert "1 note (--notes shows it)" in report(review)
    assert "note[status-ignored]" in report(review, notes=True)
    assert "--notes" not in report(review, notes=True)


def test_the_gravest_come_first(make_review, make_finding):
    findings = tuple(make_finding(severity=one, rule=f"r-{one}") for one in reversed(Severity))
    text = report(make_review(findings=findings, excerpts=((), (), ())), notes=True)

    assert [row.split("[")[0] for row in text.splitlines() if "[r-" in row] == [
        "error",
        "warning",
        "note",
    ]


def test_a_rule_is_explained_once(make_review, make_finding):
    milder = make_finding(patch=2, severity=Severity.WARNING)
    review = make_review(findings=(make_finding(), milder), excerpts=((), ()))
    text = report(review)

    assert text.count("The status is the only word of a failure.") == 1
    assert text.count("as for the first status-ignored above") == 1


@pytest.fixture
def habit(make_review, make_finding, code):
    """Give one habit at four places, of two files and two patches, and a note of three kinds."""
    tdx, kvm = "arch/x86/virt/vmx/tdx/tdx.c", "arch/x86/kvm/vmx/tdx.c"

    def at(path, line, function="tdx_start", **fields):
        place = Place(path=path, line=line, end_line=line)
        message = f"{function}() ignores the status of {'x' if line == 7 else 'seamcall'}()"
        return make_finding(place=place, function=function, message=message, **fields)

    found = (
        at(tdx, 12),
        at(tdx, 40, function="tdx_stop"),
        at(kvm, 7, function="tdx_vm_free", patch=2),
        at(kvm, 9, function="tdx_vm_free", patch=2, severity=Severity.WARNING),
        at(kvm, 30, severity=Severity.NOTE, rule="r-two"),
        at(kvm, 31, severity=Severity.NOTE, rule="r-one"),
        at(kvm, 32, severity=Severity.NOTE, rule="r-two"),
    )
    excerpts = (
        code(12, "+\tseamcall(A, &args);"),
        code(40, "+\tseamcall(B, &args);"),
        code(7, "+\tseamcall(C, &args);"),
        *[code(each.place.line, "+\tx();") for each in found[3:]],
    )
    return make_review(findings=found, excerpts=excerpts)


def test_a_habit_is_one_finding_with_its_places_and_what_is_said_otherwise(habit):
    rows = report(habit).splitlines()
    first = next(number for number, row in enumerate(rows) if row.startswith("  also"))

    assert sum(row.startswith("error[status-ignored]") for row in rows) == 1
    assert rows[first : first + 5] == [
        "  also   tdx.c:40  tdx_stop()",
        "           seamcall(B, &args);",
        "         arch/x86/kvm/vmx/tdx.c:7  tdx_vm_free()  patch 2/3",
        "           tdx_vm_free() ignores the status of x()",
        "  why    The status is the only word of a failure.",
    ]


def test_explained_each_place_stands_for_itself(habit):
    text = to_view(habit, explain=True)

    assert text.count("\nerror[status-ignored]") == 3
    assert "\n  also" not in text


def test_the_worst_and_where_it_is_come_first(habit):
    assert report(habit).splitlines()[2:6] == [
        "",
        "3 errors, 1 warning, 3 notes · no SEAMCALL sites",
        "  error    status-ignored  tdx/tdx.c:12 and 2 more  patches 1-2",
        "  warning  status-ignored  vmx/tdx.c:9              patch 2/3",
    ]


def test_one_finding_needs_no_overview(make_review, make_finding):
    text = report(make_review(findings=(make_finding(),), excerpts=((),)))

    assert text.splitlines()[2:4] == [
        "",
        "error[status-ignored]  tdx_start() ignores the status of seamcall",
    ]


def test_notes_are_counted_by_rule(habit):
    assert "3 notes: 2 r-two, 1 r-one (--notes shows them)" in report(habit)


def test_statistics_count_by_rule_and_by_patch(habit):
    rows = to_view(habit, statistics=True).splitlines()

    assert rows[3:7] == [
        "by rule           errors  warnings  notes",
        "  r-one                -         -      1",
        "  r-two                -         -      2",
        "  status-ignored       3         1      -",
    ]
    assert [row.split()[-3:] for row in rows if row.startswith("  patch")] == [
        ["2", "-", "3"],
        ["1", "1", "-"],
    ]
    assert not any(row.startswith("error[") for row in rows)


def test_the_callers_duty_is_explained_where_it_is_read(make_review, make_site):
    theirs = make_site(verdict=Verdict.CALLER)
    said = "\ncaller's duty  the function does not bring about what the SEAMCALL needs, VMX\n"

    assert said in report(make_review(sites=(theirs,)))
    assert "\ncaller's duty" not in report(make_review(sites=(make_site(),)))


def test_a_step_in_another_directory_has_its_whole_path(risky_review):
    rows = report(risky_review, width=100)

    assert "\n         arch/x86/virt/vmx/tdx/tdx.c:161\n" in rows
    assert "  path   tdx_start.c:141  " in rows


def test_a_step_that_repeats_the_message_is_not_told_twice(make_review, make_finding):
    place = make_finding().place
    alone = Step(place.path, 12, make_finding().message)
    before = Step(place.path, 10, "it begins here")

    def told(*trace):
        return report(make_review(findings=(make_finding(trace=trace),), excerpts=((),)))

    assert "  path" not in told(alone)
    assert "  path   tdx.c:10  it begins here\n         tdx.c:12  here\n" in told(before, alone)


def test_a_line_that_later_patches_shift_says_where_it_ends(make_review, make_finding):
    path = make_finding().place.path

    def told(last):
        return report(make_review(findings=(make_finding(last=last),), excerpts=((),)))

    assert "  line 20 after the series\n" in told((path, 20))
    assert "  new.c:12 after the series\n" in told(("new.c", 12))
    assert "after the series" not in told((path, 12)) + told(None)


def test_a_series_without_a_cover_is_not_called_by_its_first_patch_alone(make_review, make_series):
    review = make_review(series=make_series(subject="x86/virt/tdx: Step 1"))

    assert report(review).startswith("x86/virt/tdx: Step 1 and 2 more · v2, 3 patches")


def test_steps_stand_in_columns(risky_review):
    rows = report(risky_review, width=100).splitlines()
    first = next(number for number, row in enumerate(rows) if row.startswith("  path"))

    assert rows[first : first + 5] == [
        "  path   tdx_start.c:141  tdx_start_init()  module_init() registers it",
        "         tdx_start.c:109  tdx_start_all()   turns VMX on, on this CPU only",
        "         tdx_start.c:112  tdx_start_all()   runs tdx_enable_one() on every CPU",
        "         arch/x86/virt/vmx/tdx/tdx.c:161",
        "                          tdx_cpu_enable()  SEAMCALL TDH.SYS.LP.INIT needs vmx-on",
    ]


def test_a_finding_about_the_series_has_no_place(make_review, make_finding):
    review = make_review(findings=(make_finding(place=None, patch=2),), excerpts=((),))

    assert "\n  patch 2/3\n  why" in report(review)


def test_removed_code_is_said_to_be_from_before(make_review, make_finding, code):
    review = make_review(
        findings=(make_finding(side="before"),), excerpts=(code(12, "+\tseamcall(fn);"),)
    )

    assert "  before the patch\n    12 - seamcall(fn);\n" in report(review)


def test_many_sites_are_left_to_their_own_command(make_review, make_site):
    few = report(make_review(sites=(make_site(),) * 20))
    many = report(make_review(sites=(make_site(),) * 21))

    assert ("\nSEAMCALL sites\n" in few, "tdxreview sites" in few) == (True, False)
    assert ("\nSEAMCALL sites\n" in many, "tdxreview sites" in many) == (False, True)


def test_remarks_beyond_three_are_counted(make_review, make_finding):
    finding = make_finding(remarks=tuple(f"{n}@x" for n in range(5)))

    assert "  said   <0@x>, <1@x>, <2@x> and 2 more remarks\n" in report(
        make_review(findings=(finding,), excerpts=((),))
    )


@pytest.mark.parametrize("colour", [False, True])
def test_no_text_of_a_mail_steers_the_terminal(hostile_review, colour):
    text = report(hostile_review, colour=colour)
    ours = [piece.partition("m")[0] for piece in text.split("\x1b[")[1:]]

    assert [code for code in ours if not code.replace(";", "").isdigit()] == []
    assert not set(text.replace("\x1b[", "")) & {"\x1b", "\x07", "\x9b", "\r", "\u202e"}
    assert "[red]evil[/red]" in text


def test_files_without_a_word_of_seamcall_code_are_named_briefly(make_review):
    let_go = (
        LetGo(1, "mm/a.c", "none of the words stands in it"),
        LetGo(1, "mm/Makefile", "none of the words stands in it"),
        LetGo(2, "mm/b.c", "none of the words stands in it"),
        LetGo(None, "mm/c.c", "a diff in the reply <x>; the series adds the same lines"),
    )

    assert report(make_review(let_go=let_go)).splitlines()[-2:] == [
        "Everything was examined.",
        "  no seamcall, tdx_, vmxon or like word in mm/a.c and 1 other file",
    ]


def test_files_beside_the_kernel_are_named_for_what_they_are(make_review):
    let_go = (
        LetGo(1, "tools/own/a.c", '"tdx_" stands in it'),
        LetGo(1, "tools/lib/b.c", "none of the words stands in it"),
    )

    assert report(make_review(let_go=let_go)).splitlines()[-2:] == [
        "Everything was examined.",
        "  let go as no part of the kernel: tools/own/a.c and 1 other file",
    ]
