"""What YAML files say, as frozen objects: priors, scenarios, observations."""
