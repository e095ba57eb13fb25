"""Git repositories: ranges as patches and commits as trees, the one place that uses GitPython.

The repository is taken for hostile: nothing that its configuration or attributes name is run
(external diffs, text conversions, hooks, file system monitors, remote helpers, signature
programs), the user's configuration is not read, and index and work tree are left alone.
"""

import configparser
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tdxreview.errors import UsageError
from tdxreview.source.names import is_inside, unquoted
from tdxreview.source.tree import SOURCE_SUFFIXES, WHOLE_TREE, Scope, text_of

try:
    from git import Git, Repo
    from git.exc import GitCommandError, GitError
except ImportError as error:
    raise UsageError(f"git cannot be run, and is needed here: {error}") from error

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_CONFIGURATION = (
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=true",
    "diff.external=",
    "log.showSignature=false",
    "protocol.allow=never",
)
_GREP = ("-l", "-z", "-I", "-F", "--no-textconv", "--no-recurse-submodules", "--full-name")
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
_FORMAT = (
    "--stdout",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-add-header",
    "--no-attach",
    "--no-thread",
    "--no-cover-letter",
    "--no-notes",
    "--no-signoff",
    "--no-base",
    "--no-relative",
    "--no-from",
    "--no-to",
    "--no-cc",
    "--numbered",
    "--subject-prefix=PATCH",
    "--signature=tdxreview",
    "--encoding=UTF-8",
    "--encode-email-headers",
    "--pretty=mboxrd",
    "--find-renames",
    "--full-index",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
)
_ODD = re.compile(r"[\x00-\x20\x7f]")


def format_patch(tree: Path, revisions: str) -> bytes:
    """Give the commits of `A..B` as `git format-patch --stdout` writes them, in mboxrd form.

    One revision alone means that one commit. UsageError if there is no repository, no such
    revision, or no commit in the range; merges are left out, as format-patch does.
    """
    git = _repository(tree)
    first, dots, last = revisions.partition("..")
    if dots:
        start, end = _commit(git, first or "HEAD"), _commit(git, last.lstrip(".") or "HEAD")
        which = [f"{start}..{end}"]
    else:
        which = ["-1", _commit(git, revisions)]
    patches = _run(git, "format-patch", *_FORMAT, *which, "--")
    if not patches:
        raise UsageError(f"{revisions}: no commit in this range of {tree} makes a patch")
    return patches


def is_repository(tree: Path) -> bool:
    """Tell whether the directory is the top of a git repository, bare or not."""
    try:
        Repo(tree, expand_vars=False).close()
    except (GitError, OSError, ValueError, configparser.Error):
        return False
    return True


def _repository(tree: Path) -> Git:
    try:
        with Repo(tree.absolute(), expand_vars=False) as repository:
            directory = str(repository.git_dir)
    except (GitError, OSError, ValueError, configparser.Error) as error:
        raise UsageError(
            f"{tree}: not a git repository; give the top directory of one with --tree DIR"
        ) from error
    git = Git(directory)
    git.update_environment(**_ENVIRONMENT)
    git.set_persistent_git_options(
        no_pager=True,
        no_replace_objects=True,
        git_dir=directory,
        c=[*_CONFIGURATION, *_owned()],
    )
    return git


def _owned() -> list[str]:
    """Give the user's own word on whose repositories are safe; git reads it nowhere else."""
    try:
        listed = Git("/").execute(["git", "config", "--get-all", "safe.directory"])
    except GitCommandError:
        return []
    return [f"safe.directory={line}" for line in str(listed).splitlines()]


def _run(git: Git, command: str, *arguments: str) -> bytes:
    output = git._call_process(  # noqa: SLF001 (the documented form makes a method of the name)
        command, *arguments, stdout_as_string=False, strip_newline_in_stdout=False
    )
    return output if isinstance(output, bytes) else str(output).encode()


def _commit(git: Git, revision: str) -> str:
    if revision.startswith("-") or _ODD.search(revision):
        raise UsageError(f"{revision!r}: not the name of a revision")
    try:
        found = _run(git, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except GitCommandError as error:
        if "dubious ownership" in str(error):
            raise UsageError(
                f"{git.working_dir}: git does not trust the owner of this repository; "
                "see safe.directory in git help config"
            ) from error
        raise UsageError(f"{revision}: no such revision in {git.working_dir}") from error
    return found.decode().strip()


class GitTree:
    """A `Tree` over one commit of a repository; the work tree plays no part."""

    def __init__(self, top: Path, revision: str = "HEAD") -> None:
        """Open the commit; UsageError if there is no repository or no such revision."""
        self._git = _repository(top)
        self._place = str(top.absolute())
        self.commit = _commit(self._git, revision)

    @property
    def name(self) -> str:
        """Give the commit, abbreviated."""
        return self.commit[:12]

    def at(self, revision: str) -> "GitTree":
        """Give another commit of the same repository; UsageError if there is none."""
        other = object.__new__(GitTree)
        other._git = self._git
        other._place = self._place
        other.commit = _commit(self._git, revision)
        return other

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none or it is binary."""
        # A path with a dot before its first slash is relative to git, which then gives up.
        if not path or "\n" in path or not is_inside(path) or path.startswith("./"):
            return None
        try:
            _, kind, _, data = self._git.get_object_data(f"{self.commit}:{path}")
        except ValueError:
            return None
        # The kind comes as bytes, though it is declared to be text.
        return text_of(data) if "blob" in str(kind) else None

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> tuple[str, ...]:
        """Give the C and assembly files of a part that hold one of the words, sorted."""
        patterns = [part for word in words for part in ("-e", word)]
        parts = [f":(literal){top}" for top in scope.below if top and is_inside(top)]
        if "" in scope.below:
            parts += [f"*{suffix}" for suffix in SOURCE_SUFFIXES]
        if not parts:
            return ()
        left_out = [f":(exclude,literal){top}" for top in scope.without]
        try:
            found = _whole_answer(
                self._git, "grep", *_GREP, *patterns, self.commit, "--", *parts, *left_out
            )
        except GitCommandError as error:
            if error.status == 1 and not _complaints(str(error.stderr)):
                return ()
            raise UsageError(f"git cannot search {self.name}: {_reason(error)}") from error
        names = found.decode("utf-8", "replace").split("\0")[:-1]
        paths = (name.removeprefix(f"{self.commit}:") for name in names)
        return tuple(sorted(path for path in paths if path.endswith(SOURCE_SUFFIXES)))

    def state(self, scope: Scope) -> str | None:
        """Give the commit, and the repository, which may lack some of its files."""
        return f"{self._place} {self.commit}" if scope.below else None

    def past_states(
        self, paths: Sequence[str], limit: int = 500
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """Give this commit and earlier ones at which the paths were other blobs, newest first.

        With each commit come the blobs of those paths that exist there. Only first parents are
        followed, over at most `limit` commits that touch the paths.
        """
        listed = _run(self._git, "ls-tree", "-r", "--full-tree", self.commit, "--", *paths)
        blobs = {
            unquoted(path): entry.split(" ")[2]
            for entry, _, path in (line.partition("\t") for line in _lines(listed))
        }
        yield self.commit, dict(blobs)
        literal = [f":(literal){path}" for path in paths]
        log = _run(self._git, "log", *_LOG, f"--max-count={limit}", self.commit, "--", *literal)
        parent = ""
        for line in _lines(log):
            if line.startswith(":"):
                fields, _, path = line.partition("\t")
                blobs[unquoted(path)] = fields.split(" ")[2]
            elif line:
                if parent:
                    yield parent, _existing(blobs)
                parent = line.split(" ")[1]
        if parent:
            yield parent, _existing(blobs)


def _whole_answer(git: Git, command: str, *arguments: str) -> bytes:
    """Run a command that goes on where it cannot read something: then its answer is no answer."""
    answer: Any = git._call_process(  # noqa: SLF001 (as in _run)
        command,
        *arguments,
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        with_extended_output=True,
    )
    _, output, complaint = answer
    if _complaints(complaint):
        raise GitCommandError(command, 0, complaint)
    return bytes(output)


def _complaints(stderr: str) -> list[str]:
    text = stderr.strip().removeprefix("stderr: ").strip("'")
    return [line for line in text.splitlines() if line.startswith(("error:", "fatal:"))]


def _reason(error: GitCommandError) -> str:
    """Give the last thing that git complained of."""
    return [f"exit status {error.status}", *_complaints(str(error.stderr))][-1]


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8", "replace").split("\n")[:-1]


def _existing(blobs: dict[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in blobs.items() if blob.strip("0")}
