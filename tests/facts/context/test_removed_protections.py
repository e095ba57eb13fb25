"""What one state protects and the next does not."""

import pytest

from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.context.removed_protections import lost, may_weaken, still_lost
from tdxreview.facts.context.schema import Lost
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file
from tdxreview.source.text import change_of_texts

PATH = "arch/x86/virt/vmx/tdx/made_up.c"
CODE = """int f(void)
{
	struct tdx_module_args args = {};
	int ret;

	lockdep_assert_cpus_held();
	mutex_lock(&m);
	ret = seamcall_prerr(TDH_SYS_INIT, &args);
	mutex_unlock(&m);
	return ret;
}
"""


@pytest.fixture
def gone(gathered):
    """Give what a patch takes away: (line after it, what, words)."""

    def gone(before, after):
        change = change_of_texts(PATH, before, after)
        found = lost(gathered(before, PATH), gathered(after, PATH), [change])
        gone = [each.subject for each in found]
        return [(each.place.line, each.lost, each.protection) for each in gone]

    return gone


def test_nothing_is_lost_by_a_comment(gone):
    assert gone(CODE, CODE.replace("\tint ret;", "\t/* the result */\n\tint ret;")) == []


def test_an_assertion_is_lost_at_the_line_behind_it(gone):
    after = CODE.replace("\tlockdep_assert_cpus_held();\n", "")

    assert gone(CODE, after) == [(6, Lost.ASSERTION, "the CPU hotplug lock")]


def test_an_unlock_that_moves_up_takes_the_protection_of_the_call(gone):
    after = CODE.replace("\tmutex_unlock(&m);\n", "").replace(
        "(&m);\n", "(&m);\n\tmutex_unlock(&m);\n"
    )

    assert gone(CODE, after) == [(9, Lost.PROTECTION, "`m`")]


def test_a_guard_is_as_good_as_the_pair(gone):
    after = CODE.replace("\tmutex_unlock(&m);\n", "").replace("mutex_lock(&m)", "guard(mutex)(&m)")

    assert gone(CODE, after) == []


def test_a_pair_is_as_good_as_a_guard_of_a_kind_that_is_not_known(gone):
    """The guard tells that there was a lock, and not which."""
    before = CODE.replace("\tmutex_unlock(&m);\n", "").replace(
        "mutex_lock(&m)", "guard(write_lock)(&m)"
    )

    assert gone(before, CODE) == []
    assert (
        len(
            gone(
                before, CODE.replace("\tmutex_unlock(&m);\n", "").replace("\tmutex_lock(&m);\n", "")
            )
        )
        == 1
    )


def test_what_a_later_state_takes_again_is_not_lost_any_more(gathered):
    without = CODE.replace("\tlockdep_assert_cpus_held();\n", "")
    change = change_of_texts(PATH, CODE, without)
    known = lost(gathered(CODE, PATH), gathered(without, PATH), [change])

    assert still_lost(known, gathered(without, PATH)) == known
    assert still_lost(known, gathered(CODE, PATH)) == ()


def test_a_patch_without_a_word_about_locks_cannot_weaken():
    assert not may_weaken([change_of_texts(PATH, CODE, CODE.replace("INIT", "KEY_CONFIG"))])
    assert may_weaken([change_of_texts(PATH, CODE, CODE.replace("\tmutex_lock(&m);\n", ""))])


HUNK = """diff --git a/{path} b/{path}
--- a/{path}
+++ b/{path}
@@ -100,{old} +100,{new} @@ static int own_step(struct own *own)
{body}"""


def lost_in_hunk(abi, body):
    """Give what a hunk takes away from a function of which it shows no more."""
    lines = body.splitlines()
    old, new = (sum(line[0] != sign for line in lines) for sign in "+-")
    (file,) = split_diff(HUNK.format(path=PATH, old=old, new=new, body=body)).files
    change = change_of_file(file, None, 1)
    before, after = (gather_c([image], abi) for image in (change.before, change.after))
    return [each.subject.protection for each in lost(before, after, [change])]


UNDER_LOCK = """ 	own->ready = true;
-	mutex_lock(&own_lock);
-	own->slot = own_slot(own);
-	mutex_unlock(&own_lock);
-	if (own->slot)
-		return -EAGAIN;
+	own->slot = NULL;{more}
 	return seamcall(TDH_SYS_INIT, &own->args);
 }}
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", []),
        ("\n+	own->slot = own_slot(own);", ["`own_lock`"]),
    ],
)
def test_a_lock_that_goes_with_all_that_stood_under_it_is_not_lost(abi, more, found):
    assert lost_in_hunk(abi, UNDER_LOCK.format(more=more)) == found


def test_a_lock_whose_release_is_not_shown_is_lost_though_lines_below_it_go(abi):
    body = """ 	own->ready = true;
-	mutex_lock(&own_lock);
-	own->slot = own_slot(own);
 	return seamcall(TDH_SYS_INIT, &own->args);
 }
"""

    assert lost_in_hunk(abi, body) == ["`own_lock`"]


EVERYWHERE = """static int here(void *unused)
{
	return seamcall_prerr(TDH_SYS_INIT, &args);
}
int f(void)
{
	int ret;

	cpus_read_lock();
	ret = stop_machine_cpuslocked(here, NULL, NULL);
	cpus_read_unlock();
	return ret;
}
"""


def test_a_call_that_is_given_what_makes_the_seamcall_is_protected_too(gone):
    after = EVERYWHERE.replace("\tcpus_read_lock();\n", "").replace("\tcpus_read_unlock();\n", "")

    assert gone(EVERYWHERE, after) == [(9, Lost.PROTECTION, "the CPU hotplug lock")]


def test_the_lock_of_a_call_that_is_given_something_else_is_not_told(gone):
    before = EVERYWHERE.replace("(here,", "(there,")
    after = before.replace("\tcpus_read_lock();\n", "").replace("\tcpus_read_unlock();\n", "")

    assert gone(before, after) == []
