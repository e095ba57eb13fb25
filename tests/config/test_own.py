"""What the user has set, wherever it stands, and what a directory cannot set."""

import subprocess
import sys

import pytest

from tdxreview.config.own import own_layers
from tdxreview.config.resolve import resolved
from tdxreview.errors import UsageError


def settings(environment):
    return resolved(own_layers(environment))


def test_nothing_set_is_nothing(environment):
    assert settings(environment).origins == {}


def test_the_file_is_read_with_its_lines(environment, write):
    write("home/own/tdxreview/config.toml", 'notes = true\nignore = ["args"]\n')

    found = settings(environment)

    assert found.notes is True
    assert [(each.text, each.source.line) for each in found.ignore] == [("args", 2)]


def test_a_link_to_the_file_is_followed(environment, write, tmp_path):
    kept = write("dotfiles/mine.toml", "jobs = 3\n")
    folder = tmp_path / "home/own/tdxreview"
    folder.mkdir(parents=True)
    (folder / "config.toml").symlink_to(kept)

    assert settings(environment).jobs == 3


def test_the_environment_is_stronger_than_the_file(environment, write):
    write("home/own/tdxreview/config.toml", 'fail-on = "note"\n')

    found = settings(environment | {"TDXREVIEW_FAIL_ON": "warning"})

    assert found.fail_on.text == "warning"
    assert [str(each) for each in found.origins["fail-on"]] == ["$TDXREVIEW_FAIL_ON"]


def test_git_is_weaker_than_the_file(environment, write):
    write("home/.gitconfig", "[tdxreview]\n\tjobs = 2\n\tignore = args\n\tignore = ctx\n")
    write("home/own/tdxreview/config.toml", "jobs = 5\n")

    found = settings(environment)

    assert (found.jobs, [each.text for each in found.ignore]) == (5, ["args", "ctx"])


def test_what_git_includes_counts(environment, write):
    other = write("more", "[tdxreview]\n\tfail-on = never\n")
    write("home/.gitconfig", f"[include]\n\tpath = {other}\n")

    assert settings(environment).fail_on.text == "never"


def test_a_repository_says_nothing(environment, write, tmp_path, monkeypatch):
    """Neither its configuration, nor a file of its tree, nor `git -c`."""
    write("home/.gitconfig", "[tdxreview]\n\tjobs = 2\n")
    subprocess.run(["git", "init", "-q", str(tmp_path / "tree")], check=True)
    for name in (".tdxreview.toml", "tdxreview.toml", "pyproject.toml", "config.toml"):
        write(f"tree/{name}", 'ignore = ["vmx"]\n[tool.tdxreview]\nignore = ["vmx"]\n')
    with (tmp_path / "tree/.git/config").open("a") as file:
        file.write("[tdxreview]\n\tignore = vmx\n\tjobs = 9\n")
    monkeypatch.chdir(tmp_path / "tree")
    passed = {
        "GIT_DIR": str(tmp_path / "tree/.git"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "tdxreview.notes",
        "GIT_CONFIG_VALUE_0": "true",
    }

    found = settings(environment | passed)

    assert (found.jobs, found.ignore, found.notes) == (2, (), None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\njobz = 2\n", "config.toml:2: there is no setting `jobz`; did you mean `jobs`?"),
        ('notes = "maybe"\n', "config.toml:1: `notes` is true or false, not `maybe`"),
        ("jobs = true\n", "config.toml:1: `jobs` is a number from 1 to 1024, not a truth value"),
        ("\n\nignore = [1]\n", "config.toml:3: `ignore` is a list of texts, not a list"),
        ("ignore =\n", "config.toml:1: is not TOML: Invalid value"),
        (
            '[severity]\nargs = "grave"\n',
            "config.toml:2: the severity of `args` is never `grave`; known are error, note, warn",
        ),
        ('severity."args" = "grave"\n', "config.toml:1: the severity of `args` is never `grave`;"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(environment, write, text, problem):
    write("home/own/tdxreview/config.toml", text)

    with pytest.raises(UsageError) as refused:
        settings(environment)

    assert problem in str(refused.value)


def test_an_unknown_setting_of_git_is_refused(environment, write):
    write("home/.gitconfig", "[tdxreview]\n\tignores = args\n")

    with pytest.raises(UsageError) as refused:
        settings(environment)

    assert str(refused.value) == (
        "git config --global tdxreview.ignores: there is no setting `ignores`;"
        " did you mean `ignore`?"
    )


def test_nothing_is_loaded_where_nothing_is_set(environment):
    program = (
        "import sys; from tdxreview.config.own import own_layers;"
        f"list(own_layers({environment!r}));"
        "print(*({'tomllib', 'subprocess', 'tdxreview.config.toml_file'} & {*sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert (ended.stdout, ended.stderr) == ("\n", "")
