"""Pages on their way back, by whatever name they go."""

import pytest

from tdxreview.facts.life.schema import Done, Owner, PageReturn

FREE = """static void give_back(%s)
{
	u64 err, a, b, c;
	%s
	err = tdh_phymem_page_reclaim(%s, &a, &b, &c);
	if (err)
		return;
	%s
}
"""


@pytest.mark.parametrize(
    ("parameter", "copy", "reclaimed", "freed"),
    [
        ("struct page *page", ";", "page", "__free_page(page);"),
        ("u64 pa", ";", "pa", "free_page((unsigned long)__va(pa));"),
        ("struct page *page", "u64 pa = page_to_phys(page);", "pa", "put_page(page);"),
        ("u64 pfn", "struct page *p = pfn_to_page(pfn);", "p", "__free_pages(p, 0);"),
        ("struct td *td", ";", "td->page", "__free_page(td->page);"),
        ("struct td *td", "void *va = td->va;", "__pa(va)", "free_page((unsigned long)td->va);"),
    ],
)
def test_a_page_is_the_same_by_any_address(subjects, parameter, copy, reclaimed, freed):
    (found,) = subjects(PageReturn, FREE % (parameter, copy, reclaimed, freed))

    assert (found.owner, found.cleared) == (Owner.KERNEL, Done.NOT_SEEN)


@pytest.mark.parametrize("between", ["page = other;", "page++;"])
def test_a_page_is_another_one_after_its_name_was_given_away(subjects, between):
    code = FREE % (
        "struct page *page, struct page *other",
        ";",
        "page",
        between + " put_page(page);",
    )

    assert subjects(PageReturn, code) == []


@pytest.mark.parametrize(
    "clear", ["tdx_clear_page(page);", "tdx_quirk_reset_page(page);", "reset_tdx_pages(pa, 4096);"]
)
def test_every_helper_of_the_kernel_clears(subjects, clear):
    code = FREE % (
        "struct page *page",
        "u64 pa = page_to_phys(page);",
        "page",
        clear + " __free_page(page);",
    )
    (found,) = subjects(PageReturn, code)

    assert found.cleared is Done.DONE


def test_a_page_that_is_cleared_only_under_a_condition_is_no_verdict(subjects):
    code = FREE % (
        "struct page *page",
        ";",
        "page",
        "if (quirk())\n\t\ttdx_clear_page(page);\n\t__free_page(page);",
    )
    (found,) = subjects(PageReturn, code)

    assert found.cleared is Done.UNKNOWN
