"""Reading of tidy CSV files: lines, and the names in them."""
