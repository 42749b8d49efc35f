"""Which subscriptions an article concerns: the query language, the index over queries, and the reasons."""
