"""Work that is asked for again and again by little text is done once, or has an end."""

import pytest

from tdxreview.dataflow import engine
from tdxreview.dataflow.domains.power import Event
from tdxreview.dataflow.domains.progress import Progress
from tdxreview.facts.collect import gather
from tdxreview.facts.life import flush
from tdxreview.facts.life.transfer import LifeWalk
from tdxreview.facts.sites import unseen
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.trap import routines
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.folders import bundled_folder
from tdxreview.source.text import image_of_text

ABI = load_abi(bundled_folder())


def reasons(name, text):
    return [item.reason for item in gather([image_of_text(name, text)], ABI).not_examined]


def test_a_statement_is_asked_once_whatever_number_of_seamcalls_is_around_it(monkeypatch):
    asked = []
    opaque = routines.opaque
    monkeypatch.setattr(routines, "opaque", lambda line: asked.append(line) or opaque(line))
    body = "\tseamcall\n" * 50

    gather([image_of_text("g.S", f"SYM_FUNC_START(g)\n{body}\tret\nSYM_FUNC_END(g)\n")], ABI)

    assert len(asked) <= 51 * 2


@pytest.mark.parametrize(("letters", "said"), [(1_000, 0), (-1_000, 1)])
def test_macros_are_written_out_up_to_a_bound_and_beyond_it_named(monkeypatch, letters, said):
    monkeypatch.setattr(unseen, "_LETTERS", letters)
    monkeypatch.setattr(unseen, "_LETTERS_PER_LETTER", 0)
    text = "#define GLUE(x) tdx_##x\nint go(void)\n{\n\treturn GLUE(other)(1);\n}\n"
    reason = "go(), line 4: GLUE stands for a SEAMCALL that is not followed"

    assert reasons("g.c", text) == [reason] * said


def test_a_state_counts_for_the_more_the_longer_its_trail_is():
    walk = object.__new__(LifeWalk)
    event = Event((1, 2), "x")

    sizes = [walk.size(Progress(trail=(event,) * many)) for many in (0, 64, 65, 264)]
    assert sizes == [0, 0, 1, 200]


def test_a_function_of_many_points_has_no_more_states_than_any(monkeypatch):
    monkeypatch.setattr(engine, "OF_A_FUNCTION", 40)
    body = "\tif (a->rcx)\n\t\tmutex_lock(&m);\n" * 30
    text = f"u64 go(struct tdx_module_args *a)\n{{\n{body}\treturn __seamcall(1, a);\n}}\n"
    found = gather([image_of_text("g.c", text)], ABI)

    assert [each.place.line for each in found.subjects if isinstance(each, Site)] == [63]
    assert "go() has too many paths to tell which locks are held" in [
        item.reason for item in found.not_examined
    ]


def test_which_calls_flush_is_asked_once_whatever_number_of_pages_is_given(monkeypatch):
    asked = []
    flushes = flush._flushes
    monkeypatch.setattr(flush, "_flushes", lambda *given: asked.append(1) or flushes(*given))
    body = "\tseamcall(TDH_MNG_CREATE, a);\n" * 30
    gather([image_of_text("g.c", f"void go(void *a)\n{{\n{body}}}\n")], ABI)

    assert len(asked) == 30
