"""`--post`: a server that behaves like patchwork's API 1.3, on this machine."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from tdxreview.cli.post import Server, server_of
from tdxreview.errors import UsageError

SECRET = "5ecre7"  # noqa: S105  of the server below
PATCHES = {
    ("one@example.org", "kvm"): 11,
    ("two@example.org", "kvm"): 12,
    ("two@example.org", "x86"): 13,
}


class Patchwork(BaseHTTPRequestHandler):
    """Knows some patches, and one token."""

    def do_GET(self):
        """Find patches by Message-ID."""
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path != "/pw/api/1.3/patches/":
            return self.answer(404, {"detail": "Not found."})
        found = [
            {"id": number, "msgid": f"<{msgid}>"}
            for (msgid, project), number in PATCHES.items()
            if msgid == asked["msgid"] and asked.get("project", project) == project
        ]
        return self.answer(200, found)

    def do_POST(self):
        """Take a check, if the token is right and the type is said."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Token {SECRET}":
            return self.answer(403, {"detail": "You do not have permission."})
        if self.headers["Content-Type"] != "application/json":
            return self.answer(200, [])
        self.server.posted.append((self.path, json.loads(body)))
        return self.answer(201, {"id": 1})

    def answer(self, status, found):
        """Send JSON, or elsewhere."""
        if self.server.redirects:
            self.send_response(302)
            self.send_header("Location", "http://localhost:1/elsewhere")
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_):
        """Say nothing on stderr."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("PATCHWORK_TOKEN", SECRET)
    served = ThreadingHTTPServer(("127.0.0.1", 0), Patchwork)
    served.posted, served.redirects = [], False
    served.url = f"http://127.0.0.1:{served.server_port}/pw"
    thread = Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def named(risky_review, reviewed):
    """Have the review come out with these Message-IDs."""

    def named(*names):
        rows = risky_review.patches[: len(names)]
        patches = [replace(row, message_id=name) for row, name in zip(rows, names, strict=True)]
        reviewed(replace(risky_review, patches=tuple(patches), not_examined=()))

    return named


def post(tdxreview, url):
    ended = tdxreview("review", "in.mbox", "--exit-zero", "--format", "b4", "--post", url)
    return ended.status, ended.err


def test_each_patch_gets_its_check(tdxreview, server, named):
    named("<one@example.org>", "<two@example.org>")

    assert post(tdxreview, f"{server.url}/project/kvm/list/") == (0, "")
    assert [(path, check["state"], check["context"]) for path, check in server.posted] == [
        ("/pw/api/1.3/patches/11/checks/", "warning", "tdxreview"),
        ("/pw/api/1.3/patches/12/checks/", "fail", "tdxreview"),
    ]


def test_a_patch_of_several_projects_needs_one_to_be_named(tdxreview, server, named):
    named("<two@example.org>")
    status, said = post(tdxreview, server.url)

    assert (status, server.posted) == (2, [])
    assert said.endswith("it is in several projects; name one: --post URL/project/NAME/\n")


def test_what_the_server_does_not_have_is_said_and_the_rest_posted(tdxreview, server, named):
    named("<none@example.org>", "<one@example.org>")
    status, said = post(tdxreview, server.url)

    assert (status, len(server.posted), said.count("\n")) == (2, 1, 1)
    assert said.endswith(f": {server.url} does not have it (yet)\n")


def test_a_token_that_is_refused_is_said(tdxreview, server, named, monkeypatch):
    monkeypatch.setenv("PATCHWORK_TOKEN", "wrong")
    named("<one@example.org>")
    status, said = post(tdxreview, server.url)

    assert (status, server.posted) == (2, [])
    assert said.endswith(
        ": the server answers 403: the token's owner may not post checks in this project\n"
    )


def test_a_redirect_is_not_followed(tdxreview, server, named):
    server.redirects = True
    named("<one@example.org>")

    assert post(tdxreview, server.url)[1].endswith(": the server answers 302\n")


@pytest.mark.usefixtures("server")
def test_a_server_that_is_not_there_is_said(tdxreview, named):
    named("<one@example.org>")
    status, said = post(tdxreview, "http://127.0.0.1:1")

    assert status == 2
    assert said.startswith("tdxreview: cannot talk to 127.0.0.1:1: ")


def test_without_a_token_nothing_is_reviewed(tdxreview, reviewed, monkeypatch):
    monkeypatch.delenv("PATCHWORK_TOKEN", raising=False)
    requests = reviewed(AssertionError("reviewed"))
    ended = tdxreview("review", "in.mbox", "--post", "https://pw.example.org")

    assert (ended.status, requests) == (2, [])
    assert ended.err == (
        "tdxreview: --post: put the API token of your patchwork account into $PATCHWORK_TOKEN\n"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pw.example.org", Server("https://pw.example.org", "")),
        ("https://pw.example.org/", Server("https://pw.example.org", "")),
        ("https://pw.example.org/project/kvm/list/", Server("https://pw.example.org", "kvm")),
        ("https://example.org/pw/project/kvm", Server("https://example.org/pw", "kvm")),
        ("http://localhost:8000/", Server("http://localhost:8000", "")),
    ],
)
def test_the_server_that_a_url_names(url, expected):
    assert server_of(url) == expected


@pytest.mark.parametrize(
    "url",
    ["pw.example.org", "file:///etc/passwd", "https://", "http://pw.example.org", "https://a@b/"],
)
def test_what_names_no_server_is_refused(url):
    with pytest.raises(UsageError, match=r"^--post "):
        server_of(url)
