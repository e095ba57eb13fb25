"""Git repositories: commits as trees.

The repository is taken for hostile: git sees its objects and refs only (`own_git_dir`), so that
nothing that its configuration or attributes name is opened or run. The user's configuration is
not read either, and index and work tree are left alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.regular import UnreadableError
from tdxreview.source.git_blobs import Blobs
from tdxreview.source.git_command import GitFailedError
from tdxreview.source.git_revision import answer, commit_of, hint, lines_of, open_git
from tdxreview.source.names import is_inside, unquoted
from tdxreview.source.tree import (
    LARGEST_FILE,
    SOURCE_SUFFIXES,
    WHOLE_TREE,
    Found,
    Scope,
    Unread,
    text_of,
    why_link,
)

_GREP = ("-l", "-z", "-a", "-F", "--no-textconv", "--no-recurse-submodules", "--full-name")
_LOG = (
    "--first-parent",
    "-m",
    "--raw",
    "--no-renames",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--format=of %P ",
)
_LONGEST_LINK = 16 * 1024
_SUBMODULE = b"160000 "
_NOT_HERE = (_SUBMODULE, b"120000 ")


class GitTree:
    """A `Tree` over one commit of a repository; the work tree plays no part."""

    def __init__(self, top: Path, revision: str = "HEAD") -> None:
        """Open the commit; UsageError if there is no repository or no such revision."""
        self._git = open_git(top)
        self._blobs = Blobs(self._git)
        self.commit = commit_of(self._git, revision)

    @property
    def name(self) -> str:
        """Give the commit, abbreviated."""
        return self.commit[:12]

    def at(self, revision: str) -> "GitTree":
        """Give another commit of the same repository; UsageError if there is none."""
        other = object.__new__(GitTree)
        other._git = self._git
        other._blobs = self._blobs
        other.commit = commit_of(self._git, revision)
        return other

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none or it is not to be had."""
        try:
            return self._text(path)
        except UnreadableError:
            return None

    def files(self, top: str) -> tuple[str, ...]:
        """Give the plain files at and below a path, sorted; links and submodules are none."""
        if not is_inside(top):
            return ()
        command = ("ls-tree", "-r", "-z", "--full-tree", self.commit, "--", top)
        entries = answer(self._git, f"list {self.name}", *command).split(b"\0")
        names = (each.partition(b"\t")[2] for each in entries if each.startswith(b"100"))
        paths = (name.decode("utf-8", "surrogateescape") for name in names)
        return tuple(sorted(path for path in paths if is_inside(path)))

    def why_unread(self, path: str) -> str | None:
        """Say why a file that is there cannot be read as text; None if it can, or is not there."""
        try:
            if self._text(path) is not None or not _is_name(path):
                return None
            self._git.answer("rev-parse", "--verify", "--quiet", f"{self.commit}:{path}")
        except GitFailedError:
            return None
        except UnreadableError as error:
            return str(error)
        return f"is no file in this repository{hint(self._git)}"

    def _text(self, path: str) -> str | None:
        if not _is_name(path):
            return None
        data = self._blobs.read(f"{self.commit}:{path}", LARGEST_FILE)
        return None if data is None else text_of(data)

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> Found:
        """Give the C and assembly files of a part that hold one of the words, sorted."""
        patterns = [part for word in words for part in ("-e", word)]
        parts = [f":(literal){top}" for top in scope.below if top and is_inside(top)]
        if "" in scope.below:
            parts += [f"*{suffix}" for suffix in SOURCE_SUFFIXES]
        if not parts:
            return Found()
        left_out = [f":(exclude,literal){top}" for top in scope.without]
        try:
            found = self._git.answer(
                "grep", *_GREP, *patterns, self.commit, "--", *parts, *left_out
            )
        except GitFailedError as error:
            if error.status != 1 or error.complaints:
                further = hint(self._git)
                raise UsageError(f"git cannot search {self.name}: {error}{further}") from error
            found = b""
        names = found.decode("utf-8", "surrogateescape").split("\0")[:-1]
        paths = (name.removeprefix(f"{self.commit}:") for name in names)
        return Found(
            tuple(sorted(path for path in paths if path.endswith(SOURCE_SUFFIXES))),
            tuple(self._elsewhere(scope)),
        )

    def _elsewhere(self, scope: Scope) -> Iterator[Unread]:
        """Give the entries of a part that stand for code which is not in this commit."""
        tops = [] if "" in scope.below else [top for top in scope.below if is_inside(top)]
        command = ("ls-tree", "-r", "-z", "--full-tree", self.commit, "--", *tops)
        for entry in answer(self._git, f"list {self.name}", *command).split(b"\0"):
            if not entry.startswith(_NOT_HERE):
                continue
            path = entry.partition(b"\t")[2].decode("utf-8", "surrogateescape")
            blob = entry.partition(b"\t")[0].split(b" ")[-1].decode()
            if not scope.holds(path):
                continue
            if entry.startswith(_SUBMODULE):
                yield Unread(path, "is a submodule; review the tree that it names by itself")
            elif reason := self._why_elsewhere(path, blob, scope):
                yield Unread(path, reason)

    def _why_elsewhere(self, path: str, blob: str, scope: Scope) -> str | None:
        try:
            led = self._blobs.read(blob, _LONGEST_LINK) or b""
        except UnreadableError as error:
            return str(error)
        return why_link(path, led.decode("utf-8", "surrogateescape"), scope)

    def state(self, scope: Scope) -> str | None:
        """Give the commit, and the repository, which may lack some of its files."""
        return f"{self._git.place.repository.top} {self.commit}" if scope.below else None

    def past_states(
        self, paths: Sequence[str], limit: int = 500
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """Give this commit and earlier ones at which the paths were other blobs, newest first.

        With each commit come the blobs of those paths that exist there. Only first parents are
        followed, over at most `limit` commits that touch the paths.
        """
        command = ("ls-tree", "-r", "--full-tree", self.commit, "--", *paths)
        listed = answer(self._git, f"list {self.name}", *command)
        blobs = {
            unquoted(path): entry.split(" ")[2]
            for entry, _, path in (line.partition("\t") for line in lines_of(listed))
        }
        yield self.commit, dict(blobs)
        literal = [f":(literal){path}" for path in paths]
        command = ("log", *_LOG, f"--max-count={limit}", self.commit, "--", *literal)
        log = answer(self._git, f"list what came before {self.name}", *command)
        parent = ""
        for line in lines_of(log):
            if line.startswith(":"):
                fields, _, path = line.partition("\t")
                blobs[unquoted(path)] = fields.split(" ")[2]
            elif line:
                if parent:
                    yield parent, _existing(blobs)
                parent = line.split(" ")[1]
        if parent:
            yield parent, _existing(blobs)


def _is_name(path: str) -> bool:
    # A path with a dot before its first slash is relative to git, which then gives up.
    return bool(path) and "\n" not in path and is_inside(path) and not path.startswith("./")


def _existing(blobs: dict[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in blobs.items() if blob.strip("0")}
