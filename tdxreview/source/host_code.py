"""The host code of a tree: which part of it is searched, and which files were found there."""

from collections.abc import Iterable

import msgspec

from tdxreview.source.tree import Found, Scope, Tree, is_below
from tdxreview.store import NOWHERE, Store, code_digest, digest

HOST_WORDS = (
    *("seamcall", "SEAMCALL", "seamldr", "tdx_", "TDX_", "tdh_", "TDH_", "vmxon", "vmxoff"),
    *("cache_state_incoherent", "CACHE_INCOHERENT"),
)
"""One of these stands in every file that makes a SEAMCALL, turns VMX on or off, or flushes."""
_DEVICES = (
    *("accel", "ata", "atm", "block", "bluetooth", "clk", "comedi", "gpio", "gpu", "hid", "hwmon"),
    *("i2c", "iio", "infiniband", "input", "interconnect", "isdn", "leds", "md", "media"),
    *("memory", "message", "mfd", "mmc", "mtd", "net", "nvme", "phy", "pinctrl", "pmdomain"),
    *("power", "regulator", "remoteproc", "rtc", "s390", "scsi", "soc", "spi", "staging"),
    *("target", "thunderbolt", "tty", "ufs", "usb", "video"),
)
"""Nine tenths of drivers/: code of devices that have nothing to do with the CPU."""
_DEVICE_HEADERS = ("drm", "dt-bindings", "media", "net", "rdma", "scsi", "soc", "sound", "video")
HOST_CODE = Scope(
    below=("arch/x86", "drivers", "include", "init", "kernel", "lib", "mm", "security", "virt"),
    without=(
        *(f"drivers/{name}" for name in _DEVICES),
        *(f"include/{name}" for name in _DEVICE_HEADERS),
    ),
)
"""Where code that makes SEAMCALLs, or runs around them, may be.

What is left out is the bulk of a kernel: other architectures, file systems, networking, devices,
tools. A tenth of the text is left.
"""


def host_files(tree: Tree, store: Store = NOWHERE) -> Found:
    """Give the files of the host code that hold one of the words, and what could not be searched.

    `store` keeps the answer for each state of the tree; with and without it it is the same.
    """
    state = tree.state(HOST_CODE)
    if state is None:
        return tree.search(HOST_WORDS, HOST_CODE)
    key = digest(code_digest(("source",)), state)
    found = _listed(store.get(_name(key), key))
    if found is None:
        found = tree.search(HOST_WORDS, HOST_CODE)
        store.put(_name(key), key, msgspec.json.encode(found))
    return found


def searched(below: Iterable[str] = ()) -> Scope:
    """Give the part of a tree that is looked at, with `below` that was asked for by name."""
    beyond = tuple(sorted(path for path in below if not HOST_CODE.covers(path)))
    left_out = (top for top in HOST_CODE.without if not any(is_below(top, up) for up in beyond))
    return Scope((*HOST_CODE.below, *beyond), tuple(left_out))


def _name(key: str) -> str:
    return f"files-{key[:16]}"


def _listed(content: bytes | None) -> Found | None:
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=Found)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
