import pytest

from tdxreview.mail.subject import SubjectKind, parse_subject

DEFAULTS = {
    "kind": "patch",
    "title": "a",
    "reply": False,
    "forward": False,
    "revision": 1,
    "minor": None,
    "label": "",
    "rfc": False,
    "resend": False,
    "tree": "",
    "stable": "",
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[PATCH] a", {}),
        (
            "[PATCH RFC v3 02/10 net-next] a",
            {"revision": 3, "label": "2/10", "rfc": True, "tree": "net-next"},
        ),
        ("[PATCHv3 2/10] a", {"revision": 3, "label": "2/10"}),
        ("[PATCH v2.1 2/5] a", {"revision": 2, "minor": 1, "label": "2/5"}),
        ("[PATCH v3.5 2/5] a", {"revision": 3, "minor": 5, "label": "2/5"}),
        ("[PATCH v5.1 10/12] a", {"revision": 5, "minor": 1, "label": "10/12"}),
        ("[PATCH -v3 1/2] a", {"revision": 3, "label": "1/2"}),
        ("[PATCH (v3) 1/2] a", {"revision": 3, "label": "1/2"}),
        ("a (v3)", {"kind": "other", "revision": 3}),
        ("[PATCH] a (v3)", {"revision": 3}),
        ("[PATCH 1/3 v2] a", {"revision": 2, "label": "1/3"}),
        ("[v2 PATCH 1/2] a", {"revision": 2, "label": "1/2"}),
        ("[PATCH V2 1/2] a", {"revision": 2, "label": "1/2"}),
        ("[RFC][PATCH 1/2] a", {"rfc": True, "label": "1/2"}),
        ("[RFC] [PATCH 1/2] a", {"rfc": True, "label": "1/2"}),
        ("[PATCH v2 5/7] [RFC] a", {"rfc": True, "revision": 2, "label": "5/7"}),
        ("[PATCH 2 / 7] a", {"label": "2/7"}),
        ("[PATCH 1 of 3] a", {"label": "1/3"}),
        ("[PATCH1/8] a", {"label": "1/8"}),
        ("[v2,1/2] a", {"revision": 2, "label": "1/2"}),
        ("[[PATCH] v2 1/2] a", {"revision": 2, "label": "1/2"}),
        ("[PATCH 14a/20] a", {"label": "14a/20"}),
        ("[PATCH 1.5/2] a", {"label": "1.5/2"}),
        ("[PATCH 6/5] a", {"label": "6/5"}),
        ("Re[2]: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("Re: Re: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("AW: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("SV: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("回复: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("回复\uff1a[PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("答复: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("Re: 答复: [PATCH v2 1/2] a", {"reply": True, "revision": 2, "label": "1/2"}),
        ("Fwd: [PATCH 1/2] a", {"forward": True, "label": "1/2"}),
        ("[PATCH v2 1/2]a", {"revision": 2, "label": "1/2"}),
        ("[PATCH 5.15 012/300] a", {"stable": "5.15", "label": "12/300"}),
        ("[PATCH AUTOSEL 6.6 3/9] a", {"stable": "6.6", "label": "3/9"}),
        ("[PATCH stable 6.1.y] a", {"stable": "6.1.y"}),
        ("[tip: x86/tdx] a", {"kind": "tip-commit"}),
        ("[GIT PULL] a", {"kind": "pull"}),
        ("[ANNOUNCE] a", {"kind": "announce"}),
        ("[syzbot] a", {"kind": "syzbot"}),
        (
            "[PATCH] serial: F81504/508/512 ports",
            {"title": "serial: F81504/508/512 ports"},
        ),
        ("=?UTF-8?q?=5BPATCH_v2_1/2=5D_a?=", {"revision": 2, "label": "1/2"}),
        ("=?utf-8?B?W1BBVENIIHYyIDEvMl0gYQ==?=", {"revision": 2, "label": "1/2"}),
        ("[PATCH RESEND v4 1/2] a", {"resend": True, "revision": 4, "label": "1/2"}),
        ("[PATCH POC 1/2] a", {"label": "1/2"}),
        ("[PATCH mm-unstable v2 1/2] a", {"tree": "mm-unstable", "revision": 2, "label": "1/2"}),
        ("[kvm-unit-tests PATCH 1/2] a", {"tree": "kvm-unit-tests", "label": "1/2"}),
        ("[PATCH v6,19/24] a", {"revision": 6, "label": "19/24"}),
        ("[PATCH v6;19/24] a", {"revision": 6, "label": "19/24"}),
        ("[mylist] [PATCH] a", {}),
        ("[mylist] Re: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("mm: a", {"kind": "other", "title": "mm: a"}),
        ("net: a", {"kind": "other", "title": "net: a"}),
        ("Odp: [PATCH 1/2] a", {"reply": True, "label": "1/2"}),
        ("[PATCH/RFC v2 1/2] a", {"rfc": True, "revision": 2, "label": "1/2"}),
        ("[PATCH-RFCv2 1/2] a", {"rfc": True, "revision": 2, "label": "1/2"}),
        ("", {"kind": "other", "title": ""}),
        ("[PATCH 1/2 a", {"kind": "other", "title": "[PATCH 1/2 a"}),
    ],
)
def test_a_subject_says(text, said):
    subject = parse_subject(text)

    assert {name: getattr(subject, name) for name in DEFAULTS} == DEFAULTS | said


def test_a_counter_beyond_its_total_is_told():
    assert parse_subject("[PATCH 6/5] a").beyond_total
    assert not parse_subject("[PATCH 5/5] a").beyond_total


def test_only_counter_zero_is_a_cover_letter():
    assert parse_subject("[PATCH 0/3] a").is_cover
    assert not parse_subject("[PATCH 0.5/3] a").is_cover
    assert not parse_subject("[PATCH] a").is_cover


def test_a_revision_that_is_not_written_is_told_from_v1():
    assert not parse_subject("[PATCH] a").revision_given
    assert parse_subject("[PATCH v1] a").revision_given


def test_the_kind_of_a_reply_is_that_of_what_it_answers():
    assert parse_subject("Re: [PATCH] a").kind is SubjectKind.PATCH
