"""Reading tidy CSV files into a `ReadingTable`."""
