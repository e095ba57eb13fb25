import pytest

from tdxreview.mail.message import Author, Message
from tdxreview.mail.robot import is_robot


@pytest.mark.parametrize(
    ("name", "address", "robot"),
    [
        ("kernel test robot", "lkp@intel.com", True),
        ("", "lkp@intel.com", True),
        ("syzbot", "syzbot+0a1b@syzkaller.appspotmail.com", True),
        ("tip-bot2 for Kai Huang", "tip-bot2@linutronix.de", True),
        ("patchwork-bot+netdevbpf", "patchwork-bot+netdevbpf@kernel.org", True),
        ("Kai Huang", "kai.huang@intel.com", False),
        ("Bob Abbott", "bob@abbott.org", False),
    ],
)
def test_a_robot_is_told_by_its_name_or_its_address(name, address, robot):
    mail = Message(message_id="a", author=Author(name, address), date=None, subject="s", body="")

    assert is_robot(mail) is robot
