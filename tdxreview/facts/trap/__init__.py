"""SEAMCALL in assembly: what becomes of a trap, of flags, registers and the stack."""
