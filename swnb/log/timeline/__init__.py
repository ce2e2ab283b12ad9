"""Everything known of a call in order: gathered from the log, as a frame, a picture and a ladder."""
