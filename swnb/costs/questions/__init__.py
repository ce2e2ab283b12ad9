"""The questions about charges and statuses, each over tables of any engine."""
