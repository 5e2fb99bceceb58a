"""Tables, pages, pictures and texts made from results."""
