"""What is kept: reports and action logs."""
