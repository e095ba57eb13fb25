"""Checks posted to a patchwork server: the one place where tdxreview speaks to a network.

Only where `--post` asks for it. The API is patchwork's REST API 1.3: a patch is found by its
Message-ID, and has its checks below it.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from tdxreview import __version__
from tdxreview.errors import UsageError

TOKEN = "PATCHWORK_TOKEN"  # noqa: S105  its name
API = "api/1.3"
PATIENCE = 30
"""Seconds until a silent server is given up."""
LARGEST = 1 << 20
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REASONS = {
    401: "it does not know the token",
    403: "the token's owner may not post checks in this project",
    404: "it does not know the token, or has no such patch",
}


class Server(Struct, frozen=True):
    """A patchwork server; `project` is the link name of the one that is meant, if one is."""

    base: str
    project: str


class Answer(Struct, frozen=True):
    """What the server says of the check of one patch: `problem` is empty where it took it."""

    subject: str
    problem: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the server that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def server_of(url: str) -> Server:
    """Return the server that a URL names: its root, or a page of a project on it.

    Raises UsageError for what is none, and where a token would go over the network in clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        raise UsageError(
            f"--post {url}: not the address of a server; give https://HOST[/project/NAME/]"
        )
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise UsageError(f"--post {url}: the token would be sent in clear; use https")
    root, _, rest = parts.path.partition("/project/")
    base = f"{parts.scheme}://{parts.netloc}{root.rstrip('/')}"
    return Server(base, rest.partition("/")[0])


def token() -> str:
    """Return the API token from the environment; UsageError where there is none."""
    found = os.environ.get(TOKEN, "").strip()
    if not found or not found.isascii() or not found.isprintable():
        raise UsageError(f"--post: put the API token of your patchwork account into ${TOKEN}")
    return found


def post_checks(checks: str, server: Server, secret: str) -> Iterator[Answer]:
    """Post the checks of `--format patchwork`, one for each patch, and return what became of it.

    Raises UsageError where the server cannot be reached or is none of patchwork's.
    """
    opener = urllib.request.build_opener(_NoRedirect)
    for entry in json.loads(checks):
        yield Answer(entry["subject"], _posted(opener, entry, server, secret))


def _posted(
    opener: urllib.request.OpenerDirector, entry: dict[str, Any], server: Server, secret: str
) -> str:
    if not entry["msgid"]:
        return "the input has no Message-ID of it"
    query = {"msgid": entry["msgid"]} | ({"project": server.project} if server.project else {})
    problem, found = _asked(opener, f"{server.base}/{API}/patches/?{urlencode(query)}")
    if problem:
        return problem
    numbers = _numbers(found)
    if numbers is None:
        return "the server's answer is none of patchwork's"
    if not numbers:
        return f"{server.base} does not have it (yet)"
    if len(numbers) > 1:
        return "it is in several projects; name one: --post URL/project/NAME/"
    address = f"{server.base}/{API}/patches/{numbers[0]}/checks/"
    return _asked(opener, address, entry["check"], secret)[0]


def _numbers(found: Any) -> list[int] | None:
    """Return the numbers of patches in a list of patchwork's, None if it is none."""
    rows = found if isinstance(found, list) else [None]
    numbers = [each.get("id") if isinstance(each, dict) else None for each in rows]
    return [each for each in numbers if isinstance(each, int)] if None not in numbers else None


def _asked(
    opener: urllib.request.OpenerDirector,
    address: str,
    data: dict[str, Any] | None = None,
    secret: str = "",
) -> tuple[str, Any]:
    """Return what is wrong, empty if nothing is, and the server's answer."""
    headers = {"Accept": "application/json", "User-Agent": f"tdxreview/{__version__}"}
    body = None
    if data is not None:
        # Without the type patchwork answers with 200 and changes nothing.
        headers |= {"Authorization": f"Token {secret}", "Content-Type": "application/json"}
        body = json.dumps(data).encode()
    request = urllib.request.Request(address, body, headers)  # noqa: S310  http and https only
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return "", json.loads(answer.read(LARGEST))
    except urllib.error.HTTPError as error:
        reason = _REASONS.get(error.code, "") if data is not None else ""
        return f"the server answers {error.code}" + (f": {reason}" if reason else ""), None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        said = getattr(error, "reason", None) or error
        raise UsageError(f"cannot talk to {urlsplit(address).netloc}: {said}") from error
