"""Pages whose quote marks an archive lost."""

from tdxreview.mail.intake import read_paths
from tdxreview.talk.converse import converse

PAGE = """\
Re: [PATCH v2 1/2] x86/virt/tdx: Count pages

From: {author}

Date: Wed Mar 1{day} 2026 - 03:13:22 EST


{body}
"""
MESSAGE = "Pages are counted per CPU. Count them per module instead."
ASKED = f"""\
On 3/10/2026 9:58 PM, Ann Mey wrote:
{MESSAGE}

Could you say why?

+static long pages;
+static int count(void) {{ return 0; }}

This never counts."""
ANSWERED = f"""\
On 3/11/2026 9:58 PM, Rae Roe wrote:
>On 3/10/2026 9:58 PM, Ann Mey wrote:
>> {MESSAGE}
>
>Could you say why?

Will do."""
AGAIN = f"""\
On 3/12/2026 9:58 PM, Ann Mey wrote:
On 3/11/2026 9:58 PM, Rae Roe wrote:
On 3/10/2026 9:58 PM, Ann Mey wrote:
{MESSAGE}

Could you say why?

Will do.

And where does it start?"""


def remarks(folder, talk, **pages):
    for name, (author, day, body) in pages.items():
        text = PAGE.format(author=author, day=day, body=body)
        (folder / f"{name}.txt").write_text(text)
    found = converse(read_paths([folder]).messages, lambda: talk).remarks
    return [
        (each.author.called if each.author else None, each.text, each.state.value) for each in found
    ]


def test_the_commit_message_and_the_code_are_the_patch(tmp_path, talk):
    assert remarks(tmp_path, talk, a=("Rae Roe", 1, ASKED)) == [
        ("Rae Roe", "Could you say why?", "open"),
        ("Rae Roe", "This never counts.", "open"),
    ]


def test_what_another_page_holds_is_quoted_and_told_once(tmp_path, talk):
    pages = {"a": ("Rae Roe", 1, ASKED), "b": ("Ann Mey", 2, ANSWERED), "c": ("Rae Roe", 3, AGAIN)}

    assert remarks(tmp_path, talk, **pages) == [
        ("Rae Roe", "Could you say why?", "agreed"),
        ("Rae Roe", "This never counts.", "open"),
        ("Rae Roe", "And where does it start?", "open"),
    ]


def test_with_several_levels_and_nothing_else_nobody_is_guessed(tmp_path, talk):
    authors = {author for author, _, _ in remarks(tmp_path, talk, c=("Rae Roe", 3, AGAIN))}

    assert authors == {None}
