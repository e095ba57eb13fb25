import pytest

from tdxreview.report.code_span import code_span


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *b* <c> @d #1", "`a *b* <c> @d #1`"),
        ("a `b` c", "``a `b` c``"),
        ("`b`", "`` `b` ``"),
        ("a | b", "`a \\| b`"),
        ("two\nlines\x1b[31m", "`two lines[31m`"),
        ("", ""),
    ],
)
def test_foreign_text_is_code_and_nothing_else(text, shown):
    assert code_span(text) == shown
