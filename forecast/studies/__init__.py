"""What needs the model and an analysis together: streaming summaries, a stopping rule."""
