"""What kind of address is put into a register, and how its buffer came to be aligned."""

import pytest

from tdxreview.facts.args.schema import Address, Alignment, LeafName, LeafNumber, Operand

FUNCTION = """u64 f(struct page *page, void *p, u64 pa, struct td *td)
{{
	static u64 fixed[64];
	u64 local[64];
	u64 *mapped = vmalloc(512);
	unsigned long va = (unsigned long)p;
	struct tdx_module_args a = {{ .rcx = {value} }};

	return seamcall(TDH_MNG_ADDCX, &a);
}}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("pa", Address.UNKNOWN),
        ("__pa(p)", Address.PHYSICAL),
        ("__pa(fixed)", Address.PHYSICAL),
        ("__pa(&td->field[3])", Address.PHYSICAL),
        ("page_to_phys(page) | 3", Address.PHYSICAL),
        ("slow_virt_to_phys(local)", Address.UNKNOWN),
        ("(u64)p", Address.VIRTUAL),
        ("va + 64", Address.VIRTUAL),
        ("(u64)page_address(page)", Address.VIRTUAL),
        ("pa ? pa : (u64)p", Address.VIRTUAL),
        ("__pa(local)", Address.STACK),
        ("__pa(&local[2])", Address.STACK),
        ("page_to_phys(virt_to_page(local)) + 8", Address.STACK),
        ("virt_to_phys(PTR_ALIGN(mapped, 64))", Address.VMALLOC),
        ("__pa(local + 1 + 1 + 1)", Address.STACK),
        ("__pa(local + 1 + 1 + 1 + 1 + 1 + 1 + 1)", Address.UNKNOWN),
        ("page_to_pfn(page)", Address.FRAME),
        ("page_to_pfn(page) << PAGE_SHIFT", Address.UNKNOWN),
    ],
)
def test_an_address_is_followed_to_where_it_comes_from(subjects, value, expected):
    (found,) = subjects(Operand, FUNCTION.format(value=value))

    assert (found.register, found.address) == ("RCX", expected)


def test_a_pointer_to_a_pointer_is_followed_once_round_and_no_further(subjects):
    code = FUNCTION.format(value="x").replace("u64 local", "u64 x = y, y = x, local")
    (found,) = subjects(Operand, code)

    assert found.address is Address.UNKNOWN


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("roundup_pow_of_two(n)", Alignment.UNKNOWN),
        ("PAGE_SIZE", Alignment.UNKNOWN),
        ("n", Alignment.UNKNOWN),
        ("ALIGN(n, 512)", Alignment.LUCK),
        ("n * 8", Alignment.LUCK),
        ("max(roundup_pow_of_two(n), 512)", Alignment.UNKNOWN),
        ("1536", Alignment.LUCK),
        ("3 * 512", Alignment.LUCK),
        ("(512 << 1) + 512", Alignment.LUCK),
        ("4 * 512", Alignment.UNKNOWN),
        ("512 + 512", Alignment.UNKNOWN),
    ],
)
def test_kmalloc_aligns_to_powers_of_two(subjects, size, expected):
    code = f"""int f(int n)
{{
	u64 *array = kmalloc({size}, GFP_KERNEL);
	struct tdx_module_args a = {{ .rcx = __pa(array) }};

	return seamcall_prerr(TDH_SYS_CONFIG, &a);
}}
"""
    assert [each.alignment for each in subjects(Operand, code)] == [expected]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("seamcall(TDH_SYS_CONFIG, __pa(array), n, 0, 0, NULL)", [("RCX", Alignment.LUCK)]),
        ("seamcall(TDH_SYS_CONFIG, __pa(array), n, 0, 0)", []),
        ("seamcall(TDH_MNG_CREATE, 0, __pa(array), 0, 0, NULL)", []),
    ],
)
def test_registers_that_are_parameters_are_known_without_the_wrapper(subjects, call, expected):
    """Six arguments are one generation's; five were never any."""
    code = f"""u64 f(int n)
{{
	u64 *array = kmalloc(n * 8, GFP_KERNEL);

	return {call};
}}
"""
    found = subjects(Operand, code)

    assert expected == [
        (each.register, each.alignment) for each in found if each.alignment is Alignment.LUCK
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TDH_SYS_INIT 33", LeafNumber.RIGHT),
        ("TDH_SYS_INIT 34", LeafNumber.WRONG),
        ("TDH_SYS_INIT (BIT_ULL(63) | 33)", LeafNumber.WRONG),
        ("TDH_SYS_BEGIN 33", LeafNumber.OF_ANOTHER),
        ("TDH_SYS_BEGIN 9999", LeafNumber.UNKNOWN),
        ("TDH_IOMMU_BEGIN 128", LeafNumber.UNKNOWN),
        ("TDH_SYS_BEGIN (1ULL << 32)", LeafNumber.NO_LEAF),
    ],
)
def test_a_leaf_has_the_number_that_the_abi_gives_it(subjects, text, expected):
    assert [each.number for each in subjects(LeafName, f"#define {text}\n")] == [expected]


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("x = SEAMLDR_NEW;", []),
        ("x = note(SEAMLDR_NEW);", []),
        ("x = seamcall(SEAMLDR_NEW, args);", [LeafNumber.OF_ANOTHER]),
    ],
)
def test_a_constant_that_is_no_leafs_yet_is_judged_where_it_is_called(subjects, use, expected):
    code = f"#define SEAMLDR_NEW 1\nvoid f(struct tdx_module_args *args)\n{{\n\tu64 {use}\n}}\n"

    assert [each.number for each in subjects(LeafName, code)] == expected


def test_a_constant_that_code_uses_otherwise_is_no_leafs(subjects):
    code = "#define TDH_MEM_TRIES 16\nint f(int x)\n{\n\treturn x < TDH_MEM_TRIES;\n}\n"

    assert list(subjects(LeafName, code)) == []


@pytest.mark.parametrize(
    ("define", "expected"),
    [
        ("SEAMCALL_TDH_MNG_CREATE 9", [LeafNumber.RIGHT]),
        ("SEAMCALL_TDH_MNG_CREATE 8", [LeafNumber.WRONG]),
        ("P_SEAMLDR_EINTERRUPT 0x8000000000030000ULL", []),
        ("SEAMLDR_SCENARIO_LOAD 0", []),
    ],
)
def test_a_name_of_the_interface_is_a_leaf_only_if_it_names_one(subjects, define, expected):
    found = subjects(LeafName, f"#define {define}\n")

    assert [each.number for each in found] == expected


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("kvm_pfn_t pfn", "pfn", Address.FRAME),
        ("kvm_pfn_t number", "number", Address.FRAME),
        ("u64 page_pfn", "page_pfn", Address.FRAME),
        ("kvm_pfn_t pfn", "pfn << PAGE_SHIFT", Address.UNKNOWN),
        ("kvm_pfn_t pfn", "PFN_PHYS(pfn)", Address.PHYSICAL),
        ("u64 pa", "pa", Address.UNKNOWN),
    ],
)
def test_a_frame_number_is_known_by_its_type_or_its_name(subjects, parameter, value, expected):
    (found,) = subjects(
        Operand,
        f"u64 f({parameter})\n{{\n\tstruct tdx_module_args a = {{ .rcx = {value} }};\n\n"
        "\treturn seamcall(TDH_MNG_ADDCX, &a);\n}\n",
    )

    assert found.address is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("3 * 512", Alignment.LUCK),
        ("ALIGN(n, 512)", Alignment.LUCK),
        ("2048", Alignment.UNKNOWN),
        ("n", Alignment.UNKNOWN),
    ],
)
def test_a_size_that_callers_choose_is_looked_up_there(subjects, asked, expected):
    (found,) = subjects(
        Operand,
        "static u64 sized(size_t size)\n{\n\tu64 *array = kmalloc(size, GFP_KERNEL);\n"
        "\tstruct tdx_module_args a = { .rcx = __pa(array) };\n\n"
        "\treturn seamcall(TDH_SYS_CONFIG, &a);\n}\n"
        f"u64 start(size_t n)\n{{\n\treturn sized({asked});\n}}\n",
    )

    assert found.alignment is expected


CHAIN = "u64 w{0}(u64 fn, struct tdx_module_args *a)\n{{\n\treturn w{1}(fn, a);\n}}\n"


@pytest.mark.parametrize(("wrappers", "registers"), [(3, ["RCX"]), (9, [])])
def test_a_struct_is_followed_through_some_wrappers_and_no_further(subjects, wrappers, registers):
    """What the seventh wrapper in a row hands on is not known."""
    last = "u64 w0(u64 fn, struct tdx_module_args *a)\n{\n\treturn __seamcall(fn, a);\n}\n"
    chain = "".join(CHAIN.format(at, at - 1) for at in reversed(range(1, wrappers)))
    call = FUNCTION.format(value="page_to_phys(page)").replace("seamcall(", f"w{wrappers - 1}(")

    found = [each.register for each in subjects(Operand, call + chain + last)]

    assert found == registers


def test_a_wrapper_that_calls_itself_is_followed_once(subjects):
    code = "u64 w(u64 fn, struct tdx_module_args *a)\n{\n\treturn w(fn, a);\n}\n"

    assert subjects(Operand, code + FUNCTION.format(value="pa").replace("seamcall(", "w(")) == []
