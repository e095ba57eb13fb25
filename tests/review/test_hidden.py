"""What is known of stays hidden through a reroll, is counted, and comes back with other code."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tdxreview.cli.knowledge import load_knowledge
from tdxreview.config.suppressions import Suppression
from tdxreview.review.finding_code import code_of
from tdxreview.review.hidden import Hiding, hide
from tdxreview.review.known_again import Known
from tdxreview.review.model import HiddenBy, Use
from tdxreview.review.scan import scan
from tdxreview.source.directory import DirectoryTree
from tests.review.rerolls import Reroll

RULE = "status-ignored"
VERSIONS = 5
"""Versions of a series."""


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge(())


def scanned(path, text, knowledge):
    """Give the review of a tree of one file."""
    with TemporaryDirectory() as top:
        file = Path(top, path)
        file.parent.mkdir(parents=True)
        file.write_text(text)
        return scan(DirectoryTree(Path(top)), knowledge)


def look(reroll, knowledge):
    return scanned(*reroll.image(), knowledge)


def ours(review, rule=RULE):
    return [at for at, each in enumerate(review.findings) if each.rule == rule]


def accepted(review, rule=RULE, **more):
    return tuple(
        Suppression(
            fingerprint=review.findings[at].fingerprint,
            rule=rule,
            path=review.findings[at].place.path,
            function=review.findings[at].function,
            code=review.codes[at].statements,
            reason="the next patch reads it",
            where=f"known.yml:{at}",
            **more,
        )
        for at in ours(review, rule)
    )


def known(review, rule=RULE):
    return tuple(
        Known(
            fingerprint=each.fingerprint,
            rule=each.rule,
            path=each.path,
            function=each.function,
            code=each.code,
        )
        for each in accepted(review, rule)
    )


def without(review, knowledge, **hiding):
    return hide(review, Hiding(**hiding), knowledge.abi.wrapper_of_name)


def test_the_rerolls_are_of_many_rules():
    assert {Reroll(seed).rule for seed in range(20)} >= {
        "status-ignored",
        "status-signed-test",
        "status-bit-test",
        "status-unmasked-compare",
        "status-printed-narrow",
        "ctx-raw-seamcall",
        "status-retry-unbounded",
    }


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("way", ["suppressions", "baseline"])
def test_five_versions_keep_it_quiet_and_changed_code_brings_it_back(seed, way, knowledge):
    reroll = Reroll(seed)
    rule = reroll.rule
    first = look(reroll, knowledge)
    assert len(ours(first, rule)) == 1
    hiding = {way: (accepted if way == "suppressions" else known)(first, rule)}
    for version in range(VERSIONS):
        seen = look(reroll, knowledge)
        result = without(seen, knowledge, **hiding)

        assert (version, ours(result, rule), len(result.hidden)) == (version, [], 1)
        assert len(result.findings) + len(result.hidden) == len(seen.findings)
        reroll.next()
    reroll.change()

    changed = without(look(reroll, knowledge), knowledge, **hiding)

    assert (len(ours(changed, rule)), changed.hidden) == (1, ())


@pytest.mark.parametrize("seed", range(20))
def test_a_second_one_like_it_is_new(seed, knowledge):
    reroll = Reroll(seed)
    rule = reroll.rule
    baseline = known(look(reroll, knowledge), rule)
    reroll.twice = True
    seen = look(reroll, knowledge)
    result = without(seen, knowledge, baseline=baseline)

    assert (len(ours(seen, rule)), len(ours(result, rule)), len(result.hidden)) == (2, 1, 1)


def test_a_fingerprint_and_a_reason_are_enough(knowledge):
    seen = look(Reroll(1), knowledge)
    (at,) = ours(seen)
    entry = Suppression(fingerprint=seen.findings[at].fingerprint, reason="known", where="k.yml:3")

    result = without(seen, knowledge, suppressions=(entry,))

    assert (ours(result), [each.by for each in result.hidden]) == ([], [HiddenBy.SUPPRESSION])
    assert result.spent == ()


def test_the_same_defect_elsewhere_is_no_old_one(knowledge):
    """Where the known one is mended and its function stays, one like it in another is new."""
    path = "arch/x86/virt/vmx/tdx/tdx.c"
    body = "\tstruct tdx_module_args args = {};\n\n"
    bad, good = f"{body}\tseamcall(TDH_SYS_LP_INIT, &args);\n", f'{body}\tpr_info("x");\n'
    both = "void tdx_a(void)\n{{\n{}}}\n\nvoid tdx_b(void)\n{{\n{}}}\n"
    before = scanned(path, both.format(bad, good), knowledge)
    after = scanned(path, both.format(good, bad), knowledge)

    result = without(after, knowledge, baseline=known(before))

    assert [result.findings[at].function for at in ours(result)] == ["tdx_b"]


def test_an_end_is_kept(knowledge):
    seen = look(Reroll(1), knowledge)
    entries = accepted(seen, until="2026-03-01")
    on_the_day = without(seen, knowledge, suppressions=entries, today=lambda: "2026-03-01")
    after = without(seen, knowledge, suppressions=entries, today=lambda: "2026-03-02")

    assert (ours(on_the_day), on_the_day.hidden_suppressed, on_the_day.spent) == ([], 1, ())
    assert (len(ours(after)), after.hidden, after.as_of) == (1, (), "2026-03-02")
    assert [(each.state, each.until) for each in after.spent] == [(Use.EXPIRED, "2026-03-01")]


def test_no_date_is_asked_for_where_nothing_ends(knowledge):
    seen = look(Reroll(1), knowledge)

    def never():
        raise AssertionError

    assert without(seen, knowledge, suppressions=accepted(seen), today=never).as_of == ""


def test_what_hides_nothing_is_told(knowledge):
    seen = look(Reroll(1), knowledge)
    other = Suppression(fingerprint="none", reason="gone", where="known.yml:9")
    changed = Suppression(
        fingerprint=seen.findings[ours(seen)[0]].fingerprint,
        reason="another leaf",
        code=("seamcall ( TDH_SYS_INFO , & args ) ;",),
        where="known.yml:5",
    )
    result = without(seen, knowledge, suppressions=(changed, other))

    assert [(each.where, each.state) for each in result.spent] == [
        ("known.yml:5", Use.CHANGED),
        ("known.yml:9", Use.UNUSED),
    ]
    assert [each.by for each in result.hidden if each.by is HiddenBy.SUPPRESSION] == []


def test_code_has_no_place_in_it(knowledge):
    path = "arch/x86/virt/vmx/tdx/tdx.c"
    text = "void f(void)\n{\n\tseamcall(TDH_SYS_LP_INIT, /* all */\n\t\t &args); // now\n}\n"
    seen = scanned(path, text, knowledge)

    assert seen.codes[ours(seen)[0]].statements[0] == "seamcall ( TDH_SYS_LP_INIT , & args ) ;"
    assert code_of(seen.findings[0], None).statements == ()


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        ("seamcall(TDH_SYS_LP_INIT, &args);", "seamcall_ret(TDH_SYS_LP_INIT, &args);", False),
        ("tdx_lo(TDH_SYS_LP_INIT, &args);", "tdx_hi(TDH_SYS_LP_INIT, &args);", False),
        ("seamcall(TDH_SYS_LP_INIT, &args);", "seamcall(TDH_SYS_LP_INIT, NULL);", False),
        ("seamcall(TDH_SYS_LP_INIT, &args);", "seamcall(TDH_SYS_LP_INIT,\n\t&args); /* x */", True),
    ],
)
def test_another_call_is_another_finding(before, after, stays, knowledge):
    """A helper that is still there was not renamed."""
    text = (
        "static u64 tdx_lo(u64 fn, struct tdx_module_args *args)\n"
        "{\n\treturn seamcall(fn, args);\n}\n"
        "static u64 tdx_hi(u64 fn, struct tdx_module_args *args)\n"
        "{\n\treturn seamcall(fn, args);\n}\n"
        "void tdx_a(void)\n{\n\tstruct tdx_module_args args = {};\n\n\t%s\n}\n"
    )
    path = "arch/x86/virt/vmx/tdx/tdx.c"
    known_ones = known(scanned(path, text % before, knowledge))
    seen = scanned(path, text % after, knowledge)

    result = without(seen, knowledge, baseline=known_ones)

    assert (len(ours(seen)), len(result.hidden)) == (1, int(stays))
