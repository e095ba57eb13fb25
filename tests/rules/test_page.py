import textwrap

from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.page import PAGE, WRITING, page


def test_the_page_in_the_repository_is_fresh():
    """`make rules-page` writes it anew."""
    folder = bundled_folder()

    assert (folder / PAGE).read_text() == page(load_rules(folder))


def test_every_rule_has_its_section_and_its_line_in_the_table(write_rule, folder):
    write_rule("status-b")
    write_rule("status-a")
    lines = page(load_rules(folder)).splitlines()

    assert [line for line in lines if line.startswith("### ")] == ["### status-a", "### status-b"]
    assert [line for line in lines if line.startswith("| [")] == [
        "| [status-a](#status-a) | error | A title |",
        "| [status-b](#status-b) | error | A title |",
    ]


def test_families_stand_in_their_order_and_a_users_own_last(write_rule, folder):
    (folder / "vmx").mkdir()
    write_rule("vmx-a").rename(folder / "vmx" / "vmx-a.yml")
    write_rule("status-a")
    write_rule("ours-a").rename(folder / "ours-a.yml")
    lines = page(load_rules(folder)).splitlines()

    assert [line for line in lines if line.startswith("## ")][:3] == [
        "## vmx: Is the CPU in VMX operation?",
        "## status: Encoding and handling of the completion status",
        "## ours",
    ]


def test_an_example_is_shown_with_its_marks(make_rules):
    text = page(make_rules())

    assert "Flagged: dropped\n\n```c\ndrop();  /* flagged */\n```\n" in text


def test_the_rule_that_shows_how_to_write_one_loads(tmp_path):
    sample = WRITING.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "ours-status-stored.yml").write_text(textwrap.dedent(sample))

    assert [rule.id for rule in load_rules(tmp_path).rules] == ["ours-status-stored"]
