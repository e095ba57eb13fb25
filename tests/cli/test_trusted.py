"""What a tree may say of its review: what stands at the base, and only if the user asks."""

import json

import pytest

PATH = "arch/x86/virt/vmx/tdx/tdx.c"
HEADER = "arch/x86/include/asm/tdx.h"
ONE = "void tdx_one(void)\n{\n\tseamcall(TDH_SYS_LP_INIT, NULL);\n}\n"
TWO = "void tdx_two(void)\n{\n\tseamcall(TDH_SYS_KEY_CONFIG, NULL);\n}\n"
CONFIG = 'ignore = ["status"]\n'


@pytest.fixture
def reviewed(tdxreview, tmp_path, git, commit):
    """Give a function that reviews the second of two commits."""
    git(tmp_path, "init", "--quiet")

    def ran(first, second, *options):
        commit(tmp_path, {HEADER: "\n", PATH: ONE, **first}, "one")
        commit(tmp_path, {PATH: ONE + TWO, **second}, "two")
        return tdxreview("review", "--tree", str(tmp_path), *(options or ("HEAD~..HEAD",)))

    return ran


TRUSTING = ("HEAD~..HEAD", "--trust-base", "--format", "json")


def rules(ended):
    return {each["rule"] for each in json.loads(ended.out)["findings"]}


def test_what_stands_at_the_base_counts_where_it_is_trusted(reviewed):
    assert "status-ignored" not in rules(reviewed({".tdxreview.toml": CONFIG}, {}, *TRUSTING))


def test_it_does_not_count_by_itself(reviewed):
    files = {".tdxreview.toml": CONFIG, "tdx-rules/tdx-rules.yml": "format: 1\nignore: [status]\n"}

    assert "[status-ignored]" in reviewed(files, {}).out


def test_what_the_patch_brings_does_not_count(reviewed, tmp_path):
    """Neither in the patch nor in the work tree."""
    (tmp_path / "tdx-rules").mkdir()
    ended = reviewed(
        {".tdxreview.toml": "notes = true\n"},
        {
            ".tdxreview.toml": CONFIG,
            "pyproject.toml": f"[tool.tdxreview]\n{CONFIG}",
            "tdx-rules/tdx-rules.yml": "format: 1\nignore: [status]\n",
        },
        *TRUSTING,
    )

    assert "status-ignored" in rules(ended)


def test_a_pyproject_and_a_folder_of_rules_count(reviewed):
    files = {
        "pyproject.toml": '[project]\nname = "x"\n[tool.tdxreview.severity]\nargs = "note"\n',
        "tdx-rules/tdx-rules.yml": "format: 1\nignore: [status]\n",
    }

    assert "status-ignored" not in rules(reviewed(files, {}, *TRUSTING))


def test_suppressions_of_the_base_count(reviewed, tmp_path):
    file = "format: 1\nsuppressions:\n  - {fingerprint: none, reason: gone}\n"
    ended = reviewed(
        {".tdxreview.toml": 'suppressions = ["ci/known.yml"]\n', "ci/known.yml": file},
        {},
        *TRUSTING,
    )

    assert json.loads(ended.out)["spent_suppressions"] == [
        {"where": "known.yml:3", "state": "unused", "until": ""}
    ]
    assert str(tmp_path) not in ended.out


@pytest.mark.parametrize("name", ["../known.yml", "/etc/known.yml", "~/known.yml"])
def test_a_name_does_not_lead_out(reviewed, git, tmp_path, name):
    ended = reviewed({".tdxreview.toml": f'\nrules = ["{name}"]\n'}, {}, *TRUSTING)

    base = git(tmp_path, "rev-parse", "HEAD~")[:12]
    assert (ended.status, ended.err) == (
        2,
        f"tdxreview: {base}:.tdxreview.toml:2: {name} leads out of the tree\n",
    )


def test_an_error_names_commit_file_and_line(reviewed, git, tmp_path):
    files = {"tdx-rules/tdx-rules.yml": "format: 1\nignore: [statuss]\n"}
    ended = reviewed(files, {}, *TRUSTING)

    base = git(tmp_path, "rev-parse", "HEAD~")[:12]
    assert ended.status == 2
    assert ended.err.startswith(f"tdxreview: {base}:tdx-rules/tdx-rules.yml:2: there is no rule")


def test_a_mail_names_no_base(tdxreview, tmp_path, git, commit):
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, {HEADER: "\n", PATH: ONE}, "one")
    base = commit(tmp_path, {".tdxreview.toml": CONFIG}, "two")
    commit(tmp_path, {PATH: ONE + TWO}, "three")
    patch = git(tmp_path, "format-patch", "--stdout", f"--base={base}", "HEAD~")
    (tmp_path / "a.patch").write_text(f"{patch}\n")

    asked = ("review", str(tmp_path / "a.patch"), "--tree", str(tmp_path), "--trust-base")
    refused = tdxreview(*asked)
    named = tdxreview(*asked, "--base", base, "--format", "json")

    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith("tdxreview: --trust-base: of which base?")
    assert "status-ignored" not in rules(named)


def test_config_show_tells_what_the_base_says(reviewed, tdxreview, git, tmp_path):
    reviewed({".tdxreview.toml": CONFIG}, {".tdxreview.toml": "notes = true\n"})
    base = git(tmp_path, "rev-parse", "HEAD~")[:12]
    shown = tdxreview(
        "config", "show", "--json", "--trust-base", "--tree", str(tmp_path), "HEAD~..HEAD"
    )
    plain = tdxreview("config", "show", "--json", "--tree", str(tmp_path))

    settings = json.loads(shown.out)["settings"]
    assert settings["ignore"]["value"] == ["status"]
    assert settings["ignore"]["from"] == [
        {"kind": "base", "where": f"{base}:.tdxreview.toml", "line": 1}
    ]
    assert settings["notes"]["value"] is False
    assert json.loads(plain.out)["settings"]["ignore"]["value"] is None


def test_config_show_wants_a_base_to_trust(tdxreview, tmp_path):
    ended = tdxreview("config", "show", "--trust-base", "--tree", str(tmp_path))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("tdxreview: --trust-base: of which base?")
