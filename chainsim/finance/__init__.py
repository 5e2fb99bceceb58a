"""Project finance on plain yearly arrays; knows no park, no file and no library."""
