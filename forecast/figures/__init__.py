"""From a Dataset to a figure."""
