"""From priors to draws: families, designs, dependence."""
