"""``bridgehead verify-azure``: asks a real subscription what the simulator guesses, cheaply, and cleans up.

`steps` is the sequence as a table, `sequence` runs it and takes everything away again, `anonymous` takes ids, names and
secrets out of what was recorded, `cassettes` writes it down, `estimate` says beforehand what it would do and cost. No
other command uses this room, and it knows no plan and no run.
"""
