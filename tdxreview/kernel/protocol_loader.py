"""States, contracts and entry points, read from `rules/protocol.yml`."""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from tdxreview.data.data_file import AnyPath, DataFile, read_data
from tdxreview.data.reading import ARGUMENTS, Record, as_argument, nearest
from tdxreview.data.yaml_file import Scalar
from tdxreview.kernel.context import Held
from tdxreview.kernel.protocol import (
    Context,
    Contract,
    EntryPoint,
    Interrupts,
    Phase,
    RunsOn,
    Scope,
    State,
)

_CONTRACT_KEYS = ("requires", "ensures", "clears", "on-success")
_NONZERO = "nonzero"


class Protocol(Struct, frozen=True, kw_only=True):
    """What `rules/protocol.yml` holds; every leaf has a contract."""

    states: tuple[State, ...]
    leaf_contracts: tuple[Contract, ...]
    contracts: tuple[Contract, ...]
    entry_points: tuple[EntryPoint, ...]


def load_protocol(path: AnyPath, leaves: Collection[str]) -> Protocol:
    """Give the protocol; RuleError with file and line if it names an unknown state or leaf."""
    file = read_data(
        path,
        required=("states", "every-leaf", "leaves", "contracts", "contexts", "entry-points"),
    )
    states = tuple(_state(file, record) for record in file.records("states", "a state"))
    known = {state.name: state for state in states}
    for record in file.records("states", "a state"):
        for key in ("implies", "after"):
            record.known(key, known)
    contexts = {each.name: each for each in _contexts(file, known)}
    reader = _Reader(file, known, contexts)
    return Protocol(
        states=states,
        leaf_contracts=reader.leaf_contracts(leaves),
        contracts=reader.contracts("contracts", "a contract"),
        entry_points=reader.entry_points(),
    )


def _state(file: DataFile, record: Record) -> State:
    record.expect(
        required=("name", "scopes", "meaning", "source"),
        optional=("implies", "piecewise", "repeats", "after"),
    )
    file.claim(record, "name", record.text("name"))
    scopes = record.known("scopes", [scope.value for scope in Scope])
    return State(
        name=record.text("name"),
        scopes=tuple(Scope(scope) for scope in scopes),
        meaning=record.text("meaning"),
        piecewise=record.flag("piecewise"),
        repeats=record.flag("repeats"),
        implies=record.texts("implies"),
        after=record.texts("after") if record.node("after") else None,
        source=file.source(record),
    )


def _contexts(file: DataFile, known: dict[str, State]) -> Iterator[Context]:
    words = (*known, Held.BH_OFF.value)
    for record in file.records("contexts", "a context"):
        record.expect(
            required=("name", "source"), optional=("holds", "lacks", "interrupts", "named")
        )
        file.claim(record, "name", f"context {record.text('name')}")
        file.source(record)
        yield Context(
            name=record.text("name"),
            holds=tuple(dict.fromkeys(_implied(record.known("holds", words), known))),
            lacks=record.known("lacks", words),
            interrupts=record.word("interrupts", Interrupts, Interrupts.NOTHING),
            named=record.texts("named"),
        )


def _implied(names: Iterable[str], known: dict[str, State]) -> Iterator[str]:
    """Give states with those that hold with them."""
    for name in names:
        yield name
        if name in known:
            yield from _implied(known[name].implies, known)


class _Reader(Struct, frozen=True):
    file: DataFile
    known: dict[str, State]
    contexts: dict[str, Context]

    def contracts(self, key: str, what: str) -> tuple[Contract, ...]:
        return tuple(self._function(record, key) for record in self.file.records(key, what))

    def _function(self, record: Record, key: str) -> Contract:
        record.expect(
            required=("function", "source"),
            optional=(*_CONTRACT_KEYS, "success", "arguments", "counted", "kernels"),
        )
        self.file.claim(record, "function", f"{record.text('function')} of `{key}`")
        return self._contract(record, record.text("function"))

    def leaf_contracts(self, leaves: Collection[str]) -> tuple[Contract, ...]:
        own = {}
        for record in self.file.records("leaves", "a leaf's contract"):
            record.expect(required=("leaf", "source"), optional=(*_CONTRACT_KEYS, "every-cpu"))
            (leaf,) = record.known("leaf", leaves)
            self.file.claim(record, "leaf", leaf)
            own[leaf] = self._contract(record, leaf)
        every = self.file.root.record("every-leaf", "the contract of every leaf")
        every.expect(required=("requires", "source"))
        return tuple(own.get(leaf) or self._contract(every, leaf) for leaf in sorted(leaves))

    def _contract(self, record: Record, function: str) -> Contract:
        told = record.known("success", (_NONZERO,)) == (_NONZERO,)
        return Contract(
            function=function,
            requires=self._states(record, "requires"),
            ensures=self._states(record, "ensures"),
            clears=self._states(record, "clears"),
            on_success=record.flag("on-success") or told,
            success_is_true=told,
            arguments=tuple(
                (as_argument(record, key), record.scalar(node, "arguments").text)
                for key, node in record.pairs("arguments")
            ),
            counted=record.flag("counted"),
            every_cpu=record.flag("every-cpu"),
            kernels=record.text("kernels"),
            source=self.file.source(record),
        )

    def _states(self, record: Record, key: str) -> tuple[str, ...]:
        return tuple(self._scoped(record, key, item) for item in record.scalars(key))

    def _scoped(self, record: Record, key: str, item: Scalar) -> str:
        name, _, scope = item.text.partition("@")
        state = self.known.get(name)
        if state is None:
            raise record.refused(item.line, f"no state `{name}`; {nearest(name, self.known)}")
        scope = scope or state.scopes[0]
        if scope not in state.scopes:
            raise record.refused(
                item.line, f"`{key}`: {name} is never @{scope}; {nearest(scope, state.scopes)}"
            )
        return f"{name}@{scope}"

    def entry_points(self) -> tuple[EntryPoint, ...]:
        records = self.file.records("entry-points", "an entry point")
        return tuple(point for record in records for point in self._entry_points(record))

    def _entry_points(self, record: Record) -> Iterator[EntryPoint]:
        record.expect(
            required=("name", "source"),
            optional=(
                "callback",
                "argument",
                "suffix",
                "binds",
                "bound",
                "structure",
                "member",
                "functions",
                "states",
                "runs-on",
                "immediate",
                "vmx-may-be-off",
                "vmx-unsaid",
                "phase",
                "init-code",
                "offline",
                "undoes",
                "context",
            ),
        )
        _check_one_way_in(record)
        for callback in record.texts("callback") or ("",):
            for structure in record.texts("structure") or ("",):
                yield self._entry_point(record, callback, structure)

    def _entry_point(self, record: Record, callback: str, structure: str) -> EntryPoint:
        return EntryPoint(
            name=record.text("name"),
            callback=callback,
            argument=_argument(record, "argument"),
            suffix=record.text("suffix"),
            binds=_argument(record, "binds"),
            bound=record.flag("bound"),
            structure=structure,
            member=record.text("member"),
            functions=record.texts("functions"),
            states=self._states(record, "states"),
            runs_on=record.word("runs-on", RunsOn, RunsOn.THIS),
            immediate=record.flag("immediate"),
            vmx_may_be_off=record.flag("vmx-may-be-off"),
            vmx_unsaid=record.flag("vmx-unsaid"),
            phase=record.word("phase", Phase, Phase.ANY),
            init_code=record.flag("init-code"),
            offline=record.flag("offline"),
            undoes=record.text("undoes"),
            contexts=tuple(self.contexts[n] for n in record.known("context", self.contexts)),
            source=self.file.source(record),
        )


def _argument(record: Record, key: str) -> int | None:
    return record.number(key, below=ARGUMENTS) if record.node(key) else None


def _check_one_way_in(record: Record) -> None:
    ways = (("callback", "argument"), ("structure", "member"), ("functions",))
    named = [way for way in ways if record.node(way[0]) is not None]
    if len(named) != 1:
        raise record.refused(
            record.line, "an entry point has one of `callback`, `structure` and `functions`"
        )
    if missing := [key for key in named[0] if record.node(key) is None]:
        raise record.refused(record.line, f"`{named[0][0]}` goes with `{missing[0]}`; add it")
