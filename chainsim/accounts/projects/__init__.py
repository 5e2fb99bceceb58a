"""From files, parks and the library's figures to projects for `chainsim.finance`."""
