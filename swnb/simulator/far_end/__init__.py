"""The far end of simulated calls: who it is and what it does, as data, and what carries it out."""
