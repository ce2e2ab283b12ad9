"""Panels: the console over all calls, and the explorer of what they cost."""
