"""The embedded broker: Kafka's protocol on this machine's loopback, over append-only files.

Read `server.py` first. The log is `batch` < `segment` < `log` < `store`; `sync` makes it durable; `groups` decides who
reads what and touches nothing; the `api_*` files answer requests; `protocol` and `connection` carry them.
"""
