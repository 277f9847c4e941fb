"""Money that goes back: a row for each receipt that is given back, with a life of its own."""
