"""What a patch shows a part of, on the way to a SEAMCALL."""

from tdxreview.facts.collect import gather
from tdxreview.facts.in_part import HUNKS, seen_in_part
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file
from tests.facts.c_facts import abi as bundled_abi

HOST = "arch/x86/virt/vmx/tdx/own.c"
ELSEWHERE = "arch/x86/kernel/own.c"
ENTRY = "arch/x86/virt/vmx/tdx/entry.S"


def change(path, header, body, *, new=False):
    old = "/dev/null" if new else f"a/{path}"
    mode = "new file mode 100644\n" if new else ""
    diff = f"diff --git a/{path} b/{path}\n{mode}--- {old}\n+++ b/{path}\n{header}\n{body}"
    (file,) = split_diff(diff).files
    return change_of_file(file, None, 1)


def seen(*changes):
    """Give path, function and reason of each entry."""
    images = tuple(each.after for each in changes)
    abi = bundled_abi()
    found = seen_in_part(changes, images, gather(images, abi), abi)
    return [(each.path, each.function, each.reason) for each in found]


def test_a_function_that_a_hunk_changes_is_seen_in_part():
    """Its head and its end are out of view."""
    body = " \tint at;\n-\tat = 1;\n+\tat = 2;\n \town();\n"
    one = change(HOST, "@@ -10,3 +10,3 @@ static int own_step(void)", body)

    assert seen(one) == [(HOST, "own_step", HUNKS)]


def test_a_function_with_a_seamcall_counts_wherever_it_stands():
    """The name of the file says nothing here."""
    body = " \tint at;\n-\tat = 1;\n+\tat = 2;\n \tseamcall(TDH_SYS_INIT, &args);\n"
    one = change(ELSEWHERE, "@@ -10,3 +10,3 @@ static int own_step(void)", body)

    assert seen(one) == [(ELSEWHERE, "own_step", HUNKS)]


def test_other_code_does_not_count():
    """No SEAMCALL is reached from it, as far as anybody can tell."""
    body = " \tint at;\n-\tat = 1;\n+\tat = 2;\n \town();\n"

    assert seen(change(ELSEWHERE, "@@ -10,3 +10,3 @@ static int own_step(void)", body)) == []


def test_a_function_that_is_there_whole_is_seen_whole():
    """The hunk holds it from the head to the last brace."""
    body = " static int own_step(void)\n {\n-\treturn 1;\n+\treturn seamcall(OWN, 0);\n }\n"

    assert seen(change(HOST, "@@ -10,4 +10,4 @@", body)) == []


def test_assembly_is_named_by_its_macro_and_else_by_nothing():
    """Git says which macro a hunk is of only if it begins at column 0."""
    body = " \tnop\n-\tnop\n+\tseamcall\n \tnop\n"
    named = change(ENTRY, "@@ -10,3 +10,3 @@ .macro OWN_CALL host:req", body)
    nameless = change(ENTRY, "@@ -10,3 +10,3 @@", body)

    assert seen(named) == [(ENTRY, "OWN_CALL", HUNKS)]
    assert seen(nameless) == [(ENTRY, "", HUNKS)]


CALLER = "@@ -0,0 +1,4 @@"
CALLER_BODY = '+#include "tdxcall.S"\n+SYM_FUNC_START(own_call)\n+\tTDX_MODULE_CALL host=1\n'
CALLER_BODY += "+SYM_FUNC_END(own_call)\n"


def test_a_macro_whose_body_is_in_no_file_is_out_of_view():
    """The function that uses it is whole, and says nothing of the instruction."""
    one = change(ENTRY, CALLER, CALLER_BODY, new=True)

    assert seen(one) == [(ENTRY, "own_call", "TDX_MODULE_CALL is out of view")]
