"""The table of formats: every row can be loaded, and nothing is loaded before it is asked for."""

import inspect
import subprocess
import sys

import pytest

from tdxreview.report.formats import BY_NAME, FORMATS, Result, names_for, writer

CELLS = [(row.name, result) for row in FORMATS for result in row.writers]


@pytest.mark.parametrize(("name", "result"), CELLS)
def test_every_writer_takes_a_result_and_a_view(name, result):
    parameters = inspect.signature(writer(name, result)).parameters.values()

    assert [each.kind.name for each in parameters] == ["POSITIONAL_OR_KEYWORD"] * 2


def test_no_two_formats_have_a_name():
    assert len(BY_NAME) == len(FORMATS)


@pytest.mark.parametrize("result", Result)
def test_every_result_can_be_read_by_programs(result):
    assert "json" in names_for(result)


def test_a_page_beside_a_format_is_a_format_of_every_result_that_it_has():
    for row in FORMATS:
        if row.beside:
            assert set(row.writers) <= set(BY_NAME[row.beside[1]].writers)


def test_the_table_loads_no_writer():
    code = (
        "import sys, tdxreview.report.formats;"
        "print({each for each in sys.modules if each.startswith('tdxreview.report.')})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(eval(ended.stdout)) == {"tdxreview.report.formats", "tdxreview.report.view"}  # noqa: S307
