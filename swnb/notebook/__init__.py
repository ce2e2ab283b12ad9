"""What shows and works in a notebook only: widget forms and magics.

Both are read off the catalogue. Nothing is imported here, so that each loads what it needs and no
more: the forms ipywidgets, the magics IPython.
"""
