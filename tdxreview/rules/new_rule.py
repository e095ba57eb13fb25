"""A first rule: a file that holds but for the blanks in it."""

from collections.abc import Iterator
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.regex import regex
from tdxreview.rules.model import Rule

BLANK = "___"
"""Stands where somebody has to say something."""
_ID = regex(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
TEMPLATE = """\
id: {id}
title: ___ what is wrong, in a line
severity: warning                # error, warning or note
confidence: medium               # high, medium or low
about: site                      # `tdxreview rules facts` names the kinds, facts and words
message: "{{function}}() calls {{callee}}() ___"
why: |
  ___ what goes wrong, for somebody who does not know TDX.
fix: |
  ___ what to do instead.
when:                            # any entry may hold; in an entry all words
  - leaf: TDH.SYS.RD             # names are exact or patterns: TDH.SYS.*
    made: here
unless:                          # none of these may hold, on any way in view
  - section: init
flagged:                         # each wrong line ends in the mark
  - name: ___ what is wrong in it
    code: |
      static u64 read_field(u64 field)
      {{
      \tstruct tdx_module_args args = {{ .rcx = field }};

      \treturn seamcall_ret(TDH_SYS_RD, &args);  /* flagged */
      }}
  - name: ___ by a function of the code
    code: |
      static u64 read_field(u64 field)
      {{
      \tstruct tdx_module_args args = {{ .rcx = field }};

      \treturn seamcall_ret(TDH_SYS_RD, &args);  /* flagged */
      }}

      u64 read_first(void)
      {{
      \treturn read_field(1);
      }}
clean:                           # the look-alikes that must stay silent
  - name: ___ another leaf
    code: |
      static u64 read_field(u64 field)
      {{
      \tstruct tdx_module_args args = {{ .rcx = field }};

      \treturn seamcall_ret(TDH_MNG_RD, &args);
      }}
  - name: ___ where it is allowed
    code: |
      static u64 __init read_field(u64 field)
      {{
      \tstruct tdx_module_args args = {{ .rcx = field }};

      \treturn seamcall_ret(TDH_SYS_RD, &args);
      }}
"""


def write_rule(name: str, folder: Path, known: frozenset[str]) -> Path:
    """Write a first rule of a name into a folder, and give its file; UsageError if it cannot be."""
    if not _ID.fullmatch(name):
        raise UsageError(f"`{name}` is no id; take FAMILY-WHAT-IS-WRONG in small letters")
    if name in known:
        raise UsageError(f"`{name}` is a rule already; take another id")
    path = folder / f"{name}.yml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(id=name))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    return path


def blanks(rule: Rule) -> Iterator[str]:
    """Give the names of the texts of a rule that still have a blank in them."""
    texts = {"title": rule.title, "message": rule.message, "why": rule.why, "fix": rule.fix}
    yield from (name for name, text in texts.items() if BLANK in text)
    for example in (*rule.flagged, *rule.clean, *rule.limits):
        if BLANK in example.name:
            yield f"the name of an example (line {example.line})"
