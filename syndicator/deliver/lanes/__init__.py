"""Lanes: how much a destination takes, how long it is left alone, and who takes over. Pure.

A lane is whoever counts what we send: a relay (`relay NAME`), the domain of recipients or, when mail goes to
its destination directly, the organisation of its mail servers. The time is an argument; who asks keeps rows.
"""
