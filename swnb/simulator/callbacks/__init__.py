"""Status callbacks of a simulated space: `bodies` writes them, `courier` posts them, to loopback only."""
