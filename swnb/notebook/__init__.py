"""What works only in a notebook: widget forms, panels and magics.

All are made from the catalogue. Nothing is imported here, so that each loads only what it needs:
the forms ipywidgets, the magics IPython.
"""
