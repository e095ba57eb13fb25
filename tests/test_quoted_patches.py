"""Patches that only a reviewer's reply shows: what is found in them, where, and what is lost."""

import json

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.report.json_report import json_report
from tdxreview.report.spots import own_spot
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.source.place import UNNAMED

PATH = "arch/x86/virt/vmx/tdx/keys.c"
NAMES = [f"diff --git a/{PATH} b/{PATH}", f"--- a/{PATH}", f"+++ b/{PATH}"]
CALL = [
    "+static void forget_keys(void)",
    "+{",
    "+\tstruct tdx_module_args args = {};",
    "+",
    "+\tseamcall(TDH_SYS_KEY_CONFIG, &args);",
    "+}",
]
ABOVE = [" \treturn 0;", " }", " "]
BELOW = [" static int use_keys(void)", " {", " \tint cpu;"]
OTHER = [
    "diff --git a/include/k.h b/include/k.h",
    "--- a/include/k.h",
    "+++ b/include/k.h",
    "@@ -1,1 +1,2 @@",
    " int known;",
    "+int fresh;",
]


@pytest.fixture(scope="module")
def reviewed():
    folder = bundled_folder()
    knowledge = Knowledge(rules=load_rules(folder), abi=load_abi(folder))

    def reviewed(*lines):
        body = "\n".join(
            f"> {line[1:]}" if line[:1] == ">" else line
            for line in ("On Monday, Ann Beck wrote:", *lines)
        )
        mail = (
            "From: R <r@example.org>\nMessage-ID: <r@example.org>\nIn-Reply-To: <a@example.org>\n"
            f"Subject: Re: [PATCH] x86/virt/tdx: Forget the keys\n\n{body}\n"
        )
        return review(read_bytes(mail.encode(), "mail"), knowledge)

    return reviewed


def quoted(*lines):
    return [f">{line}" for line in lines]


def ignored(result):
    """Give where the one finding stands, and what was not examined."""
    (finding,) = [each for each in result.findings if each.rule == "status-ignored"]
    return (finding.place.path, finding.place.line), [each.reason for each in result.not_examined]


@pytest.mark.parametrize(
    "above",
    [
        [],
        quoted("[...]"),
        [*quoted("It is simple.", ""), "Is it?", ""],
        ["[ ... 12 lines skipped ]", ""],
    ],
    ids=["bare", "quoted snip", "behind prose", "snip"],
)
def test_code_without_any_header_is_reviewed_whosever_file_it_is(reviewed, above):
    result = reviewed(*above, *quoted(*CALL), "", "Who reads it?")

    assert ignored(result) == ((UNNAMED, 5), [])


@pytest.mark.parametrize(
    ("promise", "cut"),
    [("6,13", 1), ("6,14", 1), ("7,13", 1), ("6,12", 1)],
    ids=["an added one", "two added ones", "a context one", "none"],
)
def test_blank_lines_that_a_reviewer_took_away_where_one_cut_in_are_no_damage(
    reviewed, promise, cut
):
    lines = [*NAMES, f"@@ -10,{promise.replace(',', ' +10,')} @@ int k(void)", *ABOVE, *CALL]
    result = reviewed(*quoted(*lines), *["", "Why?", ""] * cut, *quoted(*BELOW))

    assert ignored(result) == ((PATH, 17), [])


def test_more_than_blank_lines_lost_is_said(reviewed):
    lines = [*NAMES, "@@ -10,6 +10,17 @@ int k(void)", *ABOVE, *CALL]
    result = reviewed(*quoted(*lines), "", "Why?", "", *quoted(*BELOW))

    assert ignored(result) == (
        (PATH, 17),
        [
            (
                "the hunk's header promises 6 old and 17 new lines, its text has 6 and 12"
                " (line 4 of the diff)"
            )
        ],
    )


def test_lines_lost_where_nobody_cut_in_are_said(reviewed):
    lines = [*NAMES, "@@ -10,6 +10,13 @@ int k(void)", *ABOVE, *CALL, *BELOW]

    assert ignored(reviewed(*quoted(*lines)))[1] == [
        (
            "the hunk's header promises 6 old and 13 new lines, its text has 6 and 12"
            " (line 4 of the diff)"
        )
    ]


@pytest.mark.parametrize(
    "between",
    [
        ["", "[...]", ""],
        quoted("[...]"),
        ["", "Fine.", "", "<snip>", ""],
        quoted("...", ""),
    ],
    ids=["own snip", "quoted snip", "words and a snip", "dots"],
)
def test_the_hunk_before_a_snip_does_not_go_on_behind_it(reviewed, between):
    result = reviewed(*quoted(*OTHER), *between, *quoted(*CALL))
    place, lost = ignored(result)

    assert (place[0], lost) == (UNNAMED, [])


def test_a_file_behind_a_snip_has_its_own_name(reviewed):
    hunk = [*NAMES, "@@ -10,6 +10,12 @@ int k(void)", *ABOVE, *CALL, *BELOW]

    assert ignored(reviewed(*quoted(*OTHER), "", "[...]", "", *quoted(*hunk))) == ((PATH, 17), [])


def test_a_file_without_a_name_is_no_path_for_other_tools(reviewed):
    result = reviewed(*quoted(*CALL))
    finding = next(each for each in result.findings if each.rule == "status-ignored")
    index = result.findings.index(finding)

    assert (finding.last, own_spot(result, index)) == (None, None)
    assert json.loads(json_report(result))["findings"][index]["path"] is None
    assert [site.place.path for site in result.sites] == [UNNAMED]
