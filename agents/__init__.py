"""What decides: one folder an agent, pure modules and one thin `agent.py`."""
