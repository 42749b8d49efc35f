"""What the annotators know: names and topics as data, and the vocabulary compiled from them."""
