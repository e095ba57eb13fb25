"""Pages as parts of arrays, regions and lists."""

import pytest

from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.page_sets import Moves
from tdxreview.dataflow.domains.progress import Pages


def given(*texts):
    return Pages(given=frozenset(texts))


@pytest.mark.parametrize(
    ("before", "moves", "after"),
    [
        (["a[i]"], Moves.UP, ["a[<i]"]),
        (["a[<i]"], Moves.UP, ["a[<i]"]),
        (["a[<i]"], Moves.DOWN, ["a[i]"]),
        (["a[<i]"], Moves.ZERO, ["a[<]", "a[i]"]),
        (["a[<i]"], Moves.ELSEWHERE, ["a[<]"]),
        (["a[i]"], Moves.ELSEWHERE, []),
        (["a[0]"], Moves.ZERO, ["a[0]", "a[i]"]),
        (["b[j]", "page"], Moves.UP, ["b[j]", "page"]),
        (["x[i]->page"], Moves.UP, []),
    ],
)
def test_pages_are_called_by_where_the_number_of_the_next_is(before, moves, after):
    assert given(*after) == page_sets.counted(given(*before), "i", moves)


@pytest.mark.parametrize(
    ("page", "by", "is_meant"),
    [
        ("a[<i]", "a", True),
        ("a", "a[n]", True),
        ("a[<i]", "a[<]", True),
        ("a[0]", "a[<]", True),
        ("a[i]", "a[<]", False),
        ("a[i]", "a[j]", False),
        ("l{3}", "l{}", True),
        ("l{3}", "l", True),
        ("l{3}", "l[<]", False),
        ("b[<i]", "a[<]", False),
    ],
)
def test_a_whole_covers_its_parts_and_a_part_only_itself(page, by, is_meant):
    assert is_meant is page_sets.covered(page, by)


def test_what_was_passed_last_is_of_no_other_kind():
    pages = Pages(given=frozenset(["a[<]", "b[<]"]), clean=frozenset(["a[i]"]))

    after = page_sets.counted(pages, "i", Moves.UP)

    assert Pages(given=frozenset(["b[<]"]), clean=frozenset(["a[<i]"])) == after


def test_a_second_loop_over_a_list_begins_where_the_first_began():
    pages = page_sets.passed(given("page"), "page", "stock", 4, taken_off=False)

    assert given("stock{4}") == page_sets.begun(pages, "page", "stock", 4)
    assert given("stock{4}", "page") == page_sets.begun(pages, "page", "stock", 9)


def test_a_page_that_was_taken_off_a_list_is_not_met_there_again():
    assert given() == page_sets.passed(given("page"), "page", "stock", 4, taken_off=True)


@pytest.mark.parametrize(
    ("text", "argument", "there"),
    [
        ("td->page", "&own->td", "own->td.page"),
        ("td->page", "td2", "td2->page"),
        ("*out", "&page", "page"),
        ("*out", "where", "*where"),
        ("list{}", "&head", "head{}"),
        ("pages[<]", "stock->pages", "stock->pages[<]"),
        ("page", "", ""),
    ],
)
def test_a_page_is_put_into_the_words_of_the_caller(text, argument, there):
    root = text.strip("*").split("-")[0].split("[")[0].split("{")[0]

    assert frozenset(filter(None, [there])) == page_sets.renamed(
        frozenset([text]), {root: argument}
    )


def test_what_hangs_on_a_variable_of_the_function_is_not_told_to_callers():
    texts = frozenset(["pages[<i]", "pages[i]", "own", "td->page", "pages[1]"])

    assert frozenset(["pages[<]", "td->page", "pages[1]"]) == page_sets.for_caller(
        texts, frozenset(["pages", "td"])
    )


def test_the_pages_of_a_lists_entries_go_by_their_member():
    before = given("one->page", "one->more->page")
    pages = page_sets.passed(before, "one", "stock", 4, taken_off=False)

    assert pages == given("stock->page{4}")
    assert page_sets.begun(pages, "one", "stock", 4) == given("stock->page{4}")
    assert page_sets.begun(pages, "it", "stock", 9) == given("stock->page{4}", "it->page")
    assert page_sets.begun(pages, "it", "other", 9) == given("stock->page{4}")


def test_the_page_of_an_entry_that_was_taken_off_is_forgotten():
    assert given() == page_sets.passed(given("one->page"), "one", "stock", 4, taken_off=True)
