"""The manual of the rules: `rules/README.md` for the web, and one rule at a time for a terminal.

`python -m tdxreview.rules.page` writes the page anew (`make rules-page`).
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, names_of, texts_of
from tdxreview.rules.example_file import MARK
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Example, Rule, RuleSet

FAMILIES = {
    "vmx": "Is the CPU in VMX operation?",
    "trap": "#UD, #GP and VMfailInvalid",
    "status": "Encoding and handling of the completion status",
    "args": "What is handed over",
    "life": "Lifecycle of module, TD and pages",
    "ctx": "Context and concurrency",
    "series": "Across patches, versions and mails",
}
"""Headings; a family that is not here goes by its name."""
PAGE = "README.md"

INTRODUCTION = """\
# The rules

<!-- Made from the rule files by `make rules-page`; edit those. -->

What tdxreview holds against SEAMCALL code. Each rule is a YAML file beside this page; its examples
are its tests, so what is written here is what the tool does. `tdxreview rules show ID` prints one
of these on a terminal.

An **error** is a crash, a lost error or wrong data on a path that exists. A **warning** is likely
one. A **note** is worth a look, or could not be decided from what was given; where a function is
not known whole, every finding in it is a note.
"""

WRITING = f"""\
## Write a rule

A rule names facts. Put a file `FAMILY-SOMETHING.yml` into a folder of your own, and try it with
`tdxreview rules check FOLDER`; then review with `--rules FOLDER`.

```yaml
id: ours-status-stored           # the file's name
title: A status is stored and never looked at
severity: warning                # error, warning or note
confidence: medium               # high, medium or low
about: site                      # the kind of thing whose facts are asked for
message: "{{function}}() stores the status of {{callee}} and forgets it"
why: |
  What goes wrong, for somebody who does not know TDX.
fix: |
  What to do instead.
when:                            # any entry may hold; in an entry, all facts
  - status_use: [stored]         # any of the values
flagged:                         # at least one, with a mark on each wrong line
  - name: stored
    code: |
      void f(struct tdx_module_args *args)
      {{
      \tu64 err = seamcall(TDH_SYS_LP_INIT, args);  {MARK}
      }}
clean:                           # at least one near miss
  - name: looked at
    code: |
      u64 f(struct tdx_module_args *args)
      {{
      \treturn seamcall(TDH_SYS_LP_INIT, args);
      }}
```

Also there: `unless` (as `when`, but none of its entries may hold), `severity` in an entry of
`when` (for what that entry finds, if it is milder than the rule), `false-alarms` (text),
`references` (list), `follows` (the rules whose findings this one's may only follow from: such a
one is told inside its cause), `limits` (examples that the rule gets wrong today, marked as would
be right). An example may say `path` (what file it is taken for; `.S` is assembly), `before` (the
file without the patch), `files` (others around, each with `path` and `code`) and, if it is clean,
`notes: allowed`. An example of what mails tell has `thread` in place of `code`: each mail begins
with a line `From: NAME` below an empty one, then come `Subject:` and, where needed, `Id:` and
`Answers:`; the mark stands at the subject of the patch, or at a line of its diff. Every entry,
fact and value of a rule has to be needed by an example. A message may name the facts and the
texts below. `when` and `unless` may also ask for names (`leaf: TDH.SYS.*`) and for the ways by
which the kernel comes to a call (`caller`, `lock` ...): `docs/writing-rules.md` says how,
`tdxreview rules facts` prints every word, and `examples/house-rules/` has ten such rules.
"""


def page(rules: RuleSet) -> str:
    """Give the whole page: a table a family, every rule under its id, and how to write one."""
    families = [
        (family, tuple(group)) for family, group in groupby(_sorted(rules), lambda r: r.family)
    ]
    parts = [INTRODUCTION, *(_table(family, group) for family, group in families)]
    parts += [_section(rule) for _, group in families for rule in group]
    parts += [WRITING, _vocabulary()]
    return "\n".join(parts)


def _sorted(rules: RuleSet) -> list[Rule]:
    order = list(FAMILIES)
    return sorted(rules.rules, key=lambda rule: (_place(rule.family, order), rule.family, rule.id))


def _place(family: str, order: list[str]) -> int:
    return order.index(family) if family in order else len(order)


def _table(family: str, rules: Iterable[Rule]) -> str:
    rows = [
        f"| [{rule.id}](#{rule.id}) | {rule.severity} | {_cell(rule.title)} |" for rule in rules
    ]
    heading = FAMILIES.get(family)
    head = [f"## {family}" + (f": {heading}" if heading else ""), ""]
    return "\n".join([*head, "| rule | severity | what is wrong |", "|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _section(rule: Rule) -> str:
    return "\n".join(
        [
            f"### {rule.id}",
            "",
            f"**{rule.title}.** {str(rule.severity).capitalize()}, confidence {rule.confidence}.",
            "",
            rule.why,
            "",
            f"**What to do:** {rule.fix}",
            "",
            *_if(rule.false_alarms, f"**Accepted, and known false alarms:** {rule.false_alarms}"),
            *_folded(rule),
            *_if(rule.references, f"References: {'; '.join(rule.references)}."),
        ]
    )


def _folded(rule: Rule) -> Iterator[str]:
    yield f"<details><summary>{_counts(rule)}</summary>"
    yield ""
    yield from _examples("Flagged", rule.flagged)
    yield from _examples("Clean", rule.clean)
    yield from _examples("Known limit", rule.limits)
    yield "</details>"
    yield ""


def _counts(rule: Rule) -> str:
    kinds = [("flagged", rule.flagged), ("clean", rule.clean), ("known limits", rule.limits)]
    counts = ", ".join(f"{len(examples)} {kind}" for kind, examples in kinds if examples)
    return f"Examples: {counts}"


def _if(wanted: object, text: str) -> list[str]:
    return [text, ""] if wanted else []


def _examples(heading: str, examples: Iterable[Example]) -> Iterator[str]:
    for example in examples:
        yield f"{heading}: {example.name}"
        yield ""
        if example.before is not None:
            yield from _code("before", example.path, example.before)
        yield from _code("", example.path, marked_code(example))


def _code(title: str, path: str, code: str) -> Iterator[str]:
    if title:
        yield f"*{title}*"
        yield ""
    yield "```asm" if path.endswith((".S", ".s")) else "```c"
    yield code.rstrip("\n")
    yield "```"
    yield ""


def marked_code(example: Example) -> str:
    """Give an example's code with its marks, as the rule file has it."""
    lines = example.code.split("\n")
    return "\n".join(
        f"{line}  {MARK}" if number in example.marked else line
        for number, line in enumerate(lines, start=1)
    )


def _vocabulary() -> str:
    return "\n".join(part for about in KINDS for part in _kind(about))


def _kind(about: str) -> Iterator[str]:
    yield f"## Facts of a {about}"
    yield ""
    yield f"{(KINDS[about].__doc__ or '').splitlines()[0]}"
    yield ""
    yield "| fact | values |"
    yield "|---|---|"
    for fact, values in facts_of(about).items():
        yield f"| `{fact}` | {', '.join(f'`{value}`' for value in sorted(values))} |"
    yield ""
    yield f"Texts for messages: {_listed(texts_of(about))}."
    yield ""
    yield f"Names that `when` and `unless` may ask for: {_listed(names_of(about))}."
    yield ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main() -> None:
    """Write the page of the bundled rules."""
    folder = bundled_folder()
    (folder / PAGE).write_text(page(load_rules(folder)))


if __name__ == "__main__":
    main()
