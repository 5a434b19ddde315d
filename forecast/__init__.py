"""Probabilistic forecasts of the electricity demand of data centres, AI and crypto."""
