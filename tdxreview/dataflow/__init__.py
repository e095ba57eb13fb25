"""The engine: control flow graphs, expressions, conditions, summaries, propagation.

Takes functions of a program, gives what holds at their points. Must not know which facts there
are, nor rules.
"""
