"""From numbers to a figure: a module a figure. `forecast.plots.table.FIGURES` is their table."""
