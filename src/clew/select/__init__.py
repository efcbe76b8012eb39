"""Events -> candidates: only what can matter becomes an object."""
