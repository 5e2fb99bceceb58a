"""The web page: it draws what `chainsim.report` made, and reckons nothing itself."""
