"""One state of the code: what a name means in it, who calls whom, where it is entered.

Takes images and the knowledge of `kernel/`, gives units, symbols and the call graph. Must not walk
paths, nor know what is wrong with code.
"""
