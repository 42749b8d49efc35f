"""From a match to a message: decide whether to tell, schedule, deliver until it arrives."""
