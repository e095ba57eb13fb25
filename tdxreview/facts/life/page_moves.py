"""What statements do to the texts by which pages are known: indices, cursors, copies, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import structs
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, spelled
from tdxreview.dataflow.actions import Test
from tdxreview.dataflow.assume import is_zero
from tdxreview.dataflow.cfg import Point
from tdxreview.dataflow.copies import canonical, mentions
from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.page_sets import Moves
from tdxreview.dataflow.domains.progress import ANY_PAGE, Pages, Progress
from tdxreview.dataflow.domains.signs import TRUE
from tdxreview.facts.life.effects import Effect
from tdxreview.regex import regex

FOR_PAGES = regex(r"list_for_each_entry\w*")
GOES_ON = regex(r"\w*_(?:continue|from)(?:_\w+)?")
FIRST = regex(r"list_(?:first|last)_entry(?:_or_null)?")
LINKS = regex(r"list_(?:add|move)(?:_tail)?")
UNLINKS = regex(r"list_(?:del|move)\w*")
SPLICES = regex(r"list_(?:splice|replace)\w*")
STEPS = {"++": Moves.UP, "p++": Moves.UP, "--": Moves.DOWN, "p--": Moves.DOWN}
FROM_THE_FIRST = ({"zero", "up"}, {"down"})
Copies = Mapping[str, ir.Expr]


def moved(point: Point, state: Progress, copies: Copies, at: int) -> Progress:
    """Give the state in which pages have the texts that they have after a statement."""
    state = _held(point, state, copies)
    before = state.pages
    if not before.all():
        return state
    pages = before
    if isinstance(point.action, ir.ForEach):
        pages = _cursor(point.action, pages, at)
    for node in _written(point):
        pages = _after(node, pages, copies)
    return state if pages == before else replace(state, pages=pages)


def _written(point: Point) -> Iterator[ir.Node]:
    """Give what a statement writes and links, in the order of the text."""
    action = point.action
    if isinstance(action, ir.Declare):
        yield action
    if isinstance(action, ir.Evaluate | Test | ir.Return) and action.value is not None:
        yield from ir.walk(action.value)


def _after(  # noqa: PLR0911 - a table of node kinds
    node: ir.Node, pages: Pages, copies: Copies
) -> Pages:
    match node:
        case ir.Declare(name=name, initial=initial):
            return _set(name, initial, pages, copies)
        case ir.Assign(op="=", target=target, value=value):
            return _set(spelled(target), value, pages, copies)
        case ir.Assign(op="+=", target=target):
            return page_sets.counted(pages, spelled(target), Moves.UP)
        case ir.Assign(target=target):
            return page_sets.counted(pages, spelled(target), Moves.ELSEWHERE)
        case ir.Unary(op=op, operand=operand) if op in STEPS:
            return page_sets.counted(pages, spelled(operand), STEPS[op])
        case ir.Call(arguments=(first, second, *_)) if LINKS.fullmatch(node.name):
            page, onto = _linked(first, copies), chain_of(second, copies)
            return page_sets.shared(pages, page, f"{onto}{{}}") if page and onto else pages
        case ir.Call(arguments=(first, second, *_)) if SPLICES.fullmatch(node.name):
            return page_sets.spliced(pages, chain_of(first, copies), chain_of(second, copies))
        case _:
            return pages


def _set(name: str, value: ir.Expr | None, pages: Pages, copies: Copies) -> Pages:
    if value is not None and is_zero(value):
        return page_sets.counted(pages, name, Moves.ZERO)
    source = canonical(value, copies) if value is not None else ""
    chain = _first_of(value, copies)
    kept = pages
    pages = page_sets.counted(pages, name, Moves.ELSEWHERE)
    if source and source != name and not mentions(source, name):
        pages = page_sets.shared(pages, source, name) if source in kept.all() else pages
    return page_sets.first_of(pages, chain, name) if chain else pages


def _first_of(node: ir.Expr | None, copies: Copies) -> str:
    """Give the list whose first page an expression is, empty if it is none."""
    node = bare(node) if node is not None else None
    if isinstance(node, ir.Call) and FIRST.fullmatch(node.name) and node.arguments:
        return chain_of(node.arguments[0], copies)
    return ""


def chain_of(node: ir.Expr, copies: Copies) -> str:
    """Give the text of a list by its head or a pointer to it."""
    return canonical(node, copies).removeprefix("&") or spelled(node).removeprefix("&")


def _linked(node: ir.Expr, copies: Copies) -> str:
    """Give the page that is put on a list by `&page->lru`."""
    match bare(node):
        case ir.Unary(op="&", operand=ir.Member(base=base)):
            return canonical(base, copies)
        case _:
            return ""


def _cursor(loop: ir.ForEach, pages: Pages, at: int) -> Pages:
    names = [each.id for each in _apart(loop.arguments) if isinstance(each, ir.Name)]
    cursor, chain = cursor_of(loop, {})
    if cursor:
        taken_off = _unlinks(loop, cursor)
        pages = page_sets.passed(pages, cursor, chain, at, taken_off=taken_off)
        if not GOES_ON.fullmatch(loop.name):
            pages = page_sets.begun(pages, cursor, chain, at)
        names = [name for name in names if name not in {cursor, chain}]
    for name in names:
        moves = Moves.UP if page_sets.numbers(pages.all()) & {name} else Moves.ELSEWHERE
        pages = page_sets.counted(pages, name, moves)
    return pages


def cursor_of(loop: ir.ForEach, copies: Copies) -> tuple[str, str]:
    """Give the variable that goes over a list's pages, and the list; empty if there is none."""
    if not FOR_PAGES.fullmatch(loop.name):
        return "", ""
    match tuple(_apart(loop.arguments)):
        case (ir.Name(id=name), _, chain, _) if "safe" in loop.name:
            return name, chain_of(chain, copies)
        case (ir.Name(id=name), chain, *_):
            return name, chain_of(chain, copies)
        case _:
            return "", ""


def _apart(arguments: tuple[ir.Expr, ...]) -> Iterator[ir.Expr]:
    """Yield the arguments of a loop macro: the grammar reads some as one, joined by commas."""
    for each in arguments:
        if isinstance(each, ir.Binary) and each.op == ",":
            yield from _apart((each.left, each.right))
        else:
            yield each


def _unlinks(loop: ir.ForEach, cursor: str) -> bool:
    return any(
        UNLINKS.fullmatch(call.name) and call.arguments and _linked(call.arguments[0], {}) == cursor
        for call in ir.calls(loop.body)
    )


def _held(point: Point, state: Progress, copies: Copies) -> Progress:
    """Note the pages that registers of a struct are set to, where they are set more than once."""
    action = point.action
    if not state.registers or not isinstance(action, ir.Evaluate | ir.Declare):
        return state
    found = dict(state.holds)
    for text, value in _fields(action):
        if text in state.registers:
            found[text] = canonical(value, copies) if value is not None else ""
    return replace(state, holds=tuple(sorted(found.items())))


def _fields(action: ir.Node) -> Iterator[tuple[str, ir.Expr | None]]:
    for node in ir.walk(action):
        match node:
            case ir.Declare(name=name, initial=ir.InitList(items=items)):
                yield from ((f"{name}.{item.field}", item.value) for item in items)
            case ir.Assign(target=target, value=ir.InitList(items=items)):
                yield from ((f"{spelled(target)}.{item.field}", item.value) for item in items)
            case ir.Assign(target=target, value=value, op="="):
                yield spelled(target), value


def numbered(before: Progress, after: Progress) -> Progress:
    """Give the state that knows of the number of a page that was just passed: it is not zero."""
    for name in page_sets.numbers(text for text in before.pages.all()):
        newest = f"[<{name}]"
        if any(text.endswith(newest) for text in after.pages.all()):
            after = after.knowing(name, TRUE)
    return after


def touched(state: Progress, effect: Effect) -> Progress:
    """Give the state after a call cleared pages, or did what nobody knows, whatever its end."""
    pages = state.pages
    if effect.clears:
        cleared = page_sets.meeting(pages.back, effect.clears)
        if ANY_PAGE in pages.back:
            cleared |= {ANY_PAGE}
        kept = effect.clears - pages.given - pages.failed - {ANY_PAGE}
        pages = structs.replace(
            pages,
            back=pages.back - cleared,
            clean=pages.clean | cleared | kept,
            unwritten=pages.unwritten - cleared,
        )
    if effect.unclear:
        pages = _unknown(pages, effect.unclear, effect.undone)
    return replace(state, pages=pages, doubtful=state.doubtful or effect.doubtful)


def _unknown(pages: Pages, handed: frozenset[str], undone: frozenset[str]) -> Pages:
    """Give pages where those are no longer known that somebody out of view was handed."""

    def rest(texts: frozenset[str], by: frozenset[str]) -> frozenset[str]:
        return frozenset(t for t in texts if not any(_is_of(t, each) for each in by))

    return Pages(
        rest(pages.given, undone),
        rest(pages.back, handed),
        rest(pages.failed, undone),
        rest(pages.clean, handed),
        rest(pages.unwritten, handed),
    )


def _is_of(page: str, handed: str) -> bool:
    """Tell whether a page is what was handed, or part of it."""
    if page == ANY_PAGE:
        return True
    return page == handed or page.startswith(
        (f"{handed}->", f"{handed}.", f"{handed}[", f"{handed}{{")
    )


def generalised(body: ir.Body) -> Callable[[frozenset[str]], frozenset[str]]:
    """Give what turns the pages that a function meets one by one into all of an array or list."""
    chains = dict(_chains(body))
    first = _from_the_first(body)

    def several(text: str) -> str:
        if text in chains:
            return f"{chains[text]}{{}}"
        head, number = page_sets.within(text), page_sets.number_of(text)
        return f"{head}[<]" if head and number in first else text

    return lambda texts: frozenset(map(several, texts))


def _chains(body: ir.Body) -> Iterator[tuple[str, str]]:
    """Yield the variables that stand for one page of a list after the other."""
    for node in ir.walk(body.block):
        if isinstance(node, ir.ForEach) and FOR_PAGES.fullmatch(node.name):
            yield cursor_of(node, {})
        elif isinstance(node, ir.Assign) and (chain := _first_of(node.value, {})):
            yield spelled(node.target), chain


def _from_the_first(body: ir.Body) -> frozenset[str]:
    """Give the variables that count from zero, and those that count down to it."""
    ways: dict[str, set[str]] = {}
    for node in ir.walk(body.block):
        match node:
            case ir.Declare(name=name, initial=initial) if initial is not None:
                ways.setdefault(name, set()).add("zero" if is_zero(initial) else "other")
            case ir.Assign(target=target, value=value, op="="):
                way = "zero" if is_zero(value) else "other"
                ways.setdefault(spelled(target), set()).add(way)
            case ir.Unary(op=op, operand=operand) if op in STEPS:
                ways.setdefault(spelled(operand), set()).add(STEPS[op].value)
    return frozenset(name for name, found in ways.items() if found in FROM_THE_FIRST)
