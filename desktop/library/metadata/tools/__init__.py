"""How each program writes down what it has made, a file each."""
