"""C text in, IR out: masking, outline, recovery, parser, lowering, constants, access paths.

Must not know what a name of the kernel or of TDX means, nor any other file than the one it reads.
"""
