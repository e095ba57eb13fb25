"""Files that are read, and what only has the name of one."""

import os
import socket
from pathlib import Path

import pytest

from tdxreview.regular import UnreadableError, read_opened, read_regular


def why(path, largest=1024, *, follow=False):
    with pytest.raises(UnreadableError) as caught:
        read_regular(path, largest, follow=follow)
    return str(caught.value), caught.value.absent


def test_a_file_is_read_whole(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"x" * 3_000_000)

    assert read_regular(path, 3_000_000) == read_opened(path, 3_000_000) == b"x" * 3_000_000


def test_a_file_whose_size_is_not_told_is_read_within_bounds():
    """Files of /proc have the size 0."""
    assert b"processor" in read_regular("/proc/cpuinfo", 1024 * 1024)
    assert why("/proc/kallsyms") == ("is larger than 1 KB", False)


def test_what_is_no_file_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    Path("link").symlink_to("pipe")
    Path("loop").symlink_to("loop")
    os.truncate(os.open("big", os.O_CREAT | os.O_WRONLY), 1 << 40)

    assert why("pipe") == ("is a pipe, no regular file", False)
    assert why("link") == ("is a symbolic link, no regular file", False)
    assert why("link", follow=True) == ("is a pipe, no regular file", False)
    assert why("loop", follow=True) == ("is a symbolic link that leads nowhere", False)
    assert why("socket") == ("is a socket, no regular file", False)
    assert why("/dev/zero") == ("is a device, no regular file", False)
    assert why(".") == ("is a directory, no regular file", False)
    assert why("big") == ("is larger than 1 KB", False)
    assert why("none") == why("pipe/none") == why("x" * 300) == ("is not there", True)
    assert why("a\0b") == ("has no name that a file can have", True)


def test_what_turns_out_to_be_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(UnreadableError, match="is a pipe"):
        read_opened(tmp_path / "pipe", 1024)
