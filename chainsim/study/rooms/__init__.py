"""Workshop rooms: teams that work on one park side by side, in rounds, before one board."""
