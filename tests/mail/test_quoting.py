import pytest

from tdxreview.mail.quoteddiff import quoted_diff
from tdxreview.mail.quoting import attributions, is_snip, quoted_lines


def depths(body):
    return [(line.depth, line.text) for line in quoted_lines(body)]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("a\n> b\n> > c\n", [(0, "a"), (1, "b"), (2, "c"), (0, "")]),
        (">b\n>>c", [(1, "b"), (2, "c")]),
        (">> c\n> b", [(2, "c"), (1, "b")]),
        (">\n> > \n>>", [(1, ""), (2, ""), (2, "")]),
        ("> +b\n>  c\n> ", [(1, "+b"), (1, " c"), (1, "")]),
        (">+b\n> c\n>-d", [(1, "+b"), (1, " c"), (1, "-d")]),
        ("kh> a\nkh> b\nkh> > c\nd", [(1, "a"), (1, "b"), (2, "c"), (0, "d")]),
        (
            "On 6/4/23, A wrote:\n| a\n| b\n| c\nd",
            [(0, "On 6/4/23, A wrote:"), (1, "a"), (1, "b"), (1, "c"), (0, "d")],
        ),
        (
            "On 6/4/23, A wrote:\n: a\n: b\n: c",
            [(0, "On 6/4/23, A wrote:"), (1, "a"), (1, "b"), (1, "c")],
        ),
        ("| a\n| b\n| c", [(0, "| a"), (0, "| b"), (0, "| c")]),
        ("a -> b\n c > d", [(0, "a -> b"), (0, " c > d")]),
        (
            "All errors (new ones prefixed by >>):\n>> f.c:2: error",
            [(0, "All errors (new ones prefixed by >>):"), (0, ">> f.c:2: error")],
        ),
        (
            "Fine.\n-----Original Message-----\nFrom: A B\n> c",
            [(0, "Fine."), (0, "-----Original Message-----"), (1, "From: A B"), (2, "c")],
        ),
    ],
)
def test_a_line_is_as_deep_as_it_is_quoted(body, lines):
    assert depths(body) == lines


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("On Wed, 2023-06-07 at 07:24 -0700, Hansen, Dave wrote:", "Hansen, Dave"),
        ("On 6/4/23 07:27, Kai Huang wrote:", "Kai Huang"),
        ("On Mon, Jun 05, 2023 at 02:27:32AM +1200, Kai H <k@x.y> wrote:", "Kai H <k@x.y>"),
        ("On Mon, Jun 05, 2023 at 02:27:32AM\n+1200, Kai H <k@x.y> wrote:", "Kai H <k@x.y>"),
        ("On Mon, Jun 5, 2023 at 2:27\u202fAM Kai H <k@x.y> wrote:", "Kai H <k@x.y>"),
        ("Kai H <k2023@x.y> writes:", "Kai H <k2023@x.y>"),
        ("Kai H <2023-06-04@x.y> writes:", "Kai H <2023-06-04@x.y>"),
        ("* Kai H <k@x.y> wrote:", "Kai H <k@x.y>"),
        ("Am 04.06.23 um 14:27 schrieb Kai H:", "Kai H"),
        ("On Jun 4, 2023, at 14:27, Kai H <k@x.y> wrote:", "Kai H <k@x.y>"),
    ],
)
def test_an_attribution_names_who_is_quoted(text, author):
    (found,) = attributions(quoted_lines(f"{text}\n> a\n"))

    assert (str(found.author), found.line, found.depth) == (author, 1, 1)


@pytest.mark.parametrize(
    "text", ["As I wrote:", "I said so.", "On the other hand:", "On Linux 6.1"]
)
def test_prose_is_no_attribution_of_a_person(text):
    found = attributions(quoted_lines(f"{text}\n> a\n"))

    assert [each.author.address for each in found] in ([], [""])


def test_each_depth_has_its_own_attribution():
    body = "On 6/5/23, A wrote:\n> On 6/4/23, B wrote:\n> > b\n> a\n"

    assert [
        (each.line, each.depth, each.author.name) for each in attributions(quoted_lines(body))
    ] == [
        (1, 1, "A"),
        (2, 2, "B"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[...]",
        "[ ... ]",
        "[snip]",
        "<snip>",
        "...",
        "[ ... 12 lines skipped ... ]",
        "[... skip 12 lines ...]",
        "[…]",
        "--- snip ---",
    ],
)
def test_a_mark_for_text_left_out_is_a_snip(text):
    assert is_snip(text)


@pytest.mark.parametrize("text", ["", "a ...", "array[12]", "[PATCH] a", "+ ...", "<linux/tdx.h>"])
def test_other_text_is_no_snip(text):
    assert not is_snip(text)


def test_the_deepest_level_that_carries_a_diff_is_the_patch():
    body = (
        "On 6/5/23, A wrote:\n> On 6/4/23, B wrote:\n> > --- a/f.c\n> > +++ b/f.c\n"
        "> > @@ -1,1 +1,2 @@\n> >  a\n> > +b();\n> Why + how?\n"
    )

    found = quoted_diff(body)
    assert found.text == "--- a/f.c\n+++ b/f.c\n@@ -1,1 +1,2 @@\n a\n+b();"
    assert (found.numbers, found.depth, found.author.name) == ((3, 4, 5, 6, 7), 2, "B")


def test_a_reviewers_own_diff_does_not_hide_the_patch_that_it_answers():
    body = "A wrote:\n> B wrote:\n> > + old();\n> > + older();\n> + new();\n> + newer();\n"

    assert quoted_diff(body).text == "+ old();\n+ older();"


def test_remarks_between_quoted_lines_are_left_out_and_counted():
    body = "A wrote:\n> --- a/f.c\n> +++ b/f.c\n> @@ -1 +1,2 @@\n> +a();\n\nWhy?\n\n> +b();\n"

    found = quoted_diff(body)
    assert found.text == "--- a/f.c\n+++ b/f.c\n@@ -1 +1,2 @@\n+a();\n\\ cut\n+b();"
    assert found.numbers == (2, 3, 4, 5, 5, 9)


@pytest.mark.parametrize(
    "body",
    [
        "I agree.\n",
        "A wrote:\n> - one reason\n> - another reason\n",
        "A wrote:\n> + one reason\n> + another reason\n",
        "A wrote:\n> text\n> > more text\n",
    ],
)
def test_quoted_prose_and_bullets_are_no_diff(body):
    assert quoted_diff(body) is None
