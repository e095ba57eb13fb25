from tdxreview.mail.message import Author
from tdxreview.revisions.lineage import ancestry, predecessor

ONE = {"a.c": ["+\tfirst_thing();"]}
TWO = {"b.c": ["+\tsecond_thing();"]}
BY_ANOTHER = Author("Kim Roe", "kim@example.org")


def test_the_same_author_and_subject_is_the_same_series(make_series):
    v1, v2 = make_series(("a: Old thing", ONE)), make_series(("a: New thing", TWO), revision=2)

    assert predecessor(v2, (v1, v2)) is v1
    assert predecessor(v1, (v1, v2)) is None


def test_the_newest_of_earlier_revisions_comes_first(make_series):
    v1, v2, v4 = (make_series(("a: Thing", ONE), revision=n) for n in (1, 2, 4))

    assert ancestry(v4, (v4, v1, v2)) == (v2, v1)


def test_different_change_ids_are_different_series(make_series):
    v1 = make_series(("a: Thing", ONE), change_id="20260101-one-0")
    v2 = make_series(("a: Thing", ONE), revision=2, change_id="20260101-two-0")

    assert predecessor(v2, (v1, v2)) is None


def test_a_series_that_somebody_took_over_is_known_by_its_patches(make_series):
    v1 = make_series(("a: Thing one", ONE), ("a: Thing two", TWO), subject="Old cover")
    v2 = make_series(
        ("a: Thing one", ONE),
        ("a: Thing two", TWO),
        revision=2,
        subject="New cover",
        author=BY_ANOTHER,
    )

    assert predecessor(v2, (v1, v2)) is v1


def test_another_series_of_the_same_author_is_no_revision(make_series):
    other = make_series(("b: Different thing", TWO), subject="b: Something else")
    v2 = make_series(("a: Thing one", ONE), revision=2)

    assert predecessor(v2, (other, v2)) is None
