"""The park as a linear program, its lexicographic allocation, and the steady engine."""
