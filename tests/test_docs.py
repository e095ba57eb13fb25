"""Everything that a user can type or read stands on a page of the site."""

import json
import subprocess
import sys

import pytest

from tdxreview.errors import ExitStatus
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, names_of
from tdxreview.report.formats import FORMATS
from tdxreview.report.schema import DOCUMENTS
from tdxreview.rules.folders import bundled_folder, rule_files
from tools.docs.commands import SKIPPED, commands
from tools.docs.pages import OUTSIDE, ROOT, pages, write_pages

PAGES = pages()


def test_every_command_and_option_is_on_the_page_of_commands():
    page = PAGES["commands"]
    missing = [
        (name, option)
        for name, command in commands()
        for option in ("", *(o for p in command.params if p.name not in SKIPPED for o in p.opts))
        if (f"`{option}" if option.startswith("-") else f"## {name}\n") not in page
    ]

    assert missing == []


def test_every_rule_has_an_anchor():
    ids = [path.stem for path in rule_files(bundled_folder())]

    assert [name for name in ids if f"\n({name})=\n### {name}\n" not in PAGES["rules"]] == []


def test_every_fact_and_name_of_every_kind_is_among_the_words():
    sections = {part.split("\n", 1)[0]: part for part in PAGES["words"].split("\n## ")[1:]}
    missing = [
        (kind, word)
        for kind in KINDS
        for word in (*facts_of(kind), *names_of(kind))
        if f"\n`{word}`\n: " not in sections[kind]
    ]

    assert missing == []


@pytest.mark.parametrize("status", ExitStatus)
def test_every_exit_status_is_on_its_page_and_on_the_manual_page(status):
    assert f"\n| {status.value} | " in PAGES["exit-status"]
    assert f"\n{status.value}\n: " in PAGES["commands"]


def test_every_format_and_document_is_on_a_page():
    assert [row.name for row in FORMATS if f"\n`{row.name}`\n: " not in PAGES["commands"]] == []
    assert [name for name in DOCUMENTS if f"\n## tdxreview.{name}/1\n" not in PAGES["json"]] == []


def test_links_out_of_the_docs_lead_to_files():
    links = [link for text in PAGES.values() for link in OUTSIDE.findall(text)]

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_leads_to_pages_that_are_there():
    readme = (ROOT / "README.md").read_text("utf-8")

    assert {"docs/index.md", "docs/ci.md", "docs/writing-rules.md"} <= {
        part.partition(")")[0] for part in readme.split("](")[1:]
    }
    assert len(readme.splitlines()) < 200


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    write_pages(tmp_path / "pages")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n"]
    ended = [
        subprocess.run([*build, "-b", kind, tmp_path / "pages", tmp_path / kind], check=False)
        for kind in ("html", "man")
    ]
    manual = (tmp_path / "man" / "tdxreview.1").read_text("utf-8")
    links = json.dumps((tmp_path / "html" / "rules.html").read_text("utf-8"))

    assert [each.returncode for each in ended] == [0, 0]
    assert 'id=\\"ctx-raw-seamcall\\"' in links
    assert ".SH EXIT STATUS" in manual.upper()
