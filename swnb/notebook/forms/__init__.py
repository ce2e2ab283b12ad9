"""Forms: the fields of a command, what fills them, Send, and the result."""
