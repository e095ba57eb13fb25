import pytest

from tdxreview.facts.conversation.moves import differences
from tdxreview.facts.conversation.schema import Differs, Says

HEAD = "int tdx_wait(int n)"
BODY = ["{", "\tint err;", "", "\tmutex_lock(&wait_lock);", "\terr = tdx_ask(n);"]
CHECK = ["\tif (err)", '\t\tpr_err("no\\n");']
END = ["\tmutex_unlock(&wait_lock);", "\treturn err;", "}"]


def moved(old, new):
    """Give a hunk that takes a function away here and adds it further down."""
    gone = [f"-{line}" for line in (f"static {HEAD}", *old)]
    come = [f"+{line}" for line in (HEAD, *new)]
    return [*gone, "", "int between;", "", *come]


def found(patch, says=Says.MOVES):
    return [(each.kind, each.name) for each in differences(says, patch)]


def test_the_same_body_does_not_differ(make_patch):
    body = [*BODY, *CHECK, *END]

    assert found(make_patch(lines=moved(body, body))) == []


@pytest.mark.parametrize(
    ("new", "difference"),
    [
        (
            [*BODY[:3], BODY[4], *CHECK, *END[1:]],
            [
                (Differs.LOCK, "mutex_lock"),
                (Differs.LOCK, "mutex_unlock"),
            ],
        ),
        (
            [*BODY[:4], "\terr = tdx_beg(n);", *CHECK, *END],
            [
                (Differs.CALL, "tdx_ask"),
                (Differs.CALL, "tdx_beg"),
            ],
        ),
        ([*BODY, *END[:1], "\treturn 0;", "}"], [(Differs.CALL, "pr_err")]),
    ],
)
def test_what_was_lost_or_exchanged_is_told(make_patch, new, difference):
    assert found(make_patch(lines=moved([*BODY, *CHECK, *END], new))) == difference


def test_a_check_that_is_not_made_any_more_is_told(make_patch):
    old = ["{", "\tint err = tdx_ask(n);", "", "\tif (err < 0)", "\t\terr = 0;", "\treturn 1;", "}"]
    new = ["{", "\tint err = tdx_ask(n);", "", "\terr = 0;", "\treturn 1;", "}"]

    assert found(make_patch(lines=moved(old, new))) == [(Differs.STATUS_CHECK, "if (err < 0)")]


def test_what_the_message_names_is_no_surprise(make_patch):
    body = [*BODY, *CHECK, *END]
    new = [*BODY[:4], "\terr = tdx_beg(n);", *CHECK, *END]
    text = "Call tdx_beg() there in place of tdx_ask()."

    assert found(make_patch(text=text, lines=moved(body, new))) == []


def test_a_helper_that_the_same_patch_brings_is_no_difference(make_patch):
    new = ["{", "\treturn tdx_wait_locked(n);", "}", "", "int tdx_wait_locked(int n)", *BODY, *END]

    assert found(make_patch(lines=moved([*BODY, *END], new))) == []


def test_a_rename_may_change_the_name_everywhere(make_patch):
    lines = [
        "-int tdx_wait(void)",
        "+int tdx_await(void)",
        " {",
        "-\treturn tdx_wait();",
        "+\treturn tdx_await();",
        " }",
    ]

    assert (
        found(make_patch("x86: Rename tdx_wait() to tdx_await()", lines=lines), Says.RENAMES) == []
    )


def test_a_rename_that_exchanges_a_call_is_told(make_patch):
    lines = [
        "-int tdx_wait(void)",
        "+int tdx_await(void)",
        " {",
        "-\treturn ask();",
        "+\treturn beg();",
        " }",
    ]

    assert found(make_patch("x86: Rename it", lines=lines), Says.RENAMES) == [
        (Differs.CALL, "ask"),
        (Differs.CALL, "beg"),
    ]


def keeps(make_patch, lines):
    return found(make_patch(lines=lines), Says.KEEPS_BEHAVIOUR)


def test_where_behaviour_stays_other_calls_are_fine(make_patch):
    assert (
        keeps(
            make_patch,
            [
                " int f(void)",
                " {",
                "-\tone();",
                "+\ttwo();",
                " \treturn seamcall(TDH_SYS_INIT, &args);",
                " }",
            ],
        )
        == []
    )


def test_where_behaviour_stays_a_lost_lock_around_a_seamcall_is_told(make_patch):
    assert keeps(
        make_patch,
        [
            " int f(void)",
            " {",
            "-\tspin_lock(&l);",
            " \tret = seamcall(TDH_SYS_INIT, &args);",
            "-\tspin_unlock(&l);",
            " }",
        ],
    ) == [(Differs.LOCK, "spin_lock")]


def test_where_behaviour_stays_a_guard_is_a_lock(make_patch):
    assert (
        keeps(
            make_patch,
            [
                " int f(void)",
                " {",
                "-\tspin_lock(&l);",
                "+\tguard(spinlock)(&l);",
                " \tret = seamcall(TDH_SYS_INIT, &args);",
                "-\tspin_unlock(&l);",
                " }",
            ],
        )
        == []
    )


def test_where_behaviour_stays_a_status_that_is_dropped_is_told(make_patch):
    assert keeps(
        make_patch,
        [
            " int f(void)",
            " {",
            "-\tret = seamcall(TDH_SYS_INIT, &args);",
            "+\tseamcall(TDH_SYS_INIT, &args);",
            " }",
        ],
    ) == [(Differs.STATUS_CHECK, "seamcall")]


def test_where_behaviour_stays_code_without_a_seamcall_is_not_looked_at(make_patch):
    assert (
        keeps(make_patch, [" int f(void)", " {", "-\tspin_lock(&l);", "-\tspin_unlock(&l);", " }"])
        == []
    )
