"""Panels: the console over all calls, and the explorer of their costs."""
