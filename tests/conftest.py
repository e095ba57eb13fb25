"""Small builders of what the later stages read, and the golden files."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from msgspec.structs import replace

from tdxreview.asm.prove.assemble import missing_tool
from tdxreview.asm.prove.prove import prove as run_proof
from tdxreview.config.keys import KEYS
from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.trap.schema import WRONG
from tdxreview.kernel.knowledge import Abi
from tdxreview.mail.message import Author
from tdxreview.review.model import CodeLine, Depth, PatchRow, Review, SiteRow, Verdict
from tdxreview.rules.model import Confidence, Finding, Origin, Severity
from tdxreview.series.model import Series
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Place, Step
from tdxreview.source.text import image_of_text

settings.register_profile(
    "ours",
    deadline=None,  # a slow machine is no defect
    derandomize=True,
    database=None,  # what a run before found is found again, or not, by this one
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory):
    """Keep what the tool keeps between runs apart from what the user's runs have kept."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in (*(key.variable for key in KEYS), "TDXREVIEW_CACHE_KEY", "TDXREVIEW_DATE"):
            patch.delenv(name, raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        yield


GOLDEN = Path(__file__).parent / "data" / "golden"
CY = Author("Cy Rowan", "cy@example.com")
NO_ABI = Abi(leaves=(), statuses=(), wrappers=())
ASSEMBLY = "arch/x86/virt/vmx/tdx/leaf.S"
ROUTINE = """\
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/asm.h>
#include <asm/tdx.h>
SYM_FUNC_START(tdx_leaf)
	mov	%rdi, %rax
	mov	TDX_MODULE_rcx(%rsi), %rcx
.Lcall:
	.byte	0x66, 0x0f, 0x01, 0xcf
	jc	.Linvalid
.Ldone:
	RET
.Linvalid:
	mov	$TDX_SEAMCALL_VMFAILINVALID, %rax
	jmp	.Ldone
.Ltrap:
	mov	$TDX_SW_ERROR, %rdi
	or	%rdi, %rax
	jmp	.Ldone
	_ASM_EXTABLE_FAULT(.Lcall, .Ltrap)
SYM_FUNC_END(tdx_leaf)
"""


def _series(**fields):
    values = {
        "subject": "x86/virt/tdx: Start TDX when KVM loads",
        "revision": 2,
        "total": 3,
        "author": CY,
        "date": datetime(2026, 5, 4, 10, 0, tzinfo=UTC),
        "message_id": "20260504-start-0-cy@example.com",
        "change_id": None,
        "base_commit": None,
        "prerequisites": (),
        "cover": None,
        "patches": (),
        "missing": (),
        "oddities": (),
    }
    return Series(**(values | fields))


def _patch(position, **fields):
    values = {
        "position": position,
        "number": position,
        "label": f"{position}/3",
        "subject": f"x86/virt/tdx: Step {position}",
        "author": str(CY),
        "message_id": f"20260504-start-{position}-cy@example.com",
        "commit": None,
        "files": ("arch/x86/virt/vmx/tdx/tdx.c",),
        "applied": True,
        "problem": None,
    }
    return PatchRow(**(values | fields))


def _finding(**fields):
    values = {
        "rule": "status-ignored",
        "family": "status",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "message": "tdx_start() ignores the status of seamcall",
        "why": "The status is the only word of a failure.",
        "fix": "Return it.",
        "references": ("TDX module ABI specification, completion status codes",),
        "subject": None,
        "place": Place(path="arch/x86/virt/vmx/tdx/tdx.c", line=12, end_line=12),
        "function": "tdx_start",
        "trace": (),
        "fingerprint": "0123456789abcdef",
        "origin": Origin.NEW,
        "patch": 1,
    }
    return Finding(**(values | fields))


def _site(**fields):
    values = {
        "patch": 1,
        "place": Place(path="arch/x86/virt/vmx/tdx/tdx.c", line=12, end_line=12),
        "function": "tdx_start",
        "callee": "seamcall",
        "leaf": "TDH.SYS.LP.INIT",
        "verdict": Verdict.OK,
        "states": (("vmx-on", "on"),),
        "status_use": "tested",
        "evidence": (),
    }
    return SiteRow(**(values | fields))


def _review(**fields):
    values = {
        "taken_for": "an mbox with 4 messages",
        "depth": Depth.PATCH,
        "base": None,
        "series": _series(),
        "patches": (_patch(1), _patch(2), _patch(3)),
        "sites": (),
        "findings": (),
        "excerpts": (),
        "not_examined": (),
    }
    return Review(**(values | fields))


@pytest.fixture
def make_series():
    return _series


@pytest.fixture
def make_patch():
    return _patch


@pytest.fixture
def make_finding():
    return _finding


@pytest.fixture
def make_site():
    return _site


@pytest.fixture
def make_review():
    return _review


@pytest.fixture
def code():
    """Give lines of code from a number on; a leading + marks an added one and is taken away."""

    def lines(first, *texts):
        return tuple(
            CodeLine(number=number, text=text[1:], added=text[0] == "+")
            for number, text in enumerate(texts, start=first)
        )

    return lines


@pytest.fixture
def risky_review(code):
    """Give a review with all that a report can show."""
    kvm, tdx = "arch/x86/kvm/vmx/tdx_start.c", "arch/x86/virt/vmx/tdx/tdx.c"
    place = Place(path=kvm, line=112, end_line=112, column=1, end_column=12)
    trace = (
        Step(kvm, 141, "module_init() registers it", "tdx_start_init"),
        Step(kvm, 109, "turns VMX on, on this CPU only", "tdx_start_all"),
        Step(kvm, 112, "runs tdx_enable_one() on every CPU", "tdx_start_all"),
        Step(tdx, 161, "SEAMCALL TDH.SYS.LP.INIT needs vmx-on", "tdx_cpu_enable"),
    )
    wrong_cpu = _finding(
        rule="vmx-wrong-cpu",
        family="vmx",
        message="VMX is on for this CPU only, but tdx_cpu_enable() runs on every CPU",
        why="VMXON is per CPU. On a CPU without it, SEAMCALL raises #UD, and the wrapper says"
        " -EACCES at best.\n\nThere is no flag that says whether a CPU is in VMX operation.",
        fix="Enable VMX in the function that on_each_cpu() runs, or use the hotplug callback.",
        place=place,
        function="tdx_start_all",
        trace=trace,
        patch=2,
        remarks=("20260319120000.1-ada@example.com",),
        last=(kvm, 115),
        last_trace=((kvm, 144), (kvm, 112), None, (tdx, 161)),
    )
    ignored = _finding(
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        place=Place(path=tdx, line=88, end_line=89, column=1, end_column=0),
        function="tdx_page_reset",
        last=(tdx, 88),
    )
    again = replace(
        ignored, place=Place(path=tdx, line=97, end_line=97), origin=Origin.AFFECTED, last=None
    )
    note = _finding(severity=Severity.NOTE, rule="series-fixed-later", place=None, patch=1)
    return _review(
        series=_series(missing=(4, 5), total=5, oddities=("The cover letter promises 5 patches.",)),
        findings=(wrong_cpu, ignored, again, note),
        excerpts=(
            code(
                109,
                "+\tr = vmx_enable_virtualization_cpu();",
                "+\tif (r)",
                "+\t\treturn r;",
                "+\ton_each_cpu(tdx_enable_one, &err, true);",
                " ",
                " \treturn err;",
            ),
            code(
                86,
                " static void tdx_page_reset(struct page *page)",
                " {",
                "+\tseamcall(TDH_PHYMEM_PAGE_WBINVD, &(struct tdx_module_args){",
                "+\t\t.rcx = mk_keyed_paddr(tdx_global_keyid, page) });",
                " }",
            ),
            code(96, " ", " \tseamcall(TDH_PHYMEM_PAGE_WBINVD, &args);", " }"),
            (),
        ),
        sites=(
            _site(
                patch=2,
                place=Place(path=kvm, line=58, end_line=58),
                function="tdx_start_this_cpu",
                callee="seamcall_prerr",
                status_use="returned",
            ),
            _site(
                place=Place(path=tdx, line=88, end_line=89),
                function="tdx_page_reset",
                leaf="TDH.PHYMEM.PAGE.WBINVD",
                verdict=Verdict.CALLER,
                states=(("vmx-on", "caller"), ("cpu-pinned", "unknown")),
                status_use="discarded",
            ),
            _site(
                place=Place(path=tdx, line=161, end_line=161),
                function="tdx_cpu_enable",
                callee="seamcall_prerr",
                verdict=Verdict.VIOLATED,
                states=(("vmx-on", "off"),),
                evidence=trace,
            ),
        ),
        not_examined=(
            NotExamined(3, "arch/x86/virt/vmx/tdx/seamcall.S", "a hunk of patch 3 is cut off"),
            NotExamined(None, None, "patch 4/5 is not in the input", absent=True),
            NotExamined(None, None, "patch 5/5 is not in the input", absent=True),
        ),
        hidden_existing=3,
    )


@pytest.fixture
def golden():
    """Compare a whole output with a file of `tests/data/golden`; `make golden` rewrites it."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("TDXREVIEW_GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture
def routine():
    """Give a right routine, with pieces of it replaced."""

    def made(*changes):
        text = ROUTINE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return text

    return made


def assembly_images(*files):
    return [image_of_text(path, text) for path, text in files]


@pytest.fixture
def gather():
    """Read files, given as texts (one assembly file) or as pairs of path and text."""

    def gathered(*files):
        named = [file if isinstance(file, tuple) else (ASSEMBLY, file) for file in files]
        return gather_assembly(assembly_images(*named), NO_ABI)

    return gathered


@pytest.fixture
def wrong(gather):
    """Give what reading finds wrong, as (fact, value, line), in the order of the lines."""

    def found(*files):
        return [
            (fact, str(getattr(subject, fact)), subject.place.line)
            for subject in gather(*files).subjects
            for fact, values in WRONG.items()
            if getattr(subject, fact) in values
        ]

    return found


@pytest.fixture
def prove():
    """Run files, given as for `gather`, without a tree."""
    if missing_tool() is not None:
        pytest.skip(f"{missing_tool()} is not installed")

    def proof(*files):
        named = [file if isinstance(file, tuple) else (ASSEMBLY, file) for file in files]
        return run_proof(assembly_images(*named), None, NO_ABI)

    return proof
