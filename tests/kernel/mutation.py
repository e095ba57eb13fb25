"""Small edits of real kernel files, reviewed with the file at hand and from the hunk alone."""

import difflib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from tdxreview.facts.collect import gather
from tdxreview.facts.model import Gathered
from tdxreview.facts.removed import with_losses
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.blame import blame
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, Severity
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file
from tdxreview.source.model import Change, Image
from tdxreview.source.text import change_of_texts, image_of_text

TABLES = Path(__file__).parent / "mutants"
SURROUNDINGS = ("arch/x86/include/asm/tdx.h", "arch/x86/virt/vmx/tdx/tdx.h")
DEPTHS = ("tree", "patch")
HEADER = re.compile(r"^[A-Za-z_$]")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit; `at` are texts of which the flagged line holds one, `rule` is empty if harmless.

    `missed` says why the defect is not found, empty if it is. `around` are the files that it is
    judged with at depth tree.
    """

    path: str
    find: str
    replace: str
    rule: str
    at: tuple[str, ...]
    depths: tuple[str, ...]
    skip: int
    missed: str = ""
    around: tuple[str, ...] = SURROUNDINGS

    @property
    def marks(self):
        """Expect what is known to be missed to be missed, and to be told when it no longer is."""
        return [pytest.mark.xfail(reason=self.missed, strict=True)] if self.missed else []

    @property
    def name(self):
        """Say in a line what is edited."""
        edit = f"{self.find.strip()[:40]!r} -> {self.replace.strip()[:40]!r}"
        return f"{self.rule or 'harmless'}: {edit}"

    def text(self, original):
        """Give the file with the edit."""
        pieces = original.split(self.find)
        assert len(pieces) > self.skip + 1, f"not in {self.path}: {self.find!r}"
        head = self.find.join(pieces[: self.skip + 1])
        return head + self.replace + self.find.join(pieces[self.skip + 1 :])


def table(name):
    """Read a table: the edits that have to be found, and the harmless ones."""
    data = yaml.safe_load((TABLES / name).read_text(encoding="utf-8"))
    paths, around = data["files"], tuple(data.get("around", SURROUNDINGS))
    edits = [*data["mutants"], *data.get("harmless", [])]
    return tuple(_mutant(each, paths, around) for each in edits)


def _mutant(data, paths, around):
    at = data.get("at", "")
    return Mutant(
        path=paths[data["file"]],
        find=data["find"],
        replace=data["replace"],
        rule=data.get("rule", ""),
        at=(at,) if isinstance(at, str) else tuple(at),
        depths=("tree",) if data.get("depth") == "tree" else DEPTHS,
        skip=data.get("skip", 0),
        missed=data.get("missed", ""),
        around=around,
    )


def findings(kernel: Path, mutant: Mutant, depth: str) -> tuple[Finding, ...]:
    """Review the edit as a patch; what was there before it is left out."""
    original = (kernel / mutant.path).read_text(encoding="utf-8")
    edited = mutant.text(original)
    change = _tree_change(mutant, original, edited) if depth == "tree" else None
    around = _surroundings(kernel, mutant.path, mutant.around) if depth == "tree" else ()
    change = change or _patch_change(mutant, original, edited)
    before = _gathered([change.before, *around], mutant.path)
    after = with_losses(before, _gathered([change.after, *around], mutant.path), [change])
    return tuple(
        finding
        for finding in blame(_judged(before), _judged(after), [change])
        if finding.origin in {Origin.NEW, Origin.AFFECTED}
    )


def new_file_findings(kernel: Path, path: str, text: str) -> tuple[Finding, ...]:
    """Judge a file that a patch adds beside the kernel's own TDX host code."""
    around = _surroundings(kernel, path, (*SURROUNDINGS, "arch/x86/virt/vmx/tdx/tdx.c"))
    return _judged(_gathered([image_of_text(path, text), *around], path))


def caught(mutant: Mutant, found, lines) -> bool:
    """Tell whether the right rule flagged the right line."""
    return any(
        finding.rule == mutant.rule and any(at in lines[finding.place.line] for at in mutant.at)
        for finding in found
    )


def lines_of(kernel: Path, mutant: Mutant) -> dict[int, str]:
    """Give the lines of the edited file by number."""
    edited = mutant.text((kernel / mutant.path).read_text(encoding="utf-8"))
    return dict(enumerate(edited.split("\n"), start=1))


def alarms(found):
    """Give the findings that a maintainer would be bothered with."""
    return [each for each in found if each.severity is not Severity.NOTE]


@cache
def _knowledge():
    folder = bundled_folder()
    return load_rules(folder), load_abi(folder)


def _gathered(images: list[Image | None], path: str) -> Gathered:
    known = [image for image in images if image is not None]
    return gather(known, _knowledge()[1], frozenset({path}))


def _judged(gathered: Gathered) -> tuple[Finding, ...]:
    return judge(gathered.subjects, _knowledge()[0])


@cache
def _surroundings(
    kernel: Path, path: str, files: tuple[str, ...] = SURROUNDINGS
) -> tuple[Image, ...]:
    others = [other for other in files if other != path]
    return tuple(
        image_of_text(other, (kernel / other).read_text(encoding="utf-8")) for other in others
    )


def _tree_change(mutant: Mutant, original: str, edited: str) -> Change:
    diff = split_diff(_diff(mutant.path, original, edited))
    patch = change_of_file(diff.files[0], image_of_text(mutant.path, original), 1)
    return (
        patch
        if patch.after and patch.after.whole
        else change_of_texts(mutant.path, original, edited)
    )


def _patch_change(mutant: Mutant, original: str, edited: str) -> Change:
    diff = split_diff(_diff(mutant.path, original, edited))
    return change_of_file(diff.files[0], None, 1)


def _diff(path: str, original: str, edited: str) -> str:
    old = original.splitlines()
    lines = difflib.unified_diff(old, edited.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    body = [_with_section(line, old) if line.startswith("@@") else line for line in lines]
    return f"diff --git a/{path} b/{path}\n" + "\n".join(body) + "\n"


def _with_section(line: str, old: list[str]) -> str:
    start = int(re.match(r"@@ -(\d+)", line)[1]) - 1
    section = next((each for each in reversed(old[:start]) if HEADER.match(each)), "")
    return f"{line} {section[:80]}"
