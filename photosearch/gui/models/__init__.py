"""What the grid shows: ids, and the lazily fetched things that hang on them."""
