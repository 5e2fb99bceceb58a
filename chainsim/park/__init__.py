"""The typed park: units, headers, buffers, links, markets, and the order of dispatch."""
