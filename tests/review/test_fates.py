"""Series of two or three patches: which patch each finding is laid at, and what became of it."""

from difflib import unified_diff

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

A, B = "arch/x86/kvm/vmx/one.c", "arch/x86/kvm/vmx/two.c"

GIVE = """\
static int give_back(struct vault *vault, u64 gpa, struct page *page)
{
	struct tdx_module_args args = { .rcx = gpa, .rdx = vault->pa };

	if (seamcall(TDH_MEM_PAGE_REMOVE, &args))
		return -EIO;
	if (tdh_phymem_page_wbinvd_hkid(vault->keyid, page))
		return -EIO;
	put_page(page);
	return 0;
}
"""
CLEARED = GIVE.replace("\tput_page", "\ttdx_quirk_reset_page(page);\n\tput_page")
DROP = """\
static void close_vault(struct vault *vault)
{
	struct tdx_module_args args = { .rcx = vault->pa };

	seamcall(TDH_MNG_KEY_FREEID, &args);
	vault->open = false;
	trace_vault(vault);
}
"""
KEPT = DROP.replace("\tseamcall", "\tvault->err = seamcall")
LOOP = """\
static u64 ask(struct tdx_module_args *args)
{
	u64 err;

	do {
		err = seamcall(TDH_SYS_KEY_CONFIG, args);
	} while (err == TDX_RND_NO_ENTROPY);

	return err;
}
"""


@pytest.fixture(scope="module")
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


def diff(before, after):
    """Give a patch from one set of files to the next, with three lines of context."""
    text = ""
    for path in sorted(before | after):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        names = (f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null")
        mode = "" if old and new else f"{'deleted' if old else 'new'} file mode 100644\n"
        lines = unified_diff((old or "").splitlines(1), (new or "").splitlines(1), *names)
        text += f"diff --git a/{path} b/{path}\n{mode}" + "".join(lines)
    return text


def mailbox(*states):
    """Give a series that goes from nothing through these states, each a dict of files."""
    total = len(states)
    mails = [
        f"From m@example.org Mon Jan  1 00:00:00 2024\nFrom: M <m@example.org>\n"
        f"Message-ID: <{number}@example.org>\nIn-Reply-To: <1@example.org>\n"
        f"Subject: [PATCH {number}/{total}] vault: step\n\nWhy.\n---\n{diff(before, after)}"
        for number, (before, after) in enumerate(zip(({}, *states), states, strict=False), 1)
    ]
    return "\n".join(mails).encode()


@pytest.fixture(scope="module")
def told(knowledge):
    def told(*states):
        result = review(read_bytes(mailbox(*states), "box"), knowledge)
        assert [row.problem for row in result.patches] == [None] * len(states)
        return [
            (each.rule, each.severity.value, each.patch, each.repaired_by)
            for each in result.findings
        ]

    return told


FREED = ("life-page-not-cleared", "error", 1, "")
IGNORED = ("status-ignored", "error", 1, "")
ENDLESS = ("status-retry-unbounded", "warning", 1, "")


def repaired(patch, by):
    return ("series-fixed-later", "note", patch, by)


def renamed(text, *pairs):
    for old, new in pairs:
        text = text.replace(old, new)
    return text


FRAME = (("*page)", "*frame)"), ("(page)", "(frame)"), (", page)", ", frame)"))


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({A: renamed(GIVE, *FRAME)}, id="variable renamed"),
        pytest.param({A: renamed(GIVE, ("give_back", "hand_back"))}, id="function renamed"),
        pytest.param({A: renamed(GIVE, *FRAME, ("give_back", "hand_back"))}, id="both renamed"),
        pytest.param({B: GIVE}, id="file renamed"),
        pytest.param({B: renamed(GIVE, ("give_back", "hand_back"))}, id="file, function renamed"),
        pytest.param({A: "int x;\n", B: GIVE}, id="moved"),
        pytest.param({A: "static int counter;\n" + GIVE}, id="shifted"),
        pytest.param({A: GIVE.replace("put_page(page)", "put_page(page); /* ours */")}, id="said"),
        pytest.param({A: GIVE.replace("\tput_page", "\tvault->count--;\n\tput_page")}, id="beside"),
    ],
)
def test_a_patch_that_carries_a_defect_does_not_repair_it(told, second):
    assert told({A: GIVE}, second) == [FREED]


def test_the_patch_that_repairs_is_named_behind_one_that_renames(told):
    frame = renamed(GIVE, *FRAME)
    mended = frame.replace("\tput_page", "\ttdx_quirk_reset_page(frame);\n\tput_page")

    assert told({A: GIVE}, {A: frame}, {A: mended}) == [repaired(1, "3")]


def test_a_defect_that_comes_back_is_laid_at_the_patch_that_brings_it_back(told):
    assert told({A: GIVE}, {A: CLEARED}, {A: GIVE}) == [
        ("life-page-not-cleared", "error", 3, ""),
        repaired(1, "2"),
    ]


def test_code_that_is_deleted_is_wrong_until_then(told):
    assert told({A: "int x;\n" + DROP}, {A: "int x;\n"}) == [repaired(1, "2")]


def test_one_call_repaired_and_another_one_dropped_are_two_findings(told):
    again = "\ttrace_vault(vault);\n\tseamcall(TDH_MNG_KEY_FREEID, &vault->late);\n"
    other = KEPT.replace("\ttrace_vault(vault);\n", again)

    assert told({A: DROP}, {A: other}) == [
        ("status-ignored", "error", 2, ""),
        ("status-ignored", "note", 1, "2"),
    ]


def test_another_leaf_in_the_place_of_a_wrong_one_is_another_finding(told):
    other = DROP.replace("TDH_MNG_KEY_FREEID", "TDH_MNG_KEY_RECLAIMID")

    assert ("status-ignored", "error", 2, "") in told({A: DROP}, {A: other})


def test_a_loop_whose_condition_a_later_patch_touches_is_told_once(told):
    wider = LOOP.replace("while (err ==", "while (READ_ONCE(stop) == false && err ==")

    assert told({A: LOOP}, {A: wider}) == [ENDLESS]


def test_a_defect_in_a_file_that_no_later_patch_touches_stands(told):
    assert told({A: DROP}, {A: DROP, B: "int other;\n"}) == [IGNORED]


COMPARED = """\
static int look(struct tdx_module_args *args)
{
	u64 err = seamcall(TDH_MNG_RD, args);

	if (err == TDX_OPERAND_BUSY)
		return -EBUSY;
	return err ? -EIO : 0;
}
"""


def test_a_fact_that_gets_lost_is_no_repair(told):
    """What the new constant is, nobody knows."""
    unclear = COMPARED.replace("TDX_OPERAND_BUSY", "VAULT_BUSY")

    assert told({A: COMPARED}, {A: unclear}) == [("status-unmasked-compare", "error", 1, "")]


def test_a_fact_that_gets_lost_and_is_known_again_is_repaired_then(told):
    unclear = COMPARED.replace("TDX_OPERAND_BUSY", "VAULT_BUSY")
    mended = COMPARED.replace("err == TDX", "(err & TDX_SEAMCALL_STATUS_MASK) == TDX")

    assert told({A: COMPARED}, {A: unclear}, {A: mended}) == [repaired(1, "3")]
