"""The event engine: failures, overhauls, crossings of buffer levels, dates."""
