"""What the kernel calls its own is said in rules/, not in code: a new name is a line of data."""

import ast
import re
from pathlib import Path

from tdxreview.data.bundled import bundled_folder
from tdxreview.data.yaml_file import Fields, Items, Scalar, read_yaml

PACKAGE = Path(__file__).parent.parent / "tdxreview"
LISTED = Path(__file__).with_name("names_in_code.txt")
"""Names of the kernel's that still stand in code, a line each: the list may only shrink."""
STAGES = ("kernel", "cfront", "asm", "program", "dataflow", "facts", "explain")
"""The stages that judge code; what mails say is in words of people."""
WORD = re.compile(r"[A-Za-z_]\w*")
OF_THE_KERNEL = re.compile(
    r"_*(?:k[mvz]alloc|(?:raw_)?spin|mutex|rcu|cpus?|cpuhp|smp|on_each|for_each|local_irq|preempt"
    r"|pfn|phys|virt|page_to|alloc|free_page|kvm|tdx|tdh|seam(?:call|ldr)|pr|dev|lockdep|this_cpu"
    r"|per_cpu|work_on|stop_machine|sysfs|trace|vmx|native|atomic)_\w+"
    r"|_*(?:DEFINE|DECLARE|INIT|WARN|BUG|READ|WRITE|SYM|_?ASM|EX_TYPE|TDX|TDH|X86|EXPORT|GFP|KVM)_\w+"
)
"""How the names of the kernel's functions and macros begin."""


def texts(node):
    """Give every text of a YAML value."""
    match node:
        case Scalar():
            yield node.text
        case Items():
            for each in node.nodes:
                yield from texts(each)
        case Fields():
            for key, value in node.entries:
                if key.text not in {"sources", "source", "meaning", "kind", "holds", "states"}:
                    yield from texts(value)


def known_names():
    """Give the names that the data has; a word of English may be one as well, and is left out."""
    folder = bundled_folder()
    files = [*sorted((folder / "kernel").glob("*.yml")), *sorted((folder / "abi").glob("*.yml"))]
    found = {text for file in files for text in texts(read_yaml(file, file.name))}
    return {each for each in found if WORD.fullmatch(each) and "_" in each.strip("_")}


def strings(path):
    """Give the texts in a module's code that are no docstrings and no sentences."""
    tree = ast.parse(path.read_text())
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in told and ("|" in text or " " not in text):
            yield text


def names_in(path, known):
    words = {word for text in strings(path) for word in WORD.findall(text)}
    return sorted(word for word in words if word in known or OF_THE_KERNEL.fullmatch(word))


def test_the_names_of_the_kernel_are_data():
    """Instructions, registers and C's own words are no names of the kernel."""
    known = known_names()
    paths = [
        path
        for stage in STAGES
        for path in sorted((PACKAGE / stage).rglob("*.py"))
        if path.parent.name != "conversation"
    ]
    found = [
        f"{path.relative_to(PACKAGE)} {name}" for path in paths for name in names_in(path, known)
    ]

    assert sorted(LISTED.read_text().splitlines()) == sorted(found)


def test_a_name_in_a_pattern_or_a_set_is_seen(tmp_path):
    path = tmp_path / "a.py"
    path.write_text('"""A spin_lock_irq."""\nA = r"x|on_each_cpu\\w*"\nB = {"page_address"}\n')

    assert names_in(path, {"page_address"}) == ["on_each_cpu", "page_address"]
