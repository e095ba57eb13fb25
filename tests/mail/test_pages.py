"""Pages of a web archive that somebody saved into a directory: no ids, no In-Reply-To."""

from pathlib import Path

from tdxreview.mail.intake import read_paths
from tdxreview.mail.thread import build_threads

DATA = Path(__file__).parent.parent / "data" / "mail"
PAGE = """\
{subject}

From: {author}

Date: Wed Mar 1{day} 2026 - 03:13:22 EST


{body}
"""
SUBJECT = "Re: [PATCH v{revision} 1/2] x86/virt/tdx: Count pages"


def page(folder, name, author, day, body, revision=2):
    text = PAGE.format(subject=SUBJECT.format(revision=revision), author=author, day=day, body=body)
    (folder / f"{name}.txt").write_text(text)


def test_pages_are_threaded_by_subject_and_attribution(tmp_path):
    page(tmp_path, "a", "Rae Roe", 1, "On 3/10/2026 9:58 PM, Ann Mey wrote:\n> Count them.\n\nWhy?")
    page(tmp_path, "b", "Ann Mey", 2, "On 3/11/2026, Roe, Rae wrote:\n> Why?\n\nTo know.")

    [thread] = build_threads(read_paths([tmp_path]).messages)

    assert [message.author.name for message in thread.messages] == ["Rae Roe", "Ann Mey"]
    assert thread.parents == (None, 0)


def test_another_revision_is_another_thread(tmp_path):
    page(tmp_path, "a", "Rae Roe", 1, "On 3/10/2026 9:58 PM, Ann Mey wrote:\n> Count.\n\nWhy?")
    page(tmp_path, "b", "Ann Mey", 2, "On 3/11/2026, Rae Roe wrote:\n> Why?\n\nTo know.", 3)

    assert len(build_threads(read_paths([tmp_path]).messages)) == 2


def test_separators_need_no_date():
    messages = read_paths([DATA / "separator-without-date.mbox"]).messages

    assert [message.message_id for message in messages] == ["p@x.example", "r@x.example"]
