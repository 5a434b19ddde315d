"""Priors and observations: the register of everything the model takes."""
