"""Every picture that there is: to find, look at, compare, rate, collect and hand on."""
