"""What the analysis does not look at says by which words it was decided."""

import pytest

from tdxreview.facts.passed_over import all_words, passed_over
from tdxreview.mail.intake import read_bytes
from tdxreview.series.build import build_series
from tdxreview.source.images import walk
from tdxreview.source.model import LetGo, NotExamined


def judged(path, line):
    text = f"--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,3 @@\n a\n+{line}\n c\n"
    (series,) = build_series(read_bytes(text.encode(), "x.diff").messages)
    return [item for state in walk(series) for item in passed_over(state)]


def test_a_file_with_a_word_of_seamcall_code_is_looked_at():
    assert judged("mm/a.c", "seamcall(1, 2);") == []


@pytest.mark.parametrize("path", ["mm/a.c", "rust/a.rs", "mm/Makefile"])
def test_a_file_without_one_is_let_go_by_all_words(path):
    assert judged(path, "other(1, 2);") == [LetGo(1, path, f"none of {all_words()} stands in it")]
    assert all_words().startswith('"seamcall", "seamldr", ')


@pytest.mark.parametrize("path", ["a.h.in", "a.inl", "a.cc", "a.hpp", "a.rs"])
def test_code_of_a_kind_that_is_not_read_is_not_examined(path):
    reason = 'files of this kind are not read, and "seamcall" stands in it'

    assert judged(path, "SeamCall(1);") == [NotExamined(1, path, reason)]


@pytest.mark.parametrize("path", ["Documentation/a.rst", "mm/Kconfig", "a.py"])
def test_what_is_no_code_is_let_go_with_the_word_that_stands_in_it(path):
    reason = '"tdx_" stands in it, but by its name it is no code'

    assert judged(path, "tdx_enable") == [LetGo(1, path, reason)]


def test_what_is_beside_the_kernel_is_let_go():
    path = "tools/testing/selftests/own/seamcall.c"
    reason = '"seamcall" stands in it, but tools/ is no part of the kernel'

    assert judged(path, "seamcall(1, 2);") == [LetGo(1, path, reason)]
    assert judged(f"drivers/{path}", "seamcall(1, 2);") == []
