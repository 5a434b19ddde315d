"""The science: pure JAX functions, written for one draw."""
