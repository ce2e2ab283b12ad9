"""What Shift-Tab shows of a command's method, all from the catalogue."""
