#!/usr/bin/env python3
"""How long threads take: a mailbox of 10,000 mails, and one thread of 500 with quotes 12 deep.

    tools/bench_thread.py [MAILS [REPLIES]]

Prints seconds of the processor and the largest memory that the process had; nothing is judged.
"""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tdxreview.mail.intake import read_bytes
from tdxreview.mail.thread import build_threads
from tdxreview.rules.compiled import bundled_cues
from tdxreview.talk.converse import converse

PEOPLE = ("Ann Author", "Rae Reviewer", "Tom Third", "Uwe Usual")
DEEPEST = 12
PATCH = """The counter of pages is kept per CPU. Keep it per module instead.

Signed-off-by: Ann Author <ann@x.example>
---
diff --git a/arch/x86/virt/vmx/tdx/tdx.c b/arch/x86/virt/vmx/tdx/tdx.c
--- a/arch/x86/virt/vmx/tdx/tdx.c
+++ b/arch/x86/virt/vmx/tdx/tdx.c
@@ -10,1 +10,3 @@
 int a;
+static atomic_long_t pages;
+static int count(void) { return seamcall(TDH_SYS_INFO, &pages); }
"""
WORDS = (
    "Is this counted under the lock in round {n}?",
    "It is, the caller of round {n} holds it.",
    "Please say so in a comment for round {n}.",
    "Will do that with the next version, see {n}.",
    "The name of {n} is misleading, it counts blocks.",
)


def mail(number: int, subject: str, body: str, answers: int | None) -> str:
    """Give one mail of a mailbox."""
    name = PEOPLE[number % len(PEOPLE)] if answers is not None else PEOPLE[0]
    date = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    reply = f"In-Reply-To: <{answers}@x.example>\n" if answers is not None else ""
    return (
        f"From m Thu Jan  1 00:00:00 2026\nFrom: {name} <{name.split()[0].lower()}@x.example>\n"
        f"Date: {date:%a, %d %b %Y %H:%M:%S +0000}\nMessage-ID: <{number}@x.example>\n{reply}"
        f"Subject: {subject}\n\n{body}\n"
    )


def quoted(body: str) -> str:
    """Quote a body; what is quoted deeper than programs keep is left out."""
    lines = (f"> {line}" if line[:1] != ">" else f">{line}" for line in body.split("\n"))
    return "\n".join(line for line in lines if not line.startswith(">" * (DEEPEST + 1)))


def one_thread(replies: int) -> Iterator[str]:
    """Give a patch and a chain of replies, each of which quotes all before it."""
    yield mail(0, "[PATCH v3] x86/virt/tdx: Count pages", PATCH, None)
    quoted_last = quoted(PATCH)
    for number in range(1, replies):
        before = PEOPLE[(number - 1) % len(PEOPLE)] if number > 1 else PEOPLE[0]
        text = WORDS[number % len(WORDS)].format(n=number)
        body = f"On Thu, Jan 01, 2026 at 0{number % 10}:00:00AM +0000, {before} wrote:\n"
        body += f"{quoted_last}\n\n{text}"
        quoted_last = quoted(body)
        yield mail(number, "Re: [PATCH v3] x86/virt/tdx: Count pages", body, number - 1)


def many_threads(mails: int) -> Iterator[str]:
    """Give threads of ten mails each."""
    for number in range(mails):
        first = number - number % 10
        subject = f"[PATCH] x86/virt/tdx: Count pages of kind {first}"
        if number == first:
            yield mail(number, subject, PATCH, None)
        else:
            text = WORDS[number % len(WORDS)].format(n=number)
            body = f"Ann Author wrote:\n{quoted(PATCH)}\n\n{text}"
            yield mail(number, f"Re: {subject}", body, first)


def measure(label: str, box: str, *, talk: bool) -> None:
    """Read a mailbox, sort it into threads, read the conversation if wanted, and tell how long."""
    start = time.process_time()
    intake = read_bytes(box.encode(), label)
    read = time.process_time()
    threads = build_threads(intake.messages)
    sorted_at = time.process_time()
    told = f"{label}: read {read - start:.2f} s, {len(threads)} threads {sorted_at - read:.2f} s"
    if talk:
        conversation = converse(intake.messages, bundled_cues)
        spent = time.process_time() - sorted_at
        told += f", {len(conversation.remarks)} remarks {spent:.2f} s"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{told}, at most {peak} MB")


def main() -> None:
    """Measure both."""
    sizes = [int(each) for each in sys.argv[1:3]] + [10_000, 500][len(sys.argv) - 1 :]
    bundled_cues()
    measure(f"{sizes[1]} replies, {DEEPEST} deep", "".join(one_thread(sizes[1])), talk=True)
    measure(f"{sizes[0]} mails", "".join(many_threads(sizes[0])), talk=False)
    measure(f"{sizes[0]} mails, conversation", "".join(many_threads(sizes[0])), talk=True)


if __name__ == "__main__":
    main()
