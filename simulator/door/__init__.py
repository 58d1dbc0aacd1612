"""The simulator's front: sockets, TLS, tokens, faults, held answers and the control doors.

A call passes here before it reaches a room: time advances, the token is looked at, faults and throttling have their
word, and what became of it is logged. Rooms never see any of this.
"""
