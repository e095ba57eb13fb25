import pytest

from tdxreview.program.entry_points import Entries, Points
from tdxreview.program.unit import unit
from tdxreview.source.place import Step
from tdxreview.source.text import image_of_text

OWN = Step("a.c", 1, "")


@pytest.fixture
def entry_of(abi):
    """Give the name and the line of the entry point that a file shows for `f`."""

    def entry_of(code):
        entered = Entries([image_of_text("a.c", code)], Points(abi.entry_points)).of("f", OWN)
        return None if entered is None else (entered.entry.name, entered.step.line)

    return entry_of


@pytest.mark.parametrize(
    ("code", "entry"),
    [
        ("early_initcall(f);\n", ("initcall", 1)),
        ("\nmodule_init(f);\n", ("module load", 2)),
        ("static DECLARE_WORK(work, f);\n", ("work", 1)),
        ("static DEVICE_ATTR(x, 0444,\n\tf, NULL);\n", ("sysfs file", 1)),
        ("static struct kobj_attribute x =\n\t__ATTR(x, 0444, f, NULL);\n", ("sysfs file", 1)),
        ("static const struct file_operations x = {\n\t.write = f,\n};\n", ("file operation", 2)),
        ("struct syscore_ops x = {\n\t.a = NULL,\n\t.resume\t= f,\n};\n", ("resume", 3)),
        ("static struct notifier_block n = {\n\t.notifier_call = f,\n};\n", ("notifier", 2)),
        ("rootfs_initcall(f);\n", ("initcall", 1)),
        ('early_param("x", f);\n', ("boot parameter", 1)),
        ("static BIN_ATTR(x, 0400, f, NULL, sizeof(struct y));\n", ("sysfs file", 1)),
        ("static struct irq_work w = IRQ_WORK_INIT(f);\n", ("irq work", 1)),
        ("static struct kernel_param_ops x = { .set = f };\n", ("module parameter", 1)),
        ("static struct x_ops o = {\n\t/* .go = f, */\n};\n", None),
        ("struct file_operations x = {\n\t/* .read = f, */\n\t.write = g,\n};\n", None),
        (
            "struct file_operations x = {\n\t.read = IS_ENABLED(X) ? f : NULL,\n};\n",
            ("file operation", 2),
        ),
        ("struct file_operations x = {\n\t.read = (read_t *)&f,\n};\n", ("file operation", 2)),
        (
            "struct file_operations x[] = {\n\t{ .read = g },\n\t{ .read = f },\n};\n",
            ("file operation", 3),
        ),
        (
            "struct file_operations x = {\n#ifdef X\n\t.read = f,\n#endif\n};\n",
            ("file operation", 3),
        ),
        ('struct file_operations x = {\n\t.name = "}; .read = f",\n};\n', None),
        ("module_init(f) /* early */;\n", ("module load", 1)),
        ("static int module_init(f)\n{\n}\n", None),
        ("\tmodule_init(f);\n", None),
        ("void g(void)\n{\n\tstruct x y = {\n\t\t.a = f,\n\t};\n}\n", None),
    ],
)
def test_an_entry_point_is_seen_at_file_level(entry_of, code, entry):
    assert entry == entry_of(code)


def test_a_notifier_block_is_what_it_is_registered_for(entry_of):
    code = (
        "static struct notifier_block n = {\n\t.notifier_call = f,\n};\n"
        "int g(void)\n{\n\treturn register_reboot_notifier(&n);\n}\n"
    )

    assert entry_of(code) == ("reboot notifier", 2)


def test_sysfs_macros_complete_the_name(abi):
    entries = Entries(
        [image_of_text("a.c", "static DEVICE_ATTR_RO(version);\n")], Points(abi.entry_points)
    )

    assert entries.of("version_show", OWN) is not None
    assert entries.of("version_store", OWN) is None


KVM = "struct kvm_x86_ops vt_x86_ops = {\n\t.vm_init = vt_op(vm_init),\n};\n"


def test_a_macro_completes_the_name_in_a_table(abi):
    """KVM's table names what each callback does, and a macro whose it is."""
    code = f"#define vt_op(name) vt_##name\n{KVM}"
    entries = Entries([image_of_text("a.c", code)], Points(abi.entry_points))

    entered = entries.of("vt_vm_init", OWN)

    assert entered is not None
    assert (entered.entry.name, entered.step.line) == ("KVM callback", 3)


def test_a_member_that_another_file_sets_is_an_entry(abi):
    other = "void setup(void)\n{\n\tvt_x86_ops.vcpu_run = f;\n\tother.vcpu_run = g;\n}\n"
    images = [image_of_text("a.c", KVM), image_of_text("b.c", other)]
    entries = Entries(images, Points(abi.entry_points))

    entered = entries.of("f", OWN)

    assert entered is not None
    assert (entered.entry.name, entered.step.path, entered.step.line) == ("KVM callback", "b.c", 3)
    assert entries.of("g", OWN) is None


def test_a_table_in_one_line_ends_there(entry_of):
    code = "static struct kernel_param_ops x = { .set = g };\nstruct y z = {\n\t.get = f,\n};\n"

    assert entry_of(code) is None


def test_a_notifier_block_may_be_the_second_argument(entry_of):
    code = (
        "static struct notifier_block n = { .notifier_call = f };\n"
        "int g(void)\n{\n\treturn atomic_notifier_chain_register(&panic_notifier_list, &n);\n}\n"
    )

    assert entry_of(code) == ("panic notifier", 1)


@pytest.mark.parametrize(("words", "expected"), [("void __init", "boot"), ("int", None)])
def test_what_boot_calls_by_its_name_is_init_code(abi, words, expected):
    (function,) = unit(image_of_text("a.c", f"{words} tdx_init(void)\n{{\n}}\n")).functions

    found = Entries([], Points(abi.entry_points)).by_name(function)

    assert (found and found.entry.name) == expected


def test_a_member_is_set_later_whatever_the_value_looks_like(abi):
    other = "void setup(void)\n{\n\tvt_x86_ops.vcpu_run =\n\t\tstrange ? f : NULL;\n}\n"
    images = [image_of_text("a.c", KVM), image_of_text("b.c", other)]
    entered = Entries(images, Points(abi.entry_points)).of("f", OWN)

    assert entered is not None
    assert (entered.entry.name, entered.step.path, entered.step.line) == ("KVM callback", "b.c", 3)


@pytest.mark.parametrize(
    ("defined", "value", "entered"),
    [
        ("#define op(n) &vt_##n\n", "op(vm_init)", ["vt_vm_init"]),
        ("#define op(n) (vt_##n)\n", "op(vm_init)", ["vt_vm_init"]),
        ("#define op(n) vt_##n##_op\n", "op(vm_init)", ["vt_vm_init_op"]),
        ("#define op(p, n) p##_##n\n", "op(td, vm_init)", ["td_vm_init"]),
        ("#define op(n) \\\n\tvt_##n\n", "op(vm_init)", ["vt_vm_init"]),
        ("#define glue(a, b) a##b\n#define op(n) glue(vt_, n)\n", "op(init)", ["vt_init"]),
        ("#define op(f) f\n", "op(vt_init)", ["vt_init"]),
        ("#define op(n) (td ? vt_##n : vmx_##n)\n", "op(init)", ["vmx_init", "vt_init"]),
        (
            "#ifdef X\n#define op(n) vt_##n\n#else\n#define op(n) vmx_##n\n#endif\n",
            "op(vm_init)",
            ["vmx_vm_init", "vt_vm_init"],
        ),
        (
            "#ifdef X\n#define op(n) vt_##n\n#else\n#define op(n) NULL\n#endif\n",
            "op(vm_init)",
            ["vt_vm_init"],
        ),
        ("#define op(n) sizeof(vt_##n)\n", "op(vm_init)", []),
        ("#define op(n) made(vt_##n)\n", "op(vm_init)", []),
        ("", "op(vm_init)", []),
    ],
)
def test_a_member_holds_what_each_definition_of_its_macro_comes_to(abi, defined, value, entered):
    """Which definition holds is the configuration's to say; none may be lost for another."""
    code = f"{defined}struct kvm_x86_ops ops = {{\n\t.vm_init = {value},\n}};\n"
    entries = Entries([image_of_text("a.c", code)], Points(abi.entry_points))

    names = ["vmx_init", "vmx_vm_init", "vt_init", "vt_vm_init", "vt_vm_init_op", "td_vm_init"]
    assert [name for name in names if entries.of(name, OWN)] == entered
