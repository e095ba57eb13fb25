"""Expressions of modules are compiled when they are first used, and all of them can be."""

import importlib
import re
from pathlib import Path

import pytest

import tdxreview
from tdxreview.regex import regex

PACKAGE = Path(tdxreview.__file__).parent
EXPRESSION = type(regex(""))


def test_it_finds_what_re_finds():
    """Each method gives what the compiled expression gives, whichever is asked first."""
    text = "tdh_mng_init(tdr), TDH_mng_key()"
    for method in ("findall", "split"):
        own = getattr(regex(r"tdh_(\w+)", re.IGNORECASE), method)
        assert getattr(re.compile(r"tdh_(\w+)", re.IGNORECASE), method)(text) == own(text)
    assert regex(r"(\w+)\(").match(text)[1] == "tdh_mng_init"
    assert regex(r"tdr").search(text).span() == (13, 16)
    assert regex(r"tdh\w+\(.*", re.DOTALL).fullmatch(text)[0] == text
    assert regex(rb"\d").sub(b"", b"a1b2") == b"ab"
    assert [each[0] for each in regex(r"t..\b").finditer("tdr tdx")] == ["tdr", "tdx"]


def test_it_is_compiled_once(monkeypatch):
    """The second use takes the compiled one."""
    compiled = []
    real = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: compiled.append(given) or real(*given))
    words = regex(r"\w+", re.ASCII)
    assert compiled == []
    assert words.match("tdx")
    assert words.search("seam").re is words.match("x").re
    assert compiled == [(r"\w+", re.ASCII)]


def test_it_has_no_other_attributes():
    """What `re.Pattern` has and a stand-in has not is an error, not a wrong answer."""
    with pytest.raises(AttributeError, match="scanner"):
        _ = regex("x").scanner


def _expressions(value):
    if isinstance(value, EXPRESSION):
        yield value
    elif isinstance(value, dict):
        yield from _expressions(tuple(value.items()))
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _expressions(each)


def test_every_expression_of_a_module_compiles():
    """A mistake in an expression shows here, not at its first use."""
    number = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem == "__main__" or "regex(" not in path.read_text():
            continue
        name = ".".join(("tdxreview", *path.relative_to(PACKAGE).with_suffix("").parts))
        for value in list(vars(importlib.import_module(name)).values()):
            for each in _expressions(value):
                re.compile(each.pattern, each.flags)
                number += 1
    assert number > 400
