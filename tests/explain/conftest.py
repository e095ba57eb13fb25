"""Ways that lead to a piece of C."""

from tests.code_fixtures import abi, judge, vmx_at
