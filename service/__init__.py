"""How a person runs and uses Tocsin."""
