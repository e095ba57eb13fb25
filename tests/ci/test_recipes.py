"""The recipes for CI, as far as they can be run here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from tdxreview.cli.app import build_app
from tests.git_fixtures import commit, git  # noqa: F401

TOP = Path(__file__).parent.parent.parent
WRONG = """\
int tdx_first(void)
{
	struct tdx_module_args args = {};

	seamcall(TDH_SYS_INIT, &args);
	return 0;
}
"""
PATH = "arch/x86/virt/vmx/tdx/added.c"


@pytest.mark.parametrize(
    "name",
    ["action.yml", ".pre-commit-hooks.yaml", "examples/ci/github.yml", "examples/ci/gitlab.yml"],
)
def test_a_recipe_is_yaml(name):
    assert yaml.safe_load((TOP / name).read_text())


@pytest.mark.parametrize(
    "name",
    [
        "action.yml",
        "docs/ci.md",
        "examples/ci/gitlab.yml",
        "examples/ci/nipa/tdxreview/tdxreview.sh",
    ],
)
def test_a_recipe_names_only_options_that_there_are(name):
    commands = get_command(build_app()).commands
    params = [each for command in ("review", "reply") for each in commands[command].params]
    known = {option for each in params for option in each.opts}
    foreign = {"--no-verify", "--check", "--no-cache", "--add", "--quiet"}
    words = (TOP / name).read_text().replace("(", " ").replace("`", " ").split()
    used = {word for word in words if word.startswith("--") and len(word) > 2}

    assert used - known - foreign == set()


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ({PATH: WRONG}, 1, f"tdxreview: {PATH}:5: error: [status-ignored] "),
        ({"fs/a.c": "int a;\n"}, 0, "tdxreview: nothing wrong\n"),
    ],
)
def test_nipa_is_told_by_status_and_one_line(tmp_path, git, commit, files, status, said):  # noqa: F811
    top = tmp_path / "linux"
    top.mkdir()
    git(top, "init", "--quiet")
    commit(top, {"README": "one\n"}, "first")
    commit(top, files, "second")
    script = TOP / "examples/ci/nipa/tdxreview/tdxreview.sh"
    with (tmp_path / "line").open("w") as line:
        ended = subprocess.run(
            [str(script)],
            cwd=top,
            env=os.environ
            | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "RESULTS_DIR": str(tmp_path),
                "DESC_FD": str(line.fileno()),
            },
            pass_fds=(line.fileno(),),
            check=False,
        )

    assert ended.returncode == status
    assert (tmp_path / "line").read_text().startswith(said)
    assert json.loads((tmp_path / "tdxreview.json").read_text())["schema"] == "tdxreview.review/1"
