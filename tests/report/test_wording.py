import pytest

from tdxreview.report.wording import call_name, count, patch_name, ranges, short_names, short_path


def test_counts_have_the_right_number():
    assert [count(0, "site"), count(1, "site"), count(2, "patch", "patches")] == [
        "0 sites",
        "1 site",
        "2 patches",
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"), [((1, 2, 3, 4, 6), "1-4, 6"), ((5,), "5"), ((3, 1, 2, 1), "1-3")]
)
def test_runs_of_numbers_are_written_as_ranges(numbers, expected):
    assert ranges(numbers) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (40, "arch/x86/virt/vmx/tdx/tdx.c"),
        (24, "arch/…/vmx/tdx/tdx.c"),
        (17, "arch/…/tdx/tdx.c"),
        (8, "tdx.c"),
        (2, "tdx.c"),
    ],
)
def test_a_long_path_loses_directories_in_its_middle(columns, expected):
    assert short_path("arch/x86/virt/vmx/tdx/tdx.c", columns) == expected


def test_short_names_are_as_long_as_it_takes_to_tell_them_apart():
    kvm, virt, main = "arch/x86/kvm/vmx/tdx.c", "arch/x86/virt/vmx/tdx/tdx.c", "init/main.c"

    assert short_names([kvm, virt, main]) == {kvm: "vmx/tdx.c", virt: "tdx/tdx.c", main: "main.c"}


def test_a_path_that_is_the_end_of_another_keeps_its_name():
    assert short_names(["tdx.c", "vmx/tdx.c"]) == {"tdx.c": "tdx.c", "vmx/tdx.c": "vmx/tdx.c"}


def test_functions_have_brackets_and_assembly_labels_have_none():
    assert (call_name("tdx_enable", "tdx.c"), call_name("__seamcall", "seamcall.S")) == (
        "tdx_enable()",
        "__seamcall",
    )


def test_a_patch_is_named_by_the_counter_of_its_subject(make_review, make_series, make_patch):
    review = make_review(
        series=make_series(total=20),
        patches=(make_patch(1, number=5, label="05/20"), make_patch(2, number=14, label="14a/20")),
    )

    assert [patch_name(review, 1), patch_name(review, 2)] == ["patch 5/20", "patch 14a/20"]


def test_a_single_patch_needs_no_name(make_review, make_series, make_patch):
    review = make_review(series=make_series(total=1), patches=(make_patch(1),))

    assert patch_name(review, 1) == ""
