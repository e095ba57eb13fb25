"""A git directory of our own, which shows git a repository's objects and refs and nothing else.

Git obeys what stands in a repository: its configuration and what that includes, attributes, grafts,
replaced objects, hooks, promisor remotes. None of it is in here, so none of it can open a file,
run a program, or change what is reviewed.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.regex import regex
from tdxreview.source.repository import NAMED_BY_USER, Repository

_HEAD = regex(rb"(?:ref: *refs/[^\0-\x20\x7f~^:?*\[\\]{1,1000}|[0-9a-f]{40}|[0-9a-f]{64})\s*$")
_PSEUDO_REFS = ("FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD")
_HARMLESS = frozenset(
    ("noop", "noop-v1", "partialclone", "preciousobjects", "worktreeconfig", "relativeworktrees")
)
"""Extensions of the format that say nothing of how objects and refs are kept."""
_TOLD = {"objectformat": ("sha1", "sha256"), "refstorage": ("files", "reftable")}
"""Extensions that git has to be told, and their values."""


class OwnGitDir:
    """A folder that is a git directory as far as git is concerned; it goes with this object."""

    def __init__(self, repository: Repository) -> None:
        """Make the folder; UsageError if something in the repository is not what it should be."""
        self.repository = repository
        self.folder = Path(tempfile.mkdtemp(prefix="tdxreview-git-"))
        self._gone = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.work = self.folder / "empty"
        self.work.mkdir()
        self.shallow = repository.text("shallow") or b""
        self._copy("HEAD", self._head())
        self._copy("shallow", self.shallow)
        self.configure({})
        for name in _PSEUDO_REFS:
            self._copy(name, repository.text(name) or b"")
        self._link_refs()

    @property
    def config(self) -> bytes:
        """Give the repository's own configuration, which git reads nowhere."""
        return self.repository.text("config") or b""

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables that make git look here, and where the objects are."""
        found, folder = self.repository, str(self.folder)
        objects, further = found.objects, [*found.named]
        if found.pushed is not None:
            objects, further = found.pushed, [found.objects, *further]
        return {
            "GIT_DIR": folder,
            "GIT_COMMON_DIR": folder,
            "GIT_WORK_TREE": str(self.work),
            "GIT_INDEX_FILE": f"{folder}/index",
            "GIT_GRAFT_FILE": f"{folder}/grafts",
            "GIT_OBJECT_DIRECTORY": str(objects),
            NAMED_BY_USER: os.pathsep.join(map(_quoted, further)),
        }

    def configure(self, settings: Mapping[str, list[str]]) -> None:
        """Take over what git has to know of the format, from settings as git itself reads them.

        UsageError if they name a form of repository that is not known.
        """
        version = settings.get("core.repositoryformatversion", ["0"])[-1].strip()
        if version not in {"0", "1"}:
            raise UsageError(f"{self.repository.top}: format {version} of git is not known")
        extensions = {
            name.removeprefix("extensions."): values[-1].lower()
            for name, values in settings.items()
            if name.startswith("extensions.") and version == "1"
        }
        lines = ["[core]", f"repositoryformatversion = {1 if extensions else 0}", "bare = false"]
        if extensions:
            lines += ["[extensions]", *self._told(extensions)]
        self._copy("config", "\n".join(lines).encode() + b"\n")

    def _told(self, extensions: Mapping[str, str]) -> list[str]:
        for name, value in sorted(extensions.items()):
            if name not in _HARMLESS and value not in _TOLD.get(name, ()):
                raise UsageError(
                    f"{self.repository.top}: extensions.{name} = {value} of git is not known;"
                    " review a plain copy of the tree (git archive), or patches"
                )
        return [f"{name} = {extensions[name]}" for name in _TOLD if name in extensions]

    def _head(self) -> bytes:
        path = self.repository.git / "HEAD"
        if path.is_symlink():
            head = b"ref: " + os.fsencode(path.readlink())
        else:
            head = self.repository.text("HEAD") or b""
        if not _HEAD.match(head) or b".." in head:
            raise UsageError(f"{path}: names neither a branch nor a commit; mend it, or clone it")
        return head

    def _copy(self, name: str, content: bytes) -> None:
        if content:
            (self.folder / name).write_bytes(content)

    def _link_refs(self) -> None:
        git, common = self.repository.git, self.repository.common
        (self.folder / "refs").symlink_to(common / "refs")
        if (common / "reftable").is_dir():
            (self.folder / "reftable").symlink_to(common / "reftable")
        self._copy("packed-refs", self.repository.text("packed-refs") or b"")
        (self.folder / "logs").mkdir()
        for name, where in (("HEAD", git), ("refs", common)):
            if (where / "logs" / name).exists():
                (self.folder / "logs" / name).symlink_to(where / "logs" / name)


def _quoted(path: Path) -> str:
    """Write a name for a list that colons part (see git(1))."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' if ":" in text or text != str(path) else text
