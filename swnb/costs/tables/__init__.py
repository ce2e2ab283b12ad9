"""The flat tables: their columns, the engines that hold them, and how to filter them."""
