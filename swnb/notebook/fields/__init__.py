"""The fields of a form: one for each shape that a parameter can have."""
