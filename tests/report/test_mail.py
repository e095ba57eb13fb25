"""Replies as mails: headers that a hostile mail cannot shape, and peers that read them."""

import os
import re
import shutil
import subprocess
from email import message_from_string, policy
from pathlib import Path

import pytest
from msgspec.structs import replace

from tdxreview.mail.intake import read_bytes, read_paths
from tdxreview.mail.message import Author, Message
from tdxreview.report.mail import eml, file_name, mbox
from tdxreview.report.reply import Reply

ODD = Path(__file__).parent.parent / "data" / "mail"
BODY = "On Tue, Mar 03, 2026 at 08:15:00 +0000, Bo wrote:\n> +\tx = 1;\n\nIs x set?\n\n-- \nt\n"


def answered(**fields):
    values = {
        "message_id": "lamp-1@example.org",
        "author": Author("Bo Lindqvist", "bo@example.org"),
        "date": None,
        "subject": "[PATCH v4 1/2] virt: lamp: Light it",
        "headers": (
            ("To", "Ida Falk <ida@example.org>, lamps@lists.example.org"),
            ("Cc", "Uwe Brandt <uwe@example.org>, Bo Lindqvist <bo@example.org>"),
        ),
        "in_reply_to": "lamp-0@example.org",
        "references": ("lamp-0@example.org",),
        "body": "",
    }
    return Message(**(values | fields))


def made(message=None, **fields):
    message = message or answered()
    values = {
        "position": 1,
        "subject": message.subject,
        "to": message.author,
        "answered": message,
        "body": BODY,
    }
    return Reply(**(values | fields))


def read(reply):
    return message_from_string(eml(reply), policy=policy.default)


def test_a_reply_goes_to_the_author_and_everybody_who_had_the_patch():
    text = eml(made())

    assert text == (
        "To: Bo Lindqvist <bo@example.org>\n"
        "Cc: Ida Falk <ida@example.org>, lamps@lists.example.org,\n"
        " Uwe Brandt <uwe@example.org>\n"
        'Content-Type: text/plain; charset="utf-8"\n'
        "Content-Transfer-Encoding: 8bit\n"
        "MIME-Version: 1.0\n"
        "Subject: Re: [PATCH v4 1/2] virt: lamp: Light it\n"
        "In-Reply-To: <lamp-1@example.org>\n"
        "References: <lamp-0@example.org>\n"
        " <lamp-1@example.org>\n"
        "\n" + BODY
    )


def test_where_answers_are_wanted_elsewhere_they_go_there():
    message = answered(headers=(("Reply-To", "Lamps <lamps@lists.example.org>"),))

    assert read(made(message))["To"] == "Lamps <lamps@lists.example.org>"
    assert read(made(message))["Cc"] is None


@pytest.mark.parametrize("name", ["Æsa Þórsdóttir", "李 明", "O'Brien, Pat (x86)", '"q" \\ \\"'])
def test_any_name_comes_back_as_it_was(name):
    mail = read(made(to=Author(name, "a@example.org")))

    assert mail["To"].addresses[0].display_name == name
    assert mail["To"].addresses[0].addr_spec == "a@example.org"
    head = eml(made(to=Author(name, "a@example.org"))).partition("\n\n")[0]
    assert head.isascii()


@pytest.mark.parametrize("first", ["Re: ", "RE: re: ", ""])
def test_a_subject_has_one_re(first):
    assert read(made(subject=f"{first}[PATCH] é"))["Subject"] == "Re: [PATCH] é"


@pytest.mark.parametrize("title", ["Light the lamp " * 12, "Lämp " * 30, "x" * 300])
def test_a_long_subject_begins_on_its_own_line_and_comes_back(title):
    reply = made(subject=f"[PATCH v4 1/2] {title}".strip())

    assert "\nSubject:\n" not in eml(reply)
    assert read(reply)["Subject"] == f"Re: [PATCH v4 1/2] {title}".strip()


def test_a_long_id_stays_an_id():
    long = "x" * 200 + "@example.org"
    text = eml(made(answered(message_id=long, references=(f"y{long}",))))

    assert f"\nIn-Reply-To: <{long}>\nReferences: <y{long}>\n <{long}>\n" in text


def test_what_has_no_id_of_its_own_is_answered_without_one():
    mail = read(made(answered(has_own_id=False)))

    assert (mail["In-Reply-To"], mail["References"]) == (None, None)


EVIL = "x\r\nBcc: all@example.org\n\nBody \x1b[2J\u202e"


def test_no_text_of_a_mail_adds_a_header():
    message = answered(
        author=Author(EVIL, "bo@example.org"),
        subject=EVIL,
        message_id=f"a@b{EVIL}",
        references=("ok@example.org", f"c@d{EVIL}"),
        headers=(("To", f"{EVIL} <ida@example.org>"), ("Cc", f"a@b{EVIL}"), ("Reply-To", EVIL)),
    )
    text = eml(made(message))
    head = text.partition("\n\n")[0]

    assert text.endswith("\n\n" + BODY)
    assert not any(line.lower().startswith("bcc") for line in head.splitlines())
    assert not set(text) & {"\x1b", "\r", "\u202e"}


@pytest.mark.parametrize(
    "address",
    ["", "xxxxx@xxxxxxxxx", "ida@xxxxx.xxx", "kvm@...r.example.org", "a..b@c.de", "a b@c.de"],
)
def test_what_is_no_address_gets_no_mail(address):
    assert read(made(answered(headers=()), to=Author("Ida", address)))["To"] is None


def test_an_mbox_gives_the_mails_back():
    reply = made(body="From the start\n>From here\n> quoted\n")
    text = mbox((reply, replace(reply, position=2)))

    assert "\n\n>From the start\n>>From here\n> quoted\n" in text
    found = read_bytes(text.encode(), "r.mbox").messages
    assert [each.body.rstrip("\n") for each in found] == [reply.body.rstrip("\n")] * 2


@pytest.mark.parametrize("path", sorted(ODD.iterdir()), ids=lambda path: path.name)
def test_any_odd_mail_can_be_answered(path):
    for message in read_paths([path]).messages:
        (found,) = read_bytes(mbox((made(message),)).encode(), "r.mbox").messages
        own = message.has_own_id and message.message_id.isascii()

        assert found.subject == f"Re: {re.sub('^re: ', '', message.subject, flags=re.IGNORECASE)}"
        assert found.in_reply_to == (message.message_id if own else None)
        assert found.body.rstrip("\n") == BODY.rstrip("\n")


def test_the_name_of_a_file_is_safe():
    evil = made(subject="[PATCH 1/2] ../../etc/$(x)\n;é", position=7)

    assert file_name(evil) == "0007-re-etc-x.eml"
    assert file_name(made(subject="[PATCH] é")) == "0001-re-series.eml"


def test_git_mailinfo_reads_a_reply(tmp_path):
    text = eml(made(answered(subject="[PATCH] lämp: Light it")))
    ended = subprocess.run(
        ["git", "mailinfo", "msg", "patch"],
        input=text.encode(),
        capture_output=True,
        cwd=tmp_path,
        check=True,
    )

    assert b"Subject: l\xc3\xa4mp: Light it\n" in ended.stdout
    assert "Is x set?" in (tmp_path / "msg").read_text() + (tmp_path / "patch").read_text()


def test_git_send_email_takes_a_reply(tmp_path):
    folder = subprocess.check_output(["git", "--exec-path"], text=True).strip()
    if not shutil.which("git-send-email", path=folder):
        pytest.skip("git send-email is not installed")
    draft = tmp_path / "0001.eml"
    long = "[PATCH] lämp: " + "Light it again and again, " * 5
    draft.write_text(eml(made(answered(subject=long))), encoding="utf-8")
    ended = subprocess.run(
        [
            *("git", "-c", "user.name=Me", "-c", "user.email=me@example.org"),
            *("send-email", "--from=Me <me@example.org>", "--dry-run"),
            *("--confirm=never", "--smtp-server=/bin/true", str(draft)),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    if "LoadCPAN" in ended.stderr:
        pytest.skip("git send-email lacks a module of Perl's")

    assert (ended.returncode, "Dry-OK" in ended.stdout) == (0, True), ended.stderr
    lines = ended.stdout.splitlines()
    assert "In-Reply-To: <lamp-1@example.org>" in lines
    assert "To: Bo Lindqvist <bo@example.org>" in lines
    (sent,) = [line for line in lines if line.startswith("Sendmail: ")]
    assert set(sent.split()) >= {
        "bo@example.org",
        "ida@example.org",
        "uwe@example.org",
        "lamps@lists.example.org",
    }
