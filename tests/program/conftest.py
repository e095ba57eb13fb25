"""What is known of TDX, to read programs with."""

from tests.code_fixtures import abi
