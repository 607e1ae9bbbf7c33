"""What others wrote, read as resources: one module per format."""
