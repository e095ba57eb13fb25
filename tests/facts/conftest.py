"""Facts of a piece of C."""

from tests.code_fixtures import abi, gathered, judge, subjects, vmx_at
