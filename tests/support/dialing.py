"""The parameters of the dial that most tests begin with."""

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}
