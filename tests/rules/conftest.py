"""Small rule files, and a gatherer that needs no analysis: each line is a call."""

import pytest

from tdxreview.facts.model import Gathered
from tdxreview.facts.sites.schema import Site, StatusUse
from tdxreview.rules.loader import load_rules
from tdxreview.source.place import Place

RULE = {
    "id": "status-dropped",
    "title": "A title",
    "severity": "error",
    "confidence": "high",
    "about": "site",
    "message": "'{function}() ignores the status of {callee}'",
    "why": "Because.",
    "fix": "Return it.",
    "when": "[{status_use: [discarded, stored]}]",
    "flagged": """
  - name: dropped
    code: |
      drop();  /* flagged */
  - name: stored
    code: |
      keep();  /* flagged */""",
    "clean": """
  - name: returned
    code: |
      give();""",
}

USES = {
    "drop": StatusUse.DISCARDED,
    "keep": StatusUse.STORED,
    "give": StatusUse.RETURNED,
    "test": StatusUse.TESTED,
}


def _rule_text(changes):
    """Give the text of a rule file; a key with None is left out."""
    keys = {**RULE, **changes}
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)


@pytest.fixture
def folder(tmp_path):
    """Give a folder with one family."""
    (tmp_path / "status").mkdir()
    return tmp_path


@pytest.fixture
def write_rule(folder):
    """Write a rule file that differs from the usual one in some keys."""

    def write(name="status-dropped", **changes):
        path = folder / "status" / f"{name}.yml"
        path.write_text(_rule_text({"id": name, **changes}))
        return path

    return write


@pytest.fixture
def make_rules(folder, write_rule):
    """Load a set of one rule that differs from the usual one in some keys."""

    def make(name="status-dropped", **changes):
        write_rule(name, **changes)
        return load_rules(folder)

    return make


def _site(line=1, *, path="a.c", use=StatusUse.DISCARDED, callee="seamcall", **fields):
    end_line = fields.pop("end_line", line)
    uses = use if isinstance(use, frozenset) else frozenset({use})
    return Site(
        place=Place(path=path, line=line, end_line=end_line),
        function=fields.pop("function", "f"),
        callee=callee,
        leaf="",
        status_use=uses,
        **fields,
    )


@pytest.fixture
def make_site():
    """Give a site of one line."""
    return _site


@pytest.fixture
def gather():
    """Give a gatherer that takes every line `name();` for a site, by the name."""
    return _gather


def _gather(images):
    return Gathered(
        subjects=tuple(
            _site(line.number, path=image.path, use=USES[name], callee=name)
            for image in images
            for line in image.lines
            if (name := line.text.strip().removesuffix("();")) in USES
        )
    )
