"""The three blocs, the order of the bloc axis, and who controls whom."""

BLOCS = ("allied", "prc", "rest")
ALLIED, PRC, REST = range(3)

LEDGERS = ("flops", "bandwidth")
"""Order of the ledger axis: H100e of 8-bit operations, and of memory bandwidth (over 3.35 TB/s)."""

CHANNELS = ("domestic", "legal", "diverted", "rented")
"""Ways by which compute reaches a bloc; the first three are owned, the last is leased abroad."""

CATCH_UP_CHANNELS = ("open", "distilled", "stolen")
"""Ways by which a follower closes a capability gap, kept apart."""

CONTROLLED = (0.0, 1.0, 0.0)
"""1 for the bloc against which the levers' controls are directed; with all controls off it has no effect."""

CONTROLLING = (1.0, 0.0, 0.0)
"""1 for the bloc whose laboratories and grids the defensive and build-out levers act on."""
