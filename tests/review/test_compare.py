"""Findings of two revisions held against each other."""

from tdxreview.review.compare import Became, _findings
from tdxreview.source.place import Place

AT = Place(path="tdx.c", line=9, end_line=9)


def became(old, new):
    return [(each.became, each.finding.function) for each in _findings(old, new)]


def test_a_finding_with_the_same_fingerprint_is_still_there(make_finding):
    old, new = make_finding(place=AT), make_finding(place=Place(path="tdx.c", line=70, end_line=70))

    assert became([old], [new]) == [(Became.STILL, "tdx_start")]


def test_what_only_one_revision_has_is_new_or_fixed(make_finding):
    old = make_finding(rule="status-ignored", fingerprint="a", function="f")
    new = make_finding(rule="args-stale-inputs", fingerprint="b", function="g")

    assert became([old], [new]) == [(Became.NEW, "g"), (Became.FIXED, "f")]


def test_another_line_of_the_function_is_the_same_finding(make_finding):
    old = make_finding(fingerprint="a", function="f")
    new = make_finding(fingerprint="b", function="f")

    assert became([old], [new]) == [(Became.STILL, "f")]


def test_a_function_that_was_renamed_keeps_its_finding(make_finding):
    old = make_finding(fingerprint="a", function="f", message="f() does", place=AT)
    new = make_finding(fingerprint="b", function="g", message="g() does", place=AT)

    assert became([old], [new]) == [(Became.STILL, "g")]


def test_one_old_finding_accounts_for_one_new(make_finding):
    old = [make_finding(fingerprint="a", function="f")]
    new = [make_finding(fingerprint=each, function="f") for each in "bc"]

    assert became(old, new) == [(Became.STILL, "f"), (Became.NEW, "f")]


def test_what_mails_tell_is_no_finding_here(make_finding):
    told = make_finding(family="series", rule="series-nacked")

    assert became([told], [told]) == []
