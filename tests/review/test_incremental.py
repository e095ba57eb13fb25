"""A state judged since another one is judged as if nothing had been looked at before."""

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.incremental import Court
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text

HEADER = "arch/x86/virt/vmx/tdx/tdx.h"
CORE = "arch/x86/virt/vmx/tdx/tdx.c"
KVM = "arch/x86/kvm/vmx/tdx.c"
TEXTS = {
    HEADER: """
#define TDH_SYS_INIT 33
====
#define TDH_SYS_INIT 35
----
#define TDH_OUR_OWN 201
====
#define TDH_OUR_OWN 202
----
#define TDX_OURS (1ULL << 63)
====
#define TDX_OURS 0x8000FF0000000001ULL
----
#define twice(fn) ({ fn; fn; })
====
#define twice(fn) fn
----
#define MAKE(n) static inline u64 n##_made(void *v) { return tdh_vp_rd(v, 1, 0); }
MAKE(first)
MAKE(second)
====
#define MAKE(n) static inline u32 n##_made(void *v) { return tdh_vp_rd(v, 1, 0); }

MAKE(first)
MAKE(second)
----
u64 tdh_sys_new(u64 a);
====
int tdh_sys_new(u64 a);
----
static inline u64 low(u64 fn, struct tdx_module_args *args)
{
	return __seamcall_ret(fn, args);
}
====
static __always_inline int low(u64 fn, struct tdx_module_args *args)
{
	if (__seamcall(fn, args))
		return -EIO;
	return 0;
}
""",
    CORE: """
#define TDH_OUR_OTHER 201
====
#define TDH_OUR_OTHER 202
----
static bool tdx_module_initialized;
====
static int tdx_module_initialized;
----
static int start(void)
{
	struct tdx_module_args args = {};

	lockdep_assert_held(&tdx_lock);
	return low(TDH_SYS_INIT, &args);
}
====
static int start(void)
{
	struct tdx_module_args args;
	u64 err = __seamcall(TDH_SYS_INIT, &args);

	return err & TDX_OURS ? 0 : -EIO;
}
----
int tdx_enable(void)
{
	int r;

	mutex_lock(&tdx_lock);
	r = start();
	tdx_module_initialized = !r;
	mutex_unlock(&tdx_lock);
	return r;
}
====
int tdx_enable(void)
{
	if (start())
		return -EIO;
	mutex_lock(&tdx_lock);
	return 0;
}
----
int tdx_cpu_up(unsigned int cpu)
{
	return tdh_sys_new(cpu);
}
====
int tdx_cpu_up(unsigned int cpu)
{
	struct tdx_module_args args = {};

	return seamcall_prerr(TDH_SYS_LP_INIT, &args);
}
----
void tdx_free(struct td *td)
{
	td->sc_status = __seamcall(TDH_PHYMEM_PAGE_RECLAIM, &td->args);
	__free_page(td->page);
}
====
void tdx_free(struct td *td)
{
	tdh_phymem_page_reclaim(td->page);
	clear(td);
	__free_page(td->page);
}
""",
    KVM: """
static bool ready(void)
{
	return tdx_module_initialized ? use(&shared) : 0;
}
====
static bool ready(void)
{
	if (!tdx_module_initialized)
		return false;
	use(&shared);
	return true;
}
----
static int __init tdx_bringup(void)
{
	int r = kvm_enable_virtualization();

	if (r)
		return r;
	return tdx_enable();
}
====
static int __init tdx_bringup(void)
{
	on_each_cpu(tdx_cpu_up, NULL, 1);
	return tdx_enable();
}
----
module_init(tdx_bringup);
====
late_initcall(tdx_bringup);
----
early_initcall(tdx_enable);
====
int unrelated_as_well;
----
static bool failed(struct td *td)
{
	return td->sc_status < 0;
}
====
static bool failed(struct td *td)
{
	if (td->sc_status == TDX_OURS)
		pr_err("%d", td->sc_status);
	return td->sc_status;
}
----
static noinstr void enter(struct tdx_module_args *args)
{
	guard(raw_spinlock)(&lock);
	twice(__seamcall_saved_ret(0, args));
	tdx_enable();
}
====
static void enter(struct tdx_module_args *args)
{
	spin_lock(&lock);
	tdx_enable();
	tdx_enable();
}
----
static u64 wrapped(struct tdx_module_args *args)
{
	return seamcall(TDH_SYS_INFO, args);
}
====
static u64 wrapped(struct tdx_module_args *args)
{
	return 0;
}
""",
}
PIECES = {
    path: tuple(tuple(piece.split("====")) for piece in text.split("----"))
    for path, text in TEXTS.items()
}
GAPS = ("", "\n", "/* A remark. */\n\n", "int unrelated;\n")


@st.composite
def _file(draw, path):
    """Give a file with some of its pieces, as a whole or as what hunks show."""
    chosen = draw(st.lists(st.sampled_from(PIECES[path]), unique=True, min_size=3))
    text = "".join(draw(st.sampled_from(GAPS)) + draw(st.sampled_from(p)) for p in chosen)
    whole = draw(st.sampled_from((True, True, False)))
    return Image(path=path, whole=whole, fragments=image_of_text(path, text).fragments)


ANY_FILE = st.sampled_from(tuple(PIECES)).flatmap(_file)
ALL_FILES = st.tuples(*map(_file, PIECES))


@cache
def _court():
    folder = bundled_folder()
    return Court(load_rules(folder), load_abi(folder))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ALL_FILES, st.lists(ANY_FILE, min_size=1, max_size=6))
def test_a_state_is_judged_the_same_whatever_was_judged_before(files, patches):
    since = _court().judged(files)
    state = {image.path: image for image in files}
    for patched in patches:
        state |= {patched.path: patched}
        since = _court().judged(state.values(), since)
        afresh = _court().judged(state.values())

        assert (afresh.gathered, afresh.found) == (since.gathered, since.found)


OWN_RULE = """\
id: ours-late
title: Read late
severity: warning
confidence: high
about: site
message: "{function}() reads with {leaf}"
why: Because.
fix: Move it.
when: [{leaf: TDH.SYS.RD, made: here}]
unless: [{caller_section: init}]
flagged: [{name: a, code: "x(); /* flagged */"}]
clean: [{name: a, code: "y();"}]
"""
READER = """\
u64 tdx_read(u64 field)
{
	struct tdx_module_args args = { .rcx = field };

	return seamcall_ret(TDH_SYS_RD, &args);
}
"""
INIT_USER = """\
static int __init tdx_begin(void)
{
	return tdx_read(1) ? -EIO : 0;
}
early_initcall(tdx_begin);
"""
LATE_USER = """
static int tdx_load(void)
{
	return tdx_read(2) ? -EIO : 0;
}
module_init(tdx_load);
"""


def test_a_new_caller_in_another_file_is_a_new_way_to_an_old_site(tmp_path):
    (tmp_path / "ours-late.yml").write_text(OWN_RULE)
    court = Court(load_rules(tmp_path), load_abi(bundled_folder()))
    reader, user = image_of_text(CORE, READER), image_of_text(KVM, INIT_USER)
    before = court.judged((reader, user))
    after, _ = court.step((reader, image_of_text(KVM, "\n" + INIT_USER + LATE_USER)), before)

    assert before.found == ()
    assert [
        (found.place.line, [(step.path, step.line) for step in found.trace])
        for found in after.found
    ] == [(5, [(KVM, 12), (KVM, 10), (CORE, 5)])]


def test_the_lines_of_a_way_move_with_the_code_above_it(tmp_path):
    (tmp_path / "ours-late.yml").write_text(OWN_RULE)
    court = Court(load_rules(tmp_path), load_abi(bundled_folder()))
    reader = image_of_text(CORE, READER)
    before = court.judged((reader, image_of_text(KVM, LATE_USER)))
    after, _ = court.step((reader, image_of_text(KVM, "int more;\n" + LATE_USER)), before)

    assert [step.line for step in before.found[0].trace] == [6, 4, 5]
    assert [step.line for step in after.found[0].trace] == [7, 5, 5]
