"""What is uncertain, drawn so that it stays possible: figures, prices; and what follows."""
