"""From priors and observations to a posterior: equally weighted draws, tied to history."""
