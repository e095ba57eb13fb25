"""SEAMCALL in assembly: read the code, follow its ways out; build it and run it."""
