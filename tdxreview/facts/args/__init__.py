"""Facts of the family `args`: leaf numbers, registers and addresses handed to the TDX module."""
