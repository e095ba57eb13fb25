"""Who is quoted, in the forms that mail programs write."""

import pytest

from tdxreview.mail.attribution import attribution
from tdxreview.mail.message import Author


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("On 3/8/26 19:41, Ann B. wrote:", "Ann B.", ""),
        ("On Mon, Mar 2, 2026 at 11:00 AM Ann B <a@x.y> wrote:", "Ann B", "a@x.y"),
        ("On Sun, Mar 1, 2026, a@x.y wrote:", "", "a@x.y"),
        ("2026-03-01, 09:44:10 +0200, Ann B wrote:", "Ann B", ""),
        ("* Ann B <a@x.y> [2026-03-01 09:00]:", "Ann B", "a@x.y"),
        ("Am 01.03.26 um 19:11 schrieb Ann B:", "Ann B", ""),
        ("Ann B <a@x.y> writes:", "Ann B", "a@x.y"),
        ("Quoting Ann B (2026-03-01 10:00:00)", "Ann B", ""),
        ("Excerpts from Ann B's message of March 1, 2026 6:04 pm:", "Ann B", ""),
        ("El lun, 2 mar 2026 a las 10:00, Ann B (<a@x.y>) escribió:", "Ann B", "a@x.y"),
        ("On Tue, 10 Mar 2026 09:00:00 +0000\nAnn B <a@x.y> wrote:", "Ann B", "a@x.y"),
    ],
)
def test_an_attribution_names_who_is_quoted(text, name, address):
    lines = text.split("\n")

    assert attribution(lines, 0) == (Author(name, address), len(lines))


@pytest.mark.parametrize(
    "text", ["On the other hand, he wrote:", "As Dave wrote:", "Hi Jon, you wrote:", "We wrote:"]
)
def test_a_sentence_about_somebody_is_none(text):
    assert attribution([text], 0) is None
