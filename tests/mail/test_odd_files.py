"""What is given as mail and is no file, or leads out of the directory that was given."""

import os
import socket
import threading

import pytest

from tdxreview.errors import InputError
from tdxreview.mail import intake as door
from tdxreview.mail.intake import read_paths


def subjects(intake):
    return [message.subject for message in intake.messages]


@pytest.fixture
def mails(tmp_path, make_mail):
    """Give a function that writes mails to a directory and gives that."""

    def build(name, *paths):
        for path in paths:
            full = tmp_path / name / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(make_mail(full.stem))
        return tmp_path / name

    return build


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_paths([path])
    return str(caught.value)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("x.patch")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("y.patch")
    instead = "no regular file; give a file, or what it gives on standard input"

    assert refusal(tmp_path / "x.patch") == f"{tmp_path}/x.patch: is a pipe, {instead}"
    assert refusal(tmp_path / "y.patch") == f"{tmp_path}/y.patch: is a socket, {instead}"
    assert read_error("/dev/zero") == f"/dev/zero: is a device, {instead}"


def read_error(name):
    return refusal(door.Path(name))


def test_a_sparse_file_is_not_read(tmp_path):
    path = tmp_path / "x.mbox"
    with path.open("wb") as file:
        file.truncate(1 << 42)

    assert refusal(path) == f"{path}: is larger than 256 MB; give one thread, not a list"


def test_what_the_shell_has_opened_is_read(make_mail):
    end, other = os.pipe()
    writer = threading.Thread(target=lambda: (os.write(other, make_mail("piped")), os.close(other)))
    writer.start()
    try:
        found = read_paths([door.Path(f"/dev/fd/{end}")])
    finally:
        writer.join()
        os.close(end)

    assert subjects(found) == ["piped"]


def test_a_directory_names_what_is_no_file_in_it(tmp_path, mails):
    folder = mails("p", "0001-a.patch", "../out.patch")
    os.mkfifo(folder / "0002-b.patch")
    os.mkfifo(folder / "notes")
    (folder / "0003-c.patch").symlink_to(tmp_path / "out.patch")
    (folder / "0004-d.patch").symlink_to("0001-a.patch")
    (folder / "0005-e.patch").symlink_to("/dev/zero")
    found = read_paths([folder])

    assert subjects(found) == ["0001-a", "0001-a"]
    lies = "a symbolic link that lies outside the directory and was not read"
    assert found.problems == (
        f"{folder}/0002-b.patch: is a pipe, no regular file; it was not read",
        f"{folder}/0003-c.patch: {lies}",
        f"{folder}/0005-e.patch: {lies}",
    )


def test_a_directory_of_pipes_alone_is_refused_by_name(tmp_path):
    os.mkfifo(tmp_path / "0001-a.patch")

    assert refusal(tmp_path) == (
        f"{tmp_path}/0001-a.patch: is a pipe, no regular file; it was not read"
    )


def test_a_maildir_names_what_is_no_mail_in_it(tmp_path, mails):
    folder = mails("m", "cur/one", "new/two", "../out/three")
    os.mkfifo(folder / "cur" / "pipe")
    (folder / "new" / "link").symlink_to(tmp_path / "out" / "three")
    found = read_paths([folder])

    assert sorted(subjects(found)) == ["one", "two"]
    assert found.problems == (
        f"{folder}/cur/pipe: is a pipe, no regular file; it was not read",
        f"{folder}/new/link: a symbolic link that lies outside the directory and was not read",
    )


def test_a_part_of_a_maildir_that_leads_out_is_not_entered(tmp_path, mails):
    folder = mails("m", "cur/one", "../out/three")
    (folder / "new").symlink_to(tmp_path / "out")
    found = read_paths([folder])

    assert subjects(found) == ["one"]
    assert found.problems == (f"{folder}/new/: a symbolic link out of the maildir, not read",)


def test_a_quilt_series_that_is_a_link_out_is_not_read(tmp_path, mails):
    folder = mails("q", "a.patch")
    (tmp_path / "series").write_text("a.patch\n")
    (folder / "series").symlink_to(tmp_path / "series")

    assert refusal(folder) == (
        f"{folder}/series: is a symbolic link, no regular file; give the patches by name"
    )


def test_the_files_of_a_directory_are_bounded_together(mails, monkeypatch):
    folder = mails("p", "0001-a.patch", "0002-b.patch", "0003-c.patch", "0004-d.patch")
    monkeypatch.setattr(door, "LARGEST", (folder / "0001-a.patch").stat().st_size + 1)
    found = read_paths([folder])

    assert subjects(found) == ["0001-a", "0002-b"]
    assert found.problems == ("2 files from 0003-c.patch on: beyond 0 MB together",)
