"""One line in rules/kernel/ is all that a name of the kernel's takes: the whole tool, once more."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent.parent
PATH = "arch/x86/virt/vmx/tdx/tile.c"


@pytest.fixture
def overlaid(tmp_path):
    """Give a function that scans code with a line more in the data: the rules that are broken."""
    (tmp_path / "tdxreview").symlink_to(HERE / "tdxreview")
    shutil.copytree(HERE / "rules", tmp_path / "rules")

    def overlaid(code, name=None, key=None, line=None):
        if name is not None:
            path = tmp_path / "rules" / "kernel" / name
            path.write_text(path.read_text().replace(f"\n{key}:\n", f"\n{key}:\n  - {line}\n"))
        tree = tmp_path / "tree"
        (tree / PATH).parent.mkdir(parents=True, exist_ok=True)
        (tree / PATH).write_text(code)
        command = [sys.executable, "-m", "tdxreview", "scan", "--format", "json", str(tree)]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        found = json.loads(ran.stdout)["findings"]
        return {each["rule"] for each in found if each["severity"] != "note"}

    return overlaid


HEAD = "#include <asm/tdx.h>\n\n"
LOCK_KEPT = (
    HEAD + "static int tile(struct tdx_module_args *args)\n{\n\tu64 err;\n\n\ttile_take(&lock);\n"
    "\terr = seamcall(TDH_MEM_TRACK, args);\n\tif (err)\n\t\treturn -EIO;\n"
    "\tspin_unlock(&lock);\n\treturn 0;\n}\n"
)
NAP = (
    HEAD + "static int tile(struct tdx_module_args *args)\n{\n\tu64 err;\n\n\tspin_lock(&lock);\n"
    "\ttile_nap();\n\terr = seamcall(TDH_MEM_TRACK, args);\n\tspin_unlock(&lock);\n"
    "\treturn err ? -EIO : 0;\n}\n"
)
MAPPED = (
    HEAD + "static int tile(struct tdx_module_args *args)\n{\n\tvoid *page = tile_alloc(4096);\n\n"
    "\targs->rcx = __pa(page);\n\treturn seamcall(TDH_MEM_PAGE_ADD, args) ? -EIO : 0;\n}\n"
)


NOT_FLUSHED = (
    HEAD + "static int tile(u64 list)\n{\n\tstruct tdx_module_args args = { .rcx = list };\n"
    "\tint ret;\n\n\tret = seamcall_prerr(TDH_SYS_CONFIG, &args);\n\tif (ret)\n"
    "\t\treturn ret;\n\tseq_drain_tile();\n\targs = (struct tdx_module_args){};\n"
    "\treturn seamcall_prerr(TDH_SYS_KEY_CONFIG, &args);\n}\n"
)


@pytest.mark.parametrize(
    ("code", "name", "key", "line", "rule"),
    [
        pytest.param(
            LOCK_KEPT,
            "locks.yml",
            "calls",
            "{name: tile_take, takes: {spinlock: 0}, source: [spinlock]}",
            "ctx-lock-leak",
            id="a lock API",
        ),
        pytest.param(
            NAP,
            "sleeping.yml",
            "sleeps",
            "{name: tile_nap, source: [core]}",
            "ctx-sleep-in-atomic",
            id="a function that sleeps",
        ),
        pytest.param(
            MAPPED,
            "memory.yml",
            "mapped",
            "{name: tile_alloc, source: [vmalloc]}",
            "args-virtual-address",
            id="an allocator",
        ),
    ],
)
def test_a_line_of_data_changes_what_is_found(overlaid, code, name, key, line, rule):
    before = overlaid(code)
    after = overlaid(code, name, key, line)

    assert (rule in before, rule in after) == (False, True)


def test_a_flush_is_one_line(overlaid):
    line = "{name: seq_drain_tile, source: [wbinvd]}"
    rule = "life-cache-not-flushed"

    assert rule in overlaid(NOT_FLUSHED)
    assert rule not in overlaid(NOT_FLUSHED, "caches.yml", "flushes-all", line)
