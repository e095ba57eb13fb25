"""What TDX and Linux are like, read from `rules/abi/`, `rules/kernel/` and `rules/protocol.yml`."""

from collections.abc import Collection, Sequence
from pathlib import Path

from tdxreview.data.data_file import AnyPath, DataFile, Layered, read_data
from tdxreview.data.reading import ARGUMENTS, Record, as_argument, as_number
from tdxreview.data.yaml_file import Items, Node, Scalar
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names_loader import load_names
from tdxreview.kernel.protocol_loader import load_protocol
from tdxreview.kernel.tdx import Leaf, Mask, Outputs, Returns, Status, Wrapper

REGISTERS = frozenset(
    ["rcx", "rdx", "rbx", "rsi", "rdi", *(f"r{number}" for number in range(8, 16))]
)
"""What a SEAMCALL can hand over beside RAX."""
STATUSES = 1 << 64
LEAVES = 1 << 16
VERSIONS = 1 << 8
DETAILS = 0xFFFFFFFF
SOFTWARE_CLASS = 0xFF << 40


def load_abi(top: Path, over: Sequence[Path] = ()) -> Abi:
    """Give what a rule folder says of TDX and Linux, with what the folders `over` it add to that.

    RuleError with file and line if it is off.
    """
    folder = Layered(top, tuple(over))
    statuses, masks = _statuses(folder / "abi" / "statuses.yml")
    leaves = _leaves(folder / "abi" / "leaves.yml", {status.name for status in statuses})
    names = {leaf.name for leaf in leaves}
    protocol = load_protocol(folder / "protocol.yml", names)
    return Abi(
        leaves=leaves,
        statuses=statuses,
        masks=masks,
        wrappers=_wrappers(folder / "abi" / "wrappers.yml", names),
        states=protocol.states,
        leaf_contracts=protocol.leaf_contracts,
        contracts=protocol.contracts,
        entry_points=protocol.entry_points,
        kernels=_known(folder / "abi" / "known.yml", "kernels"),
        modules=_known(folder / "abi" / "known.yml", "modules"),
        names=load_names(folder / "kernel") if (folder / "kernel").is_dir() else None,
    )


def _known(path: AnyPath, key: str) -> tuple[str, ...]:
    """Give what the data was read against; a folder without the file does not say."""
    if not path.exists():
        return ()
    file = read_data(path, required=("kernels", "modules"))
    return tuple(_name(file, record) for record in file.records(key, "a version"))


def _name(file: DataFile, record: Record) -> str:
    record.expect(required=("name", "source"), optional=())
    file.source(record)
    return record.text("name")


def _statuses(path: AnyPath) -> tuple[tuple[Status, ...], tuple[Mask, ...]]:
    file = read_data(path, required=("statuses", "masks"))
    statuses = tuple(_status(file, record) for record in file.records("statuses", "a status"))
    return statuses, tuple(_mask(file, record) for record in file.records("masks", "a mask"))


def _status(file: DataFile, record: Record) -> Status:
    record.expect(
        required=("name", "value", "source"),
        optional=("macros", "other-values", "details", "software", "loader"),
    )
    status = Status(
        name=record.text("name"),
        value=record.number("value", below=STATUSES),
        macros=record.texts("macros") or (f"TDX_{record.text('name')}",),
        other_values=tuple(_number(record, item) for item in record.scalars("other-values")),
        details=record.flag("details"),
        software=record.flag("software"),
        loader=record.flag("loader"),
        source=file.source(record),
    )
    if status.details and status.value & DETAILS:
        raise record.refused(record.line_of("value"), "bits 31:0 of a status with details are 0")
    if status.software != (status.value & SOFTWARE_CLASS == SOFTWARE_CLASS):
        raise record.refused(
            record.line_of("value"), "class 0xFF (bits 47:40) is Linux's own; say `software: yes`"
        )
    file.claim(record, "value", hex(status.value))
    _claim_names(file, record, status.name, status.macros)
    return status


def _mask(file: DataFile, record: Record) -> Mask:
    record.expect(required=("name", "value", "macros", "source"))
    mask = Mask(
        name=record.text("name"),
        value=record.number("value", below=STATUSES),
        macros=record.texts("macros"),
        source=file.source(record),
    )
    _claim_names(file, record, mask.name, mask.macros)
    return mask


def _claim_names(file: DataFile, record: Record, name: str, macros: tuple[str, ...]) -> None:
    file.claim(record, "name", name)
    for macro in macros:
        file.claim(record, "macros", macro)


def _number(record: Record, item: Scalar) -> int:
    value = as_number(item.text)
    if value is None or value >= STATUSES:
        raise record.refused(item.line, f"`{item.text}` is no 64-bit number")
    return value


def _leaves(path: AnyPath, statuses: Collection[str]) -> tuple[Leaf, ...]:
    file = read_data(path, required=("leaves",))
    return tuple(_leaf(file, record, statuses) for record in file.records("leaves", "a leaf"))


LEAF_KEYS = (
    *("loader", "inputs", "outputs", "addresses", "versions", "entropy", "details", "optional"),
    *("expected", "resume", "resumes-from", "gives", "page-members", "takes-back", "writes-pamt"),
    *("contended", "no-bug"),
)


def _leaf(file: DataFile, record: Record, statuses: Collection[str]) -> Leaf:
    record.expect(required=("name", "number", "macros", "source"), optional=LEAF_KEYS)
    unnamed = _is_unnamed(record)
    leaf = Leaf(
        name=record.text("name"),
        number=record.number("number", below=LEAVES),
        macros=record.texts("macros"),
        loader=record.flag("loader"),
        inputs=record.known("inputs", REGISTERS),
        outputs=record.known("outputs", REGISTERS),
        operands_known=record.node("inputs") is not None,
        addresses=_addresses(record),
        versions=_versions(record),
        entropy=record.flag("entropy"),
        details=record.flag("details"),
        optional=record.text("optional"),
        expected=record.known("expected", statuses),
        resume=record.text("resume"),
        resumes_from=record.known("resumes-from", REGISTERS),
        gives=_pages(record, "gives", record.texts("inputs")),
        page_members=record.texts("page-members"),
        takes_back=() if unnamed else _pages(record, "takes-back", REGISTERS),
        takes_back_unnamed=unnamed,
        writes_pamt=record.flag("writes-pamt"),
        contended=record.flag("contended"),
        no_bug=record.known("no-bug", statuses),
        source=file.source(record),
    )
    file.claim(record, "number", ("P-SEAMLDR " if leaf.loader else "") + str(leaf.number))
    _claim_names(file, record, leaf.name, leaf.macros)
    return leaf


def _addresses(record: Record) -> tuple[tuple[str, int], ...]:
    inputs = record.texts("inputs")
    addresses = []
    for key, node in record.pairs("addresses"):
        alignment = as_number(record.scalar(node, key.text).text)
        if key.text not in inputs or not alignment or alignment & (alignment - 1):
            raise record.refused(
                key.line, "`addresses` pairs an input with its alignment, a power of two"
            )
        addresses.append((key.text, alignment))
    return tuple(addresses)


def _is_unnamed(record: Record) -> bool:
    node = record.node("takes-back")
    return isinstance(node, Scalar) and node.text == "unnamed"


def _pages(record: Record, key: str, registers: Collection[str]) -> tuple[tuple[str, int], ...]:
    pages = []
    for register, node in record.pairs(key):
        record.one_of(register, key, registers)
        argument = record.scalar(node, key)
        pages.append((register.text, as_argument(record, argument)))
    return tuple(pages)


def _versions(record: Record) -> tuple[tuple[int, tuple[str, ...] | None], ...]:
    versions = []
    for key, node in record.pairs("versions"):
        number = as_number(key.text)
        if not number or number >= VERSIONS:
            raise record.refused(key.line, f"a version is a number from 1 to 255, not `{key.text}`")
        versions.append((number, _added_inputs(record, node)))
    return tuple(versions)


def _added_inputs(record: Record, node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Scalar) and node.text == "unknown":
        return None
    items = node.nodes if isinstance(node, Items) else (node,)
    return tuple(
        record.one_of(record.scalar(item, "versions"), "versions", REGISTERS) for item in items
    )


def _wrappers(path: AnyPath, leaves: Collection[str]) -> tuple[Wrapper, ...]:
    file = read_data(path, required=("wrappers",))
    return tuple(_wrapper(file, record, leaves) for record in file.records("wrappers", "a wrapper"))


def _wrapper(file: DataFile, record: Record, leaves: Collection[str]) -> Wrapper:
    record.expect(
        required=("name", "returns", "source"),
        optional=(
            "outputs",
            "leaf",
            "leaf-argument",
            "struct-argument",
            "function-argument",
            "registers",
            "retries",
            "raw",
            "arity",
        ),
    )
    if (record.node("leaf") is None) == (record.node("leaf-argument") is None):
        raise record.refused(record.line, "a wrapper has `leaf` or `leaf-argument`; keep one")
    arity = _argument(record, "arity")
    file.claim(record, "name", record.text("name") + ("" if arity is None else f"/{arity}"))
    return Wrapper(
        name=record.text("name"),
        returns=record.word("returns", Returns),
        outputs=record.word("outputs", Outputs, Outputs.NONE),
        leaf=next(iter(record.known("leaf", leaves)), ""),
        leaf_argument=_argument(record, "leaf-argument"),
        struct_argument=_argument(record, "struct-argument"),
        function_argument=_argument(record, "function-argument"),
        registers=_register_arguments(record),
        retries=record.flag("retries"),
        raw=record.flag("raw"),
        arity=arity,
        source=file.source(record),
    )


def _argument(record: Record, key: str) -> int | None:
    return None if record.node(key) is None else record.number(key, below=ARGUMENTS)


def _register_arguments(record: Record) -> tuple[tuple[int, str], ...]:
    return tuple(
        (
            as_argument(record, key),
            record.one_of(record.scalar(node, "registers"), "registers", REGISTERS),
        )
        for key, node in record.pairs("registers")
    )
