"""What is called through a table or a static call, by how the call is spelled."""

import pytest

from tdxreview.cfront import ir
from tdxreview.facts.status.schema import Act
from tdxreview.program.held import held, spelling
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text
from tests.facts.c_facts import line_of, subjects

TABLE = "static struct kvm_x86_ops vt_x86_ops __initdata = {\n\t.vm_init = td_init,\n};\n"


def test_a_table_holds_functions_for_its_own_name_and_for_the_static_calls_of_its_type():
    assert held(TABLE) == (
        ("vt_x86_ops.vm_init", "td_init"),
        ("static_call(kvm_x86_vm_init)", "td_init"),
    )


def test_a_static_call_holds_what_it_is_defined_with():
    text = "DEFINE_STATIC_CALL(td_flush, td_flush_slow);\n"

    assert held(text) == (("static_call(td_flush)", "td_flush_slow"),)


@pytest.mark.parametrize(
    ("call", "spelled"),
    [
        ("static_call(kvm_x86_vm_init)(kvm)", "static_call(kvm_x86_vm_init)"),
        ("static_call_cond(kvm_x86_vm_init)(kvm)", "static_call(kvm_x86_vm_init)"),
        ("kvm_x86_call(vm_init)(kvm)", "static_call(kvm_x86_vm_init)"),
        ("vt_x86_ops.vm_init(kvm)", "vt_x86_ops.vm_init"),
        ("ops->vm_init(kvm)", ""),
        ("other_call(vm_init)(kvm)", ""),
        ("td_init(kvm)", ""),
    ],
)
def test_calls_have_one_spelling(call, spelled):
    (function,) = unit(image_of_text("a.c", f"int f(void)\n{{\n\t{call};\n}}\n")).functions
    (statement,) = function.body.block.body

    assert isinstance(statement.value, ir.Call)
    assert spelling(statement.value) == spelled


@pytest.mark.parametrize(
    "call", ["static_call(kvm_x86_vm_init)", "kvm_x86_call(vm_init)", "vt_x86_ops.vm_init"]
)
def test_the_errno_behind_such_a_call_is_one_of_a_seamcall(call):
    code = (
        "static int td_init(u64 tdr)\n{\n\tstruct tdx_module_args args = { .rcx = tdr };\n\n"
        "\treturn seamcall_prerr(TDH_MNG_INIT, &args);\n}\n"
        f"{TABLE}void start(u64 tdr)\n{{\n\t{call}(tdr);\n}}\n"
    )
    (found,) = [each for each in subjects("use", code) if each.act is Act.DISCARDED]

    assert (found.place.line, found.function) == (line_of(code, f"{call}(tdr)"), "start")


def test_a_member_of_the_same_name_as_a_function_does_not_become_it():
    code = (
        "static int td_init(u64 tdr)\n{\n\tstruct tdx_module_args args = { .rcx = tdr };\n\n"
        "\treturn seamcall_prerr(TDH_MNG_INIT, &args);\n}\n"
        f"{TABLE}void start(u64 tdr)\n{{\n\tkvm_x86_vm_init(tdr);\n\tvm_init(tdr);\n}}\n"
    )

    assert [each for each in subjects("use", code) if each.act is Act.DISCARDED] == []
