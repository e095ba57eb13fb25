import pytest

from tdxreview.report.sites import site_report
from tdxreview.report.view import View
from tdxreview.source.model import NotExamined


@pytest.mark.parametrize("width", [80, 200])
def test_golden_inventory(risky_review, golden, width):
    golden(f"sites-{width}.txt", site_report(risky_review, View(width=width)))


def test_on_a_wide_terminal_a_site_is_one_line(make_review, make_site):
    text = site_report(make_review(sites=(make_site(),)), View(width=160))

    assert text.splitlines()[2:4] == [
        "  arch/x86/virt/vmx/tdx/tdx.c",
        "  12  ok  tdx_start()  TDH.SYS.LP.INIT  seamcall  vmx-on: on  status tested  patch 1/3",
    ]


def test_on_a_narrow_one_what_is_known_stands_below(make_review, make_site):
    text = site_report(make_review(sites=(make_site(),)), View(width=70))

    assert text.splitlines()[-4:-1] == [
        "  12  ok  tdx_start()  TDH.SYS.LP.INIT",
        "      seamcall · vmx-on: on · status tested · patch 1/3",
        "",
    ]


def test_an_unknown_leaf_is_said(make_review, make_site):
    text = site_report(make_review(sites=(make_site(leaf="", function=""),)), View(width=160))

    assert "  12  ok  -  leaf unknown  seamcall" in text


def test_a_long_function_name_is_cut_before_the_leaf(make_review, make_site):
    site = make_site(function="tdx_" + "very_" * 12 + "long")
    text = site_report(make_review(sites=(site,)), View(width=60))

    assert "…  TDH.SYS.LP.INIT\n" in text


def test_no_sites_is_said(make_review):
    text = site_report(make_review(), View(width=80))

    assert text.endswith("\nNo SEAMCALL sites. Everything was examined.\n")


def test_what_was_not_examined_stands_in_the_inventory_too(make_review):
    review = make_review(not_examined=(NotExamined(2, "tdx.c", "cut off"),))

    assert site_report(review, View(width=80)).endswith(
        "\nNot examined\n  patch 2/3 tdx.c  cut off\n\nNo SEAMCALL sites.\n"
    )
