"""A fuzzer for the whole tool: inputs by number, run in-process, judged by what is promised."""
