"""The live page: stories and alerts as they come."""
