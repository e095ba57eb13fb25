"""All facts of one state of the code, whatever language they come from."""

from collections.abc import Sequence

from tdxreview.asm.hints import spelled_in_assembly, spelled_in_c
from tdxreview.cache import per_fragment
from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.conversation.placeholders import placeholders
from tdxreview.facts.life.upkeep import assembly_cares
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.vmx.sites import with_vmx
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.memo import Recall
from tdxreview.source.file_kinds import is_assembly, is_read
from tdxreview.source.model import Fragment, Image

WORDS = (
    *("seamcall", "seamldr", "seamret", "tdx_", "tdh_", "tdcall", "66,0x0f,0x01", "66, 0x0f, 0x01"),
    *("vmxon", "vmxoff", "vmx_on", "vmx_off", "virtualization_cpu", "enable_virtualization"),
    *("cache_state_incoherent", "cache_incoherent"),
    *("disable_virtualization", "hardware_enable", "hardware_disable", "x86_virt_", "cr4_vmxe"),
)
"""One of these stands in every file that makes a SEAMCALL or takes part in one."""


def relevant(image: Image) -> bool:
    """Tell whether a file can have to do with SEAMCALL at all."""
    spelled = spelled_in_assembly if is_assembly(image.path) else spelled_in_c
    return is_read(image.path) and any(
        _speaks_of_tdx(fragment) or spelled(fragment) for fragment in image.fragments
    )


@per_fragment
def _speaks_of_tdx(fragment: Fragment) -> bool:
    text = fragment.text.lower()
    return any(word in text for word in WORDS)


def gather(
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    recall: Recall | None = None,
) -> Gathered:
    """Give the subjects of the files named by `of` (None: of all), sorted by place.

    All images are context: a wrapper or a constant that one file defines counts in the others.
    `recall` has been turned to these images, and saves work.
    """
    parts = (
        gather_assembly(images, abi, of),
        gather_c(images, abi, of, recall),
        assembly_cares(images, of),
        placeholders(images, of),
    )
    subjects = with_vmx((item for part in parts for item in part.subjects), images, abi, of)
    return Gathered(
        subjects=tuple(sorted(subjects, key=_order)),
        not_examined=tuple(dict.fromkeys(item for part in parts for item in part.not_examined)),
    )


def _order(subject: Subject) -> tuple[str, int, int, str, int]:
    place = subject.place
    return (place.path, place.line, place.column, type(subject).__name__, subject.ordinal)
