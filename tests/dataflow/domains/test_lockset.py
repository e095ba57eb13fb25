"""What is held at the ways out of a function."""

import pytest

from tdxreview.facts.context.schema import Exit, Protection
from tdxreview.facts.removed import with_losses
from tdxreview.kernel.context import Held
from tdxreview.source.text import change_of_texts


@pytest.fixture
def kept(subjects):
    """Give what the ways out of a function keep, by line."""

    def kept(body, before=""):
        code = f"{before}int f(raw_spinlock_t *l, struct mutex *m, int x)\n{{\n{body}\n}}\n"
        lines = before.count("\n")
        found = [each for each in subjects(Exit, code) if each.function == "f"]
        return {each.place.line - lines - 2: set(each.keeps) for each in found}

    return kept


CALL = "seamcall_prerr(TDH_SYS_LP_INIT, &args)"


def test_a_way_out_that_skips_the_unlock_keeps_the_lock(kept):
    body = f"raw_spin_lock(l);\nif ({CALL})\nreturn -EIO;\nraw_spin_unlock(l);\nreturn 0;"

    assert kept(body) == {3: {Held.RAW_SPINLOCK}}


def test_restoring_half_of_a_pair_keeps_interrupts_off(kept):
    body = f"raw_spin_lock_irqsave(l, flags);\nx = {CALL};\nraw_spin_unlock(l);\nreturn x;"

    assert kept(body) == {4: {Held.IRQS_OFF}}


@pytest.mark.parametrize("test", ["!mutex_trylock(m)", "mutex_lock_killable(m)"])
def test_a_lock_that_was_not_got_is_not_kept(kept, test):
    body = f"if ({test})\nreturn -EBUSY;\nx = {CALL};\nmutex_unlock(m);\nreturn x;"

    assert kept(body) == {}


def test_the_result_of_a_trylock_may_be_kept_in_a_variable(kept):
    body = f"int got = mutex_trylock(m);\nx = {CALL};\nif (got)\nmutex_unlock(m);\nreturn x;"

    assert kept(body) == {}


def test_the_same_test_twice_goes_the_same_way(kept):
    body = f"if (x)\nmutex_lock(m);\nint r = {CALL};\nif (x)\nmutex_unlock(m);\nreturn r;"

    assert kept(body) == {}


def test_a_test_of_a_changed_variable_is_open_again(kept):
    body = f"if (x)\nmutex_lock(m);\nx = {CALL};\nif (x)\nmutex_unlock(m);\nreturn x;"

    assert kept(body) == {6: {Held.MUTEX}}


def test_a_guard_lets_go_at_the_end_of_its_scope(kept):
    body = f"guard(mutex)(m);\nscoped_guard(raw_spinlock, l)\nx = {CALL};\nreturn x;"

    assert kept(body) == {}


def test_a_helper_of_the_code_counts_by_what_it_does(kept):
    helper = "static void take(struct mutex *m)\n{\n\tmutex_lock(m);\n}\n"
    body = f"take(m);\nx = {CALL};\nreturn x;"

    assert kept(body, helper) == {3: {Held.MUTEX}}


def test_too_many_ways_to_follow_are_not_judged(kept):
    locks = "\n".join(f"if (x == {n})\nmutex_lock(m{n});" for n in range(10))

    assert kept(f"{locks}\nreturn {CALL};") == {}


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("machine_crash", "local_irq_disable();\nx = {call};\nreturn x;", {}),
        ("machine_check", "local_irq_disable();\nx = {call};\nreturn x;", {3: {Held.IRQS_OFF}}),
        (
            *("machine_crash", "local_irq_disable();\nif (x)\nlocal_irq_enable();\nreturn {call};"),
            {4: {Held.IRQS_OFF}},
        ),
    ],
)
def test_interrupts_stay_off_where_the_kernel_ends(subjects, name, body, expected):
    code = f"int {name}(int x)\n{{\n{body.format(call=CALL)}\n}}\n"

    found = {each.place.line - 2: set(each.keeps) for each in subjects(Exit, code)}
    assert found == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("mutex_unlock(&m);", set()),
        ("mutex_lock(&m);\nmutex_unlock(&m);", {"f"}),
        ("mutex_unlock(&n);", {"f"}),
        ("f(x);\nmutex_unlock(&m);", set()),
        ("f(x);", {"f"}),
    ],
)
def test_a_lock_may_be_given_back_by_a_counterpart_or_a_caller(subjects, body, expected):
    taking = f"int f(int x)\n{{\nmutex_lock(&m);\nreturn {CALL};\n}}\n"
    code = f"{taking}void g(int x)\n{{\n{body}\n}}\n"

    assert {each.function for each in subjects(Exit, code)} == expected


@pytest.mark.parametrize(
    ("guard", "lost"),
    [
        ("guard(mutex)(&td->lock);", 0),
        ("guard(td_lock)(td);", 0),
        ("CLASS(td_lock, l)(td);", 0),
        ("CLASS(file, l)(td);", 1),
        ("ACQUIRE(mutex_intr, l)(&td->lock);", 0),
        ("ACQUIRE(mutex_intr, l)(&td->other);", 1),
        ("scoped_cond_guard(mutex_intr, return -EINTR, &td->lock)", 0),
        ("scoped_cond_guard(mutex_intr, return -EINTR, &td->other)", 1),
    ],
)
def test_a_guard_of_unknown_kind_may_be_the_lock_that_was_there(gathered, guard, lost):
    code = "int f(struct td *td, u64 *args)\n{{\n\t{guard}\n\treturn seamcall_prerr(1, args);\n}}\n"
    before, after = code.format(guard="guard(mutex)(&td->lock);"), code.format(guard=guard)
    change = change_of_texts("arch/x86/virt/vmx/tdx/made_up.c", before, after)

    found = with_losses(gathered(before), gathered(after), [change]).subjects
    assert len([each for each in found if isinstance(each, Protection)]) == lost


@pytest.mark.parametrize(
    ("first", "second"),
    [("x", "x != 0"), ("!x", "x == 0"), ("x > 0", "x > 0"), ("m", "m != NULL"), ("x & 4", "x & 4")],
)
def test_one_condition_in_two_spellings_goes_the_same_way(kept, first, second):
    body = f"if ({first})\nmutex_lock(m);\nint r = {CALL};\nif ({second})\nmutex_unlock(m);\n"

    assert kept(f"{body}return r;") == {}


def test_the_opposite_condition_keeps_the_lock(kept):
    body = f"if (x)\nmutex_lock(m);\nint r = {CALL};\nif (x == 0)\nmutex_unlock(m);\nreturn r;"

    assert kept(body) == {6: {Held.MUTEX}}


def test_a_flag_of_ones_own_tells_whether_the_lock_was_taken(kept):
    body = (
        "bool got = false;\nif (x & 4) {\nmutex_lock(m);\ngot = true;\n}\n"
        f"int r = {CALL};\nif (got)\nmutex_unlock(m);\nreturn r;"
    )

    assert kept(body) == {}


@pytest.mark.parametrize("around", ["WARN_ON_ONCE({})", "unlikely({})", "WARN({}, 1)"])
def test_a_lock_taken_within_a_warning_is_taken(kept, around):
    test = around.format("!mutex_trylock(m)")
    body = f"if ({test})\nreturn -EBUSY;\nif ({CALL})\nreturn -EIO;\nmutex_unlock(m);\nreturn 0;"

    assert kept(body) == {4: {Held.MUTEX}}
