"""Whether VMX is on where a SEAMCALL is made: paths, contracts, entry points."""
