"""The proof: what we printed is assembled, and run in an emulator."""
