"""Draws times scenarios to a Run: the one place where arrays receive names."""
