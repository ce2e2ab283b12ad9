"""The magics `%sw` and `%%sw`: a command in one line, with completion and help."""
