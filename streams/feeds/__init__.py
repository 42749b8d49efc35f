"""From a feed's bytes to one normal form, the `Article`."""
