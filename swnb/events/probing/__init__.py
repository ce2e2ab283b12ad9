"""What no source tells of the platform, asked of an account of one's own; `swnb probe` runs it.

`plan` says what is dialed and what it can cost, `watching` keeps what arrives as it arrives, `pace` is
real or virtual time, `calls` begins and ends the calls, `owned` and `dialed` ask the questions of the one
and of the other, `probe` runs both, and `report` writes the answers without what is private.
"""
