"""From a Run to answers, without JAX."""
