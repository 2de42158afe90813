"""Vendor attributes, read into one neutral form: one module for each dialect, each reading its own namespace only."""
