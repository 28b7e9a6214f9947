"""A demo brand to try the warehouse with: invented people, and the three systems that know about them."""
