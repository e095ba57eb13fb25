import pytest

from tdxreview.program.callbacks import Bindings
from tdxreview.program.entry_points import Points
from tdxreview.source.text import image_of_text


@pytest.fixture
def bindings_of(abi):
    """Give what the objects of a file carry."""

    def bindings_of(code):
        return Bindings([image_of_text("a.c", code)], Points(abi.entry_points))

    return bindings_of


@pytest.mark.parametrize(
    ("code", "carried"),
    [
        ("static DECLARE_WORK(work, f);\n", {"work": "f"}),
        ("void g(struct x *x)\n{\n\tINIT_WORK(&x->work, f);\n}\n", {"work": "f"}),
        ("void g(void)\n{\n\ttimer_setup(&timer, f, 0);\n}\n", {"timer": "f"}),
        ("void g(void)\n{\n\ttimer.function = f;\n}\n", {"timer": "f"}),
        ("static struct irq_work work = IRQ_WORK_INIT(f);\n", {"work": "f"}),
        ("DEFINE_STATIC_CALL(go, f);\n", {"go": "f"}),
        ("void g(int cpu)\n{\n\tINIT_WORK(per_cpu_ptr(&work, cpu), f);\n}\n", {"work": "f"}),
        ("void g(void)\n{\n\tschedule_work(&work);\n}\n", {}),
    ],
)
def test_an_object_carries_the_function_that_it_was_set_up_with(bindings_of, code, carried):
    assert carried == bindings_of(code).of("a.c")


def test_an_object_of_another_file_is_another_one(bindings_of):
    assert bindings_of("static DECLARE_WORK(work, f);\n").of("b.c") == {}


@pytest.mark.parametrize(
    ("code", "listed"),
    [
        ("static int (*const table[])(void) = {\n\tf, [2] = g,\n};\n", {"table": {"f", "g"}}),
        (
            "static const struct step table[] = {\n\t{ .run = f }, { .run = &g, .end = h },\n};\n",
            {"run": {"f", "g"}, "end": {"h"}},
        ),
        ("struct step table = {\n\t.in = { .run = (fn_t)f },\n/* .run = g, */\n};", {"run": {"f"}}),
    ],
)
def test_a_table_lists_the_functions_by_where_they_stand(bindings_of, code, listed):
    assert bindings_of(code).tables("a.c")["table"] == listed
