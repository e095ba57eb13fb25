"""What reviewers wait for at SEAMCALLs has a place in a report, and not all of it."""

from datetime import UTC, datetime, timedelta

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import Intake
from tdxreview.mail.message import Author, Message
from tdxreview.report.open_remarks import MOST_LINES, open_remark_lines
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN, DEV = Author("Ann Beck", "ann@example.org"), Author("Dev Iyer", "dev@example.org")
TITLE = "[PATCH] x86/virt/tdx: Stop all"
LONG = "Is this safe where the CPU is about to go away, as everybody says that it may be? " * 2


@pytest.fixture(scope="module")
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


def function(number):
    return [
        f"u64 tdx_stop_{number}(struct tdx_module_args *args)",
        "{",
        f"\treturn seamcall(TDH_SYS_LP_SHUTDOWN, args); /* {number} */",
        "}",
    ]


def mails(count, said):
    body = [line for number in range(count) for line in function(number)]
    diff = "\n".join(
        [
            "diff --git a/arch/x86/virt/vmx/tdx/stop.c b/arch/x86/virt/vmx/tdx/stop.c",
            "new file mode 100644",
            "--- /dev/null",
            "+++ b/arch/x86/virt/vmx/tdx/stop.c",
            f"@@ -0,0 +1,{len(body)} @@",
            *(f"+{line}" for line in body),
            "",
        ]
    )
    quotes = "\n".join(f"> +{function(number)[2]}\n\n{said}\n" for number in range(count))
    patch = Message(
        message_id="p@x", author=ANN, date=START, subject=TITLE, body="Why.\n---\n" + diff
    )
    answer = Message(
        message_id="r@x",
        author=DEV,
        date=START + timedelta(hours=1),
        subject=f"Re: {TITLE}",
        in_reply_to="p@x",
        body=f"On Mon, Mar 2, 2026 Ann Beck wrote:\n{quotes}",
    )
    return (patch, answer)


def shown(count, said, knowledge, width=80):
    intake = Intake(messages=mails(count, said), problems=(), taken_for="two mails")
    result = review(intake, knowledge)
    return [row.plain for row in open_remark_lines(result, width=width)]


def test_one_question_is_shown_with_its_line(knowledge):
    assert shown(1, "Is this safe?", knowledge) == [
        "Open remarks at these SEAMCALLs",
        "  stop.c:3 Dev Iyer asks (unanswered) on v1: Is this safe?",
    ]


def test_many_questions_leave_room_for_the_findings(knowledge):
    rows = shown(30, LONG, knowledge)

    assert len(rows) <= MOST_LINES
    assert max(map(len, rows)) <= 80
    assert rows[-1].endswith("more; tdxreview thread lists them")


def test_what_asks_nothing_is_not_shown(knowledge):
    assert shown(1, "Nice, thanks.", knowledge) == []
