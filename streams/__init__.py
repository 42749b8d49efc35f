"""What flows through Tocsin, and how it is carried."""
