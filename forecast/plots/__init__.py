"""Figures of stored results by name: what each shows, its numbers, its picture, its caption."""
