"""What the pretend registry holds when it is new. All of it is made up, and its names say so."""
