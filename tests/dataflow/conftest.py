"""What holds at the points of a piece of C."""

from tests.code_fixtures import abi, gathered, hunk, judge, subjects, vmx_at
