"""The page: built right, all foreign text shown as text, its own script the only one that runs."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from tdxreview.mail.intake import read_bytes
from tdxreview.mail.message import Author
from tdxreview.report.html import html_page
from tdxreview.report.html_picture import call_picture
from tdxreview.report.html_text import attribute, code, paragraphs, tag, text
from tdxreview.report.view import View
from tdxreview.series.build import build_series
from tdxreview.source.place import Place, Step
from tdxreview.source.text import image_of_text
from tdxreview.talk.model import Answer, Conversation, Kind, On, Remark, State

EVIL = "</script></td></style><script>document.title='owned'</script><img src=x onerror=alert(1)>"
PATH = "drivers/virt/lamp.c"
MAIL = f"""\
From: Bo Lindqvist <bo@example.org>
Message-ID: <lamp-1@example.org>
Date: Tue, 3 Mar 2026 09:15:00 +0100
Subject: [PATCH] virt: lamp: Light it {EVIL}

Signed-off-by: Bo Lindqvist <bo@example.org>
---
diff --git a/{PATH} b/{PATH}
index 1111111..2222222 100644
--- a/{PATH}
+++ b/{PATH}
@@ -10,3 +10,4 @@ int earlier(void)
 line ten
-line eleven
+	light("{EVIL}");
+	seamcall(LAMP_LIGHT, &args);
 line twelve
diff --git a/drivers/virt/wick.c b/drivers/virt/wick.c
index 1111111..2222222 100644
--- a/drivers/virt/wick.c
+++ b/drivers/virt/wick.c
@@ -1,2 +1,3 @@
 one
+two
 three
"""
VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """Reads a page strictly: every element that opens closes, in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], [], [], []
        self.texts = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):  # noqa: D102
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):  # noqa: D102
        assert self.open.pop() == tag

    def handle_data(self, data):  # noqa: D102
        for name in set(self.open):
            self.texts[name] = self.texts.get(name, "") + data

    def named(self, tag):
        """Give the attributes of each element of a name."""
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def lit(make_review, make_patch, make_finding):
    """Give a review of one hostile mail, with a finding on a line and the fields of a test."""
    series = build_series(read_bytes(MAIL.encode(), "lamp.eml").messages)[0]
    finding = make_finding(
        place=Place(path=PATH, line=12, end_line=12),
        function="light",
        message=f"light() says {EVIL}",
        trace=(
            Step(PATH, 11, "begins", "earlier"),
            Step(PATH, 12, "calls seamcall()", "light"),
            Step("drivers/virt/oil.c", 3, "burns", "burn"),
        ),
        last_trace=((PATH, 11), (PATH, 12), ("drivers/virt/oil.c", 3)),
    )

    def made(**fields):
        values = {
            "series": series,
            "patches": (make_patch(1, label="1/1", subject=f"virt: lamp {EVIL}"),),
            "findings": (finding,),
        }
        return make_review(**(values | fields))

    return made


def remark(**fields):
    values = {
        "message_id": "r@example.org",
        "author": Author("Ida <Falk>", "ida@example.org"),
        "date": None,
        "series": 0,
        "patch": 1,
        "on": On.LINE,
        "path": PATH,
        "line": 11,
        "quote": "",
        "kind": Kind.QUESTION,
        "state": State.OPEN,
        "text": f"Why?\n\t{EVIL}",
        "why": (),
    }
    return Remark(**(values | fields))


def test_the_policy_allows_our_own_style_and_script_and_nothing_else(lit):
    page = html_page(lit())
    found = Page(page)
    (policy,) = [
        each["content"]
        for each in found.named("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    ]

    def hashed(name):
        inside = re.search(f"<{name}>(.*?)</{name}>", page, re.DOTALL)[1]
        return base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashed('style')}'; "
        f"script-src 'sha256-{hashed('script')}'; base-uri 'none'; form-action 'none'"
    )


def test_foreign_text_stays_text(lit, hostile_review):
    for review in (lit(), hostile_review):
        found = Page(html_page(review))

        assert len(found.named("script")) == len(found.named("style")) == 1
        assert found.named("img") == []
        assert not any(name.startswith("on") for _, attrs in found.tags for name in attrs)
        assert not any("style" in attrs or "src" in attrs for _, attrs in found.tags)


def test_a_hostile_line_of_a_diff_is_shown_as_it_is(lit):
    assert f'+\tlight("{EVIL}");' in Page(html_page(lit())).texts["td"]


def test_all_links_lead_inside_and_no_id_is_there_twice(lit, risky_review):
    for review in (lit(), risky_review):
        found = Page(html_page(review))

        assert len(found.ids) == len(set(found.ids))
        assert {link.removeprefix("#") for link in found.links} <= set(found.ids)


def test_a_finding_stands_below_its_line(lit):
    page = html_page(lit())
    rows = page[page.index('<table class="code">') :].split("<tr")

    at = next(number for number, row in enumerate(rows) if "LAMP_LIGHT" in row)
    assert 'class="told"' in rows[at + 1]
    assert '<article id="f1" class="finding error"' in rows[at + 1]


def test_a_step_leads_to_its_line_or_opens_its_code(lit):
    oil = image_of_text("drivers/virt/oil.c", "one\ntwo\nburn(oil);\nfour\n")
    page = html_page(lit(files={oil.path: oil}))

    assert '<a href="#p1-7"><code>drivers/virt/lamp.c:11</code></a>' in page
    assert '<tr id="p1-7" class="added">' in page
    assert "<summary><code>drivers/virt/oil.c:3</code> burn(): burns</summary>" in page
    assert '<tr><td class="n">3</td><td>burn(oil);</td></tr>' in page


def test_files_that_nothing_is_said_about_are_folded(lit):
    page = html_page(lit())

    assert f'<details class="file" open="open"><summary><code>{PATH}</code>' in page
    assert '<details class="file"><summary><code>drivers/virt/wick.c</code>' in page


def test_remarks_stand_at_their_lines_with_their_answers(lit):
    review = lit()
    answer = Answer(author=None, text="It <b>burns</b>.", message_id="a@x", date=None)
    said = remark(answers=(answer,))
    talk = Conversation(threads=(), series=(review.series,), remarks=(said,))
    page = html_page(replace(review, conversation=talk))
    rows = page.split("<tr")

    at = next(number for number, row in enumerate(rows) if "light(&quot;" in row)
    head = "<h3>Ida &lt;Falk&gt; asks (unanswered) on v1</h3>"
    assert f'<div id="r1" class="remark">{head}' in rows[at + 1]
    assert "<pre>It &lt;b&gt;burns&lt;/b&gt;.</pre>" in rows[at + 1]


@pytest.mark.parametrize("fields", [{"line": 999}, {"path": None, "on": On.MESSAGE}])
def test_a_remark_without_a_line_stands_at_the_head_of_its_patch(lit, fields):
    review = lit()
    talk = Conversation(threads=(), series=(review.series,), remarks=(remark(**fields),))
    page = html_page(replace(review, conversation=talk))

    assert page.index('id="patch1"') < page.index('id="r1"') < page.index('class="file"')


def test_a_remark_on_the_revision_before_stands_where_its_line_is_by_now(lit):
    review = lit()
    series = replace(review.series, revision=2)
    patch = review.series.patches[0]
    moved = replace(patch, diff=patch.diff.replace(" line ten\n", "+line nine\n line ten\n"))
    earlier = replace(
        review.series, message_id="old@example.org", patches=(replace(patch, message_id="o@x"),)
    )
    series = replace(series, patches=(replace(moved, diff=_counted(moved.diff)),))
    said = remark(line=12, quote="+\tseamcall(LAMP_LIGHT, &args);")
    talk = Conversation(threads=(), series=(earlier, series), remarks=(said,))
    page = html_page(replace(review, series=series, conversation=talk, findings=()))
    rows = page.split("<tr")

    at = next(number for number, row in enumerate(rows) if "LAMP_LIGHT" in row)
    assert "on v1</h3>" in rows[at + 1]
    assert '<td class="n">13</td>' in rows[at]


def _counted(diff):
    return diff.replace("@@ -10,3 +10,4 @@", "@@ -10,3 +10,5 @@")


def test_remarks_on_another_series_are_left_out(lit, make_series):
    review = lit()
    other = make_series(message_id="old@example.org")
    talk = Conversation(threads=(), series=(other, review.series), remarks=(remark(),))

    assert 'class="remark"' not in html_page(replace(review, conversation=talk))


def test_notes_are_in_the_page_and_shown_at_first_only_if_asked_for(lit):
    box = '<input type="checkbox" name="severity" value="note"'

    assert f"{box}>" in html_page(lit())
    assert f"{box} checked>" in html_page(lit(), View(notes=True))


def test_every_finding_is_there_once(risky_review):
    page = html_page(risky_review)

    assert sorted(re.findall(r'<article id="(f\d+)"', page)) == ["f1", "f2", "f3", "f4"]


def test_a_call_path_has_a_box_for_each_function_and_an_arrow_between_two():
    steps = (
        Step(PATH, 1, "begins", "top"),
        Step(PATH, 2, "goes on", "top"),
        Step(PATH, 9, "<burns>", "low"),
    )
    picture = call_picture(steps)

    assert (picture.count("<rect"), picture.count("<line")) == (2, 1)
    assert "<title>top() calls low()</title>" in picture
    assert "&lt;burns&gt;</text>" in picture


def test_a_path_in_one_function_is_no_picture():
    assert call_picture((Step(PATH, 1, "a", "f"), Step(PATH, 2, "b", "f"))) == ""


def test_text_is_escaped_wherever_it_goes():
    assert text("a <b> `c&d`") == "a &lt;b&gt; <code>c&amp;d</code>"
    assert text("one ` quote") == "one ` quote"
    assert code("\tx <\x1b y\u202e") == "\tx &lt; y&lt;U+202E&gt;"
    assert attribute('"><script>') == "&quot;&gt;&lt;script&gt;"
    assert paragraphs("a\n\nb\nc") == "<p>a</p><p>b c</p>"
    assert tag("p", "x", class_="a", data_patch="", id="b") == '<p class="a" id="b">x</p>'


# A browser


@pytest.fixture
def browser(tmp_path):
    """Open a page in Chromium, and give what its DOM became and what its console said."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or os.environ.get("TDXREVIEW_NO_BROWSER"):
        pytest.skip("no Chromium is installed")

    def opened(page):
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        options = (
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *("--enable-logging=stderr", "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}"),
        )
        ended = subprocess.run(
            [chromium, *options, file.as_uri()],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = [line for line in ended.stderr.splitlines() if "CONSOLE" in line]
        return ended.stdout, said

    return opened


@pytest.mark.slow
def test_a_browser_runs_the_filters_and_nothing_of_the_patch(browser, lit):
    dom, said = browser(html_page(lit()))

    assert said == []
    assert not re.search("<title>owned", dom)
    assert '<form id="filter">' in dom
    assert '<output class="dim">1 shown</output>' in dom
    assert "<img" not in dom


@pytest.mark.slow
def test_a_script_that_gets_in_does_not_run(browser, lit):
    """The policy holds where escaping should ever fail."""
    evil = "<script>document.title='owned'</script><b onclick='x' style='color:red'>x</b></body>"
    dom, said = browser(html_page(lit()).replace("</body>", evil))

    assert "<title>owned" not in dom
    assert any("Content Security Policy" in line for line in said)


@pytest.mark.slow
def test_a_browser_hides_what_is_filtered_out(browser, risky_review):
    page = html_page(risky_review).replace('value="error" checked', 'value="error"')
    dom, said = browser(page)
    hidden = re.findall(r'<article id="(f\d)"[^>]*hidden', dom)

    assert said == []
    assert sorted(hidden) == ["f1", "f4"]
    assert '<output class="dim">2 shown</output>' in dom


@pytest.mark.slow
def test_a_browser_shows_one_patch_alone(browser, risky_review):
    choice = '<option value="2">2: '
    page = html_page(risky_review)
    assert page.count(choice) == 1
    dom, _ = browser(page.replace(choice, choice.replace(">", " selected>")))

    assert re.findall(r'<section data-patch="(\d)" id="patch\d" hidden', dom) == ["1", "3"]
    assert '<output class="dim">1 shown</output>' in dom
