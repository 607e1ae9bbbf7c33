"""What was done is recorded, kept, and seen."""
