"""Worlds and policies, one YAML file each."""
