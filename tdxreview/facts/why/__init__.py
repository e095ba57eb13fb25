"""Which states hold at a call, and the ways into it that give them."""
