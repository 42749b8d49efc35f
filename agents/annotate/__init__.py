"""Reads an article: language, sentences, entities, topics and events, each with its evidence."""
